"""The vault: the only place that knows which PGN a stream belongs to (architecture.md).

A PGN is found by a keyed hash and stands encrypted; every pupil has a key of its own, kept
here under the ledger's key, under which events hold what is personal. Destroying a row
makes the pupil nobody.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec.structs import replace

from ledger.databases import Database
from ledger.events import PERSONAL, Beschermd, Event, Fact
from ledger.failing import reason
from ledger.fresh import FreshIds
from ledger.keyed import KeyedHash
from ledger.mapper import decode_fact, encode_fact

KEY_VARIABLE: Final = "KIJKGLAS_KEY"
KEY_FILE_VARIABLE: Final = "KIJKGLAS_KEY_FILE"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_PERSONAL_NAMES: Final = frozenset(fact.__name__ for fact in PERSONAL)


class VaultError(Exception):
    """The vault cannot be opened: no key, the wrong key, or a damaged file."""


class Identity(NamedTuple):
    """A PGN in the vault: its stream, and the group of streams that are one pupil."""

    stream: UUID
    groep: UUID


VaultRow = tuple[bytes, bytes, bytes, bytes, bytes]
"""A pupil as the vault stores it: stream, hash of the PGN, group, and encrypted PGN and key."""


class NewPupil(NamedTuple):
    """A pupil that the vault does not know yet: its stream, its key, and its row."""

    stream: UUID
    cipher: AESGCM
    row: VaultRow

    def protect(self, name: str, clear: bytes) -> bytes:
        """Return a fact of a name, as canonical JSON, encrypted under the pupil's key."""
        return _close(self.cipher, clear, _bound(self.stream, name))


def new_key_file(path: Path) -> None:
    """Write a fresh random key that only the owner can read; an existing one stays."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> bytes:
    """Return the ledger's key from the environment, else from its file. Raises VaultError."""
    text = os.environ.get(KEY_VARIABLE)
    if text is None:
        try:
            text = path.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise VaultError(
                f"geen sleutel: {path}: {reason(error)}; {KEY_VARIABLE} is niet gezet; "
                "zet de bewaarde sleutel terug"
            ) from None
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(
            f"{key_source(path)} is geen base64 van {KEY_BYTES} bytes; geef de sleutel die 'init' "
            "maakte en die u bewaarde"
        )
    return key


def key_source(path: Path) -> str:
    """Return what a user calls the key, by where `read_key` finds it."""
    if KEY_VARIABLE in os.environ:
        return f"de sleutel in {KEY_VARIABLE}"
    named = os.environ.get(KEY_FILE_VARIABLE)
    why = f" (van {KEY_FILE_VARIABLE})" if named and Path(named) == path else ""
    return f"de sleutel in {path}{why}"


