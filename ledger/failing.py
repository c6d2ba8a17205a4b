"""What a disk, an SQLite file or a server said when something failed, in words for a user.

One place for all of them: what happened, where, and what to do.
"""

from __future__ import annotations

import errno
import re
import sqlite3
import tomllib
from collections.abc import Iterator
from typing import Final

AGAIN: Final = "herhaal het commando"
_SAFE: Final = f"{AGAIN} (dat kan veilig: wat al geboekt was telt, de rest volgt)"
FULL: Final = f"de schijf is vol; maak ruimte en {AGAIN}"
READ_ONLY: Final = (
    "hier mag niet worden geschreven (een alleen-lezen schijf, of rechten die ontbreken); zet het "
    "op een schijf waarop dat wel mag, of vraag de rechten (vragen kan vaak ook zo: noem met "
    "KIJKGLAS_LEESMODEL een map waar u mag schrijven)"
)
DAMAGED: Final = "het bestand is beschadigd of geen database; zet een kopie terug"

_ERRNO: Final = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: f"uw deel van de schijf (quotum) is vol; maak ruimte en {AGAIN}",
    errno.EFBIG: f"het bestand mag niet groter worden (ulimit -f); verruim dat en {AGAIN}",
    errno.EROFS: "de schijf is alleen te lezen; kies een plaats waar geschreven mag worden",
    errno.EACCES: "u heeft er de rechten niet voor; kies een andere plaats of vraag ze",
    errno.EPERM: "u heeft er de rechten niet voor; kies een andere plaats of vraag ze",
    errno.ENOENT: "het bestaat niet; controleer de naam",
    errno.ENOTDIR: "een deel van het pad is een bestand en geen map; kies een andere plaats",
    errno.EISDIR: "het is een map en geen bestand; noem een bestand",
    errno.EEXIST: "er staat al iets met die naam; kies een andere plaats",
    errno.ENOTEMPTY: "de map is niet leeg; kies een andere plaats",
    errno.ENAMETOOLONG: "de naam is te lang; kies een kortere",
    errno.EIO: "de schijf geeft een fout; controleer haar en haar verbinding",
    errno.EMFILE: "er zijn te veel bestanden open; verruim ulimit -n",
    errno.ENFILE: "er zijn te veel bestanden open; sluit andere programma's",
    errno.ELOOP: "de snelkoppelingen lopen in een kring; controleer de naam",
    errno.ENXIO: "het apparaat is er niet; noem een bestand",
    errno.EBUSY: "het is in gebruik; sluit wie het open heeft en herhaal het commando",
}
_SQLITE: Final = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: f"een bestand kan niet worden geopend of gemaakt: {READ_ONLY}",
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_IOERR: f"lezen of schrijven mislukte; controleer de schijf en haar ruimte, en "
    f"{AGAIN}",
    sqlite3.SQLITE_BUSY: "een ander proces is er te lang mee bezig; herhaal het commando later",
    sqlite3.SQLITE_LOCKED: "een ander proces is er te lang mee bezig; herhaal het commando later",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_NOMEM: "er is te weinig geheugen; sluit andere programma's",
}
_SQLITE_WRITING: Final = {
    # The index of the log is made as large as it gets: that fails on a full disk alone.
    sqlite3.SQLITE_IOERR_SHMSIZE: FULL,
    sqlite3.SQLITE_IOERR_WRITE: "er kan niet worden geschreven: de schijf of uw deel ervan is vol, "
    f"of een bestand mag niet groter worden (ulimit -f); maak ruimte en {AGAIN}",
}
_NO_SQLITE_FILE: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY: Final = 0xFF

