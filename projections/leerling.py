"""One pupil as known at a moment: the items that follow from the dossier (rules.md 2 to 4)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final
from uuid import UUID

from ledger import events as ev
from ledger.dossier import EMPTY, Inschrijving, Sleutel, Tlv
from ledger.fold import Senseless, apply
from ledger.reference import Moment, Reference
from projections.attribution import Segment, Vorige, attribute, is_asking, previous
from projections.items import Item, KoppelingStand, Persoon, Stand, TlvStand
from projections.telt import (
    Days,
    Piece,
    covered_by_winners,
    own_reden,
    passing,
    pieces,
)
from projections.tracker import Slots

Step = tuple[Moment, ev.Event | None]
"""An event in order of knowledge; None stands for reference data that touch the pupil."""

LEERLING: Final = ev.LeerlingGeregistreerd.__name__


class _Known:
    """What was made of one enrolment, and what it was made from.

    `redenen` are those of its segments, `claimed` the days with which it takes part in the
    contest; `pieces` are those that `stands` were made of, one by one.
    """

    __slots__ = (
        "claimed",
        "inputs",
        "koppeling_slot",
        "koppelingen",
        "made_of",
        "pieces",
        "redenen",
        "segments",
        "stand_slot",
        "stands",
    )

    def __init__(self, sleutel: Sleutel, leerling: str) -> None:
        # Texts: their hash is computed once.
        self.stand_slot = f"stand {sleutel} {leerling}"
        self.koppeling_slot = f"koppeling {sleutel} {leerling}"
        self.inputs: tuple[object, ...] = ()
        self.segments: tuple[Segment, ...] = ()
        self.redenen: tuple[str, ...] = ()
        self.claimed: tuple[Days, ...] = ()
        self.made_of: tuple[object, ...] = ()
        self.pieces: list[Piece] = []
        self.stands: tuple[Item, ...] = ()
        self.koppelingen: tuple[Item, ...] = ()


class Leerling:
    """A pupil that learns events one by one.

    What did not change between two looks is the same object again, so that comparing is
    cheap: every part is remembered with what it was made from.
    """

    def __init__(self, leerling: UUID, reference: Reference) -> None:
        self.leerling = leerling.hex
        self.steps: list[Step] = []
        self._reference = reference
        self._dossier = EMPTY
        self._pgn_van = leerling.hex
        self._geboren_in: int | None = None
        self._touches = 0
        self._person: tuple[Item, ...] = ()
        self._tlvs: dict[str, tuple[Tlv, tuple[Item, ...]]] = {}
        self._known: dict[Sleutel, _Known] = {}
        self._contest: tuple[object, ...] = ()
        self._covered: Mapping[Sleutel, tuple[Days, ...]] = {}
        self._slots: Slots | None = None

    def learn(self, step: Step) -> bool:
        """Take in an event and tell whether it says anything new.

        One that makes no sense here has no effect (rules.md 1).
        """
        self.steps.append(step)
        event = step[1]
        if event is None:
            self._touches, self._slots = self._touches + 1, None
            return True
        fact = event.fact
        if isinstance(fact, ev.LeerlingGeregistreerd | ev.Beschermd):
            self._birth_known(fact, event.positie)
        elif isinstance(fact, ev.PgnVervangen) and isinstance(fact.nieuw, UUID):
            self._pgn_van, self._person, self._slots = fact.nieuw.hex, (), None
        else:
            return self._fact_known(fact)
        return True

    def _birth_known(self, fact: ev.LeerlingGeregistreerd | ev.Beschermd, positie: int) -> None:
        """Note which event holds the birth date; a sealed residence tells nothing."""
        if not isinstance(fact, ev.Beschermd) or fact.van == LEERLING:
            self._geboren_in, self._person, self._slots = positie, (), None

    def _fact_known(self, fact: ev.Fact) -> bool:
        try:
            dossier = apply(self._dossier, fact)
        except Senseless:
            return False
        if dossier is self._dossier:
            return False
        self._dossier, self._slots = dossier, None
        return True

    def slots(self) -> Slots:
        """Return all that is known now, per enrolment, tlv and person.

        The same object as before when nothing was learned that matters.
        """
        if self._slots is None:
            self._slots = self._made()
        return self._slots

    def _made(self) -> Slots:
        who, dossier = self.leerling, self._dossier
        if not self._person:
            self._person = (Persoon(who, self._pgn_van, self._geboren_in),)
        slots: dict[Hashable, tuple[Item, ...]] = {f"persoon {who}": self._person}
        for nummer, tlv in dossier.tlvs.items():
            slots[f"tlv {nummer} {who}"] = self._tlv_items(nummer, tlv)
        if dossier.inschrijvingen:
            self._attribute()
            covered = self._covered_by_winners()
            for key, inschrijving in dossier.inschrijvingen.items():
                one = self._known[key]
                self._show(one, inschrijving, covered[key])
                slots[one.stand_slot] = one.stands
                slots[one.koppeling_slot] = one.koppelingen
        return slots

    def _tlv_items(self, nummer: str, tlv: Tlv) -> tuple[Item, ...]:
        known = self._tlvs.get(nummer)
        if known is None or known[0] is not tlv:
            stand = TlvStand(self.leerling, nummer, tlv.categorie, tlv.begindatum, tlv.laatste_dag)
            known = self._tlvs[nummer] = tlv, (stand,)
        return known[1]

    def _attribute(self) -> None:
        """Decide on the segments of all enrolments; a previous one goes before the next."""
        dossier = self._dossier
        inschrijvingen = sorted(dossier.inschrijvingen.values(), key=_by_begin)
        for place, inschrijving in enumerate(inschrijvingen):
            sleutel = inschrijving.sleutel
            known = self._known.get(sleutel)
            if known is None:
                known = self._known[sleutel] = _Known(sleutel, self.leerling)
            if not is_asking(inschrijving):
                inputs: tuple[object, ...] = (inschrijving,)
                vorige = None
            else:
                before = previous(inschrijving, inschrijvingen[:place]) if place else None
                vorige = Vorige(before, self._known[before.sleutel].segments) if before else None
                tlvs = [dossier.tlvs.get(link.nummer) for link in inschrijving.koppelingen]
                inputs = (inschrijving, vorige, tlvs, dossier.woonplaatsen, self._touches)
            if known.inputs != inputs:
                known.inputs = inputs
                reference = self._reference.as_known(self.steps[-1][0])
                self._decided(known, attribute(inschrijving, vorige, dossier, reference))

    def _decided(self, known: _Known, segments: tuple[Segment, ...]) -> None:
        """Note the segments of an enrolment; those that are as before stay the same objects."""
        if segments == known.segments:
            return
        same = _alike(known.segments, segments)
        known.segments = known.segments[:same] + segments[same:]
        known.redenen = known.redenen[:same] + tuple(map(own_reden, segments[same:]))
        known.claimed = passing(known.segments, known.redenen)

    def _covered_by_winners(self) -> Mapping[Sleutel, tuple[Days, ...]]:
        """Return per enrolment on which days another one wins; the same while they claim so."""
        begindata = {key: one.begindatum for key, one in self._dossier.inschrijvingen.items()}
        claimed = {key: self._known[key].claimed for key in begindata}
        if self._contest != (begindata, claimed):
            self._contest = begindata, claimed
            self._covered = covered_by_winners(begindata, claimed)
        return self._covered

    def _show(self, known: _Known, inschrijving: Inschrijving, covered: tuple[Days, ...]) -> None:
        """Make the stands and links of an enrolment, where anything in them changed."""
        made_of = (inschrijving, known.segments, covered)
        if known.made_of == made_of:
            return
        before = known.made_of[0] if known.made_of else None
        found = list(pieces(known.segments, known.redenen, covered))
        same = _alike(known.pieces, found) if _has_same_days(before, inschrijving) else 0
        known.made_of, known.pieces = made_of, found
        new = [_stand(self.leerling, inschrijving, piece) for piece in found[same:]]
        known.stands = (*known.stands[:same], *new)
        known.koppelingen = tuple(
            KoppelingStand(self.leerling, *inschrijving.sleutel, link.nummer, link.door)
            for link in inschrijving.koppelingen
        )


def _by_begin(inschrijving: Inschrijving) -> tuple[object, ...]:
    return inschrijving.begindatum, inschrijving.sleutel


def _alike(one: Sequence[object], two: Sequence[object]) -> int:
    """Return how many from the first on are the same in both."""
    for place, (first, second) in enumerate(zip(one, two, strict=False)):
        if first != second:
            return place
    return min(len(one), len(two))


def _has_same_days(one: object, two: Inschrijving) -> bool:
    """Tell whether an enrolment has the days, in every stand of it, that it had."""
    return (
        isinstance(one, Inschrijving)
        and one.begindatum == two.begindatum
        and one.einddatum == two.einddatum
    )


def _stand(leerling: str, inschrijving: Inschrijving, piece: Piece) -> Stand:
    van, tot, segment, reden = piece
    periode, bepaling = segment.periode, segment.bepaling
    return Stand(
        leerling,
        inschrijving.instellingscode,
        inschrijving.volgnummer,
        van,
        tot,
        periode.vestigingscode,
        periode.schoolsoort,
        inschrijving.begindatum,
        inschrijving.einddatum,
        periode.soort_verblijf,
        periode.bekostigbaar,
        periode.cluster,
        periode.leerjaar,
        periode.vo_kenmerk,
        bepaling.swv,
        bepaling.wijze,
        segment.categorie,
        segment.basis,
        segment.nummer,
        reden,
    )
