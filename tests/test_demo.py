"""The demo leaves what others made alone, and a ledger that goes on as it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections.store.settings import ENGINE_VARIABLE, FOLDER_VARIABLE
from tests.command import kijkglas


def test_the_feed_alone_leaves_the_ledger_alone(tmp_path: Path) -> None:
    for words in ((), ("--scale", "1m")):
        folder = tmp_path / f"proef{len(words)}"
        (folder / "grootboek").mkdir(parents=True)
        (folder / "grootboek" / "iets").write_bytes(b"x")
        (folder / "regio.jsonl").touch()
        (folder / "feed-000-landkaart.jsonl").touch()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("synthetic.country.SCALES", {"1m": 40})
            assert kijkglas("demo", folder, "--feed-only", *words).status == 0
        assert (folder / "grootboek" / "iets").exists()


@pytest.mark.map("about the engines of a ledger in a folder")
def test_the_demo_leaves_a_ledger_that_goes_on_with_the_engine_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.demo.PUPILS", 60)
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "elders"))
    kijkglas("demo", tmp_path / "proef")
    monkeypatch.delenv(ENGINE_VARIABLE)
    monkeypatch.delenv(FOLDER_VARIABLE)
    place = tmp_path / "proef" / "grootboek"
    assert kijkglas("--ledger", place, "stand", "--teldatum", "2025-02-01").status == 0
    assert list(place.glob("standen-*")) == []
    assert [path.name for path in (tmp_path / "elders").glob("grootboek-*/standen-0*")] == [
        "standen-000001.parquet"
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("demo", "--scale", "planeet"), "'planeet' is er geen van; kies uit 'region', '1m', "),
        (("rebuild", "--workers", "0"), "0 valt buiten x>=1"),
        (("rebuild", "--workers", "-1"), "-1 valt buiten x>=1"),
        (("rebuild", "--workers", "veel"), "'veel' is geen geheel getal"),
    ],
)
def test_a_scale_or_a_number_of_workers_that_cannot_be_is_told(
    words: tuple[str, ...], told: str
) -> None:
    done = kijkglas(*words)
    assert done.status == 2
    assert told in done.err
