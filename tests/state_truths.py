"""A small truth for tests of state files: some pupils, and how they change between moments.

`truth` makes pupils, `changed` what is so with them later, `rows_1b` what DUO would count of
them, `feed_of` what their schools would report in events. The pools are small, so that days,
vestigingen and numbers coincide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from ledger import events as ev
from ledger.codes import Categorie, Schoolsoort
from ledger.deriving.pupil import told
from ledger.deriving.steps import RefusedStateError
from ledger.dossier import Dossier
from ledger.states import (
    AnyStand,
    InschrijvingStand,
    PeriodeStand,
    TlvStand,
    VerwijderdStand,
)
from synthetic.numbers import bsn_numbers

T: Final = date(2025, 2, 1)
T_BEFORE: Final = date(2024, 12, 1)
"""Another teldatum, so close that most pupils are counted on both."""
SWVS: Final = ("PO0001", "PO0002")
INSTELLINGEN: Final = ("01AA", "02BB")
BEGINS: Final = (date(2024, 8, 1), date(2024, 11, 1), date(2025, 1, 6), T)
ENDS: Final = (None, None, date(2025, 1, 31), T, date(2025, 2, 3), date(2025, 7, 31))
SEED_OF_NUMBERS: Final = 7


class Tlv(NamedTuple):
    """A tlv; `per` = withdrawn from that day on."""

    nummer: str
    categorie: Categorie
    begin: date
    eind: date
    per: date | None = None

    def valid(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.begin <= day <= self.eind and (self.per is None or day < self.per)

    @property
    def last(self) -> date:
        """The last day as a dashboard shows it; before the begin = never valid."""
        return self.eind if self.per is None else min(self.eind, date.fromordinal(self._before))

    @property
    def _before(self) -> int:
        assert self.per is not None, "it was withdrawn"
        return self.per.toordinal() - 1


class Periode(NamedTuple):
    """A period of an enrolment."""

    vanaf: date
    vestiging: str
    residentieel: bool = False
    categorie: Categorie | None = None
    bekostigd: bool = True


class Inschrijving(NamedTuple):
    """An enrolment; `tlv` are the numbers linked to it."""

    code: str
    volgnummer: str
    soort: Schoolsoort
    begin: date
    eind: date | None
    perioden: tuple[Periode, ...]
    tlv: tuple[str, ...] = ()

    def on(self, day: date) -> Periode | None:
        """Return the period in force on a day, None when it does not run then."""
        if day < self.begin or (self.eind is not None and self.eind < day):
            return None
        return [one for one in self.perioden if one.vanaf <= day][-1]


class Leerling(NamedTuple):
    """A pupil; `swv` is the samenwerkingsverband by residence, `serial` makes its tlv's own."""

    pgn: str
    serial: int
    swv: str
    inschrijvingen: tuple[Inschrijving, ...] = ()
    tlvs: tuple[Tlv, ...] = ()


Waarheid = tuple[Leerling, ...]


class Regel1b(NamedTuple):
    """A row of Dashboard 1B, the columns that are read."""

    pgn: str
    nummer: str
    code: str
    vestiging: str
    categorie: Categorie
    volgnummer: str
    begin: date
    eind: date | None
    tlv_begin: date | None
    tlv_eind: date | None
    residentieel: bool
    wijze: str


def rows_1b(waarheid: Waarheid, swv: str, teldatum: date = T) -> Iterator[Regel1b]:
    """Yield the rows that DUO would give of a samenwerkingsverband."""
    for leerling in waarheid:
        for one in leerling.inschrijvingen:
            periode = one.on(teldatum)
            if periode is None or not periode.bekostigd:
                continue
            used = _used(leerling, one, teldatum)
            if (used.nummer[:6] if used else leerling.swv) == swv:
                yield _row(leerling, one, periode, used)


def _used(leerling: Leerling, one: Inschrijving, teldatum: date) -> Tlv | None:
    fits = [
        tlv
        for tlv in leerling.tlvs
        if tlv.nummer in one.tlv and tlv.valid(teldatum) and _same_kind(tlv, one)
    ]
    return max(fits, key=_latest, default=None)


def _same_kind(tlv: Tlv, one: Inschrijving) -> bool:
    return (tlv.categorie == "SBO") == (one.soort == "SBO")


def _latest(tlv: Tlv) -> tuple[date, str]:
    return tlv.begin, tlv.nummer


def _row(leerling: Leerling, one: Inschrijving, periode: Periode, used: Tlv | None) -> Regel1b:
    ever = [tlv for tlv in leerling.tlvs if tlv.begin <= tlv.last]
    shown = used or max(ever, key=_latest, default=None)
    categorie: Categorie = used.categorie if used else periode.categorie or "LAAG"
    return Regel1b(
        leerling.pgn,
        shown.nummer if shown else "",
        one.code,
        periode.vestiging,
        "SBO" if one.soort == "SBO" else categorie,
        one.volgnummer,
        one.begin,
        one.eind,
        shown.begin if shown else None,
        shown.last if shown else None,
        periode.residentieel,
        "TLV" if used else "Woonplaats leerling",
    )