class Vault:
    """PGN's and their streams, in a database of its own or beside the events.

    `database` is closed with it; `source` is what a user calls where the key came from.
    """

    def __init__(self, database: Database, key: bytes, source: str = "deze sleutel") -> None:
        self._search = KeyedHash(_derived(key, b"zoeken"))
        self._identity = KeyedHash(_derived(key, b"identiteit"))
        self._cipher = AESGCM(_derived(key, b"versleutelen"))
        self._pupil_ciphers: dict[UUID, AESGCM] = {}
        self._pseudonyms: dict[str, str] = {}
        self._db = database
        try:
            self._prepare()
        except BaseException as error:
            self._db.close()
            if isinstance(error, InvalidTag):
                raise VaultError(
                    f"{database.name} is geen kluis bij {source}; geef de sleutel die bij dit "
                    f"grootboek werd bewaard, in {KEY_VARIABLE} of in dat bestand"
                ) from error
            if not database.is_broken(error):
                raise
            raise VaultError(
                f"{database.name} is geen kluis, of beschadigd; zet een kopie terug"
            ) from error

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def identity(self, content: bytes) -> bytes:
        """Return what tells an event from another one (events.md 1).

        Keyed: a plain hash of content with a PGN in it could be searched for the PGN.
        """
        return self._identity.digest(content)

    def pseudonym(self, pc4: str) -> str:
        """Return another PC4 that stands for this one, the same in all of the ledger.

        A keyed shuffle of all codes: what computes with residences elsewhere (which
        samenwerkingsverband, which pupils to compute anew) needs no code in clear.
        """
        if not self._pseudonyms:
            codes = [str(number) for number in range(1000, 10_000)]
            shuffled = sorted(codes, key=lambda code: self._keyed(f"pc4 {code}"))
            self._pseudonyms = dict(zip(codes, shuffled, strict=True))
        return self._pseudonyms[pc4]

    def _keyed(self, text: str) -> bytes:
        return self._search.digest(text.encode())

    def find(self, pgns: Iterable[str]) -> dict[str, Identity]:
        """Return the identities of the PGN's that are known."""
        by_hash = {self.hashed(pgn): pgn for pgn in pgns}
        query = "SELECT hash, stroom, groep FROM leerlingen WHERE hash IN ({})"
        return {
            by_hash[hashed]: Identity(UUID(bytes=stroom), UUID(bytes=groep))
            for hashed, stroom, groep in self._db.select_in(query, by_hash)
        }

    def families(self, pgns: Iterable[str]) -> tuple[dict[str, Identity], dict[UUID, list[UUID]]]:
        """Return the identities of PGN's and the streams of their groups, as of one moment."""
        with self._db.reading():
            identities = self.find(pgns)
            return identities, self.members({identity.groep for identity in identities.values()})

    def register(self, pgns: Iterable[str]) -> dict[str, Identity]:
        """Return the identities of all PGN's; unknown ones get a random stream and a key."""
        wanted = list(dict.fromkeys(pgns))
        known = self.find(wanted)
        fresh = FreshIds()
        new = {pgn: self.new_pupil(pgn, fresh.next()) for pgn in wanted if pgn not in known}
        if not new:
            return known
        if not self.enter(pupil.row for pupil in new.values()):
            return self.find(wanted)  # another process registered some of them first
        for pgn, pupil in new.items():
            self._pupil_ciphers[pupil.stream] = pupil.cipher
            known[pgn] = Identity(pupil.stream, pupil.stream)
        return known

    def enter(self, rows: Iterable[VaultRow]) -> bool:
        """Write rows of new pupils; tell whether all were new, the others stay as they are."""
        listed = sorted(rows)
        with self._writing():
            written = self._db.executemany(
                "INSERT INTO leerlingen VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", listed
            )
        return written == len(listed)

    def known_among(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Return which keyed hashes (`new_pupil`) are of pupils that the vault knows."""
        query = "SELECT hash FROM leerlingen WHERE hash IN ({})"
        return {hashed for (hashed,) in self._db.select_in(query, hashes)}

    def join(self, one: UUID, two: UUID) -> None:
        """Make two streams one group: they belong to one pupil (`PgnVervangen`)."""
        with self._writing():
            groups = self.groups([one, two])
            new, old = groups[one].bytes, groups[two].bytes
            # Each finds its rows by an index; `groep = ?` alone would read the whole vault.
            for chosen in ("stroom = ? AND groep = stroom", "groep = ? AND groep <> stroom"):
                query = f"UPDATE leerlingen SET groep = ? WHERE {chosen}"  # noqa: S608 - our own
                self._db.execute(query, (new, old))

    def groups(self, streams: Iterable[UUID]) -> dict[UUID, UUID]:
        """Return the group of each stream that the vault knows."""
        query = "SELECT stroom, groep FROM leerlingen WHERE stroom IN ({})"
        rows = self._db.select_in(query, (stream.bytes for stream in streams))
        return {UUID(bytes=stroom): UUID(bytes=groep) for stroom, groep in rows}

    def members(self, groups: Iterable[UUID]) -> dict[UUID, list[UUID]]:
        """Return the streams of each group."""
        members: dict[UUID, list[UUID]] = {}
        keys = [group.bytes for group in groups]
        own = "SELECT groep, stroom FROM leerlingen WHERE stroom IN ({}) AND groep = stroom"
        joined = "SELECT groep, stroom FROM leerlingen WHERE groep IN ({}) AND groep <> stroom"
        for query in (own, joined):
            for groep, stroom in self._db.select_in(query, keys):
                members.setdefault(UUID(bytes=groep), []).append(UUID(bytes=stroom))
        return members

    def joined(self) -> dict[UUID, UUID]:
        """Return the group of every stream that is not a group of its own: few."""
        rows = self._db.execute("SELECT stroom, groep FROM leerlingen WHERE groep <> stroom")
        return {UUID(bytes=stroom): UUID(bytes=groep) for stroom, groep in rows}

    def pgns(self, streams: Iterable[UUID]) -> dict[UUID, str]:
        """Return the PGN of each stream that is not forgotten."""
        query = "SELECT stroom, pgn FROM leerlingen WHERE stroom IN ({})"
        rows = self._db.select_in(query, (stream.bytes for stream in streams))
        return {
            UUID(bytes=stroom): _open(self._cipher, pgn, stroom).decode() for stroom, pgn in rows
        }

    def protect(self, stream: UUID, fact: Fact) -> bytes:
        """Return a personal fact encrypted under the pupil's loaded key. Raises KeyError."""
        return self.seal(stream, type(fact).__name__, encode_fact(fact))

    def reveal(
        self, events: Iterable[Event], only: frozenset[str] = _PERSONAL_NAMES
    ) -> list[Event]:
        """Return the events with the personal facts named in `only` in clear.

        Those of a forgotten pupil stay encrypted. Raises VaultError when one was damaged.
        """
        listed = list(events)
        self.load_keys({event.originator_id for event in listed if _is_sealed(event, only)})
        return [self._revealed(event) if _is_sealed(event, only) else event for event in listed]

    def seal(self, stream: UUID, name: str, clear: bytes) -> bytes:
        """Return bytes encrypted under the pupil's loaded key. Raises KeyError."""
        return _close(self._pupil_ciphers[stream], clear, _bound(stream, name))

    def unseal(self, stream: UUID, name: str, secret: bytes) -> bytes | None:
        """Return what was sealed under a loaded key; None when the pupil was forgotten.

        Raises VaultError when it was damaged.
        """
        cipher = self._pupil_ciphers.get(stream)
        return None if cipher is None else _open(cipher, secret, _bound(stream, name))

    def load_keys(self, streams: Iterable[UUID]) -> None:
        """Read the keys of pupils, so that what follows asks no more."""
        missing = {stream for stream in streams if stream not in self._pupil_ciphers}
        query = "SELECT stroom, sleutel FROM leerlingen WHERE stroom IN ({})"
        for stroom, sleutel in self._db.select_in(query, (stream.bytes for stream in missing)):
            key = _open(self._cipher, sleutel, stroom)
            self._pupil_ciphers[UUID(bytes=stroom)] = AESGCM(key)

    def drop_keys(self) -> None:
        """Forget the keys read so far, to bound memory on long runs."""
        self._pupil_ciphers.clear()

    def _revealed(self, event: Event) -> Event:
        fact, stream = event.fact, event.originator_id
        cipher = self._pupil_ciphers.get(stream)
        if cipher is None or not isinstance(fact, Beschermd):
            return event
        clear = _open(cipher, fact.geheim, _bound(stream, fact.van))
        return replace(event, fact=decode_fact(fact.van, fact.versie, clear))

    def new_pupil(self, pgn: str, stream: UUID, hashed: bytes | None = None) -> NewPupil:
        """Return what makes a PGN a pupil with a stream and a key; nothing is written.

        `hashed` is its keyed hash, where that was made before.
        """
        key = AESGCM.generate_key(KEY_BYTES * 8)
        bound = stream.bytes
        row = (
            bound,
            hashed or self.hashed(pgn),
            bound,
            _close(self._cipher, pgn.encode(), bound),
            _close(self._cipher, key, bound),
        )
        return NewPupil(stream, AESGCM(key), row)

    def hashed(self, pgn: str) -> bytes:
        """Return the keyed hash by which a PGN is found."""
        return self._search.digest(pgn.encode())

    def _writing(self) -> AbstractContextManager[None]:
        return self._db.writing()

    def _prepare(self) -> None:
        self._db.create(TABLES)
        if not self._is_tried():
            with self._writing():
                if not self._is_tried():  # else another process was first
                    trial = _close(self._cipher, b"kijkglas", b"proef")
                    self._db.execute("INSERT INTO proef VALUES (?)", (trial,))

    def _is_tried(self) -> bool:
        """Tell whether the key was tried; raises InvalidTag when it is not that of the vault."""
        for row in self._db.execute("SELECT proef FROM proef"):
            _open_raw(self._cipher, row[0], b"proef")
            return True
        return False


TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS leerlingen (stroom BLOB PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE, groep BLOB NOT NULL, pgn BLOB NOT NULL,
        sleutel BLOB NOT NULL) WITHOUT ROWID""",
    # Nearly every stream is a group of its own: only the others are indexed.
    "CREATE INDEX IF NOT EXISTS samengevoegd ON leerlingen (groep) WHERE groep <> stroom",
    "CREATE TABLE IF NOT EXISTS proef (proef BLOB NOT NULL)",
)


def _is_sealed(event: Event, only: frozenset[str]) -> bool:
    return isinstance(event.fact, Beschermd) and event.fact.van in only


def _bound(stream: UUID, name: str) -> bytes:
    """Return what a secret is bound to, so that it cannot be moved to another pupil."""
    return stream.bytes + name.encode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"kijkglas " + purpose).derive(key)


def _close(cipher: AESGCM, clear: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound)


def _open_raw(cipher: AESGCM, secret: bytes, bound: bytes) -> bytes:
    return cipher.decrypt(secret[:NONCE_BYTES], secret[NONCE_BYTES:], bound)


def _open(cipher: AESGCM, secret: bytes, bound: bytes) -> bytes:
    try:
        return _open_raw(cipher, secret, bound)
    except InvalidTag as error:
        raise VaultError("een versleuteld gegeven in het grootboek is beschadigd") from error
