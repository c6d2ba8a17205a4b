"""What a pupil costs or brings in: dated, versioned amounts that the user supplies. Pure.

No amount is a constant in code (rules.md 7, bekostiging): amounts come from yearly
ministerial rules and change during the year (Besluit bekostiging WPO 2022 art 13). Sources
and what is not known: `law-and-money.md` 7.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from ledger.codes import normalise_swv
from ledger.intake.columns import CellError, Kolom, day_of, rate_of, text_of, year_of
from ledger.problems import Problem
from ledger.times import AMSTERDAM, start_of_day

CENT: Final = Decimal("0.01")
LMH: Final = ("LAAG", "MIDDEN", "HOOG")
NONE: Final = ("",)


class Soort(NamedTuple):
    """A kind of amount: which categories it has (`""` = none), and what it is."""

    categorieen: tuple[str, ...]
    uitleg: str
    per_swv: bool = False
    """Whether `categorie` may also be the code of a samenwerkingsverband."""


_PERSONEEL: Final = "vóór 2023, personeel per schooljaar (jaar = begin van het schooljaar)"
_MATERIEEL: Final = "vóór 2023, materieel per kalenderjaar"

SOORTEN: Final[Mapping[str, Soort]] = {
    "so": Soort(LMH, "so per leerling"),
    "vso": Soort(LMH, f"vso per leerling; {_PERSONEEL}"),
    "sbo": Soort(("SBO",), "ondersteuning sbo per leerling"),
    "licht_po": Soort(NONE, f"lichte ondersteuning po per bo-leerling; {_PERSONEEL}"),
    "zwaar_po": Soort(NONE, f"zware ondersteuning po per bo- en sbo-leerling; {_PERSONEEL}"),
    "zwaar_vo": Soort(NONE, f"zware ondersteuning vo per vo-leerling; {_PERSONEEL}"),
    "regulier_vo": Soort(NONE, "lichte ondersteuning vo per vo-leerling"),
    "lwoo": Soort(NONE, "lwoo per leerling"),
    "pro": Soort(NONE, "praktijkonderwijs per leerling"),
    "lwoo_pct": Soort(NONE, "percentage lwoo op 1 oktober 2012", per_swv=True),
    "pro_pct": Soort(NONE, "percentage praktijkonderwijs op 1 oktober 2012", per_swv=True),
    "lwoo_af": Soort(NONE, "aftrek per lwoo-leerling, als die anders is dan lwoo"),
    "pro_af": Soort(NONE, "aftrek per leerling praktijkonderwijs, als die anders is dan pro"),
    "so_jonger_dan_8": Soort(LMH, f"so jonger dan 8 jaar; {_PERSONEEL}"),
    "so_8_en_ouder": Soort(LMH, f"so 8 jaar en ouder; {_PERSONEEL}"),
    "so_jonger_dan_8_materieel": Soort(LMH, f"so jonger dan 8 jaar; {_MATERIEEL}"),
    "so_8_en_ouder_materieel": Soort(LMH, f"so 8 jaar en ouder; {_MATERIEEL}"),
    "vso_materieel": Soort(LMH, f"vso; {_MATERIEEL}"),
    "licht_po_materieel": Soort(NONE, f"lichte ondersteuning po; {_MATERIEEL}"),
    "zwaar_po_materieel": Soort(NONE, f"zware ondersteuning po; {_MATERIEEL}"),
    "zwaar_vo_materieel": Soort(NONE, f"zware ondersteuning vo; {_MATERIEEL}"),
    "sbo_groei": Soort(NONE, f"groei sbo, per leerling; {_PERSONEEL}"),
    "sbo_boven_2_procent": Soort(NONE, f"sbo boven 2 procent en grensverkeer; {_PERSONEEL}"),
    "sbo_boven_2_procent_materieel": Soort(NONE, f"sbo boven 2 procent; {_MATERIEEL}"),
    "sbo_grensverkeer_eerste_jaar": Soort(NONE, f"grensverkeer na 1 oktober; {_PERSONEEL}"),
    "schoolmaatschappelijk_werk": Soort(NONE, f"per schoolgewicht; {_PERSONEEL}"),
}
"""Every kind of amount that a rates file may hold; `licht` of vo and `sbo_*` are optional."""


class Tarief(NamedTuple):
    """One amount in one version, in euro's (a percentage for `*_pct`).

    `jaar` = the calendar year that is funded, or the begin of the school year before 2023;
    `vanaf` = the first day on which this version was known.
    """

    jaar: int
    soort: str
    categorie: str
    bedrag: Decimal
    regeling: str
    vanaf: date

    @property
    def naam(self) -> str:
        """What the amount is for: `2026 so LAAG`."""
        return named(self.jaar, self.soort, self.categorie)


class MissingTariefError(ValueError):
    """Amounts that an answer needs, and that the rates file does not have."""

    def __init__(self, missing: Iterable[str], bestand: str, bekend_op: datetime | None) -> None:
        known = "" if bekend_op is None else f" dat op {_day(bekend_op)} bekend was"
        listed = "; ".join(dict.fromkeys(missing))
        super().__init__(
            f"in {bestand} ontbreekt een tarief{known} (jaar soort categorie): {listed};"
            " voeg een regel toe met jaar;soort;categorie;bedrag;regeling;vanaf"
        )


class Tarieven:
    """The amounts of one file: `naam` and `sha256` of the file, and the choice of a version."""

    def __init__(self, rows: Iterable[Tarief], naam: str, sha256: str = "") -> None:
        self.naam = naam
        self.sha256 = sha256
        self._versions: defaultdict[tuple[int, str, str], list[Tarief]] = defaultdict(list)
        for row in rows:
            self._versions[row.jaar, row.soort, row.categorie].append(row)
        for versions in self._versions.values():
            versions.sort(key=lambda row: row.vanaf)

    def find(
        self, jaar: int, soort: str, categorie: str, bekend_op: datetime | None
    ) -> Tarief | None:
        """Return the version with the latest `vanaf` that was known then; None = no such amount.

        `bekend_op` None is everything that the file says.
        """
        versions = self._versions.get((jaar, soort, categorie), [])
        known = [
            row for row in versions if bekend_op is None or start_of_day(row.vanaf) <= bekend_op
        ]
        return known[-1] if known else None

    def missing(self, names: Iterable[str], bekend_op: datetime | None) -> MissingTariefError:
        """Return the error that names the amounts this file lacks."""
        return MissingTariefError(names, self.naam, bekend_op)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y}"


def named(jaar: int, soort: str, categorie: str) -> str:
    """Return by what name an amount goes in a message: `2026 so LAAG`."""
    return f"{jaar} {soort} {categorie}".rstrip()


def cents(amount: Decimal) -> Decimal:
    """Return an amount rounded half up to whole cents: the last step of every sum."""
    return amount.quantize(CENT, ROUND_HALF_UP)


# Rows of the file


def _soort_of(text: str) -> str:
    name = re.sub(r"[\s-]+", "_", text.lower())
    if name not in SOORTEN:
        raise CellError("is geen soort tarief", f"kies uit {', '.join(SOORTEN)}")
    return name


KOLOMMEN: Final = (
    Kolom("jaar", year_of, ("kalenderjaar", "schooljaar")),
    Kolom("soort", _soort_of),
    Kolom("categorie", str.upper, ("ondersteuningscategorie",), leeg=True),
    Kolom("bedrag", rate_of, ("tarief",)),
    Kolom("regeling", text_of, ("bron",), leeg=True),
    Kolom("vanaf", day_of, ("bekend vanaf",)),
)
"""A rates file: `jaar;soort;categorie;bedrag;regeling;vanaf`."""


def tarief_of(fields: Mapping[str, object]) -> Tarief | Problem:
    """Return the amount of a line whose cells are right, or why its category does not fit."""
    jaar, soort, bedrag, vanaf = (fields[name] for name in ("jaar", "soort", "bedrag", "vanaf"))
    assert isinstance(jaar, int), jaar
    assert isinstance(soort, str), soort
    assert isinstance(bedrag, Decimal), bedrag
    assert isinstance(vanaf, date), vanaf
    categorie = _categorie(soort, str(fields["categorie"] or ""))
    if categorie is None:
        return Problem(
            "categorie",
            f"{fields['categorie'] or 'leeg'} past niet bij {soort}",
            f"kies {_offered(SOORTEN[soort])}",
        )
    return Tarief(jaar, soort, categorie, bedrag, str(fields["regeling"] or ""), vanaf)


def _categorie(soort: str, text: str) -> str | None:
    """Return the category as it is kept, None when the kind of amount does not have it."""
    known = SOORTEN[soort].categorieen
    if text in known:
        return text
    if not text and len(known) == 1:
        return known[0]
    if SOORTEN[soort].per_swv:
        try:
            return normalise_swv(text)
        except ValueError:
            return None
    return None


def _offered(soort: Soort) -> str:
    parts = [name or "een lege cel" for name in soort.categorieen]
    parts += ["of de code van een samenwerkingsverband"] * soort.per_swv
    return ", ".join(parts)


def twice(row: Tarief, seen: Mapping[tuple[object, ...], int]) -> Sequence[Problem]:
    """Return the problem of a version that stood in the file already, on which line."""
    line = seen.get(version_of(row))
    if line is None:
        return ()
    rule = f"{row.naam} vanaf {row.vanaf} staat ook op regel {line}"
    return (Problem("vanaf", rule, "houd een van beide over of geef de nieuwe een latere datum"),)


def version_of(row: Tarief) -> tuple[object, ...]:
    """Return what tells one version of an amount from all others."""
    return (row.jaar, row.soort, row.categorie, row.vanaf)