def truth(random: Random, pupils: int) -> Waarheid:
    """Return some pupils, most with one enrolment and a tlv."""
    numbers = bsn_numbers(SEED_OF_NUMBERS)
    made = []
    for serial in range(pupils):
        leerling = Leerling(next(numbers), serial, random.choice(SWVS))
        for _ in range(random.choice((1, 1, 1, 2, 0))):
            leerling = _enrolled(random, leerling)
        for _ in range(random.choice((0, 1, 1, 2))):
            leerling = _issued(random, leerling)
        made.append(leerling)
    return tuple(made)


def changed(random: Random, waarheid: Waarheid, most: int = 3) -> Waarheid:
    """Return the truth of a later moment: up to `most` changes to each pupil."""
    made = []
    for before in waarheid:
        leerling = before
        for _ in range(random.randint(0, most)):
            leerling = random.choice(_CHANGES)(random, leerling)
        made.append(leerling)
    return tuple(made)


def truths(random: Random, pupils: int, moments: Iterable[datetime]) -> dict[datetime, Waarheid]:
    """Return what is so at each of some moments."""
    now = truth(random, pupils)
    found = {}
    for moment in moments:
        found[moment] = now
        now = changed(random, now)
    return found


def _enrolled(random: Random, leerling: Leerling) -> Leerling:
    code, soort = random.choice(INSTELLINGEN), random.choice(_SOORTEN)
    number = f"{len(leerling.inschrijvingen) + 1}{soort}"
    begin, eind = random.choice(BEGINS), random.choice(ENDS)
    if (code, number) in {(one.code, one.volgnummer) for one in leerling.inschrijvingen}:
        return leerling
    periode = Periode(begin, _vestiging(random, code), residentieel=random.random() < 0.15)
    if soort == "SO" and random.random() < 0.3:
        periode = periode._replace(categorie=random.choice(("MIDDEN", "HOOG")))
    new = Inschrijving(
        code, number, soort, begin, None if eind and eind < begin else eind, (periode,)
    )
    return leerling._replace(inschrijvingen=(*leerling.inschrijvingen, new))


_SOORTEN: Final[tuple[Schoolsoort, ...]] = ("SO", "SO", "SBO")
_CATEGORIEEN: Final[tuple[Categorie, ...]] = ("LAAG", "MIDDEN", "HOOG")


def _vestiging(random: Random, code: str) -> str:
    return code + random.choice(("00", "01"))


def _issued(random: Random, leerling: Leerling) -> Leerling:
    number = f"{random.choice(SWVS)}-2024-{leerling.serial * 100 + len(leerling.tlvs):05d}"
    soort = leerling.inschrijvingen[0].soort if leerling.inschrijvingen else "SO"
    categorie: Categorie = "SBO" if soort == "SBO" else random.choice(_CATEGORIEEN)
    begin = random.choice((*BEGINS, date(2025, 8, 1)))
    ends = (date(2025, 1, 31), date(2025, 7, 31), date(2026, 7, 31))
    eind = random.choice([end for end in ends if end >= begin])
    leerling = leerling._replace(tlvs=(*leerling.tlvs, Tlv(number, categorie, begin, eind)))
    return _linked(random, leerling) if random.random() < 0.8 else leerling


def _linked(random: Random, leerling: Leerling) -> Leerling:
    if not leerling.tlvs:
        return leerling
    number = random.choice(leerling.tlvs[-2:]).nummer
    return _mended(
        random, leerling, lambda one: one._replace(tlv=tuple(dict.fromkeys((*one.tlv, number))))
    )


def _unlinked(random: Random, leerling: Leerling) -> Leerling:
    return _mended(random, leerling, lambda one: one._replace(tlv=one.tlv[:-1]))


def _mended(
    random: Random, leerling: Leerling, change: Callable[[Inschrijving], Inschrijving]
) -> Leerling:
    """Return the pupil with one of the enrolments changed."""
    if not leerling.inschrijvingen:
        return leerling
    listed = list(leerling.inschrijvingen)
    index = random.randrange(len(listed))
    listed[index] = change(listed[index])
    return leerling._replace(inschrijvingen=tuple(listed))


def _moved(random: Random, leerling: Leerling) -> Leerling:
    """Give another vestiging, stay, category or funding from a day on."""

    def change(one: Inschrijving) -> Inschrijving:
        day = random.choice((one.begin, *BEGINS, date(2025, 6, 1)))
        old = one.on(day)
        if old is None:
            return one
        new = random.choice(
            (
                old._replace(vestiging=_vestiging(random, one.code)),
                old._replace(residentieel=not old.residentieel),
                old._replace(bekostigd=not old.bekostigd),
                old._replace(categorie=random.choice((None, "MIDDEN", "HOOG"))),
            )
        )
        rest = [periode for periode in one.perioden if periode.vanaf != day]
        return one._replace(perioden=tuple(sorted((*rest, new._replace(vanaf=day)))))

    return _mended(random, leerling, change)


