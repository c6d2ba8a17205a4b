"""One pupil as known at a moment: the items that follow from the dossier (rules.md 2 to 4)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, TypeVar
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

Made = TypeVar("Made")


class Leerling:
    """A pupil that learns events one by one.

    What did not change between two looks is the same object again, so that comparing is
    cheap: every part is remembered with what it was made from.
    """

    def __init__(self, leerling: UUID, reference: Reference) -> None:
        self.leerling = leerling
        self.steps: list[Step] = []
        self._reference = reference
        self._dossier = EMPTY
        self._pgn_van = leerling
        self._geboren_in: int | None = None
        self._touches = 0
        self._remembered: dict[Hashable, tuple[object, object]] = {}
        self._slots: Slots | None = None

    def learn(self, step: Step) -> None:
        """Take in an event; one that makes no sense here has no effect (rules.md 1)."""
        self.steps.append(step)
        event = step[1]
        if event is None:
            self._touches, self._slots = self._touches + 1, None
            return
        fact = event.fact
        if isinstance(fact, ev.LeerlingGeregistreerd | ev.Beschermd):
            self._person_known(fact, event.positie)
            return
        if isinstance(fact, ev.PgnVervangen) and isinstance(fact.nieuw, UUID):
            self._pgn_van, self._slots = fact.nieuw, None
            return
        try:
            dossier = apply(self._dossier, fact)
        except Senseless:
            return
        if dossier is not self._dossier:
            self._dossier, self._slots = dossier, None

    def _person_known(self, fact: ev.LeerlingGeregistreerd | ev.Beschermd, positie: int) -> None:
        """Note which event holds the birth date; a sealed residence tells nothing."""
        if not isinstance(fact, ev.Beschermd) or fact.van == LEERLING:
            self._geboren_in, self._slots = positie, None

    def slots(self) -> Slots:
        """Return all that is known now, per enrolment, tlv and person.

        The same object as before when nothing was learned that matters.
        """
        if self._slots is None:
            self._slots = self._made()
        return self._slots

    def _made(self) -> Slots:
        slots: dict[Hashable, tuple[Item, ...]] = {}
        person = (self.leerling, self._pgn_van, self._geboren_in)
        slots["persoon", self.leerling] = self._once("persoon", person, lambda: (Persoon(*person),))
        for nummer, tlv in self._dossier.tlvs.items():
            slots[nummer, self.leerling] = self._tlv_stand(tlv)
        inschrijvingen = self._dossier.inschrijvingen
        if inschrijvingen:
            segments = self._segments()
            covered = covered_by_winners(inschrijvingen, segments)
            for sleutel, inschrijving in inschrijvingen.items():
                slots[sleutel, self.leerling] = self._stands(
                    inschrijving, segments[sleutel], covered[sleutel]
                )
                slots["tlv", sleutel, self.leerling] = self._koppelingen(inschrijving)
        return slots

    def _segments(self) -> dict[Sleutel, tuple[Segment, ...]]:
        """Return the segments of all enrolments; a previous one is decided before the next."""
        dossier, made = self._dossier, dict[Sleutel, tuple[Segment, ...]]()
        inschrijvingen = sorted(dossier.inschrijvingen.values(), key=_by_begin)
        reference = self._reference.as_known(self.steps[-1][0])
        for inschrijving in inschrijvingen:
            before = previous(inschrijving, inschrijvingen) if made else None
            vorige = before and Vorige(before, made[before.sleutel])
            tlvs = tuple(dossier.tlvs.get(link.nummer) for link in inschrijving.koppelingen)
            made[inschrijving.sleutel] = self._once(
                ("segments", inschrijving.sleutel),
                (inschrijving, vorige, tlvs, dossier.woonplaatsen, self._touches),
                lambda one=inschrijving, vorige=vorige: attribute(  # type: ignore[misc]
                    one, vorige, dossier, reference
                ),
            )
        return made

    def _stands(
        self, inschrijving: Inschrijving, segments: tuple[Segment, ...], covered: tuple[Days, ...]
    ) -> tuple[Item, ...]:
        return self._once(
            ("stands", inschrijving.sleutel),
            (inschrijving.begindatum, inschrijving.einddatum, segments, covered),
            lambda: tuple(_stands(self.leerling, inschrijving, segments, covered)),
        )

    def _koppelingen(self, inschrijving: Inschrijving) -> tuple[Item, ...]:
        return self._once(
            ("koppelingen", inschrijving.sleutel),
            inschrijving.koppelingen,
            lambda: tuple(
                KoppelingStand(self.leerling, *inschrijving.sleutel, link.nummer, link.door)
                for link in inschrijving.koppelingen
            ),
        )

    def _tlv_stand(self, tlv: Tlv) -> tuple[Item, ...]:
        return self._once(
            ("tlv", tlv.nummer),
            tlv,
            lambda: (
                TlvStand(self.leerling, tlv.nummer, tlv.categorie, tlv.begindatum, tlv.laatste_dag),
            ),
        )

    def _once(self, what: Hashable, inputs: object, make: Callable[[], Made]) -> Made:
        """Return what was made before from equal inputs, else make it and remember."""
        known = self._remembered.get(what)
        if known is not None and known[0] == inputs:
            return known[1]  # type: ignore[return-value]  # what was stored under `what`
        made = make()
        self._remembered[what] = inputs, made
        return made


def _by_begin(inschrijving: Inschrijving) -> tuple[object, ...]:
    return inschrijving.begindatum, inschrijving.sleutel


def _stands(
    leerling: UUID,
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
