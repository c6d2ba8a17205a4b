"""JSON for programs: one object with its herkomst (`json`), or a row a line (`jsonl`)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import msgspec

from projections.render import text
from projections.report import Bestand, Change, Herkomst, Moment, Report, Soort, Table

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def _changes(value: object) -> dict[str, object]:
    """Return per column that differs its value before and after; null where there is no row."""
    assert isinstance(value, tuple), value
    return {
        change.kolom.naam: {"voor": _side(change, change.voor), "na": _side(change, change.na)}
        for change in value
    }


def _side(change: Change, value: object) -> object:
    formatter = _FORMATTERS.get(change.kolom.soort)
    shown = None if value is msgspec.UNSET else value
    return formatter(shown) if formatter else shown


# A read model may give 0 and 1 where a column says Ja or Nee; JSON has booleans.
_FORMATTERS: Final[Mapping[Soort, text.Formatter]] = {
    "moment": text.amsterdam,
    "janee": lambda value: None if value is None else bool(value),
    "verschil": _changes,
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
        "bestanden": [_bestand_json(bestand) for bestand in herkomst.bestanden],
    }


def _bestand_json(bestand: Bestand) -> dict[str, object]:
    told: dict[str, object] = msgspec.structs.asdict(bestand)
    return {**told, "geboekt_op": text.amsterdam(bestand.geboekt_op)}


def _moment_json(moment: Moment) -> dict[str, object]:
    return {"teldatum": moment.teldatum, "bekend_op": text.amsterdam(moment.bekend_op)}


def render_json(report: Report) -> Iterator[bytes]:
    """Yield one object: `herkomst`, and `rows` or, per table, `tabellen` (cli.md, Common).

    For `why` its explanation stands beside `herkomst`, under the names of `Verklaring`.
    """
    yield b'{"herkomst":' + _ENCODER.encode(herkomst_json(report.herkomst))
    if report.verklaring is not None:
        for name in report.verklaring.__struct_fields__:
            yield b"," + _ENCODER.encode(name) + b":" + plain(getattr(report.verklaring, name))
    elif report.enkel:
        yield b',"rows":'
        yield from _array(report.tabellen[0])
    else:
        yield b',"tabellen":'
        yield from _tables(report)
    yield b"}\n"


def render_jsonl(report: Report) -> Iterator[bytes]:
    """Yield a row a line, without heading; several tables follow one another.

    A row has the keys of its own table and no key for the table's name. The rows of `why`
    are its pupils, each with its events.
    """
    if report.verklaring is not None:
        yield from (plain(leerling) + b"\n" for leerling in report.verklaring.leerlingen)
        return
    for table in report.tabellen:
        yield from _lines(table)


def plain(value: object) -> bytes:
    """Return a value of an explanation as JSON, its moments in Amsterdam time."""
    kept = (date, datetime, Decimal)
    return _ENCODER.encode(_local(msgspec.to_builtins(value, builtin_types=kept, enc_hook=str)))


def _local(value: object) -> object:
    if isinstance(value, dict):
        return {key: _local(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_local(one) for one in value]
    return text.amsterdam(value) if isinstance(value, datetime) else value


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
    shown = table.kort or table
    names = [column.naam for column in shown.kolommen]
    formatters = [_FORMATTERS.get(column.soort) for column in shown.kolommen]
    for rows in text.chunks(shown.rijen):
        converted = text.converted(rows, formatters)
        yield _ENCODER.encode_lines([dict(zip(names, row, strict=True)) for row in converted])
