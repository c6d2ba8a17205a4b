"""Which rows a command is about: the options of `stand` and of the products (cli.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from cli.opening import Day
from cli.reading import swv_option
from ledger.codes import sector_of_swv
from ledger.teldata import FIRST_FEBRUARY_TELDATUM
from projections.options import Options
from projections.questions import Question
from projections.store import ask, ask_pupils

Command = TypeVar("Command", bound=Callable[..., Any])

vestiging_option = click.option("--vestiging", metavar="CODE", help="Alleen deze vestiging.")
_SCHOOLSOORT: Final = click.option(
    "--schoolsoort",
    type=click.Choice(["BO", "SBO", "SO", "VSO", "VO"]),
    multiple=True,
    help="Alleen deze schoolsoort; meer dan een mag.",
)
_PGN: Final = click.option("--pgn", metavar="PGN", help="Alleen deze leerling.")
_SUPPLIED: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_PRODUCT_OPTIONS: Final = (
    click.option(
        "--lidmaatschap",
        type=Day(),
        help="1A, bestand 3: dag waarop vestigingen zijn aangesloten; standaard die van de"
        " telling.",
    ),
    click.option(
        "--zonder-ongebruikte-tlv",
        is_flag=True,
        help="1B, dashboard 2, kijkglas 1: laat gegevens van een niet gebruikte tlv weg.",
    ),
    click.option(
        "--peildatum",
        type=Day(),
        help="Kijkglas 2: einde van het venster, standaard 1 februari; toename: dag van het"
        " ondersteuningsplan, standaard 1 juni.",
    ),
    click.option(
        "--maand",
        metavar="MAAND",
        help="Kijkglas 2: een maand (2025-04), of alle maanden van een schooljaar (2024-2025).",
    ),
    click.option(
        "--tarieven",
        type=_SUPPLIED,
        help="Bekostiging: CSV met jaar;soort;categorie;bedrag;regeling;vanaf.",
    ),
    click.option(
        "--jaar",
        type=click.IntRange(1900, 2999),
        help="Bekostiging: jaar van de tarieven; standaard het jaar na de teldatum.",
    ),
    click.option(
        "--prognose",
        is_flag=True,
        help="Bekostiging: ook de volgende drie teldata, zoals ze nu bekend zijn.",
    ),
    click.option(
        "--ofb",
        type=_SUPPLIED,
        help="Ofb: CSV met maand;regel;aantal;bedrag.",
    ),
    click.option(
        "--maskeer",
        is_flag=True,
        help="Indicatoren: toon elk aantal van 1 tot en met 4 als <5.",
    ),
)

FITTING: Final = {
    "stand": ("swv", "vestiging", "schoolsoort", "pgn"),
    "dashboard-1a": ("swv", "lidmaatschap"),
    "dashboard-1b": ("swv", "zonder_ongebruikte_tlv"),
    "dashboard-2": ("swv", "zonder_ongebruikte_tlv"),
    "kijkglas-1": ("swv", "zonder_ongebruikte_tlv"),
    "kijkglas-2": ("swv", "peildatum", "maand"),
    "toename": ("swv", "peildatum"),
    "bekostiging": ("swv", "tarieven", "jaar", "prognose"),
    "ofb": ("swv", "ofb"),
    "indicatoren": ("swv", "maskeer"),
}
"""The options that mean something for a product; for any other it is --swv alone."""

PO_ONLY: Final = ("kijkglas-4", "kijkglas-5")
"""Products about sbo, that a samenwerkingsverband of the other sector does not have."""


def stand_options(command: Command) -> Command:
    """Add what selects rows of the state."""
    for option in (_PGN, _SCHOOLSOORT, vestiging_option, swv_option):
        command = option(command)
    return command


def product_options(command: Command) -> Command:
    """Add what can be set of a product beside its samenwerkingsverband."""
    for option in reversed(_PRODUCT_OPTIONS):
        command = option(command)
    return command


def selection_of(question: Question, options: dict[str, Any]) -> ask.Selection:
    """Return what the options of `stand` select; a PGN that nobody has selects nothing."""
    leerlingen: tuple[str, ...] = ()
    if options["pgn"] is not None:
        found = question.ledger.vault.find([options["pgn"]])
        groups = [identity.groep.hex for identity in found.values()]
        leerlingen = ask_pupils.pupils_of_groups(question.model, groups) or ("",)
    return ask.Selection(
        swv=options["swv"],
        vestigingscode=options["vestiging"],
        schoolsoorten=options["schoolsoort"],
        leerlingen=leerlingen,
    )


def settings_of(options: dict[str, Any]) -> Options:
    """Return what the options of a product set."""
    return Options(
        options["lidmaatschap"],
        not options["zonder_ongebruikte_tlv"],
        options["peildatum"],
        options["maand"],
        options["tarieven"],
        options["jaar"],
        options["prognose"],
        options["ofb"],
        maskeer=options["maskeer"],
    )


def teldatum_of(options: dict[str, Any]) -> date | None:
    """Return the teldatum that funds the year of --jaar, None without it."""
    jaar = options["jaar"]
    if jaar is None:
        return None
    february = date(jaar - 1, 2, 1)
    return february if february >= FIRST_FEBRUARY_TELDATUM else date(jaar - 1, 10, 1)


def refuse_unfitting(ctx: click.Context, product: str) -> None:
    """Raise a usage error for an option, or a sector, of another product than is asked for."""
    _refuse_vo(ctx, product)
    fitting = FITTING.get(product, ("swv",))
    others = {name for names in FITTING.values() for name in names}.difference(fitting)
    for parameter in ctx.command.params:
        name = parameter.name or ""
        given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in others:
            wel = ", ".join(_spelled(known) for known in fitting)
            raise click.UsageError(f"{_spelled(name)} hoort niet bij {product}; wel: {wel}", ctx)


def _refuse_vo(ctx: click.Context, product: str) -> None:
    swv = ctx.params.get("swv")
    if product in PO_ONLY and swv is not None and sector_of_swv(swv) == "VO":
        problem = f"{product} gaat over sbo en is er alleen voor een samenwerkingsverband po"
        raise click.BadParameter(f"{problem}, niet voor {swv}", ctx, param_hint="--swv")


def _spelled(name: str) -> str:
    return f"--{name.replace('_', '-')}"
