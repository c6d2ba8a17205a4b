"""The vault: the only place that knows which PGN a stream belongs to (architecture.md).

A PGN is found by a keyed hash and stands encrypted; every pupil has a key of its own, kept
here under the ledger's key, under which events hold what is personal. Destroying a row
makes the pupil nobody.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec.structs import replace

from ledger.databases import Database
from ledger.events import PERSONAL, Beschermd, Event, Fact
from ledger.mapper import decode_fact, encode_fact

KEY_VARIABLE: Final = "KIJKGLAS_KEY"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_PERSONAL_NAMES: Final = frozenset(fact.__name__ for fact in PERSONAL)


class VaultError(Exception):
    """The vault cannot be opened: no key, the wrong key, or a damaged file."""


class Identity(NamedTuple):
    """A PGN in the vault: its stream, and the group of streams that are one pupil."""

    stream: UUID
    groep: UUID


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
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise VaultError(
                f"geen sleutel: {path} ontbreekt of is onleesbaar en {KEY_VARIABLE} is niet gezet; "
                "zet de bewaarde sleutel terug"
            ) from None
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(f"de sleutel is geen base64 van {KEY_BYTES} bytes")
    return key


class Vault:
    """PGN's and their streams, in a database of its own or beside the events.

    `database` is closed with it.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._search_key = _derived(key, b"zoeken")
        self._identity_key = _derived(key, b"identiteit")
        self._cipher = AESGCM(_derived(key, b"versleutelen"))
        self._pupil_ciphers: dict[UUID, AESGCM] = {}
        self._tokens: dict[str, int] = {}
        self._db = database
        broken: tuple[type[Exception], ...] = (InvalidTag, *database.broken)
        try:
            self._prepare()
        except BaseException as error:
            self._db.close()
            if not isinstance(error, broken):
                raise
            raise VaultError(
                f"{database.name} is geen kluis bij deze sleutel; zet het bestand en de sleutel "
                "terug die bij elkaar horen"
            ) from error

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def identity(self, content: bytes) -> bytes:
        """Return what tells an event from another one (events.md 1).

        Keyed: a plain hash of content with a PGN in it could be searched for the PGN.
        """
        return hmac.digest(self._identity_key, content, "sha256")

    def token(self, text: str) -> int:
        """Return a keyed 63-bit token of a text, to index what must not stand in clear."""
        known = self._tokens.get(text)
        if known is None:
            digest = hmac.digest(self._search_key, text.encode(), "sha256")
            known = self._tokens[text] = int.from_bytes(digest[:8], "big") >> 1
        return known

    def find(self, pgns: Iterable[str]) -> dict[str, Identity]:
        """Return the identities of the PGN's that are known."""
        by_hash = {self._hash(pgn): pgn for pgn in pgns}
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
        new = {pgn: self._new_row(pgn) for pgn in wanted if pgn not in known}
        if not new:
            return known
        with self._writing():
            written = self._db.executemany(
                "INSERT INTO leerlingen VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
                sorted(new.values()),
            )
        if written < len(new):
            return self.find(wanted)  # another process registered some of them first
        for pgn, row in new.items():
            known[pgn] = Identity(UUID(bytes=row[0]), UUID(bytes=row[2]))
        return known

    def join(self, one: UUID, two: UUID) -> None:
        """Make two streams one group: they belong to one pupil (`PgnVervangen`)."""
        with self._writing():
            groups = self.groups([one, two])
            self._db.execute(
                "UPDATE leerlingen SET groep = ? WHERE groep = ?",
                (groups[one].bytes, groups[two].bytes),
            )

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

    def _new_row(self, pgn: str) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        stream = uuid4()
        while stream.int >> 96 == 0:  # that range belongs to reference objects
            stream = uuid4()
        key = AESGCM.generate_key(KEY_BYTES * 8)
        self._pupil_ciphers[stream] = AESGCM(key)
        encrypted = (_close(self._cipher, text, stream.bytes) for text in (pgn.encode(), key))
        return (stream.bytes, self._hash(pgn), stream.bytes, *encrypted)  # type: ignore[return-value]  # two

    def _hash(self, pgn: str) -> bytes:
        return hmac.digest(self._search_key, pgn.encode(), "sha256")

    def _writing(self) -> AbstractContextManager[None]:
        return self._db.writing()

    def _prepare(self) -> None:
        self._db.create(_TABLES)
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


_TABLES: Final = (
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
