"""One pupil as known at a moment: the items that follow from the dossier (rules.md 2 to 4)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final
from uuid import UUID

from ledger import events as ev
from ledger.dossier import EMPTY, Inschrijving, Sleutel, Tlv
from ledger.fold import Senseless, apply
from ledger.reference import Moment, Reference
from projections.attribution import Segment, Vorige, attribute, previous
from projections.items import Item, KoppelingStand, Persoon, Stand, TlvStand
from projections.telt import Days, covered_by_winners, pieces
from projections.tracker import Slots

Step = tuple[Moment, ev.Event | None]
"""An event in order of knowledge; None stands for reference data that touch the pupil."""

LEERLING: Final = ev.LeerlingGeregistreerd.__name__


class _Known:
    """What was made of one enrolment, and what it was made from."""

    __slots__ = ("covered", "inputs", "koppelingen", "made_of", "segments", "stands")

    def __init__(self) -> None:
        self.inputs: tuple[object, ...] = ()
        self.segments: tuple[Segment, ...] = ()
        self.made_of: tuple[object, ...] = ()
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
        slots: dict[Hashable, tuple[Item, ...]] = {("persoon", who): self._person}
        for nummer, tlv in dossier.tlvs.items():
            slots["tlv", nummer, who] = self._tlv_items(nummer, tlv)
        if dossier.inschrijvingen:
            self._attribute()
            known = self._known
            segments = {key: known[key].segments for key in dossier.inschrijvingen}
            covered = covered_by_winners(dossier.inschrijvingen, segments)
            for key, inschrijving in dossier.inschrijvingen.items():
                one = known[key]
                self._show(one, inschrijving, covered[key])
                slots["stand", key, who] = one.stands
                slots["koppeling", key, who] = one.koppelingen
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
        reference = self._reference.as_known(self.steps[-1][0])
        for place, inschrijving in enumerate(inschrijvingen):
            before = previous(inschrijving, inschrijvingen[:place]) if place else None
            vorige = Vorige(before, self._known[before.sleutel].segments) if before else None
            tlvs = [dossier.tlvs.get(link.nummer) for link in inschrijving.koppelingen]
            inputs = (inschrijving, vorige, tlvs, dossier.woonplaatsen, self._touches)
            known = self._known.setdefault(inschrijving.sleutel, _Known())
            if known.inputs != inputs:
                known.inputs = inputs
                segments = attribute(inschrijving, vorige, dossier, reference)
                if segments != known.segments:
                    known.segments = segments

    def _show(self, known: _Known, inschrijving: Inschrijving, covered: tuple[Days, ...]) -> None:
        """Make the stands and links of an enrolment, where anything in them changed."""
        made_of = (inschrijving, known.segments, covered)
        if known.made_of == made_of:
            return
        known.made_of = made_of
        known.stands = tuple(_stands(self.leerling, inschrijving, known.segments, covered))
        known.koppelingen = tuple(
            KoppelingStand(self.leerling, *inschrijving.sleutel, link.nummer, link.door)
            for link in inschrijving.koppelingen
        )


def _by_begin(inschrijving: Inschrijving) -> tuple[object, ...]:
    return inschrijving.begindatum, inschrijving.sleutel


def _stands(
    leerling: str,
    inschrijving: Inschrijving,
    segments: tuple[Segment, ...],
    covered: tuple[Days, ...],
) -> list[Stand]:
    stands = []
    for van, tot, segment, reden in pieces(segments, covered):
        periode = segment.periode
        stands.append(
            Stand(
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
                segment.bepaling.swv,
                segment.bepaling.wijze,
                segment.categorie,
                segment.basis,
                segment.nummer,
                reden,
            )
        )
    return stands
