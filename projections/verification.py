"""Does the ledger still say what was booked: chain, events, invariants, read model (cli.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.events import Event
from ledger.keys import VaultError
from ledger.places import LedgerError
from ledger.stored import event_of
from projections.invariants import violations
from projections.refresh import as_of_position, opened_present, refreshed
from projections.store.engines import engine_of
from projections.store.partitions import partitions
from projections.store.read_model import ReadModel
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES, SUM_TABLES

STEP = 1000
"""Events whose personal facts are opened at a time."""

SUM_PARTS: Final = 8
"""In so many parts the sums are compared; a power of two."""


class Check(NamedTuple):
    """One check: what was looked at, and what is wrong (empty: nothing)."""

    naam: str
    gevonden: tuple[str, ...]


def verify(ledger: Ledger) -> Iterator[Check]:
    """Yield the outcome of every check, the cheapest first; a broken chain ends it."""
    broken = ledger.first_break()
    found = () if broken is None else (f"gebeurtenis {broken.positie}: {broken.wat}",)
    yield Check("keten", found)
    unreadable = tuple(_unreadable(ledger))
    yield Check("gebeurtenissen", unreadable)
    if found or unreadable:
        return
    refreshed(ledger).close()
    with engine_of(ledger).refreshing():  # nobody else writes to the table meanwhile
        model = opened_present(ledger)
        if model is None:
            yield Check("leesmodel", ("verdwenen tijdens de controle",))
            return
        try:
            yield Check("invarianten", tuple(violations(ledger, model)))
            yield Check("leesmodel", tuple(_differences(ledger, model)))
        finally:
            model.close()


def _unreadable(ledger: Ledger) -> Iterator[str]:
    """Yield the events that cannot be read, and those whose secrets cannot be opened."""
    part: list[Event] = []
    for row in ledger.store.rows():
        try:
            part.append(event_of(row))
        except LedgerError as error:
            yield str(error)
        if len(part) == STEP:
            yield from _unopened(ledger, part)
            part = []
    yield from _unopened(ledger, part)


def _unopened(ledger: Ledger, events: list[Event]) -> Iterator[str]:
    try:
        ledger.vault.reveal(events)
    except VaultError as error:
        yield f"gebeurtenissen tot en met {events[-1].positie}: {error}"
    finally:
        ledger.vault.drop_keys()


def _differences(ledger: Ledger, model: ReadModel) -> Iterator[str]:
    """Yield the tables of the read model that differ from a replay of the events."""
    with as_of_position(ledger, model.position) as again:
        sums = SUM_TABLES if model.has_sums else ()
        for table in (*PUPIL_TABLES, *REFERENCE_TABLES, *sums):
            yield from _difference(table, model, again)


def _difference(table: str, model: ReadModel, again: ReadModel) -> Iterator[str]:
    counts = [
        next(iter(one.execute(f"SELECT count(*) FROM {table}")))[0]  # noqa: S608 - our names
        for one in (model, again)
    ]
    if counts[0] != counts[1]:
        yield f"tabel {table}: {counts[0]} rijen, na herhalen {counts[1]}"
    missing = sum(
        (rows - present).total()
        for present, rows in zip(_parts(model, table), _parts(again, table), strict=True)
    )
    if missing:
        yield f"tabel {table}: {missing} rijen anders dan na herhalen"


def _parts(model: ReadModel, table: str) -> Iterator[Counter[tuple[object, ...]]]:
    """Yield the rows of a table, those of pupils a range of groups at a time."""
    query = f"SELECT * FROM {table}"  # noqa: S608 - our names
    if table in REFERENCE_TABLES:
        yield Counter(model.execute(query))
        return
    if table in SUM_TABLES:
        for part in range(SUM_PARTS):
            where = "kennisvak & :last = :part"
            values = {"last": SUM_PARTS - 1, "part": part}
            yield Counter(model.execute(f"{query} WHERE {where}", values))
        return
    for first, beyond in partitions(model.position):
        bounds = {"first": first, "beyond": beyond}
        yield Counter(model.execute(f"{query} WHERE groep >= :first AND groep < :beyond", bounds))