_GONE: Final = f"de verbinding met de server is verbroken; kijk of hij draait, en {AGAIN}"
_STATES: Final = {
    "42501": "deze gebruiker heeft geen rechten{}; laat de eigenaar ze geven (GRANT)",
    "42P01": "een tabel ontbreekt{}; maak het leesmodel opnieuw met 'kijkglas rebuild', of zet een "
    "kopie terug",
    "3F000": "het schema ontbreekt{}; zet een kopie van de database terug",
    "53100": f"de schijf van de server is vol{{}}; maak ruimte en {AGAIN}",
    "53200": "de server heeft te weinig geheugen{}; probeer het later",
    "53300": "de server heeft geen plaats meer{}; probeer het later",
    "55P03": "een ander proces is er te lang mee bezig{}; herhaal het commando later",
    "57014": "de server brak de vraag af{}; verruim statement_timeout",
    "57P01": f"de server of haar beheerder verbrak de verbinding{{}}; {AGAIN}",
    "57P02": f"de server is gestopt na een fout{{}}; {AGAIN} zodra hij weer draait",
    "57P03": "de server start of stopt juist{}; herhaal het commando straks",
    "25006": "deze database is alleen te lezen{}; gebruik de hoofdserver",
    "25P03": f"de server verbrak de verbinding, die te lang stil was{{}}; {AGAIN}",
    "40P01": f"twee processen wachtten op elkaar{{}}; {AGAIN}",
}
"""What a server says by its SQLSTATE; `{}` takes what it is about."""
_LOST: Final = ("08", "57")
"""The classes of SQLSTATE of a connection that is lost, or a server that stops."""
_TABLE: Final = re.compile(r"(?:for table|relation) \"?(\w+)")
_DATABASE: Final = re.compile(r"for (?:schema|database) \"?(\w+)")
_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


def reason(error: OSError) -> str:
    """Return why a file or a folder could not be had, and what to do, in Dutch."""
    return _ERRNO.get(error.errno or 0) or error.strerror or str(error)


def is_no_vault(error: BaseException) -> bool:
    """Tell whether SQLite says that a file is damaged, or no file of ours: not that it is full."""
    return isinstance(error, sqlite3.DatabaseError) and _code(error) in _NO_SQLITE_FILE


def told(error: BaseException, where: str) -> str | None:
    """Return what went wrong at a place, in Dutch; None for what is no failure of a place.

    `where` is shown, unless the error itself names a file; it holds no password.
    """
    for one in _causes(error):
        if isinstance(one, BrokenPipeError):
            return None
        if isinstance(one, OSError) and (one.errno is not None or one.filename is not None):
            return f"{one.filename or where}: {reason(one)}"
        if isinstance(one, sqlite3.Error):
            return f"{where}: {_of_sqlite(one)}"
        if _is_of_server(one):
            return f"{where}: {_of_server(one)}"
    return None


def told_of_ledger(error: BaseException, where: str) -> str | None:
    """Return what went wrong with a ledger as `told` does, and that repeating is safe."""
    said = told(error, where)
    return None if said is None else said.replace(AGAIN, _SAFE)


def unreadable_toml(error: ValueError) -> str:
    """Return why a file of settings is no TOML, in Dutch: with line and column where known."""
    if isinstance(error, UnicodeDecodeError):
        return "het is geen UTF-8; bewaar het als UTF-8"
    found = _PLACE.search(str(error))
    place = f"regel {found[1]}, kolom {found[2]}" if found else "het einde"
    assert isinstance(error, tomllib.TOMLDecodeError), error
    return f'{place} is geen TOML; schrijf naam = "waarde", een per regel'


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was made of: the library wraps those of its databases."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY


def _of_sqlite(error: sqlite3.Error) -> str:
    said = _SQLITE_WRITING.get(getattr(error, "sqlite_errorcode", 0)) or _SQLITE.get(_code(error))
    return said or f"{DAMAGED} (SQLite zegt: {error})"


def _is_of_server(error: BaseException) -> bool:
    """Tell whether psycopg or its pool raised it; that is an extra, so it is told by its name."""
    return type(error).__module__.partition(".")[0] in {"psycopg", "psycopg_pool"}


def _of_server(error: BaseException) -> str:
    state = str(getattr(error, "sqlstate", None) or "")
    text = str(error)
    if state in _STATES:
        return _STATES[state].format(_about(text))
    if not state or state.startswith(_LOST):
        return _GONE
    return f"de server weigert ({state}): {text.splitlines()[0] if text else ''}; {AGAIN}"


def _about(text: str) -> str:
    if found := _TABLE.search(text):
        return f" (tabel {found[1]})"
    found = _DATABASE.search(text)
    return f" ({found[1]})" if found else ""