def _ended(random: Random, leerling: Leerling) -> Leerling:
    def change(one: Inschrijving) -> Inschrijving:
        eind = random.choice(ENDS)
        too_early = eind is not None and eind < one.perioden[-1].vanaf
        return one if too_early else one._replace(eind=eind)

    return _mended(random, leerling, change)


def _begun(random: Random, leerling: Leerling) -> Leerling:
    """Correct the begin: what lies before it falls away."""

    def change(one: Inschrijving) -> Inschrijving:
        begin = random.choice(BEGINS)
        if one.eind is not None and begin > one.eind:
            return one
        later = [periode for periode in one.perioden if periode.vanaf > begin]
        earlier = [periode for periode in one.perioden if periode.vanaf <= begin]
        first = earlier[-1] if earlier else later.pop(0)
        return one._replace(begin=begin, perioden=(first._replace(vanaf=begin), *later))

    return _mended(random, leerling, change)


def _removed(random: Random, leerling: Leerling) -> Leerling:
    """Remove the first enrolment: as if it never was."""
    del random
    return leerling._replace(inschrijvingen=leerling.inschrijvingen[1:])


def _tlv_changed(random: Random, leerling: Leerling) -> Leerling:
    if not leerling.tlvs:
        return leerling
    *rest, last = leerling.tlvs
    changes = [
        last._replace(per=random.choice((date(2025, 1, 1), T, date(2025, 3, 1)))),
        last._replace(per=None),
        last._replace(eind=random.choice((date(2026, 7, 31), date(2027, 7, 31)))),
    ]
    if last.categorie != "SBO":
        changes.append(last._replace(categorie=random.choice(_CATEGORIEEN)))
    return leerling._replace(tlvs=(*rest, random.choice(changes)))


def _lives(random: Random, leerling: Leerling) -> Leerling:
    return leerling._replace(swv=random.choice(SWVS))


_CHANGES: Final = (
    _moved, _moved, _moved, _ended, _ended, _begun, _enrolled, _removed, _issued, _linked,
    _unlinked, _tlv_changed, _tlv_changed, _lives,
)  # fmt: skip


# --------------------------------------------------------------------------- as a feed


def feed_of(random: Random, told_at: Mapping[datetime, Waarheid]) -> list[dict[str, Any]]:
    """Return the feed of some schools: what is so, and at each later moment what changed.

    A third of the pupils is in no feed, and not every change is in it; so an enrolment can be
    registered long after a dashboard had it.
    """
    lines: list[dict[str, Any]] = []
    known: dict[str, Dossier] = {}
    for place, (moment, waarheid) in enumerate(told_at.items()):
        for leerling in waarheid:
            if leerling.serial % 3 == 0 or (place and random.random() < 0.4):
                continue
            before = known.get(leerling.pgn, Dossier())
            states = list(_states(random, leerling, before))
            try:
                steps = told(before, states)
            except RefusedStateError:
                continue
            known[leerling.pgn] = steps.dossier
            lines += [_line(leerling.pgn, moment, fact) for fact in steps.facts]
    return lines


def _states(random: Random, leerling: Leerling, before: Dossier) -> Iterator[AnyStand]:
    if random.random() < 0.5:
        yield from (_tlv_state(tlv) for tlv in leerling.tlvs)
    keys = {(one.code, one.volgnummer) for one in leerling.inschrijvingen}
    for one in leerling.inschrijvingen:
        yield _enrolment_state(one)
    for code, number in before.inschrijvingen.keys() - keys:
        yield VerwijderdStand(instellingscode=code, volgnummer=number)


def _tlv_state(tlv: Tlv) -> TlvStand:
    return TlvStand(
        nummer=tlv.nummer,
        categorie=tlv.categorie,
        begindatum=tlv.begin,
        einddatum=tlv.eind,
        ingetrokken_per=tlv.per,
    )


def _enrolment_state(one: Inschrijving) -> InschrijvingStand:
    return InschrijvingStand(
        instellingscode=one.code,
        volgnummer=one.volgnummer,
        begindatum=one.begin,
        einddatum=one.eind,
        perioden=tuple(
            PeriodeStand(
                vanaf=periode.vanaf,
                vestigingscode=periode.vestiging,
                schoolsoort=one.soort,
                soort_verblijf="IGZ" if periode.residentieel else "geen",
                bekostigbaar=periode.bekostigd,
                ondersteuningscategorie=periode.categorie,
            )
            for periode in one.perioden
        ),
        tlv=one.tlv,
    )


def _line(pgn: str, moment: datetime, fact: ev.Fact) -> dict[str, Any]:
    kind = {"type": type(fact).__name__, "bekend_op": moment.isoformat(), "pgn": pgn}
    return {**kind, **msgspec.to_builtins(fact)}
