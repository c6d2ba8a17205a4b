"""A table carries the hash of all that decides what is in it (architecture.md, read side)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from projections.store.read_model import hashed_modules

ROOT = Path(__file__).parents[1]

MAKERS = (
    "projections.partition",
    "projections.compute",
    "projections.catching_up",
    "projections.parcel",
    "projections.store.parquet_making",
    "projections.store.postgres_making",
    "projections.store.sqlite_making",
)
"""What makes rows from events, and writes them."""

_STORED_AS_GIVEN = "keeps events, and gives them back as they were stored"
_NO_ROWS = "decides when and where, not on rows"
NOT_HASHED = {
    "ledger.application": _STORED_AS_GIVEN,
    "ledger.databases": _STORED_AS_GIVEN,
    "ledger.ciphers": _STORED_AS_GIVEN,
    "ledger.event_rows": _STORED_AS_GIVEN,
    "ledger.event_tables": _STORED_AS_GIVEN,
    "ledger.folder_place": _STORED_AS_GIVEN,
    "ledger.postgres_database": _STORED_AS_GIVEN,
    "ledger.postgres_place": _STORED_AS_GIVEN,
    "ledger.postgres_text": _STORED_AS_GIVEN,
    "ledger.recorders": _STORED_AS_GIVEN,
    "ledger.seals": _STORED_AS_GIVEN,
    "ledger.sqlite_database": _STORED_AS_GIVEN,
    "ledger.fresh": "makes ids of new pupils: they stand in the events",
    "ledger.failing": "words what went wrong",
    "ledger.sealed_disk": _NO_ROWS,
    "projections.store.duckdb_engine": _NO_ROWS,
    "projections.store.postgres_rights": _NO_ROWS,
    "projections.store.settings": _NO_ROWS,
    "ledger.locks": _NO_ROWS,
    "ledger.places": _NO_ROWS,
    "ledger.states": "what sources state, before it is an event",
    "ledger.teldata": "rules of questions: only the form of a fixed count stands in the table",
}
"""Modules that a maker needs, and that may change without a table being another one."""


def test_every_module_that_makers_need_is_hashed_or_has_a_reason_not_to_be() -> None:
    needed = closure(MAKERS)
    hashed = hashed_modules()
    assert needed - hashed == NOT_HASHED.keys()
    assert hashed <= needed


def test_the_closure_goes_through_imports_wherever_they_stand() -> None:
    needed = closure(["projections.partition"])
    assert {"projections.shapes.ordinary", "ledger.stored", "ledger.mapper"} <= needed
    assert "projections.refresh" not in needed


def closure(names: Iterable[str]) -> set[str]:
    """Return modules of ours with all that they import, themselves or through others."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        path = ROOT / (name.replace(".", "/") + ".py")
        if name not in found and path.exists():
            found.add(name)
            waiting += _imported(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield every name that is imported, also within functions; not what only types need."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            yield from _imported(node)
