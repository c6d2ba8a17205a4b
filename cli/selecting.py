"""Which rows a command is about: the options of `stand` and of the products (cli.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from cli.opening import Day
from cli.reading import swv_option
from projections.products import Options, Question
from projections.store import ask

Command = TypeVar("Command", bound=Callable[..., Any])

vestiging_option = click.option("--vestiging", metavar="CODE", help="Alleen deze vestiging.")
_SCHOOLSOORT: Final = click.option(
    "--schoolsoort",
    type=click.Choice(["BO", "SBO", "SO", "VSO", "VO"]),
    multiple=True,
    help="Alleen deze schoolsoort; meer dan een mag.",
)
_PGN: Final = click.option("--pgn", metavar="PGN", help="Alleen deze leerling.")
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
        help="1B: laat gegevens van een niet gebruikte tlv weg.",
    ),
)

FITTING: Final = {
    "stand": ("swv", "vestiging", "schoolsoort", "pgn"),
    "dashboard-1a": ("swv", "lidmaatschap"),
    "dashboard-1b": ("swv", "zonder_ongebruikte_tlv"),
}
"""The options that mean something for a product; for any other it is --swv alone."""


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
        leerlingen = ask.pupils_of_groups(question.model, groups) or ("",)
    return ask.Selection(
        swv=options["swv"],
        vestigingscode=options["vestiging"],
        schoolsoorten=options["schoolsoort"],
        leerlingen=leerlingen,
    )


def settings_of(options: dict[str, Any]) -> Options:
    """Return what the options of a product set."""
    return Options(options["lidmaatschap"], not options["zonder_ongebruikte_tlv"])


def refuse_unfitting(ctx: click.Context, product: str) -> None:
    """Raise a usage error for an option of another product than the one that is asked for."""
    fitting = FITTING.get(product, ("swv",))
    others = {name for names in FITTING.values() for name in names}.difference(fitting)
    for parameter in ctx.command.params:
        name = parameter.name or ""
        given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in others:
            wel = ", ".join(_spelled(known) for known in fitting)
            raise click.UsageError(f"{_spelled(name)} hoort niet bij {product}; wel: {wel}", ctx)


def _spelled(name: str) -> str:
    return f"--{name.replace('_', '-')}"
