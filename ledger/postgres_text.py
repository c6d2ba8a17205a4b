"""Our SQL as PostgreSQL has it: one text serves both databases.

Text sorts by its bytes in both (`COLLATE "C"`), so that rows come in one order everywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_IN_JSON: Final = re.compile(r"json_extract\(CAST\((\w+) AS TEXT\), '\$\.(\w+)'\) = \?")
_IN_BYTES: Final = r"""position(convert_to('"\2":"' || CAST(? AS text) || '"', 'UTF8') IN \1) > 0"""
"""A state is compact JSON, and what is looked for (a hash) is written as it is. Read as JSON it
could not have a zero in any text, and would take longer."""
_NAMED: Final = re.compile(r"(?<![:\w]):(\w+)")
_STREAMS: Final = "originator_id IN ({})"


@lru_cache(maxsize=512)
def postgres(statement: str) -> str:
    """Return a statement written for SQLite, with `?` for its values, for PostgreSQL.

    `IN ({})` takes one value: a list.
    """
    statement = _IN_JSON.sub(_IN_BYTES, statement)
    if statement.startswith("CREATE TABLE"):
        statement = statement.replace(" TEXT", ' TEXT COLLATE "C"').replace(" INTEGER", " BIGINT")
        statement = statement.replace("WITHOUT ROWID", "")
    return (
        statement.replace(_STREAMS, "originator_id = ANY(CAST(? AS uuid[]))")
        .replace("IN ({})", "= ANY(?)")
        .replace("BLOB", "BYTEA")
        .replace("rowid", "notification_id")
        .replace("?", "%s")
    )


@lru_cache(maxsize=512)
def postgres_named(query: str) -> str:
    """Return a question with its values as `:name`, for PostgreSQL."""
    return _NAMED.sub(r"%(\1)s", query.replace("%", "%%"))
