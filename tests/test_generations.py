"""Generations of the read model come and go whole, whoever opens, fails or stops meanwhile."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from projections.refresh import rebuild, refreshed
from projections.store.engines import engine_of
from projections.store.parquet_files import Held, is_whole, newest
from projections.store.read_model import ReadModel
from projections.store.settings import ENGINE_VARIABLE
from synthetic.region import region
from tests.ledgers import ledger_of

pytestmark = pytest.mark.map("about the generations of a ledger in a folder")

LISTED = {
    "sqlite": "projections.store.sqlite_model.present",
    "duckdb": "projections.store.duckdb_model.newest",
}
"""What an engine finds the present generation with."""


def test_a_generation_that_came_meanwhile_is_the_one_that_is_opened(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger_of(region(2025, 20)) as ledger:
        with closing(refreshed(ledger)) as first:
            rows = _count(first)
        _then_once(monkeypatch, LISTED[engine], lambda: rebuild(ledger).close())
        opened = engine_of(ledger).opened()
        assert opened is not None
        with closing(opened):
            assert opened.generation.startswith("standen-000002.")
            assert _count(opened) == rows
        # No empty file was made of the one that went; who held on to files holds them no more.
        assert all(path.stat().st_size for path in ledger.folder.glob("standen-*"))
        rebuild(ledger).close()
        assert {path.name[:14] for path in ledger.folder.glob("standen-*")} == {"standen-000003"}


def test_an_old_generation_goes_whole_or_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who listed it takes hold of it at the last moment."""
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    broken: list[Held] = []
    real = shutil.rmtree

    def watched(path: Any, **more: Any) -> None:  # noqa: ANN401 - as it is called
        held = newest(path) if isinstance(path, Path) and path.suffix == ".parquet" else None
        real(path, **more)
        if held is not None and not is_whole(path, held):
            broken.append(held)

    with ledger_of(region(2025, 20)) as ledger:
        refreshed(ledger).close()
        monkeypatch.setattr(shutil, "rmtree", watched)
        rebuild(ledger).close()
        assert broken == []
        assert len(list(ledger.folder.glob("standen-*.parquet"))) == 1


def _then_once(monkeypatch: pytest.MonkeyPatch, where: str, follows: Any) -> None:  # noqa: ANN401 - a call
    """Let something follow the next call of a function, and no later one."""
    module, _, name = where.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def once(*words: Any) -> Any:  # noqa: ANN401 - any function
        answer = real(*words)
        monkeypatch.setattr(where, real)
        follows()
        return answer

    monkeypatch.setattr(where, once)


def _count(model: ReadModel) -> int:
    return int(next(iter(model.execute("SELECT count(*) FROM standen")))[0])
