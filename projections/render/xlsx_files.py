"""A workbook: a sheet per table with real cells, and a sheet that says where they are from.

Rows go to a temporary file one by one, and the workbook is read from it in pieces, so that
memory stays flat. What is made is gone when the last piece was taken, or nobody takes more.
The same report gives the same bytes: the workbook says no moment of its making.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import msgspec

from projections.render.xlsx_cells import TEXTS, Cells, Styles, clean, sheet_name, styles
from projections.report import Column, Herkomst, Moment, Report, Soort, Table

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet of Excel under its header."""

MADE: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands where a workbook has the moment of its making: the first that a ZIP can say."""

HERKOMST: Final = "Herkomst"

_PIECE: Final = 1 << 16
_SAMPLE: Final = 200
_NARROWEST, _WIDEST = 8, 60
_BUTTON: Final = 4
"""Characters that a bold header needs more than its text: the button of the filter."""

Line = tuple[str, Soort, object]
"""A line of the sheet about the herkomst: what it is, the sort of its value, and the value."""


class ExtraMissingError(ValueError):
    """The library that writes workbooks is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "voor xlsx is de extra 'excel' nodig: python3 -m pip install '.[excel]' installeert die"
        )


class TooManyRowsError(ValueError):
    """A table that is longer than a sheet of Excel."""

    def __init__(self, table: Table) -> None:
        found, most = (f"{rows:,}".replace(",", ".") for rows in (len(table.rijen), MOST_ROWS))
        super().__init__(
            f"tabel '{table.naam}' heeft {found} rijen en een blad van Excel hoogstens {most}; "
            "vraag minder, of kies csv"
        )


def check(report: Report) -> None:
    """Raise ExtraMissingError or TooManyRowsError when the report cannot be a workbook here."""
    try:
        import xlsxwriter  # noqa: F401, PLC0415 - an extra: not everyone has it
    except ImportError:
        raise ExtraMissingError from None
    for table in report.tabellen:
        if len(table.rijen) > MOST_ROWS:
            raise TooManyRowsError(table)


def render(report: Report) -> Iterator[bytes]:
    """Yield the workbook in pieces; raises OSError when there is no room to make it.

    The report has passed `check`.
    """
    with TemporaryDirectory(prefix="kijkglas-") as folder:
        path = Path(folder) / "boek.xlsx"
        _write(report, path)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _write(report: Report, path: Path) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - an extra: not everyone has it
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - idem

    # All that the library sets aside goes to our folder, which is removed whatever happens.
    options = {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True}
    workbook = Workbook(str(path), options)
    try:
        workbook.set_properties({"title": clean(report.titel), "created": MADE})
        _fill(workbook, report)
        workbook.close()
    except FileCreateError as error:
        raise OSError(f"het werkboek kan niet worden gemaakt: {error}") from error
    finally:
        for sheet in workbook.worksheets():
            sheet._opt_close()  # noqa: SLF001 - it leaves files open when it did not come to its end


def _fill(workbook: Workbook, report: Report) -> None:
    formats, taken = styles(workbook), {HERKOMST.lower()}
    names = [sheet_name(table.naam, table.titel, taken) for table in report.tabellen]
    for name, table in zip(names, report.tabellen, strict=True):
        _add_table(workbook, formats, name, table)
    _add_herkomst(workbook, report, names)


def _add_table(workbook: Workbook, formats: Styles, name: str, table: Table) -> None:
    sheet = workbook.add_worksheet(name)
    cells = Cells(sheet, formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rijen), len(table.kolommen) - 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    samples = zip(*table.rijen[:_SAMPLE], strict=True) if table.rijen else iter(())
    for place, column in enumerate(table.kolommen):
        width = _width(column, next(samples, ()))
        sheet.set_column(place, place, width, formats.of(column.soort))
        cells.heading(0, place, column.naam)
        if column.uitleg:
            sheet.write_comment(0, place, clean(column.uitleg), {"x_scale": 2})
    soorten = [column.soort for column in table.kolommen]
    for row, values in enumerate(table.rijen, 1):
        for place, (soort, value) in enumerate(zip(soorten, values, strict=True)):
            cells.write(row, place, soort, value)


def _width(column: Column, sample: Iterable[object]) -> int:
    """Return the width in characters that shows the header and the first values."""
    shown = TEXTS[column.soort]
    longest = max((len(str(shown(value))) + 1 for value in sample), default=0)
    return min(max(longest, len(column.naam) + _BUTTON, _NARROWEST), _WIDEST)


def _add_herkomst(workbook: Workbook, report: Report, names: Sequence[str]) -> None:
    sheet = workbook.add_worksheet(HERKOMST)
    cells = Cells(sheet, styles(workbook, align="left"))
    for place, width in enumerate((30, 68, 10, 18)):
        sheet.set_column(place, place, width)
    cells.heading(0, 0, report.herkomst.heading())
    lines = list(_lines(report))
    for row, (label, soort, value) in enumerate(lines, 2):
        cells.heading(row, 0, label)
        cells.write(row, 1, soort, value)
    sheets = [
        (name, table.titel, len(table.rijen))
        for name, table in zip(names, report.tabellen, strict=True)
    ]
    below = _list(cells, len(lines) + 3, _SHEETS, sheets)
    files = map(msgspec.structs.astuple, report.herkomst.bestanden)
    _list(cells, below + 1, _FILES, files)


_SHEETS: Final[tuple[tuple[str, Soort], ...]] = (
    ("Blad", "tekst"),
    ("Tabel", "tekst"),
    ("Rijen", "getal"),
)
_FILES: Final[tuple[tuple[str, Soort], ...]] = (
    ("Ingelezen bestand", "tekst"),
    ("SHA-256", "tekst"),
    ("Regels", "getal"),
    ("Geboekt op", "moment"),
)


def _list(
    cells: Cells,
    row: int,
    columns: Sequence[tuple[str, Soort]],
    rows: Iterable[tuple[object, ...]],
) -> int:
    """Write a header and rows, the header at a row; return the row after the last."""
    for place, (label, _) in enumerate(columns):
        cells.heading(row, place, label)
    for values in rows:
        row += 1
        for place, ((_, soort), value) in enumerate(zip(columns, values, strict=True)):
            cells.write(row, place, soort, value)
    return row + 1


def _lines(report: Report) -> Iterator[Line]:
    herkomst = report.herkomst
    yield "Titel", "tekst", report.titel
    yield "Product", "tekst", report.product
    if herkomst.van is not None:
        yield from _moments("van: ", herkomst.van)
    yield from _moments("", herkomst)
    yield "Tijden", "tekst", "in Amsterdam; Excel kent geen tijdzones"
    yield "Positie", "getal", herkomst.positie
    yield "Status", "tekst", herkomst.status
    yield "Opdracht", "tekst", herkomst.opdracht
    yield "Versie", "tekst", herkomst.versie
    yield "Hoofd van de keten", "tekst", herkomst.hoofd
    for opmerking in herkomst.opmerkingen:
        yield "Opmerking", "tekst", opmerking


def _moments(before: str, asked: Moment | Herkomst) -> Iterator[Line]:
    yield f"{before}teldatum".capitalize(), "datum", asked.teldatum
    known = f"{before}bekend op".capitalize()
    if asked.bekend_op is None:
        yield known, "tekst", "nu"
    else:
        yield known, "moment", asked.bekend_op
