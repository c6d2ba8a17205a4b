"""Data flow one way: ledger, projections, cli; and the pure modules touch nothing (style.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "processes": {"processes"},
    "ledger": {"ledger", "processes"},
    "synthetic": {"synthetic", "processes"},
    "projections": {"ledger", "processes", "projections"},
    "cli": {"ledger", "processes", "projections", "synthetic", "cli"},
}
OURS = {"ledger", "processes", "projections", "cli", "synthetic", "tests", "benchmarks", "web"}
PURE = (
    "ledger/times.py",
    "ledger/teldata.py",
    "ledger/codes.py",
    "ledger/events.py",
    "ledger/facts.py",
    "ledger/reference_facts.py",
    "ledger/dossier.py",
    "ledger/fold.py",
    "ledger/leerplicht.py",
    "ledger/senseless.py",
    "ledger/reference.py",
    "ledger/seals.py",
    "ledger/stored.py",
    "ledger/checks.py",
    "ledger/problems.py",
    "ledger/landing.py",
    "ledger/keyed.py",
    "ledger/intake/feed.py",
    "ledger/intake/feed_forms.py",
    "ledger/states.py",
    "ledger/opgaven.py",
    "ledger/state_landing.py",
    "ledger/reference_landing.py",
    "ledger/deriving/steps.py",
    "ledger/deriving/enrolment.py",
    "ledger/deriving/enrolment_state.py",
    "ledger/deriving/teldatum.py",
    "ledger/deriving/tlv.py",
    "ledger/deriving/pupil.py",
    "ledger/deriving/reference.py",
    "ledger/intake/readers.py",
    "ledger/intake/dashboard_1b.py",
    "ledger/intake/dashboard_1a.py",
    "ledger/intake/dashboard_2.py",
    "ledger/intake/dashboard_2_rows.py",
    "ledger/intake/kijkglas_2.py",
    "ledger/intake/enrolment_columns.py",
    "ledger/intake/enrolment_periods.py",
    "ledger/intake/duo_names.py",
    "ledger/intake/tlv_columns.py",
    "ledger/intake/tlv_register.py",
    "ledger/intake/tlv_suggestion.py",
    "ledger/intake/inschrijvingen.py",
    "ledger/intake/inschrijvingen_csv.py",
    "ledger/intake/inschrijvingen_jsonl.py",
    "ledger/intake/inschrijving_opgave.py",
    "ledger/intake/inschrijving_rijen.py",
    "ledger/intake/vestigingen.py",
    "ledger/intake/vestiging_links.py",
    "ledger/intake/postcodegebieden.py",
    "ledger/intake/samenwerkingsverbanden.py",
    "ledger/intake/tellingen.py",
    "ledger/intake/reference_columns.py",
    "ledger/intake/cells.py",
    "ledger/intake/columns.py",
    "ledger/intake/days.py",
    "ledger/intake/fields.py",
    "ledger/intake/rows.py",
    "ledger/intake/sheet_types.py",
    "projections/attribution.py",
    "projections/telt.py",
    "projections/items.py",
    "projections/tracker.py",
    "projections/leerling.py",
    "projections/standen.py",
    "projections/verloop.py",
    "projections/partition.py",
    "projections/shapes/histories.py",
    "projections/shapes/shape.py",
    "projections/shapes/template.py",
    "projections/shapes/filling.py",
    "projections/shapes/ordinary.py",
    "projections/store/encoding.py",
    "projections/store/rows.py",
    "projections/report.py",
    "projections/diff.py",
    "projections/tarieven.py",
    "projections/ofb_regels.py",
    "projections/grensverkeer.py",
    "projections/windows.py",
    "projections/movement.py",
    "projections/verklaring.py",
    "projections/maskeer.py",
    "projections/aansluiting/model.py",
    "projections/aansluiting/vergelijken.py",
    "projections/aansluiting/gevallen.py",
    "projections/aansluiting/klassen.py",
    "projections/aansluiting/oorzaken.py",
    "projections/aansluiting/woorden.py",
    "projections/aansluiting/geld.py",
    "projections/aansluiting/dekking.py",
    "projections/aansluiting/incognito.py",
    "projections/aansluiting/bereik.py",
    "projections/aansluiting/namen.py",
    "projections/aansluiting/onderling_1b.py",
    "projections/aansluiting/wie.py",
    "projections/why/pairs.py",
    "projections/why/causes.py",
    "projections/why/classes.py",
    "projections/render/waterfall.py",
    "projections/render/waterfall_frame.py",
    "projections/render/waterfall_words.py",
)
IMPURE = {
    "click",
    "cryptography",
    "eventsourcing",
    "io",
    "locale",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "sqlite_utils",
    "subprocess",
    "sys",
    "tempfile",
    "time",
}
CLOCK_AND_FILES = {"now", "today", "utcnow", "uuid4", "urandom", "open", "print", "input"}
HEAVY = {"cryptography", "eventsourcing", "msgspec", "sqlite_utils", "stdnum", "tabulate"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the top-level name of everything that is imported, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_layer_imports_only_what_lies_below_it(package: str) -> None:
    found = modules(package)
    assert found
    for path in found:
        ours = OURS.intersection(imports(ast.parse(path.read_text(encoding="utf-8"))))
        assert ours <= ALLOWED[package], f"{path.relative_to(ROOT)} imports {ours}"


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_has_no_io_clock_or_sql(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    assert not IMPURE.intersection(imports(tree))
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert not CLOCK_AND_FILES & called


def test_the_architecture_lists_the_pure_modules() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    _, _, section = text.partition("\n## Pure modules\n")
    listed = re.findall(r"`([\w/]+\.py)`", section.partition("\n## ")[0])
    assert listed == list(PURE)


@pytest.mark.parametrize(
    "name", ["main", "opening", "booking", "reports", "why", "diff", "upkeep", "demo"]
)
def test_a_command_imports_nothing_heavy_before_it_runs(name: str) -> None:
    tree = ast.parse((ROOT / "cli" / f"{name}.py").read_text(encoding="utf-8"))
    top = ast.Module(
        [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], []
    )
    if name not in {"reports", "why", "diff"}:
        assert not (HEAVY | {"ledger", "projections", "synthetic"}).intersection(imports(top))
    else:
        assert not HEAVY.intersection(imports(top))
