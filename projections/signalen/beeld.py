"""What the signals look at: the enrolments of a samenwerkingsverband, and what is around them.

Every part is asked for once, for all pupils together, and only when a signal needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Final
from uuid import UUID

from ledger import events as ev
from ledger.codes import ATTRIBUTED, SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from ledger.dossier import Dossier, Sleutel, geldig_op
from projections.attribution import fits
from projections.questions import Question
from projections.store import ask_signalen as ask
from projections.store.ask_products import dossiers
from projections.store.ask_signalen import KoppelingRij, Rij, TlvRij
from projections.store.encoding import moment_of
from projections.windows import school_year

_LEERPLICHT: Final = frozenset(fact.__name__ for fact in ev.LEERPLICHT)


class Beeld:
    """The enrolments of a samenwerkingsverband on the teldatum, as known then.

    Those of SBO and SO (PO) or VSO (VO) that are attributed to it, or on a vestiging that is
    linked to it; without `swv` all of the country. `maanden` is how far ahead the end of a
    tlv is looked for.
    """

    def __init__(self, question: Question, swv: str | None, maanden: int) -> None:
        self.question = question
        self.model, self.as_of = question.model, question.as_of
        self.teldatum, self.swv, self.maanden = question.as_of.teldatum, swv, maanden
        self.soorten = tuple(sorted(ATTRIBUTED))
        if swv is not None:
            self.soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]

    @cached_property
    def rijen(self) -> list[Rij]:
        """The enrolments on the teldatum."""
        return self._rows((self.teldatum, self.teldatum))

    @cached_property
    def leerlingen(self) -> list[str]:
        """The pupils of those enrolments."""
        return sorted({row.leerling for row in self.rijen})

    @cached_property
    def in_schooljaar(self) -> list[Rij]:
        """The rows of the school year of the teldatum: several of an enrolment that changed."""
        return self._rows(school_year(self.teldatum))

    @cached_property
    def tlvs(self) -> Mapping[str, list[TlvRij]]:
        """The tlv's of the pupils that were ever valid."""
        found: defaultdict[str, list[TlvRij]] = defaultdict(list)
        for tlv in ask.tlvs_bekend(self.model, self.as_of, self.leerlingen):
            found[tlv.leerling].append(tlv)
        return found

    @cached_property
    def afgegeven(self) -> list[TlvRij]:
        """The tlv's of the samenwerkingsverband that last; without one, those of the pupils."""
        if self.swv is not None:
            return list(ask.tlvs_van(self.model, self.as_of, self.swv))
        listed = [tlv for tlvs in self.tlvs.values() for tlv in tlvs]
        return [tlv for tlv in listed if tlv.laatste_dag >= self.teldatum]

    @cached_property
    def koppelingen(self) -> Mapping[tuple[str, Sleutel], list[KoppelingRij]]:
        """The links by pupil and enrolment."""
        found: defaultdict[tuple[str, Sleutel], list[KoppelingRij]] = defaultdict(list)
        for link in ask.koppelingen_bekend(self.model, self.as_of, self.leerlingen):
            found[link.leerling, link.sleutel].append(link)
        return found

    @cached_property
    def op_teldatum(self) -> Mapping[str, list[Rij]]:
        """All enrolments of the pupils on the teldatum, of any schoolsoort and wherever."""
        found: defaultdict[str, list[Rij]] = defaultdict(list)
        for row in ask.rijen_op(self.model, self.as_of, self.leerlingen):
            found[row.leerling].append(row)
        return found

    @cached_property
    def levens(self) -> Mapping[str, Dossier]:
        """All enrolments of the pupils of the school year, as far as the read model has them."""
        pupils = sorted({row.leerling for row in self.in_schooljaar})
        return dossiers(self.model, self.as_of, pupils)

    @cached_property
    def gesloten(self) -> Mapping[str, tuple[bool, int]]:
        """Of each known vestiging whether it is of a closed institution, and since when."""
        return ask.gesloten(self.model, self.as_of)

    @cached_property
    def gebeurtenissen(self) -> Mapping[str, list[ev.Event]]:
        """The events of the pupils by their group, in order of knowledge, as known then.

        Of the pupils of the school year, and of those with a tlv of the samenwerkingsverband.
        """
        pupils = {tlv.leerling for tlv in self.afgegeven}
        groups = {row.groep for row in self.in_schooljaar}
        groups.update(self.groepen_van(pupils).values())
        return self.events_of(groups, _LEERPLICHT)

    def events_of(
        self, groepen: set[str], opened: frozenset[str] = frozenset()
    ) -> dict[str, list[ev.Event]]:
        """Return the events of some groups in order of knowledge, as known then.

        The personal facts named in `opened` are in clear; the others stay sealed.
        """
        ledger = self.question.ledger
        members = ledger.vault.members(map(UUID, groepen))
        group_of = {stream: group.hex for group, streams in members.items() for stream in streams}
        moment = moment_of(self.as_of.known)
        found: dict[str, list[ev.Event]] = defaultdict(list)
        events = ledger.vault.reveal(ledger.events_of(group_of, self.model.position), opened)
        ledger.vault.drop_keys()
        for event in events:
            if event.bekend_op <= moment:
                found[group_of[event.originator_id]].append(event)
        for listed in found.values():
            listed.sort(key=lambda event: (event.bekend_op, event.positie))
        return found

    def groepen_van(self, leerlingen: set[str]) -> dict[str, str]:
        """Return the group of streams of pupils, as known then."""
        return ask.groepen_van(self.model, self.as_of, leerlingen)

    def passend(self, row: Rij) -> list[TlvRij]:
        """Return the tlv's of the pupil that fit an enrolment, valid or not (rules.md 3, rule 1).

        Linked to it or not; the latest begin last, then the highest number.
        """
        return sorted(
            (
                tlv
                for tlv in self.tlvs.get(row.leerling, ())
                if fits(tlv.nummer, tlv.categorie, row.schoolsoort)
            ),
            key=lambda tlv: (tlv.begindatum, tlv.nummer),
        )

    def geldig(self, row: Rij, day: date) -> TlvRij | None:
        """Return the tlv that rule 1 would use on a day if all were linked, None without one."""
        valid = [tlv for tlv in self.passend(row) if geldig_op(tlv, day)]
        return valid[-1] if valid else None

    def links(self, row: Rij) -> list[KoppelingRij]:
        """Return the links of an enrolment."""
        return self.koppelingen.get((row.leerling, row.sleutel), [])

    def _rows(self, days: tuple[date, date]) -> list[Rij]:
        rows = ask.rijen_van(self.model, self.as_of, days, self.swv, self.soorten)
        return sorted(rows, key=lambda row: (row.vestigingscode, row.volgnummer, row.leerling))
