"""The events of a ledger as a Parquet file: what a peer folds that keeps no read model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET

from ledger import events as ev
from ledger.application import Ledger
from projections.store.encoding import OPEN_DAY_NUMBER, day_number, moment_number

CHUNK: Final = 100_000
"""Events in memory at a time."""

ATTRIBUTES: Final = (
    "vestigingscode", "schoolsoort", "soort_verblijf", "ondersteuningscategorie", "cluster",
)  # fmt: skip
"""What the fold needs of a period, as the event gives it; null = the event says nothing."""

_DAYS: Final = ("begindatum", "einddatum", "vanaf", "per")
_TEXTS: Final = ("soort", "groep", "instellingscode", "volgnummer", "nummer", "door", "categorie")
NAMES: Final = (*_TEXTS, *ATTRIBUTES, *_DAYS, "bekend_op", "volgorde")

VERSIONS: Final = 1 << 12
"""More than any pupil has events: `volgorde` is the moment and, within it, the version."""


def write(ledger: Ledger, path: Path) -> None:
    """Write the events about enrolments and tlv's, in order of booking, if they are not there.

    A pupil is its group of streams: joining those of a replaced PGN is done for the peer. A
    tlv that a registration names is a link of its own.
    """
    if path.exists():
        return
    import pyarrow as pa  # noqa: PLC0415 - of the extra `bench`
    from pyarrow import parquet  # noqa: PLC0415 - idem

    numbers = dict.fromkeys((*_DAYS, "bekend_op", "volgorde"), pa.int64())
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in NAMES])
    making = path.with_suffix(".maken")
    with parquet.ParquetWriter(making, schema) as writer:
        for part in _parts(ledger):
            writer.write_table(pa.Table.from_pylist(part, schema))
    making.rename(path)


def _parts(ledger: Ledger) -> Iterator[list[dict[str, Any]]]:
    told = (event for event in ledger.booked() if isinstance(event.fact, ev.PupilFact))
    while events := list(islice(told, CHUNK)):
        groups = ledger.vault.groups({event.originator_id for event in events})
        yield [row for event in events for row in _rows(event, groups)]


def _rows(event: ev.Event, groups: dict[UUID, UUID]) -> Iterable[dict[str, Any]]:
    fact = event.fact
    if not isinstance(fact, ev.Enrolment | ev.TlvAfgegeven | ev.TlvGewijzigd | ev.TlvIngetrokken):
        return
    known = moment_number(event.bekend_op)
    assert event.originator_version < VERSIONS
    row = {
        "soort": ev.topic_of(fact),
        "groep": groups.get(event.originator_id, event.originator_id).hex,
        "bekend_op": known,
        "volgorde": known * VERSIONS + event.originator_version,
        **{name: _value(fact, name) for name in NAMES if hasattr(fact, name)},
    }
    yield row
    if isinstance(fact, ev.InschrijvingGeregistreerd):
        key = {name: row[name] for name in (*_TEXTS[1:4], "bekend_op", "volgorde")}
        for nummer in fact.tlv:
            yield {"soort": "TlvGekoppeld", **key, "nummer": nummer, "door": "school"}


def _value(fact: ev.Fact, name: str) -> str | int | None:
    value = getattr(fact, name)
    if value is UNSET:
        return None
    if name == "einddatum" and value is None:
        return OPEN_DAY_NUMBER
    return day_number(value) if name in _DAYS and value is not None else _text(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
