"""All events of a pupil, an enrolment, a tlv or a vestiging, with the three times (cli.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import asdict

from ledger import events as ev
from ledger.application import Ledger, reference_stream
from ledger.codes import pgn_is_valid
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report
from projections.store import ask_pupils
from projections.store.read_model import ReadModel
from projections.told import told

_INSCHRIJVING: Final = re.compile(r"(\d{2}[A-Z]{2})/([0-9A-Za-z._-]{1,20})")
_TLV: Final = re.compile(r"(PO|VO)\d{4}-\d{4}-\d{5}")
_VESTIGING: Final = re.compile(r"\d{2}[A-Z]{2}\d{2}")
_SWV: Final = re.compile(r"(PO|VO)\d{4}")

Wanted = Callable[[ev.Event], bool]


class UnknownKeyError(ValueError):
    """A key that names nothing the ledger knows."""


def history(
    ledger: Ledger, model: ReadModel, key: str, known: datetime | None, until: int
) -> list[Fields]:
    """Return the events under a key in order of knowledge, by the names of the layout.

    `known` bounds `bekend_op` (None: no bound), `until` the position. Raises UnknownKeyError.
    """
    streams, wanted = _streams(ledger, model, key)
    booked = [
        event
        for event in ledger.events_of(streams, until)
        if wanted(event) and (known is None or event.bekend_op <= known)
    ]
    if not booked:
        raise UnknownKeyError(f"van '{key}' is in het grootboek niets bekend")
    booked.sort(key=lambda event: (event.bekend_op, event.positie))
    pgns = ledger.vault.pgns({event.originator_id for event in booked})
    return [
        {**asdict(words), "pgn": pgns.get(event.originator_id, "")}
        for event, words in zip(booked, told(ledger, booked), strict=True)
    ]


def _streams(ledger: Ledger, model: ReadModel, key: str) -> tuple[list[UUID], Wanted]:
    """Return the streams that can hold events under the key, and which of them do."""
    if pgn_is_valid(key):
        identity = ledger.vault.find([key]).get(key)
        groups = [] if identity is None else [identity.groep]
        return _members(ledger, groups), _any
    if inschrijving := _INSCHRIJVING.fullmatch(key):
        code, volgnummer = inschrijving.groups()
        found = ask_pupils.pupils_of_inschrijving(model, code, volgnummer)
        return _searched(ledger, found, _of_inschrijving(code, volgnummer))
    if _TLV.fullmatch(key):
        return _searched(ledger, ask_pupils.pupils_of_tlv(model, key), _of_tlv(key))
    if _VESTIGING.fullmatch(key):
        fact: ev.Fact = ev.VestigingGeregistreerd(vestigingscode=key, naam="")
        return [reference_stream(fact)], _any
    if _SWV.fullmatch(key):
        return [reference_stream(ev.SwvGeregistreerd(swv=key, naam=""))], _any
    try:
        stream = UUID(key)
    except ValueError:
        raise UnknownKeyError(
            f"'{key}' is geen PGN, leerling-id, inschrijving (12QN/2459428), tlv, "
            "vestiging of samenwerkingsverband"
        ) from None
    return _members(ledger, ledger.vault.groups([stream]).values()), _any


def _searched(ledger: Ledger, found: set[str], wanted: Wanted) -> tuple[list[UUID], Wanted]:
    """Return the streams of the pupils found, else those that a search of the log finds.

    Events that never had an effect are in the log and not in the read model.
    """
    groups = {UUID(name) for name in found}
    if not groups:
        streams = {event.originator_id for event in ledger.pupil_events() if wanted(event)}
        groups = set(ledger.vault.groups(streams).values())
    return _members(ledger, groups), wanted


def _members(ledger: Ledger, groups: Iterable[UUID]) -> list[UUID]:
    return [stream for streams in ledger.vault.members(groups).values() for stream in streams]


def _any(_: ev.Event) -> bool:
    return True


def _of_inschrijving(code: str, volgnummer: str) -> Wanted:
    def wanted(event: ev.Event) -> bool:
        fact = event.fact
        return isinstance(fact, ev.Enrolment) and (
            fact.instellingscode,
            fact.volgnummer,
        ) == (code, volgnummer)

    return wanted


def _of_tlv(nummer: str) -> Wanted:
    def wanted(event: ev.Event) -> bool:
        fact = event.fact
        return getattr(fact, "nummer", None) == nummer or nummer in getattr(fact, "tlv", ())

    return wanted


def history_report(question: Question, rows: Sequence[Fields]) -> Report:
    """Return events as a report; it is not about one day."""
    return report_of("history", {"history": rows}, herkomst_of(question, None, ""))
