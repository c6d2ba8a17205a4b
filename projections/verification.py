"""Does the ledger still say what was booked: chain, events, invariants, read model (cli.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ledger.application import Ledger
from ledger.events import Event
from ledger.places import LedgerError
from ledger.stored import event_of
from ledger.vault import VaultError
from projections.invariants import violations
from projections.refresh import build_at, opened_present, refreshed
from projections.store.read_model import ReadModel, refreshing
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES

STEP = 1000
"""Events whose personal facts are opened at a time."""


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
    with refreshing(ledger.folder):  # nobody else writes to the table meanwhile
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
    with TemporaryDirectory(prefix="kijkglas-") as folder:
        path = Path(folder) / "standen.sqlite"
        build_at(ledger, path, model.position).close()
        model.connection.execute("ATTACH ? AS opnieuw", (str(path),))
        try:
            for table in (*PUPIL_TABLES, *REFERENCE_TABLES):
                yield from _difference(model.connection, table)
        finally:
            model.connection.execute("DETACH opnieuw")


def _difference(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    present, again = (
        connection.execute(f"SELECT count(*) FROM {base}.{table}").fetchone()[0]  # noqa: S608 - our names
        for base in ("main", "opnieuw")
    )
    if present != again:
        yield f"tabel {table}: {present} rijen, na herhalen {again}"
    missing = connection.execute(
        f"SELECT count(*) FROM (SELECT * FROM opnieuw.{table} EXCEPT SELECT * FROM main.{table})"  # noqa: S608 - our names
    ).fetchone()[0]
    if missing:
        yield f"tabel {table}: {missing} rijen anders dan na herhalen"
