"""The rectangles as MariaDB keeps history itself: system-versioned, with an application period.

What changed is told in order of knowledge, each change at its own moment (`@@timestamp`) and
for its own days (`FOR PORTION OF`); MariaDB makes the history. It covers keeping and asking
two times. What holds after each change was computed by us, and a change told late that
belongs earlier in knowledge it cannot take: it would have to begin again.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.rectangles import Cell, Change, Enrolment, Rectangle, changes
from projections.store.ask import AsOf
from projections.store.encoding import EVERYTHING, day_of, moment_of
from projections.store.read_model import ReadModel

if TYPE_CHECKING:
    import pymysql

DATABASE: Final = "kijkglas"
MOMENTS_PER_COMMIT: Final = 500

_TABLE: Final = f"""
CREATE OR REPLACE DATABASE {DATABASE} CHARACTER SET ascii COLLATE ascii_bin;
USE {DATABASE};
CREATE TABLE standen (
    leerling CHAR(32) NOT NULL, instellingscode VARCHAR(6) NOT NULL,
    volgnummer VARCHAR(20) NOT NULL, vestigingscode CHAR(6) NOT NULL,
    schoolsoort VARCHAR(4) NOT NULL, categorie VARCHAR(8), basis VARCHAR(8), swv CHAR(6),
    telt BOOLEAN NOT NULL, geldig_van DATE NOT NULL, geldig_tot DATE NOT NULL,
    bekend_van TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
    bekend_tot TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
    PERIOD FOR geldig (geldig_van, geldig_tot),
    PERIOD FOR SYSTEM_TIME (bekend_van, bekend_tot),
    KEY (leerling, instellingscode, volgnummer),
    KEY (swv, geldig_van, geldig_tot, bekend_van, bekend_tot),
    KEY (vestigingscode, categorie, basis, telt, geldig_van, geldig_tot, bekend_van, bekend_tot)
) WITH SYSTEM VERSIONING;
SET autocommit = 0;
"""
"""With the indexes that our own table has for the same questions."""

_AS_OF: Final = "geldig_van <= %(t)s AND geldig_tot > %(t)s"
_COUNTRY: Final = f"""
SELECT vestigingscode, categorie, basis, count(*)
FROM standen FOR SYSTEM_TIME AS OF TIMESTAMP %(k)s
WHERE {_AS_OF} AND telt = 1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - constants
_ROWS: Final = f"""
SELECT leerling, instellingscode, volgnummer, geldig_van, geldig_tot, vestigingscode,
       schoolsoort, categorie, basis, telt, bekend_van, bekend_tot
FROM standen FOR SYSTEM_TIME AS OF TIMESTAMP %(k)s
WHERE swv = %(swv)s AND {_AS_OF}
"""  # noqa: S608 - constants

Days = tuple[int, int]


class History:
    """The table of rectangles in MariaDB."""

    def __init__(self, connection: pymysql.Connection[Any]) -> None:
        self.connection = connection

    def country(self, as_of: AsOf) -> list[Cell]:
        """Return what counts in the whole country, in order."""
        return self._all(_COUNTRY, _values(as_of))

    def rows(self, as_of: AsOf, swv: str) -> list[Enrolment]:
        """Return the enrolments that a samenwerkingsverband answers for."""
        return [row[:3] for row in self._all(_ROWS, {**_values(as_of), "swv": swv})]

    def plan(self, as_of: AsOf) -> str:
        """Return how the server counts the country."""
        rows = self._all(f"EXPLAIN {_COUNTRY}", _values(as_of))
        return "; ".join(str(row) for row in rows)

    def _all(self, query: str, values: dict[str, object]) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())


@contextmanager
def opened(socket: Path) -> Iterator[History]:
    """Give the table that was loaded into a server."""
    import pymysql  # noqa: PLC0415 - of the extra `bench`

    with closing(
        pymysql.connect(unix_socket=str(socket), user="root", database=DATABASE)
    ) as connection:
        yield History(connection)


