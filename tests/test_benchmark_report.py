"""The report of the benchmarks: ratios, verdicts, and a reason for everything that is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from benchmarks import growth, report
from benchmarks.figures import read
from benchmarks.lines import Below, lines_of
from benchmarks.targets import GROWING, ROWS

SIZES = {"30k": 30_000, "1M": 1_000_000, "10M": 10_000_000, "": 0}
SVG = "{http://www.w3.org/2000/svg}"

Measured = tuple[str, str, str, float]
"""A row, a role, a size and seconds."""


def run_of(path: Path, measured: Sequence[Measured], **more: object) -> Path:
    """Write a run as pytest-benchmark does, with what the benchmarks add."""
    benchmarks = [
        {
            "stats": {"min": seconds},
            "extra_info": {"row": row, "role": role, "size": size, "events": SIZES[size]},
        }
        for row, role, size, seconds in measured
    ]
    machine = {
        "cpu": {"count": 2, "brand_raw": "CPU"},
        "system": "Linux",
        "python_implementation": "CPython",
        "python_version": "3.11",
    }
    run = {"machine_info": machine, "benchmarks": benchmarks, **more}
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


def table(*paths: Path, options: Sequence[str] = ()) -> list[list[str]]:
    """Return the lines of the report as cells."""
    done = CliRunner().invoke(report.main, [*map(str, paths), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    lines = [line for line in done.output.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def about(lines: list[list[str]], what: str) -> list[list[str]]:
    """Return the lines about something, without its name."""
    return [line[1:] for line in lines if line[0] == what]


def test_a_ratio_beside_a_peer_and_whether_the_target_is_met(tmp_path: Path) -> None:
    path = run_of(
        tmp_path / "run.json",
        [
            ("import", "kijkglas", "30k", 1.0),
            ("import", "stock recorder", "30k", 0.5),
            ("import", "kijkglas", "1M", 10.0),
            ("import", "stock recorder", "1M", 8.0),
        ],
    )
    assert about(table(path), "import, end to end") == [
        ["30k", "30 k events/s", "stock recorder: 60 k events/s", "50%", "at least 60%",
         "**not met**"],
        ["1M", "100 k events/s", "stock recorder: 125 k events/s", "80%", "at least 60%", "met"],
    ]  # fmt: skip


def test_a_target_is_about_its_own_sizes(tmp_path: Path) -> None:
    """At 30 k there is no target, at 1 M it is met, at 10 M it was not measured."""
    path = run_of(
        tmp_path / "run.json",
        [("rows of one swv", "kijkglas", size, 0.002) for size in ("30k", "1M")],
    )
    assert about(table(path), "rows of one samenwerkingsverband") == [
        ["30k", "2 ms", "", "", "", ""],
        ["1M", "2 ms", "", "", "under 10 ms", "met"],
        ["10M", "not measured", "", "", "under 30 ms", "not in this run"],
    ]


def test_what_is_absent_says_why(tmp_path: Path) -> None:
    path = run_of(
        tmp_path / "run.json",
        [("country", "kijkglas", "1M", 0.1)],
        not_measured=[
            {"row": "country", "role": role, "size": "1M", "reason": reason}
            for role, reason in (("numpy scan", "without numpy"), ("numpy count", "no numpy"))
        ],
    )
    lines = about(table(path), "count of the country")
    assert ["1M", "not measured", "numpy scan", "", "", "without numpy"] in lines
    assert ["1M", "not measured", "numpy scan", "", "at most 8 x", "without numpy"] in lines
    assert ["1M", "not measured", "numpy count", "", "", "no numpy"] in lines


def test_a_figure_of_a_later_run_ends_an_absence(tmp_path: Path) -> None:
    absent = {"row": "country", "role": "numpy scan", "size": "1M", "reason": "without numpy"}
    ours = ("country", "kijkglas", "1M", 0.1)
    first = run_of(tmp_path / "1.json", [ours], not_measured=[absent])
    later = run_of(tmp_path / "2.json", [("country", "numpy scan", "1M", 0.01)])
    lines = about(table(first, later), "count of the country")
    assert ["1M", "100 ms", "numpy scan: 10 ms", "10 x", "at most 8 x", "**not met**"] in lines
    assert not any("without numpy" in line for line in lines)


def test_every_target_has_a_line_also_in_a_run_of_nothing(tmp_path: Path) -> None:
    lines = table(run_of(tmp_path / "run.json", []))
    targets = sum(len(row.targets) for row in ROWS)
    targets += sum(one.power is not None for one in GROWING)
    assert len(lines) == targets
    assert all(line[2] == "not measured" and line[5] and line[6] for line in lines)
    told = {f"{line[0]}, {line[1]}: {line[5]}" for line in lines}
    assert {
        "import, end to end, : at least 60%",
        "feed to first answer, three processes, : at least 20%",
        "rebuild, one process, : at least 4 x",
        "rebuild, two processes, 1M: at least 1.7 x",
        "rows of one samenwerkingsverband, 10M: under 30 ms",
        "1A of one samenwerkingsverband, 1M: under 10 ms",
        "count of the country, 1M: under 150 ms",
        "count of the country, DuckDB, 1M: under 25 ms",
        "count of the country, DuckDB, 10M: under 120 ms",
        "count of the country, 1M: at most 8 x",
        "growth of: count of the country, : linear",
        "why, one samenwerkingsverband, 1M: under 300 ms",
        "memory of an import, 10M: under 600 MB",
        "memory of a rebuild, 10M: under 600 MB",
        "kijkglas --help, : at most 2 x",
        "count as a whole process, 30k: under 500 ms",
        "1A of every samenwerkingsverband, one after another, 25M: under 1 s",
    } <= told


@pytest.mark.parametrize(("seconds", "verdict"), [(3.0, "met"), (4.0, "**not met**")])
def test_growth_is_no_faster_than_linear(tmp_path: Path, seconds: float, verdict: str) -> None:
    measured = [("country", "kijkglas", "30k", 0.1), ("country", "kijkglas", "1M", seconds)]
    path = run_of(tmp_path / "run.json", measured)
    ((*_, target, found),) = about(table(path), "growth of: count of the country")
    assert (target, found) == ("at most 33.3 x", verdict)


def test_of_some_runs_the_last_or_the_best(tmp_path: Path) -> None:
    paths = [
        run_of(tmp_path / f"{seconds}.json", [("country", "kijkglas", "1M", seconds)])
        for seconds in (0.1, 0.2)
    ]
    what = "count of the country"
    assert about(table(*paths), what)[0][1] == "200 ms"
    assert about(table(*paths, options=["--best"]), what)[0][1] == "100 ms"


def test_a_value_that_was_noted(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run.json", [("rebuild command", "kijkglas", "1M", 1.0)])
    row = Below("memory", ("rebuild command", "kijkglas"), {}, "peak_mb", "MB")
    assert list(lines_of(row, read([run]))) == []
    written = json.loads(run.read_text(encoding="utf-8"))
    written["benchmarks"][0]["extra_info"]["peak_mb"] = 123.4
    run.write_text(json.dumps(written), encoding="utf-8")
    (line,) = lines_of(row, read([run]))
    assert line.figure == "123 MB"


def test_the_table_goes_between_its_marks(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run.json", [("country", "kijkglas", "1M", 0.1)])
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n")
    done = CliRunner().invoke(report.main, [str(run), "--into", str(document)])
    assert done.exit_code == 0
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- figures -->\nMachine: 2 cores, CPU, Linux, CPython 3.11.")
    assert text.endswith("|\n<!-- end of figures -->\nafter\n")
    assert "old" not in text
    document.write_text("no marks\n", encoding="utf-8")
    done = CliRunner().invoke(report.main, [str(run), "--into", str(document)])
    assert done.exit_code == 1
    assert document.read_text(encoding="utf-8") == "no marks\n"


def drawn(tmp_path: Path, measured: Sequence[Measured]) -> ET.Element:
    """Return the picture of a run."""
    run, into = run_of(tmp_path / "run.json", measured), tmp_path / "growth.svg"
    done = CliRunner().invoke(growth.main, [str(run), "--into", str(into)])
    assert done.exit_code == 0, done.output
    return ET.fromstring(into.read_text(encoding="utf-8"))  # noqa: S314 - our own picture


PEERS = ("MariaDB, system-versioned", "PostgreSQL, ranges and GiST", "numpy count", "numpy scan")


def test_a_picture_has_a_line_per_thing_measured(tmp_path: Path) -> None:
    measured = [
        ("country", role, size, seconds * SIZES[size])
        for seconds, role in enumerate(("kijkglas", *PEERS), 1)
        for size in ("30k", "1M", "10M")
    ]
    picture = drawn(tmp_path, [*measured, ("import", "kijkglas", "30k", 2.0)])
    titles = [text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "title"]
    assert titles == ["Import of a feed", "Count of the whole country"]
    _, country = picture.iter(f"{SVG}g")
    lines = list(country.iter(f"{SVG}polyline"))
    assert [line.get("class") for line in lines] == ["ours", *[None] * len(PEERS)]
    for line in lines:
        points = [tuple(map(float, one.split(","))) for one in str(line.get("points")).split()]
        assert len(points) == 3
        # To the right and up: on log-log axes a linear growth is a straight line.
        (x1, y1), (x2, y2), (x3, y3) = points
        assert x1 < x2 < x3
        assert y1 > y2 > y3
        assert (y2 - y1) / (x2 - x1) == pytest.approx((y3 - y2) / (x3 - x2), rel=0.02)


def test_labels_of_curves_that_end_together_do_not_touch(tmp_path: Path) -> None:
    picture = drawn(tmp_path, [("country", role, "1M", 0.1) for role in ("kijkglas", *PEERS)])
    labels = [text for text in picture.iter(f"{SVG}text") if "fill" in str(text.get("style"))]
    assert [str(label.text).rsplit(", ", 1)[1] for label in labels] == ["100 ms"] * 5
    heights = sorted(float(str(label.get("y"))) for label in labels)
    assert all(two - one >= 15 for one, two in pairwise(heights))


def test_a_picture_is_readable_on_a_dark_page(tmp_path: Path) -> None:
    """Every colour is a variable, and each has a value for a light and for a dark page."""
    picture = drawn(tmp_path, [("country", role, "1M", 0.1) for role in ("kijkglas", *PEERS)])
    style = str(picture.findtext(f"{SVG}style"))
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    dark = dark[: dark.index("} }")]
    names = set(re.findall(r"var\((--\w+)\)", ET.tostring(picture, encoding="unicode")))
    assert names >= {"--page", "--ink", "--grid", "--ours"}
    for name in names:
        (one,), (two,) = (re.findall(rf"{name}: (#\w+)", part) for part in (light, dark))
        assert one != two


def test_a_run_without_curves_is_refused(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run.json", [("start-up", "kijkglas", "", 0.05)])
    done = CliRunner().invoke(growth.main, [str(run), "--into", str(tmp_path / "growth.svg")])
    assert done.exit_code == 1
    assert not (tmp_path / "growth.svg").exists()
