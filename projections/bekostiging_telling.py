"""What is counted for the budget of a samenwerkingsverband, term by term (law-and-money 6, 7.2).

A term is a number of pupils and the kind of amount that it is multiplied by. From 2023 (WPO
art 122 and 124, WVO 2020 art 5.13 and 5.15): one amount per calendar year Y, for sbo, so and
vso on 1 February Y-1 and vo pupils on 1 October Y-1, on vestigingen linked on 1 January Y.
Before: personnel per school year and material per calendar year, both on the 1 October before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from ledger.application import Ledger
from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, Basis, Categorie, Schoolsoort, sector_of_swv
from ledger.teldata import FIRST_FEBRUARY_TELDATUM
from ledger.times import full_years
from projections.dashboard_1a import regular_vo
from projections.persons import NOBODY, persons
from projections.store import ask, ask_numbers, ask_reference
from projections.store.read_model import ReadModel

SMALL_CHILD: Final = 8
"""Before 2023 so had other amounts from this age on (WEC 2015 art 117)."""

CATEGORIEEN: Final[tuple[Categorie, ...]] = ("SBO", "LAAG", "MIDDEN", "HOOG")
GRONDEN: Final[tuple[Basis, ...]] = ("TLV", "RP", "OVERIG")

Kant = Literal["bruto", "af"]
Eis = Literal["alles", "alles of niets", "wat er is"]
"""Which of the amounts of a part have to be there: each one, none of them or each one, or any."""


class Term(NamedTuple):
    """One line of the computation: `aantal` pupils at the amount `soort`, `categorie`.

    `aandeel` = the percentage of `aantal` that is meant (a kind of amount too); `anders` =
    the amount that holds when there is no `soort`.
    """

    kant: Kant
    soort: str
    aantal: int
    categorie: str = ""
    basis: str = ""
    aandeel: str = ""
    anders: str = ""


class Onderdeel(NamedTuple):
    """A part of the budget that has a sum of its own, such as `zwaar` or `zwaar personeel`."""

    naam: str
    eis: Eis
    termen: tuple[Term, ...]


class Vraag(NamedTuple):
    """Whose budget, and of which count; `now` is for remarks alone."""

    ledger: Ledger
    model: ReadModel
    as_of: ask.AsOf
    swv: str
    now: datetime

    @property
    def jaar(self) -> int:
        """The year that the count of the teldatum funds: the one after it, in both regimes."""
        return self.as_of.teldatum.year + 1

    @property
    def since_2023(self) -> bool:
        """Tell whether the count funds a calendar year as a whole."""
        return self.as_of.teldatum >= FIRST_FEBRUARY_TELDATUM

    def on(self, day: date) -> ask.AsOf:
        """Return another day, with the same knowledge."""
        return ask.AsOf(day, self.as_of.bekend_op)


class Cel(NamedTuple):
    """Pupils whom the samenwerkingsverband answers for, that have one amount."""

    schoolsoort: Schoolsoort
    categorie: Categorie
    basis: Basis
    band: str = ""


def october_of(vraag: Vraag) -> date:
    """Return the day on which vo pupils are counted for the year that is funded.

    From 2023 that is 1 October Y-1, so after the 1 February of the same Y-1 (WVO 2020 art
    5.13 and 5.15; law-and-money 4.1 calls the October before 1 February, which dashboard 1A
    shows beside it, a trap); before 2023 it is the teldatum itself.
    """
    return date(vraag.jaar - 1, 10, 1) if vraag.since_2023 else vraag.as_of.teldatum


def membership_of(vraag: Vraag) -> date:
    """Return the day on which vestigingen are linked: 1 January of the year that is funded.

    WPO art 122(2) and 124(2), WVO 2020 art 5.15(2); before 2023 the teldatum (assumption:
    the law of then names no day).
    """
    return date(vraag.jaar, 1, 1) if vraag.since_2023 else vraag.as_of.teldatum


def onderdelen(vraag: Vraag) -> Iterator[Onderdeel]:
    """Yield the parts of the budget with what is counted for each."""
    is_po = sector_of_swv(vraag.swv) == "PO"
    if vraag.since_2023:
        yield from _po(vraag) if is_po else _vo(vraag)
    else:
        yield from _po_before(vraag) if is_po else _vo_before(vraag)


def cells(vraag: Vraag, day: date) -> Counter[Cel]:
    """Return P(S, day, K) of rules.md 7 per schoolsoort, categorie and basis."""
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(vraag.swv)]
    found: Counter[Cel] = Counter()
    for count in ask_numbers.counts(vraag.model, vraag.on(day), vraag.swv, soorten):
        found[Cel(count.schoolsoort, count.categorie, count.basis)] += count.aantal
    return found


def band_of(birth: date | None, day: date) -> str:
    """Return which amount of before 2023 a so pupil has, by its age on the teldatum.

    A pupil whose birth date is not known any more is taken for the older one (assumption).
    """
    young = birth is not None and full_years(birth, day) < SMALL_CHILD
    return "so_jonger_dan_8" if young else "so_8_en_ouder"


def _po(vraag: Vraag) -> Iterator[Onderdeel]:
    regular = _regular(vraag, vraag.as_of.teldatum, ("BO", "SBO"))
    own = cells(vraag, vraag.as_of.teldatum)
    bo, sbo = regular["BO"], regular["SBO"]
    yield Onderdeel(
        "licht",
        "alles",
        (Term("bruto", "licht_po", bo), *_deducted(own, {"SBO": "sbo"})),
    )
    yield Onderdeel(
        "zwaar",
        "alles",
        (Term("bruto", "zwaar_po", bo + sbo), *_deducted(own, {"SO": "so"})),
    )


def _vo(vraag: Vraag) -> Iterator[Onderdeel]:
    vo, lwoo, pro = _vo_counts(vraag)
    own = cells(vraag, vraag.as_of.teldatum)
    yield Onderdeel(
        "licht",
        "wat er is",
        (
            Term("bruto", "regulier_vo", vo),
            Term("bruto", "lwoo", vo, aandeel="lwoo_pct"),
            Term("bruto", "pro", vo, aandeel="pro_pct"),
            Term("af", "lwoo_af", lwoo, anders="lwoo"),
            Term("af", "pro_af", pro, anders="pro"),
        ),
    )
    yield Onderdeel(
        "zwaar",
        "alles",
        (Term("bruto", "zwaar_vo", vo), *_deducted(own, {"VSO": "vso"})),
    )


def _po_before(vraag: Vraag) -> Iterator[Onderdeel]:
    regular = _regular(vraag, vraag.as_of.teldatum, ("BO", "SBO"))
    bo, total = regular["BO"], regular["BO"] + regular["SBO"]
    own = _so_by_age(vraag)
    for name, ending in (("personeel", ""), ("materieel", "_materieel")):
        light = (Term("bruto", f"licht_po{ending}", bo),)
        yield Onderdeel(f"licht {name}", "alles of niets", light)
        heavy = Term("bruto", f"zwaar_po{ending}", total)
        terms = (heavy, *_deducted(own, {}, ending))
        yield Onderdeel(f"zwaar {name}", "alles of niets", terms)


def _vo_before(vraag: Vraag) -> Iterator[Onderdeel]:
    vo, *_ = _vo_counts(vraag)
    own = cells(vraag, vraag.as_of.teldatum)
    for name, ending in (("personeel", ""), ("materieel", "_materieel")):
        heavy = Term("bruto", f"zwaar_vo{ending}", vo)
        terms = (heavy, *_deducted(own, {"VSO": "vso"}, ending))
        yield Onderdeel(f"zwaar {name}", "alles of niets", terms)


def _deducted(own: Counter[Cel], soorten: dict[str, str], ending: str = "") -> Iterator[Term]:
    """Yield a term per kind of amount, categorie and basis that has pupils.

    `soorten` says which kind of amount a schoolsoort has; where a cell has a band of ages,
    that is the kind.
    """
    for cel in sorted(own, key=_order):
        soort = cel.band or soorten.get(cel.schoolsoort)
        if soort is not None:
            yield Term("af", f"{soort}{ending}", own[cel], cel.categorie, cel.basis)


def _order(cel: Cel) -> tuple[str, int, int]:
    return cel.band, CATEGORIEEN.index(cel.categorie), GRONDEN.index(cel.basis)


def _so_by_age(vraag: Vraag) -> Counter[Cel]:
    """Return the so pupils by band of ages: before 2023 younger ones had other amounts.

    Sbo is left out: until 2023 sbo was paid by the 2 % rule, not by this deduction.
    """
    selection = ask.Selection(swv=vraag.swv, schoolsoorten=("SO",), telt=True)
    rows = list(ask.standen(vraag.model, vraag.as_of, selection))
    people = persons(vraag.ledger, vraag.model, vraag.as_of, {row.leerling for row in rows})
    return Counter(_banded(rows, {key: person.geboortedatum for key, person in people.items()},
                           vraag.as_of.teldatum))  # fmt: skip


def _banded(
    rows: Iterable[ask.StandRow], births: dict[str, date | None], day: date
) -> Iterator[Cel]:
    for row in rows:
        assert row.ondersteuningscategorie is not None, row
        assert row.basis is not None, row
        band = band_of(births.get(row.leerling, NOBODY.geboortedatum), day)
        yield Cel(row.schoolsoort, row.ondersteuningscategorie, row.basis, band)


def _regular(vraag: Vraag, day: date, schoolsoorten: tuple[str, ...]) -> Counter[str]:
    """Return the counting pupils of linked vestigingen per schoolsoort."""
    found: Counter[str] = Counter()
    members = ask_reference.vestigingen_of(vraag.model, vraag.on(membership_of(vraag)), vraag.swv)
    at = ask_numbers.counts_at_vestigingen(vraag.model, vraag.on(day), members, schoolsoorten)
    for _, schoolsoort, _, _, aantal in at:
        found[schoolsoort] += aantal
    return found


def _vo_counts(vraag: Vraag) -> tuple[int, int, int]:
    """Return the vo pupils of linked vestigingen: all, those with lwoo, those of pro.

    As dashboard 1A counts them: without nieuwkomers, and vavo pupils as whole pupils
    (assumption: their 50 % is about the money of the school).
    """
    members = ask_reference.vestigingen_of(vraag.model, vraag.on(membership_of(vraag)), vraag.swv)
    rows = regular_vo(vraag.model, vraag.on(october_of(vraag)), members)
    vo, lwoo, pro = (sum(int(str(row[name])) for row in rows) for name in ("totaal", "lwoo", "pro"))
    return vo, lwoo, pro
