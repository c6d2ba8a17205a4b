"""The documents say what the program does: commands, files, decisions, and the README's tour."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from docs.generate_cli import Entry, entries, reference
from ledger.events import PUPIL_FACTS, REFERENCE_FACTS

ROOT = Path(__file__).parent.parent
DEMO = "python3 -m pip install . && kijkglas demo"
TESTS = "python3 -m pip install '.[test]' && python3 -m pytest"
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
PATH_LIKE = re.compile(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:md|toml))`")
DECISION = re.compile(r"(\d+)\. .+ \((\d{4}-\d{2}-\d{2})\)")
HASHBANG = "#!/usr/bin/env bash\n"
PLACES = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users)/|https?://(?!keepachangelog|semver)")


class Turn(NamedTuple):
    """A command of the tour, and what the README says that it prints."""

    command: str
    printed: str


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(entry: Entry) -> str:
    """Return the part of docs/cli.md about a command."""
    parts = re.split(r"^## ", text("docs/cli.md"), flags=re.MULTILINE)
    found = [part for part in parts if part.startswith(f"{entry.name}\n")]
    assert len(found) == 1, f"docs/cli.md has {len(found)} sections about {entry.name}"
    return found[0]


def words(shown: str) -> list[str]:
    """Return a text without the line breaks that differ between versions of click."""
    return shown.split()


def test_cli_reference_is_current() -> None:
    assert words(text("docs/cli.md")) == words(reference()), "run: python -m docs.generate_cli"


@pytest.mark.parametrize("entry", list(entries()), ids=lambda entry: entry.name)
def test_every_command_and_option_is_documented(entry: Entry) -> None:
    documented = section(entry)
    assert entry.command.help, f"{entry.name} has no help"
    for parameter in entry.command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{entry.name} {parameter.opts[0]} has no help"
            for name in (*parameter.opts, *parameter.secondary_opts):
                assert re.search(rf"(?<![\w-]){name}(?![\w-])", documented), f"{entry.name} {name}"


def test_readme_has_the_two_commands() -> None:
    lines = text("README.md").splitlines()
    assert DEMO in lines
    assert TESTS in lines


def test_ci_runs_the_command_of_the_readme() -> None:
    script = text(".ci/run")
    assert script.startswith(HASHBANG)
    assert f'bash -c "{TESTS}"\n' in script
    assert "set -euo pipefail\n" in script
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR


def test_files_named_in_the_architecture_exist() -> None:
    named = set(PATH_LIKE.findall(text("docs/architecture.md")))
    assert len(named) > 50
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("name", [*DOCUMENTS, "docs/architecture.md", "docs/glossary.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", text(name)):
        assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"


def test_every_decision_has_number_date_and_reason() -> None:
    parts = re.split(r"^## ", text("docs/decisions.md"), flags=re.MULTILINE)[1:]
    assert len(parts) >= 20
    for number, part in enumerate(parts, 1):
        heading, _, body = part.partition("\n")
        found = DECISION.fullmatch(heading)
        assert found, f"a decision needs a number and a date: {heading}"
        assert int(found[1]) == number
        assert date.fromisoformat(found[2])
        assert re.search(r"^Reason: .+\.$", body, re.MULTILINE), f"{heading} has no reason"


def test_glossary_has_every_event() -> None:
    glossary = text("docs/glossary.md")
    assert [name for name in PUPIL_FACTS | REFERENCE_FACTS if name not in glossary] == []


def test_changelog_has_an_unreleased_section() -> None:
    assert "\n## [Unreleased]\n" in text("CHANGELOG.md")


@pytest.mark.parametrize(
    "name", [*DOCUMENTS, *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
)
def test_documents_name_no_machine(name: str) -> None:
    assert PLACES.findall(text(name)) == []


def tour() -> list[Turn]:
    """Return the commands in the README's console blocks, in order."""
    turns = []
    for block in re.findall(r"^```console\n(.*?)^```", text("README.md"), re.DOTALL | re.MULTILINE):
        for turn in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = turn.partition("\n")
            turns.append(Turn(command, printed))
    return turns


def pattern(printed: str) -> re.Pattern[str]:
    """Return what matches the text; `…` stands for any text, alone on a line for any lines."""
    lines = [
        "(?s:.*)" if line == "…" else ".*".join(map(re.escape, line.split("…")))
        for line in printed.rstrip("\n").split("\n")
    ]
    return re.compile("\n".join(lines))


def test_the_tour_of_the_readme_prints_what_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "events_samples", tmp_path / "events_samples")
    away = {"KIJKGLAS_LEDGER", "KIJKGLAS_KEY"}
    environment = {name: value for name, value in os.environ.items() if name not in away}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["PYTHONPATH"] = str(ROOT)
    turns = tour()
    assert len(turns) > 15
    for command, printed in turns:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = done.stdout.rstrip("\n")
        assert pattern(printed).fullmatch(found), f"$ {command}\n{found}"
