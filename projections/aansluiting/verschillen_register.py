"""What differs between a tlv register and who counts, and why (outputs-and-rules.md 11).

Against DUO's 1B, or against what the ledger would put in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv, swv_of_tlv
from projections.aansluiting import zijden
from projections.aansluiting.geld import Prijslijst, pupils_of
from projections.aansluiting.model import Cel, Klasse, Paar, Regel, Soort, Verschil
from projections.aansluiting.sindsdien import oorzaak_of, telling_of, vaststelling, wijzigingen
from projections.aansluiting.vergelijken import Vergelijking
from projections.aansluiting.wie import WIE
from projections.aansluiting.woorden_register import zin_of
from projections.aansluiting.zijden_register import GELDIG, KOPPELING, NUMMER, PGN
from projections.questions import Question
from projections.store.ask import Selection
from projections.store.encoding import day_number
from projections.store.rectangles import StandRectangle, batches, rectangles_of
from projections.tarieven import Tarieven
from projections.telt import DUBBEL, GESLOTEN
from projections.verklaring import Wijziging
from projections.why.pairs import Point, rows_at

_DATA: Final = frozenset({zijden.BEGIN_TLV, zijden.EIND_TLV})


class Geval(NamedTuple):
    """A difference: the rows of both sides under a key, and what the ledger knows of the pupil."""

    soort: Soort
    sleutel: tuple[str, ...]
    links: tuple[Regel, ...]
    rechts: tuple[Regel, ...]
    kolommen: dict[str, Cel]
    swv: str
    rijen: Sequence[StandRectangle] = ()

    @property
    def duo(self) -> Regel | None:
        """The row that counts."""
        return self.links[0] if self.links else None

    @property
    def ons(self) -> Regel | None:
        """The tlv of the register."""
        return self.rechts[0] if self.rechts else None

    @property
    def pgn(self) -> str | None:
        """Who it is about."""
        return (*self.links, *self.rechts)[0].pgn


def duid_register(
    question: Question, paar: Paar, found: Vergelijking, tarieven: Tarieven | None
) -> list[Verschil]:
    """Return what the differences of a tlv register mean (a `Duider`)."""
    gevallen = _met_feiten(question, paar, list(_gevallen(paar, found)))
    sinds = _Sinds(question, paar)
    prijzen = Prijslijst(tarieven, paar.teldatum, question.as_of.bekend_op)
    return [_verschil(geval, sinds, prijzen) for geval in gevallen]


def klasse_van(geval: Geval) -> Klasse:
    """Return the first class that fits, of those that no moment explains (rules.md 9)."""
    return next(klasse for klasse, fits in PASSEND if fits(geval))


def _verschil(geval: Geval, sinds: _Sinds, prijzen: Prijslijst) -> Verschil:
    klasse, leerlingen = sinds.klasse_van(geval) or (klasse_van(geval), ())
    if geval.soort == "dubbel" and klasse != "dubbele-inschrijving":
        klasse, leerlingen = "dubbele-sleutel", ()
    oorzaak = oorzaak_of(leerlingen)
    rows = (*geval.links, *geval.rechts)
    sides = [
        pupils_of(side, zijden.SCHOOLSOORT, zijden.CATEGORIE)
        for side in (geval.links, geval.rechts)
    ]
    vestiging = "" if geval.duo is None else str(geval.duo.velden[zijden.VESTIGING] or "")
    own_double = klasse == "dubbele-sleutel" and len(geval.rechts) > 1
    return Verschil(
        soort=geval.soort,
        sleutel=geval.sleutel,
        pgn=geval.pgn,
        klasse=klasse,
        kolommen=geval.kolommen,
        oorzaak=zin_of(klasse, geval, str(oorzaak)),
        gebeurtenissen=oorzaak.gebeurtenissen,
        wie="samenwerkingsverband" if own_double else WIE[klasse],
        aantal=len(geval.links) - len(geval.rechts),
        bedrag=prijzen.verschil(*sides) if geval.soort != "cel" else None,
        sinds=oorzaak.sinds,
        vestigingscode=vestiging,
        plaatsen=tuple(row.plaats for row in rows),
    )


def _gevallen(paar: Paar, found: Vergelijking) -> Iterable[Geval]:
    swv = paar.swv
    for double in found.dubbel:
        yield Geval("dubbel", double.sleutel, double.links, double.rechts, {}, swv)
    for one in found.cellen:
        yield Geval("cel", one.sleutel, (one.links,), (one.rechts,), one.kolommen, swv)
    for regel in found.alleen_links:
        yield Geval("alleen-bij-duo", regel.sleutel, (regel,), (), {}, swv)
    for regel in found.alleen_rechts:
        yield Geval("alleen-bij-ons", regel.sleutel, (), (regel,), {}, swv)


def _met_feiten(question: Question, paar: Paar, gevallen: Sequence[Geval]) -> list[Geval]:
    """Return the cases with what the ledger has of their pupils on the teldatum."""
    pgns = sorted({geval.pgn for geval in gevallen if geval.pgn})
    known = question.ledger.vault.find(pgns) if pgns else {}
    groepen = {pgn: identity.groep.hex for pgn, identity in known.items()}
    point = Point(day_number(paar.teldatum), question.as_of.known)
    days = (paar.teldatum, paar.teldatum)
    rijen: defaultdict[str, list[StandRectangle]] = defaultdict(list)
    for part in batches(sorted(set(groepen.values()))):
        for row in rectangles_of(question.model, part, point.known, Selection(), days):
            rijen[row.groep].append(row)
    here = {groep: rows_at(rows, point) for groep, rows in rijen.items()}
    return [
        geval._replace(rijen=here.get(groepen.get(geval.pgn or "", ""), ())) for geval in gevallen
    ]


class _Sinds:
    """What the count changed since the file, and since the count was fixed, by pupil."""

    def __init__(self, question: Question, paar: Paar) -> None:
        self._question = question._replace(as_of=question.as_of._replace(teldatum=paar.teldatum))
        self._paar = paar
        self._told: dict[Klasse, Mapping[str, list[Wijziging]]] = {}

    def klasse_van(self, geval: Geval) -> tuple[Klasse, Sequence[Wijziging]] | None:
        """Return the class of a difference that a later event explains, with what changed."""
        if geval.soort == "dubbel" or self._paar.links.kant == "ons":
            return None
        moments: tuple[tuple[Klasse, Callable[[], datetime | None]], ...] = (
            ("gewijzigd-sinds-download", lambda: self._paar.links.bekend_op),
            ("na-vaststelling", lambda: vaststelling(self._question, self._paar.swv)),
        )
        for klasse, moment in moments:
            changed = self._since(klasse, moment).get(geval.pgn or "", [])
            if any(_explains(one, geval) for one in changed):
                return klasse, changed
        return None

    def _since(
        self, klasse: Klasse, moment: Callable[[], datetime | None]
    ) -> Mapping[str, list[Wijziging]]:
        if klasse not in self._told:
            found: defaultdict[str, list[Wijziging]] = defaultdict(list)
            until = self._question.as_of.bekend_op
            selection = telling_of(self._paar.swv)
            for one in wijzigingen(self._question, moment(), until, selection):
                found[one.pgn].append(one)
            self._told[klasse] = found
        return self._told[klasse]


def _explains(change: Wijziging, geval: Geval) -> bool:
    """Tell whether the ledger went from what DUO says to what the register says."""
    duo, ons = geval.duo, geval.ons
    before = None if change.voor is None else change.voor.beschikkingsnummer
    after = None if change.na is None else change.na.beschikkingsnummer
    counted = (change.voor is not None) == (duo is not None)
    used = None if duo is None else duo.velden[NUMMER]
    wanted = None if ons is None or not ons.velden[GELDIG] else ons.velden[NUMMER]
    if not counted or before != used or after != wanted:
        return False
    both = change.na is not None and ons is not None and duo is not None
    differs = zijden.CATEGORIE in geval.kolommen
    return not (both and differs) or (
        change.na is not None
        and change.na.ondersteuningscategorie == geval.kolommen[zijden.CATEGORIE].ons
    )


def _other_enrolments(geval: Geval) -> bool:
    keys = {(one.velden[zijden.INSTELLING], one.velden[zijden.VOLGNUMMER]) for one in geval.links}
    return len(keys) > 1


def _without(geval: Geval) -> bool:
    """Tell whether DUO counts the pupil without a tlv."""
    return geval.duo is not None and geval.duo.velden[NUMMER] is None


def _valid(geval: Geval) -> bool:
    return geval.ons is not None and bool(geval.ons.velden[GELDIG])


def _reden(geval: Geval, reden: str) -> bool:
    return geval.soort == "alleen-bij-ons" and any(row.reden == reden for row in geval.rijen)


def _elsewhere(geval: Geval) -> bool:
    if geval.soort == "alleen-bij-duo":
        return swv_of_tlv(geval.sleutel[0]) != geval.swv
    own = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(geval.swv)]
    others = (row for row in geval.rijen if row.telt and row.schoolsoort in own)
    return geval.soort == "alleen-bij-ons" and any(row.swv != geval.swv for row in others)


PASSEND: Final[tuple[tuple[Klasse, Callable[[Geval], bool]], ...]] = (
    ("residentieel-met-tlv", lambda geval: KOPPELING in geval.kolommen),
    ("gesloten-inrichting", lambda geval: _reden(geval, GESLOTEN)),
    ("tlv-niet-gekoppeld", lambda geval: _without(geval) and _valid(geval)),
    ("tlv-verlopen", lambda geval: geval.soort == "cel" and not _valid(geval)),
    ("tlv-ander-nummer", lambda geval: bool({NUMMER, PGN} & geval.kolommen.keys())),
    ("categorie-verschilt", lambda geval: zijden.CATEGORIE in geval.kolommen),
    ("ander-samenwerkingsverband", _elsewhere),
    ("dubbele-inschrijving", lambda geval: _other_enrolments(geval) or _reden(geval, DUBBEL)),
    ("datum-verschilt", lambda geval: bool(_DATA & geval.kolommen.keys())),
    ("alleen-bij-duo", lambda geval: geval.soort == "alleen-bij-duo"),
    ("alleen-bij-ons", lambda geval: geval.soort == "alleen-bij-ons"),
    ("gegevens-verschillen", lambda _: True),
)
"""The classes in the order of rules.md 9, each with what it takes."""
