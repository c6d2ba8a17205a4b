"""JSON for programs: one object with its herkomst (`json`), or a row a line (`jsonl`)."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from projections.render import text
from projections.report import Herkomst, Moment, Report, Soort, Table

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

# A read model may give 0 and 1 where a column says Ja or Nee; JSON has booleans.
_FORMATTERS: Final[Mapping[Soort, text.Formatter]] = {
    "moment": text.amsterdam,
    "janee": lambda value: None if value is None else bool(value),
}


def herkomst_json(herkomst: Herkomst) -> dict[str, object]:
    """Return the herkomst as JSON shows it: its fields and `kop`, its heading in words."""
    return {
        **({} if herkomst.van is None else {"van": _moment_json(herkomst.van)}),
        "teldatum": herkomst.teldatum,
        "bekend_op": text.amsterdam(herkomst.bekend_op),
        "positie": herkomst.positie,
        "opdracht": herkomst.opdracht,
        "versie": herkomst.versie,
        "hoofd": herkomst.hoofd,
        "status": herkomst.status,
        "kop": herkomst.heading(),
        "opmerkingen": herkomst.opmerkingen,
    }


def _moment_json(moment: Moment) -> dict[str, object]:
    return {"teldatum": moment.teldatum, "bekend_op": text.amsterdam(moment.bekend_op)}


def render_json(report: Report) -> Iterator[bytes]:
    """Yield one object: `herkomst`, and `rows` or, per table, `tabellen` (cli.md, Common)."""
    yield b'{"herkomst":' + _ENCODER.encode(herkomst_json(report.herkomst))
    if report.enkel:
        yield b',"rows":'
        yield from _array(report.tabellen[0])
    else:
        yield b',"tabellen":'
        yield from _tables(report)
    yield b"}\n"


def render_jsonl(report: Report) -> Iterator[bytes]:
    """Yield a row a line, without heading; several tables follow one another.

    A row has the keys of its own table and no key for the table's name.
    """
    for table in report.tabellen:
        yield from _lines(table)


def _tables(report: Report) -> Iterator[bytes]:
    before = b"{"
    for table in report.tabellen:
        yield before + b"\n" + _ENCODER.encode(table.naam) + b":"
        yield from _array(table)
        before = b","
    yield b"}" if report.tabellen else b"{}"


def _array(table: Table) -> Iterator[bytes]:
    """Yield the rows as an array, each row on a line of its own."""
    before = b"[\n"
    for lines in _lines(table):
        # Inside a JSON text a newline is written \n: every LF here ends a row.
        yield before + lines[:-1].replace(b"\n", b",\n")
        before = b",\n"
    yield b"\n]" if table.rijen else b"[]"


def _lines(table: Table) -> Iterator[bytes]:
    names = [column.naam for column in table.kolommen]
    formatters = [_FORMATTERS.get(column.soort) for column in table.kolommen]
    for rows in text.chunks(table.rijen):
        converted = text.converted(rows, formatters)
        yield _ENCODER.encode_lines([dict(zip(names, row, strict=True)) for row in converted])
