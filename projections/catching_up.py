"""The read model brought up to the log: only the pupils that were touched are computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from ledger import events as ev
from ledger.application import FIRST_PUPIL, Ledger
from ledger.stored import event_of
from projections.compute import rows_of_groups, world_of
from projections.partition import World, pc4_object, vestiging_object
from projections.store.read_model import HEAD, POSITION, ReadModel
from projections.store.rows import reference_rows


def catch_up(ledger: Ledger, model: ReadModel, until: int) -> None:
    """Compute the touched pupils anew, in one transaction with the position reached."""
    backlog = _backlog(ledger, model, until)
    # Who belongs together is read once: another process may join pupils meanwhile.
    world = world_of(ledger, until)
    # A group that depends on what changed may have become part of another one since.
    known = backlog.streams | {UUID(name) for name in model.groups_depending_on(backlog.objects)}
    streams = _families(known, world)
    # What is now one group may have been several.
    groups = [stream.hex for listed in streams.values() for stream in listed]
    with model.writing():
        with model.summing(groups):
            model.delete_groups(groups)
            for batch in rows_of_groups(ledger, streams, until, world):
                model.insert(batch.rows())
        if backlog.has_reference:
            model.replace_reference(reference_rows(world.reference))
        for name, value in reached(ledger, until).items():
            model.set_state(name, value)


def reached(ledger: Ledger, position: int) -> dict[str, str]:
    """Return what the table says of itself once it is up to a position."""
    return {POSITION: str(position), HEAD: ledger.head_at(position)}


def _families(streams: Iterable[UUID], world: World) -> dict[UUID, list[UUID]]:
    """Return the groups of some streams, each with all of its streams."""
    groups = {world.group_of(stream.hex) for stream in streams}
    families = {groep: [UUID(groep)] for groep in groups}
    for stream, groep in world.groups.items():
        if groep in families:
            families[groep].append(UUID(stream))
    return {UUID(groep): listed for groep, listed in families.items()}


class _Backlog(NamedTuple):
    """What happened since the read model's position."""

    streams: set[UUID]
    objects: list[int]
    has_reference: bool


def _backlog(ledger: Ledger, model: ReadModel, until: int) -> _Backlog:
    streams: set[UUID] = set()
    objects: list[int] = []
    has_reference = False
    for row in ledger.store.rows(model.position, until):
        if row.stream >= FIRST_PUPIL:
            streams.add(UUID(row.stream))
            continue
        has_reference = True
        match event_of(row).fact:
            case (
                ev.VestigingAangesloten(vestigingscode=code)
                | ev.VestigingUitgetreden(vestigingscode=code)
            ):
                objects.append(vestiging_object(code))
            case ev.PostcodegebiedToegewezen(pc4=pc4):
                objects.append(pc4_object(ledger.vault.pseudonym(pc4)))
    return _Backlog(streams, objects, has_reference)
