"""Whatever is in a workbook, or was done to it: said, and nothing half-booked."""

from __future__ import annotations

import io
import re
import resource
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.downloads import (
    counted,
    workbook,
)
from tests.hostile_files import (
    TABLES,
    WORDS,
    cells_of,
    days_with,
    fuzz,
    ledger_to_try,
    tried,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a ledger with a few pupils, to be copied."""
    return ledger_to_try(tmp_path_factory.mktemp("sjabloon"))


CELLS: Final = (
    st.sampled_from([word for word in WORDS if len(word) < 30_000])
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
    | st.datetimes().filter(lambda moment: moment.year >= 1900)
).filter(
    lambda cell: not (isinstance(cell, str) and re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", cell))
)


@fuzz
@given(st.sampled_from([path for path in TABLES if "open-data" not in path.name]), st.data())
def test_a_workbook_with_anything_in_its_cells(
    template: Path, sample: Path, data: st.DataObject
) -> None:
    rows: list[list[Any]] = [list(row) for row in cells_of(sample)]
    for _ in range(data.draw(st.integers(1, 6))):
        row = data.draw(st.sampled_from(rows[1:] or rows))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    content = _workbook(rows)
    tried(template, f"{sample.stem}.xlsx", content, *days_with(sample))


def _workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    with TemporaryDirectory() as folder:
        return workbook(Path(folder) / "x.xlsx", rows).read_bytes()


WORKBOOK: Final = _workbook([list(counted(0)), *(list(counted(n).values()) for n in range(4))])


@fuzz
@given(st.data())
def test_a_workbook_whose_bytes_were_damaged(template: Path, data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(4, len(content)))]
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    tried(template, "boek.xlsx", bytes(content))


@fuzz
@given(
    st.sampled_from(
        ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/styles.xml"]
    ),
    st.data(),
)
def test_a_workbook_whose_xml_was_damaged(template: Path, part: str, data: st.DataObject) -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            if name == part:
                xml = _other_xml(data, xml)
            if xml:
                new.writestr(name, xml)
    tried(template, "boek.xlsx", changed.getvalue())


def _other_xml(data: st.DataObject, xml: bytes) -> bytes:
    if data.draw(st.booleans()):
        return xml[: data.draw(st.integers(0, len(xml) - 1))]
    old, new = data.draw(
        st.sampled_from([
            (b"<row", b"<rij"), (b' r="', b' r="ZZZZ'), (b't="inlineStr"', b't="s"'),
            (b"<v>", b"<v>x"), (b"sheet1", b"../../etc/passwd"),
            (b"<?xml", b'<!DOCTYPE a [<!ENTITY b "c">]><?xml'),
            (b'r="A1"', b'r="XFD1048576"'), (b"sheetData", b"sheetdata"), (b"t>", b"t>&b;"),
        ])
    )  # fmt: skip
    return xml.replace(old, new)


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """Give workbooks that are much larger than they look."""
    sheet = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return {
        "one cell of 300 MB": _with_sheet(
            sheet, b"<row r='1'><c r='A1' t='inlineStr'><is><t>", b"x" * (1 << 20), 300
        ),
        "rows without end": _with_sheet(
            sheet, b"", b"<row><c t='b'><v>1</v></c></row>" * 30_000, 300
        ),
        "entities in entities": _laughs(),
    }


def _with_sheet(start: bytes, row: bytes, piece: bytes, times: int) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            out.write(start + row)
            for _ in range(times):
                out.write(piece)
    return made.getvalue()


def _laughs() -> bytes:
    lines = ['<!ENTITY a0 "lachen">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    head = f"<?xml version='1.0'?><!DOCTYPE worksheet [{''.join(lines)}]>".encode()
    body = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    return _with_sheet(
        head + body, b"<row><c t='inlineStr'><is><t>&a9;</t></is></c></row>", b" ", 1
    )


@pytest.mark.parametrize("name", ["one cell of 300 MB", "rows without end", "entities in entities"])
def test_a_bomb_is_refused_and_takes_no_memory(
    name: str, bombs: dict[str, bytes], template: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    del capfd
    with _at_most(600):
        done = tried(template, "bom.xlsx", bombs[name])
    assert done.status == 2
    assert done.err.startswith("bom.xlsx: ")


class _at_most:  # noqa: N801 - reads as a with statement
    """Let memory beyond some megabytes more than now be an error."""

    def __init__(self, megabytes: int) -> None:
        self._more = megabytes << 20

    def __enter__(self) -> None:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        self._old = resource.getrlimit(resource.RLIMIT_AS)
        limit = pages * resource.getpagesize() + self._more
        resource.setrlimit(resource.RLIMIT_AS, (limit, self._old[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_AS, self._old)
