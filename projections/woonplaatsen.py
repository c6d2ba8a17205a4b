"""Where pupils lived, as known then: read from the events, since no table holds a residence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from ledger.application import Ledger
from ledger.dossier import Woonplaats
from ledger.events import Event, PgnVervangen, WoonplaatsVastgelegd
from ledger.fold import replay
from projections.compute import RESIDENCE_ONLY
from projections.store import ask, ask_products
from projections.store.read_model import ReadModel


def woonplaatsen(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, leerlingen: Iterable[str]
) -> dict[str, tuple[Woonplaats, ...]]:
    """Return the residences of each pupil, ascending; none for one who was forgotten."""
    groups = ask_products.groups_of(model, leerlingen)
    booked = booked_of(ledger, model, as_of, set(groups.values()))
    ledger.vault.drop_keys()
    return {
        leerling: _of_pupil(UUID(leerling), booked.get(groep, []))
        for leerling, groep in groups.items()
    }


def booked_of(
    ledger: Ledger,
    model: ReadModel,
    as_of: ask.AsOf,
    groups: set[str],
    clear: frozenset[str] = RESIDENCE_ONLY,
) -> dict[str, list[Event]]:
    """Return the known events of groups of streams in the order of knowledge.

    Of the personal facts those named in `clear` are opened, by default the residences.
    """
    members = ledger.vault.members(map(UUID, sorted(groups)))
    group_of = {stream: groep.hex for groep, streams in members.items() for stream in streams}
    booked: defaultdict[str, list[Event]] = defaultdict(list)
    events = ledger.events_of(group_of, model.position)
    for event in ledger.vault.reveal(events, clear):
        if as_of.bekend_op is None or event.bekend_op <= as_of.bekend_op:
            booked[group_of[event.originator_id]].append(event)
    for listed in booked.values():
        listed.sort(key=lambda event: (event.bekend_op, event.positie))
    return booked


def _of_pupil(leerling: UUID, booked: Sequence[Event]) -> tuple[Woonplaats, ...]:
    streams = streams_of(leerling, booked)
    facts = [
        event.fact
        for event in booked
        if event.originator_id in streams and isinstance(event.fact, WoonplaatsVastgelegd)
    ]
    return replay(facts).woonplaatsen


def streams_of(leerling: UUID, booked: Sequence[Event]) -> set[UUID]:
    """Return the streams that are this pupil, as far as a known `PgnVervangen` joined them."""
    streams, size = {leerling}, 0
    while len(streams) > size:
        size = len(streams)
        for event in booked:
            if isinstance(event.fact, PgnVervangen) and isinstance(event.fact.nieuw, UUID):
                pair = {event.originator_id, event.fact.nieuw}
                streams |= pair if streams & pair else set()
    return streams
