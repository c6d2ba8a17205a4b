"""The three errors that DUO named in winter 2022/23, found in a sample, and no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import SAMPLES, columns, ledger_with

N, T = "PO2304-2024-00001", "PO2202-2024-00001"
FOUND: dict[str, list[tuple[str, ...]]] = {
    "residentieel-met-tlv": [("12QN", "1", N, "DUO", "2025-03-10T10:15:00+01:00")],
    "ander-samenwerkingsverband": [("12QN", "1", T, "school", "2024-08-20T00:00:00+02:00")],
    "gesloten-inrichting": [
        ("12QN", "2", "", "school", "2024-08-20T00:00:00+02:00"),
        ("20VE", "1", "", "school", "2024-08-20T00:00:00+02:00"),
    ],
}
ALSO: dict[str, dict[str, set[str]]] = {
    "residentieel-met-tlv": {"wel": set(), "niet": set()},
    "ander-samenwerkingsverband": {"wel": {"zonder-tlv"}, "niet": {"zonder-tlv"}},
    "gesloten-inrichting": {"wel": set(), "niet": set()},
}
"""Which other signals a feed shows, as its README says."""


def signals(signaal: str, name: str, folder: Path) -> list[dict[str, object]]:
    """Return all signals of a feed of the folder."""
    command = ledger_with(folder, SAMPLES / f"signaal-{signaal}" / f"{name}.jsonl")
    options = ("--swv", "PO2304", "--teldatum", "2025-02-01", "--format", "json")
    return command.fine("signals", *options).rows


@pytest.mark.parametrize("signaal", FOUND)
def test_the_error_is_found(signaal: str, tmp_path: Path) -> None:
    rows = signals(signaal, "wel", tmp_path)
    names = ("instellingscode", "volgnummer", "beschikkingsnummer", "wie", "sinds")
    mine = [row for row in rows if row["signaal"] == signaal]
    assert columns(mine, *names) == FOUND[signaal]
    assert {row["signaal"] for row in rows} - {signaal} == ALSO[signaal]["wel"]


@pytest.mark.parametrize("signaal", FOUND)
def test_there_is_no_false_alarm(signaal: str, tmp_path: Path) -> None:
    rows = signals(signaal, "niet", tmp_path)
    assert {row["signaal"] for row in rows} == ALSO[signaal]["niet"]


def test_every_folder_of_a_signal_is_tested() -> None:
    assert {path.name for path in SAMPLES.glob("signaal-*")} == {
        f"signaal-{name}" for name in FOUND
    }
