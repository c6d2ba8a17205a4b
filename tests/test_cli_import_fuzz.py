"""Whatever is in a file: no traceback, nothing half-booked, no PGN said, a ledger that verifies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.intake.recognise import READERS
from tests.downloads import (
    LEZERS,
    NAME,
    counted,
    text_of,
)
from tests.hostile_files import (
    EXAMPLES,
    SAMPLES,
    TABLES,
    WORDS,
    assert_private,
    cells_of,
    csv_bytes,
    days_with,
    fuzz,
    ledger_to_try,
    tried,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a ledger with a few pupils, to be copied."""
    return ledger_to_try(tmp_path_factory.mktemp("sjabloon"))


# Bytes


@fuzz
@given(
    st.binary(max_size=300),
    st.sampled_from(["x.csv", "x.xlsx", "x.jsonl", "x", NAME]),
    st.sampled_from(["", "\ufeff", "PK\x03\x04", "{", "pgn;", "BSN_OWN;"]),
)
@example(b"", "x.csv", "")
@example(b"\0" * 200, "x.xlsx", "PK\x03\x04")
@example(b"\r" * 200, "x.csv", "")
@example(b'"' * 199, "x.csv", "")
@example(b"[" * 300, "x.jsonl", "{")
def test_any_bytes(template: Path, content: bytes, name: str, start: str) -> None:
    tried(template, name, start.encode("latin-1", "replace") + content)


@fuzz
@given(st.binary(max_size=200), st.sampled_from([*READERS, "gebeurtenissen"]))
def test_any_bytes_as_any_source(template: Path, content: bytes, source: str) -> None:
    tried(template, "Bekostigde_leerlingen_PO2304_01_02_2025.csv", content, "--source", source)


@fuzz
@given(st.sampled_from(SAMPLES), st.floats(0, 1))
def test_a_sample_that_was_cut_off(template: Path, sample: Path, part: float) -> None:
    content = sample.read_bytes()
    cut = content[: int(len(content) * part)]
    assert_private(tried(template, sample.name, cut, *days_with(sample)), content)


@fuzz
@given(st.sampled_from(SAMPLES), st.data())
def test_a_sample_with_some_bytes_changed(
    template: Path, sample: Path, data: st.DataObject
) -> None:
    content = bytearray(sample.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from(b'\0\n\r";,\xff\x80 0Z{}='))
    tried(template, sample.name, bytes(content), *days_with(sample))


# Cells


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Path, list[list[str]]]:
    """Draw a sample with some cells replaced by others, by words, or by any text."""
    sample = draw(st.sampled_from(TABLES))
    rows = cells_of(sample)
    for _ in range(draw(st.integers(1, 6))):
        row = draw(st.sampled_from(rows[1:] or rows))
        if row:
            row[draw(st.integers(0, len(row) - 1))] = draw(
                st.sampled_from(WORDS)
                | st.sampled_from([cell for other in rows for cell in other] or [""])
                | st.text(max_size=12).filter(lambda text: "\0" not in text)
            )
    return sample, rows


@settings(fuzz, max_examples=3 * EXAMPLES)
@given(damaged())
def test_cells_replaced_by_anything(template: Path, made: tuple[Path, list[list[str]]]) -> None:
    sample, rows = made
    content = csv_bytes(rows)
    assert_private(tried(template, sample.name, content, *days_with(sample)), content)


@fuzz
@given(st.sampled_from(TABLES), st.data())
def test_columns_swapped_left_out_and_doubled(
    template: Path, sample: Path, data: st.DataObject
) -> None:
    rows = cells_of(sample)
    width = len(rows[0])
    columns = data.draw(
        st.lists(st.integers(0, width - 1), min_size=1, max_size=width + 2)
        | st.permutations(list(range(width)))
    )
    keep_header = data.draw(st.booleans())
    mixed = [[row[place] if place < len(row) else "" for place in columns] for row in rows]
    if keep_header:
        mixed[0] = rows[0][: len(columns)]
    content = csv_bytes(mixed)
    assert_private(tried(template, sample.name, content, *days_with(sample)), content)


@fuzz
@given(st.data())
def test_rows_put_together_of_two_downloads(template: Path, data: st.DataObject) -> None:
    """Doubles, contradictions, other teldata and other samenwerkingsverbanden in one file."""
    changes = st.dictionaries(
        st.sampled_from(sorted(counted(0))),
        st.sampled_from([word for word in WORDS if len(word) < 30]),
        max_size=2,
    )
    rows = data.draw(
        st.lists(
            st.builds(
                lambda number, extra: {**counted(number), **extra}, st.integers(0, 2), changes
            ),
            min_size=1,
            max_size=6,
        )
    )
    content = text_of(rows).encode("utf-8", "surrogatepass")
    more = data.draw(st.sampled_from([(), ("--complete",)]))
    assert_private(tried(template, NAME, content, *more), content)


LINES: Final = (LEZERS / "inschrijvingen" / "inschrijvingen.jsonl").read_bytes().splitlines()
JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """Draw JSON Lines of enrolments with some values replaced by anything."""
    lines = []
    for line in draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=5)):
        fields = json.loads(line)
        holder: Any = fields
        for _ in range(draw(st.integers(0, 2))):
            holder = draw(st.sampled_from([fields, *fields.get("perioden", [])[:2]]))
            holder[draw(st.sampled_from([*holder, "iets"]))] = draw(JSON)
            if not isinstance(fields.get("perioden", []), list):
                break
            if not all(isinstance(one, dict) for one in fields.get("perioden", [])):
                break
        lines.append(json.dumps(fields).encode())
    return b"\n".join(lines)


@settings(fuzz, max_examples=2 * EXAMPLES)
@given(objects())
def test_json_with_anything_in_it(template: Path, content: bytes) -> None:
    assert_private(tried(template, "inschrijvingen.jsonl", content), content)


# Too much of something


def bombed_csv() -> Iterator[tuple[str, bytes]]:
    """Yield CSV files that are too much of something."""
    header = text_of([counted(0)]).splitlines()[0]
    yield "a cell of 30 MB", f"{header}\r\n{'9' * 30_000_000};\r\n".encode()
    yield "a quote never closed", f'{header}\r\n"{("a" * 99 + chr(10)) * 5_000}'.encode()
    yield "a header of 200,000 columns", (";".join(map(str, range(200_000))) + "\r\n").encode()
    yield "delimiters", (header + "\r\n" + ";" * 5_000_000).encode()
    yield "line ends", (header + "\r\n" * 200_000).encode()


@pytest.mark.parametrize(
    ("name", "content"), list(bombed_csv()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_too_much_of_something(name: str, content: bytes, template: Path) -> None:
    done = tried(template, NAME, content)
    assert len(done.err) < 20_000, name
