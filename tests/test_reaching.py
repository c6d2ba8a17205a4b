"""An address of a scheduler that is none, or where none answers: told at once (cli.md)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from projections import cluster as cluster_module
from synthetic.region import region
from tests.command import Kijkglas
from tests.ledgers import import_events
from tests.places import create

pytestmark = pytest.mark.map("the kind of ledger makes no difference to a cluster")


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    """Give a ledger."""
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, region(2025, 5))
    return tmp_path / "grootboek"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.1:8786", "http://x", "foo://bar:1", "tcp://127.0.0.1",
     "tcp://127.0.0.1:poort", "tcp://127.0.0.1:70000", "tcp://:8786", ""],
)  # fmt: skip
def test_what_is_no_address_is_told_with_an_example(address: str, folder: Path) -> None:
    done = Kijkglas(folder)("rebuild", "--scheduler", address)
    assert done.status == 4
    assert done.err == (
        f"Grootboek: {address!r} is geen adres van een Dask-scheduler; schrijf het zo: "
        "tcp://HOST:8786, of tls://HOST:8786 (het staat in wat 'dask scheduler' zegt)\n"
    )


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:1", "op poort 1 luistert niets"),
        ("tls://localhost:1", "op poort 1 luistert niets"),
        ("tcp://bestaat-niet.invalid:8786", "de naam bestaat-niet.invalid is hier niet bekend"),
    ],
)
def test_where_nobody_listens_is_told_with_what_to_do(address: str, why: str, folder: Path) -> None:
    done = Kijkglas(folder)("rebuild", "--scheduler", address)
    assert done.status == 4
    assert done.err == (
        f"Grootboek: geen Dask-scheduler bereikt op {address}: {why}; kijk of 'dask scheduler' "
        "daar draait en of deze machine erbij kan\n"
    )


@pytest.mark.parametrize(
    ("scheme", "why"), [("tcp", "na 1 seconden nog geen antwoord"), ("tls", "is geen scheduler")]
)
def test_what_is_no_scheduler_is_told(
    scheme: str, why: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.reaching.REACHING", 1)
    monkeypatch.setattr(cluster_module, "REACHING", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"{scheme}://127.0.0.1:{other.getsockname()[1]}"
        done = Kijkglas(folder)("rebuild", "--scheduler", address)
    assert done.status == 4
    assert len(done.err.splitlines()) == 1
    assert f"geen Dask-scheduler bereikt op {address}: " in done.err
    assert why in done.err
