"""PostgreSQL and MariaDB as servers of our own: in a folder, on a socket, gone afterwards."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.absent import Absent
from tests import postgres_server

Command = Sequence[str | Path]

PATIENCE: Final = 60
"""Seconds that a server gets to start or to stop."""

_POSTGRESQL_SETTINGS: Final = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",
}
"""Room for a table that fits in memory; jit compiles for longer than these questions take."""

_MARIADB_SETTINGS: Final = {
    "innodb-buffer-pool-size": "1G",
    "innodb-log-file-size": "512M",
    "innodb-flush-log-at-trx-commit": "0",
    "key-buffer-size": "16M",
    "default-time-zone": "+00:00",
}
"""Idem; the log is written once a second, which only makes the load faster."""


@contextmanager
def folder_for_a_server() -> Iterator[Path]:
    """Give a temporary folder that a server may own: a short path, for its socket."""
    with TemporaryDirectory(prefix="kg-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def postgresql_bin() -> Path | Absent:
    """Return the folder with the binaries of PostgreSQL."""
    try:
        return postgres_server.programs_found()
    except FileNotFoundError:
        return Absent("no PostgreSQL server (initdb) on this machine")


def postgresql(binaries: Path) -> AbstractContextManager[str]:
    """Run a PostgreSQL server and give its URL for libpq."""
    return postgres_server.running(programs=binaries, settings=_POSTGRESQL_SETTINGS)


def mariadb_bin() -> Path | Absent:
    """Return the MariaDB server; its other binaries are on the PATH as well."""
    for name in ("mariadbd", "/usr/sbin/mariadbd"):
        found = shutil.which(name)
        if found and shutil.which("mariadb-install-db") and shutil.which("mariadb"):
            return Path(found)
    return Absent("no MariaDB server (mariadbd) on this machine")


@contextmanager
def mariadb(server: Path, folder: Path) -> Iterator[Path]:
    """Run a MariaDB server in a folder and give its socket; the user is root, no password."""
    data, socket, user = folder / "data", folder / "socket", getpass.getuser()
    _run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={user}",
          "--auth-root-authentication-method=normal", "--skip-test-db"])  # fmt: skip
    settings = [f"--{name}={value}" for name, value in _MARIADB_SETTINGS.items()]
    command: Command = [server, "--no-defaults", f"--datadir={data}", f"--socket={socket}",
               f"--pid-file={folder / 'pid'}", f"--tmpdir={folder}", "--skip-networking",
               "--skip-log-bin", f"--user={user}", *settings]  # fmt: skip
    ping = ["mariadb-admin", "--no-defaults", f"--socket={socket}", "-uroot", "ping", "--silent"]
    with _process(command, lambda: _succeeds(ping)):
        yield socket


def _run(command: Command) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")


def _succeeds(command: Command) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def _process(command: Command, ready: Callable[[], bool]) -> Iterator[None]:
    """Run a server until the block ends."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    ) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not ready():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[0]} did not start")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)
