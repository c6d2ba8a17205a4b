"""From rows that each tell of some days of an enrolment to enrolments with their periods. Pure.

For Dashboard 2 and Kijkglas 2 (events.md 2; outputs-and-rules.md 4). Rows of one enrolment
may stand anywhere in the file; they are told together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final, Generic, NamedTuple, TypeVar

from msgspec import UNSET, UnsetType

from ledger.codes import Categorie, Schoolsoort, SoortVerblijf
from ledger.intake import enrolment_columns as ec
from ledger.intake.columns import Kolom, normalised
from ledger.intake.enrolment_columns import Sleutel
from ledger.intake.readers import Afkeuring
from ledger.intake.rows import read_rows
from ledger.intake.sheet_types import Rij, Sheet
from ledger.problems import Problem
from ledger.states import PeriodeStand
from ledger.times import ONE_DAY, format_date

NIET_BEKOSTIGBAAR: Final = "niet bekostigbaar"
CLUSTER_1_OF_2: Final = "cluster 1 of 2"
GESLOTEN: Final = "gesloten inrichting"
"""The reasons that say something of the registration itself (rules.md 4)."""

ASSUMED_CLUSTER: Final = 1
"""The file says "cluster 1 of 2" and not which; neither counts (assumption)."""

_ATTRIBUTES: Final = (
    "vestigingscode",
    "schoolsoort",
    "soort_verblijf",
    "bekostigbaar",
    "ondersteuningscategorie",
    "cluster",
)

SLEUTELS: Final = (ec.PGN, ec.INSTELLINGSCODE, ec.VOLGNUMMER)

R = TypeVar("R")


class Groep(NamedTuple, Generic[R]):
    """The rows of one enrolment, all of them readable, in the order of the file."""

    sleutel: Sleutel
    rijen: tuple[Rij, ...]
    regels: tuple[R, ...]
    warnings: tuple[Problem, ...]


class Stuk(NamedTuple):
    """The days of one row, `begin` up to and with `eind`, and what was registered on them."""

    begin: date
    eind: date | None
    periode: PeriodeStand


class Plaats(NamedTuple):
    """Where a pupil is on the days of a row; a stay that the row does not tell is UNSET."""

    vestigingscode: str
    schoolsoort: Schoolsoort
    soort_verblijf: SoortVerblijf | UnsetType


class _Gelezen(NamedTuple, Generic[R]):
    rij: Rij
    regel: R
    warnings: tuple[Problem, ...]


def enrolments(
    sheet: Sheet,
    kolommen: Sequence[Kolom],
    regel_of: Callable[[Mapping[str, object]], R],
    problems_of: Callable[[R], Iterable[Problem]],
) -> Iterator[Groep[R] | Afkeuring]:
    """Yield the enrolments of a file in the order of their first rows.

    When a row of an enrolment is wrong, all its rows are refused in one Afkeuring, as far as
    the row still shows which enrolment it is of. Raises UnreadableFileError.
    """
    good: dict[Sleutel, list[_Gelezen[R]]] = {}
    bad: list[Afkeuring] = []
    for row in read_rows(sheet, kolommen):
        if isinstance(row, Afkeuring):
            bad.append(row)
            continue
        regel = regel_of(row.velden)
        if problems := tuple(problems_of(regel)):
            bad.append(Afkeuring((row.rij,), problems))
        else:
            one = _Gelezen(row.rij, regel, row.warnings)
            good.setdefault(_sleutel(row.velden), []).append(one)
    outcomes: list[Groep[R] | Afkeuring] = list(_refused(sheet, bad, good)) if bad else []
    outcomes += [_groep(sleutel, gelezen) for sleutel, gelezen in good.items()]
    yield from sorted(outcomes, key=lambda one: one.rijen[0].regelnummer)


def distinct(regels: Iterable[R], begin: Callable[[R], date]) -> tuple[R, ...]:
    """Return the rows in the order of their days, equal ones once."""
    return tuple(sorted(dict.fromkeys(regels), key=begin))


def periode(
    vanaf: date,
    plaats: Plaats,
    categorie: Categorie | None,
    reden: str | None,
    *,
    door_tlv: bool,
) -> PeriodeStand:
    """Return what the days of a row say of the registration.

    Of a row that a tlv decided the category is that of the tlv; otherwise LAAG is what DUO
    shows when none was registered (rules.md 3). Who is not counted for a closed institution
    or a cluster may be bekostigbaar or not, since those reasons come first (rules.md 4).
    """
    gesloten, cluster = is_reden(reden, GESLOTEN), is_reden(reden, CLUSTER_1_OF_2)
    return PeriodeStand(
        vanaf=vanaf,
        vestigingscode=plaats.vestigingscode,
        schoolsoort=plaats.schoolsoort,
        soort_verblijf=plaats.soort_verblijf,
        bekostigbaar=UNSET if gesloten or cluster else not is_reden(reden, NIET_BEKOSTIGBAAR),
        ondersteuningscategorie=UNSET if door_tlv else _registered(categorie),
        cluster=UNSET if gesloten else ASSUMED_CLUSTER if cluster else None,
    )


def is_reden(reden: str | None, which: str) -> bool:
    """Tell whether a REDEN is this one, whatever its case and spaces."""
    return reden is not None and normalised(reden) == normalised(which)


def perioden_of(stukken: Sequence[Stuk]) -> tuple[PeriodeStand, ...]:
    """Return the registered periods behind rows in the order of their days.

    Rows also split where only the used tlv or a double enrolment changed; those join. Where
    rows are missing the period before them runs on.
    """
    joined: list[PeriodeStand] = []
    for one in stukken:
        if joined and (whole := _as_one(joined[-1], one.periode)) is not None:
            joined[-1] = whole
        else:
            joined.append(one.periode)
    return tuple(joined)


def overlaps(stukken: Sequence[Stuk], begin: Kolom) -> Iterator[Problem]:
    """Yield the problem of rows that tell of the same days."""
    for before, after in pairwise(stukken):
        if before.eind is None or after.begin <= before.eind:
            first = format_date(after.begin)
            rule = f"op {first} gelden twee regels van deze inschrijving die verschillen"
            yield Problem(begin.veld, rule, "controleer de begin- en einddata van de perioden")


def gaps(stukken: Sequence[Stuk], begin: Kolom) -> Iterator[Problem]:
    """Yield what is odd about days between rows that the file says nothing of."""
    for before, after in pairwise(stukken):
        if before.eind is not None and after.begin > before.eind + ONE_DAY:
            first, last = before.eind + ONE_DAY, after.begin - ONE_DAY
            yield Problem(
                begin.veld,
                f"van {format_date(first)} tot en met {format_date(last)} toont het bestand"
                " niets van deze inschrijving; de periode ervoor is aangehouden",
                "controleer bij de school wat in die dagen gold",
            )


def different(kolom: Kolom, values: Iterable[object]) -> Iterator[Problem]:
    """Yield the problem of rows of one enrolment that contradict each other."""
    told = {_written(value) for value in values}
    if len(told) > 1:
        rule = f"verschilt binnen een inschrijving: {', '.join(sorted(told))}"
        yield Problem(kolom.veld, rule, "maak de waarde in alle regels van de inschrijving gelijk")


def _registered(categorie: Categorie | None) -> Categorie | UnsetType | None:
    if categorie == "SBO":
        return UNSET
    return categorie if categorie in {"MIDDEN", "HOOG"} else None


def _as_one(before: PeriodeStand, after: PeriodeStand) -> PeriodeStand | None:
    """Return two periods as one, when nothing that is registered changed between them.

    What one of them does not tell is taken to be as in the other; but a stay only when it is
    none, since days before or after a stay are not known to be part of it.
    """
    told: dict[str, Any] = {}
    for name in _ATTRIBUTES:
        one, two = getattr(before, name), getattr(after, name)
        told[name] = two if one is UNSET else one
        if one == two:
            continue
        if UNSET not in {one, two} or (name == "soort_verblijf" and told[name] != "geen"):
            return None
    return PeriodeStand(vanaf=before.vanaf, **told)


def _sleutel(velden: Mapping[str, object]) -> Sleutel:
    return Sleutel(*ec.values_of(velden, SLEUTELS))


def _groep(sleutel: Sleutel, gelezen: Sequence[_Gelezen[R]]) -> Groep[R]:
    return Groep(
        sleutel,
        tuple(one.rij for one in gelezen),
        tuple(one.regel for one in gelezen),
        tuple(problem for one in gelezen for problem in one.warnings),
    )


def _refused(
    sheet: Sheet, bad: Sequence[Afkeuring], good: dict[Sleutel, list[_Gelezen[R]]]
) -> Iterator[Afkeuring]:
    """Yield the wrong rows, each with all rows of its enrolment, taken out of `good`."""
    keys = _sleutels(sheet, {rij.regelnummer for one in bad for rij in one.rijen})
    of_enrolment: dict[Sleutel, list[Afkeuring]] = {}
    for one in bad:
        sleutel = keys.get(one.rijen[0].regelnummer)
        if sleutel is None or sleutel not in good:
            yield one
        else:
            of_enrolment.setdefault(sleutel, []).append(one)
    for sleutel, wrong in of_enrolment.items():
        yield _together(wrong, [one.rij for one in good.pop(sleutel)])


def _sleutels(sheet: Sheet, lines: set[int]) -> dict[int, Sleutel]:
    """Return of which enrolment some lines are, read a second time for their keys alone."""
    return {
        row.rij.regelnummer: _sleutel(row.velden)
        for row in read_rows(sheet, SLEUTELS)
        if not isinstance(row, Afkeuring) and row.rij.regelnummer in lines
    }


def _together(wrong: Sequence[Afkeuring], others: Sequence[Rij]) -> Afkeuring:
    rijen = sorted(
        [*(rij for one in wrong for rij in one.rijen), *others], key=lambda rij: rij.regelnummer
    )
    lines = ", ".join(str(rij.regelnummer) for one in wrong for rij in one.rijen)
    why = Problem(
        "",
        f"regel {lines} is afgekeurd, en daarmee alle regels van dezelfde inschrijving",
        f"verbeter regel {lines} en lees alle regels van de inschrijving samen in",
    )
    return Afkeuring(tuple(rijen), (*(problem for one in wrong for problem in one.problems), why))


def _written(value: object) -> str:
    if value is None:
        return "leeg"
    return f"'{format_date(value)}'" if isinstance(value, date) else f"'{value}'"