def load(socket: Path, model: ReadModel) -> int:
    """Tell MariaDB all that changed, in order of knowledge; return how many statements."""
    command = ["mariadb", "--no-defaults", f"--socket={socket}", "-uroot"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        count = 0
        for statement in statements(changes(model)):
            client.stdin.write(statement)
            count += 1
    assert client.returncode == 0, "the client says what is wrong"
    return count


def statements(told: Iterator[Change]) -> Iterator[str]:
    """Yield the statements that make the history: the changes of a moment at that moment."""
    yield _TABLE
    for number, (moment, group) in enumerate(groupby(told, key=lambda change: change.moment), 1):
        yield f"SET @@timestamp = {moment // 1_000_000}.{moment % 1_000_000:06};\n"
        inserts: list[str] = []
        for change in group:
            yield from _told(change, inserts)
        if inserts:
            yield f"INSERT INTO standen ({_NAMES}) VALUES {','.join(inserts)};\n"  # noqa: S608 - literals are checked
        if number % MOMENTS_PER_COMMIT == 0:
            yield "COMMIT;\n"
    yield "COMMIT; ANALYZE TABLE standen;\n"


def _told(change: Change, inserts: list[str]) -> Iterator[str]:
    """Yield what became of the days that were known; days that are new join the inserts."""
    gone = [(one.geldig_van, one.geldig_tot) for one in change.gone]
    new = [(one.geldig_van, one.geldig_tot) for one in change.new]
    for one, days in zip(change.new, new, strict=True):
        others = _outside([days], gone)
        if others != [days]:
            yield f"UPDATE standen{_portion(days)} SET {_assigned(one)}{_whose(one)};\n"  # noqa: S608 - idem
        inserts += [_values_of(one, rest) for rest in others]
    for rest in _outside(gone, new):
        yield f"DELETE FROM standen{_portion(rest)}{_whose(change.gone[0])};\n"  # noqa: S608 - idem


def _outside(days: list[Days], covered: list[Days]) -> list[Days]:
    """Return the days that are in none of the covered ones, which do not overlap."""
    left = sorted(days)
    for van, tot in covered:
        left = [
            piece
            for first, beyond in left
            for piece in ((first, min(beyond, van)), (max(first, tot), beyond))
            if piece[0] < piece[1]
        ]
    return left


_TELLING: Final = ("vestigingscode", "schoolsoort", "categorie", "basis", "swv", "telt")
_NAMES: Final = ", ".join(Rectangle._fields[: Rectangle._fields.index("bekend_van")])


def _portion(days: Days) -> str:
    van, tot = (day_of(day) for day in days)
    return f" FOR PORTION OF geldig FROM '{van}' TO '{tot}'"


def _assigned(one: Rectangle) -> str:
    return ", ".join(f"{name} = {_literal(getattr(one, name))}" for name in _TELLING)


def _whose(one: Rectangle) -> str:
    names = zip(("leerling", "instellingscode", "volgnummer"), one.enrolment, strict=True)
    return " WHERE " + " AND ".join(f"{name} = {_literal(value)}" for name, value in names)


def _values_of(one: Rectangle, days: Days) -> str:
    listed = one[: Rectangle._fields.index("geldig_van")]
    van, tot = (day_of(day) for day in days)
    return f"({', '.join(_literal(value) for value in listed)}, '{van}', '{tot}')"


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    assert value.isascii(), "codes only"
    assert not {"'", "\\"} & set(value), "codes only"
    return f"'{value}'"


def _values(as_of: AsOf) -> dict[str, object]:
    known = moment_of(min(as_of.known, _LATEST)).replace(tzinfo=None)
    return {"t": as_of.teldatum, "k": known.isoformat(" ", "microseconds")}


_LATEST: Final = min(EVERYTHING, (1 << 31) * 1_000_000 - 2_000_000)
"""A TIMESTAMP of MariaDB 10.11 ends in January 2038."""
