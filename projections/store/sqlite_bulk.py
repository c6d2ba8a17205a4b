"""Rows of pupils put into a file of SQLite as columns: several times as fast as one by one.

Through ADBC (extra `scale`), which binds the values without making objects of them. It brings
an SQLite of its own, that may leave other bytes in room that is free: such a file is for moving
its rows into another one (`projections.store.sqlite_making`).
"""

from __future__ import annotations

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from projections.store.schema import PUPIL_TABLES

if TYPE_CHECKING:
    from projections.store.rows import Batch

NEEDED: Final = ("adbc_driver_sqlite", "pyarrow")

_CODES: Final = {
    "disk I/O error": sqlite3.SQLITE_IOERR_WRITE,
    "disk is full": sqlite3.SQLITE_FULL,
    "unable to open": sqlite3.SQLITE_CANTOPEN,
    "readonly": sqlite3.SQLITE_READONLY,
    "out of memory": sqlite3.SQLITE_NOMEM,
}
"""What SQLite says of an error, by its code."""

PRAGMAS: Final = ("journal_mode=OFF", "synchronous=OFF")
"""For a file that nobody reads before it is finished: it is whole, or thrown away."""


def can_insert_columns() -> bool:
    """Tell whether columns can be put in here: the extra is installed."""
    return all(find_spec(name) is not None for name in NEEDED)


def insert_columns(path: Path, batch: Batch) -> None:
    """Put the rows of a batch into the tables of a file, in the order of `Batch.rows`.

    Raises sqlite3.OperationalError, with the code of SQLite where its text tells it.
    """
    from adbc_driver_manager import Error  # noqa: PLC0415 - an extra

    failed = None
    try:
        _insert(path, batch)
    except Error as error:
        failed = str(error)
    if failed is not None:  # out here without the driver's error: that one cannot be sent on
        raise _as_sqlite_says(failed)


def _insert(path: Path, batch: Batch) -> None:
    from adbc_driver_sqlite.dbapi import connect  # noqa: PLC0415 - an extra

    from projections.store.parquet_tables import columns_by_group  # noqa: PLC0415 - idem

    address = path.absolute().as_uri()
    with connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
        cursor.execute("BEGIN")
        for table in PUPIL_TABLES:
            columns = columns_by_group(table, batch)
            if columns.num_rows:
                cursor.adbc_ingest(table, columns, mode="append")
        cursor.execute("COMMIT")


def _as_sqlite_says(text: str) -> sqlite3.OperationalError:
    """Return an error of ADBC as the one of SQLite that it tells of: the driver drops its code."""
    error = sqlite3.OperationalError(text)
    codes = (code for said, code in _CODES.items() if said in text)
    error.sqlite_errorcode = next(codes, sqlite3.SQLITE_ERROR)
    return error
