"""The vault: the only place that knows which PGN a stream belongs to (architecture.md).

A PGN is found by a keyed hash and stands encrypted; every pupil has a key of its own, kept
here under the ledger's key, under which events hold what is personal. Destroying a row
makes the pupil nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.structs import replace

from ledger.ciphers import bound_to, close_secret, open_raw, open_secret
from ledger.databases import Database
from ledger.events import PERSONAL, Beschermd, Event
from ledger.fresh import FreshIds
from ledger.groups import EXPECTED, Groups, Told
from ledger.keyed import KeyedHash
from ledger.keys import KEY_BYTES, KEY_VARIABLE, VaultError, derived
from ledger.mapper import decode_fact

_PERSONAL_NAMES: Final = frozenset(fact.__name__ for fact in PERSONAL)


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
        return close_secret(self.cipher, clear, bound_to(self.stream, name))


class Vault(Groups):
    """PGN's and their streams, in a database of its own or beside the events.

    `database` is closed with it; `told` is what the log says of joins (`ledger.groups`),
    `source` what a user calls where the key came from.
    """

    def __init__(
        self, database: Database, key: bytes, told: Told, source: str = "deze sleutel"
    ) -> None:
        super().__init__(database, told)
        self._search = KeyedHash(derived(key, b"zoeken"))
        self._identity = KeyedHash(derived(key, b"identiteit"))
        self._cipher = AESGCM(derived(key, b"versleutelen"))
        self._pupil_ciphers: dict[UUID, AESGCM] = {}
        self._pseudonyms: dict[str, str] = {}
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
        self.settle()
        return self._find(pgns)

    def _find(self, pgns: Iterable[str]) -> dict[str, Identity]:
        by_hash = {self.hashed(pgn): pgn for pgn in pgns}
        query = "SELECT hash, stroom, groep FROM leerlingen WHERE hash IN ({})"
        return {
            by_hash[hashed]: Identity(UUID(bytes=stroom), UUID(bytes=groep))
            for hashed, stroom, groep in self._db.select_in(query, by_hash)
        }

    def families(self, pgns: Iterable[str]) -> tuple[dict[str, Identity], dict[UUID, list[UUID]]]:
        """Return the identities of PGN's and the streams of their groups, as of one moment."""
        self.settle()
        with self._db.reading():
            identities = self._find(pgns)
            return identities, self._members({identity.groep for identity in identities.values()})

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
        with self._db.writing():
            written = self._db.executemany(
                "INSERT INTO leerlingen VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", listed
            )
        return written == len(listed)

    def known_among(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Return which keyed hashes (`hashed`) are of pupils that the vault knows."""
        query = "SELECT hash FROM leerlingen WHERE hash IN ({})"
        return {hashed for (hashed,) in self._db.select_in(query, hashes)}

    def pgns(self, streams: Iterable[UUID]) -> dict[UUID, str]:
        """Return the PGN of each stream that is not forgotten."""
        query = "SELECT stroom, pgn FROM leerlingen WHERE stroom IN ({})"
        asked = {stream.bytes: stream for stream in streams}
        return {
            asked[stroom]: open_secret(self._cipher, pgn, stroom).decode()
            for stroom, pgn in self._db.select_in(query, asked)
        }

    def joined_pgns(self) -> list[tuple[str, str]]:
        """Return the PGN's that are of one pupil, two and two."""
        joined = self.joined()
        pgns = self.pgns({*joined, *joined.values()})
        return [
            (pgns[stream], pgns[group])
            for stream, group in joined.items()
            if stream in pgns and group in pgns
        ]

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
        return close_secret(self._pupil_ciphers[stream], clear, bound_to(stream, name))

    def unseal(self, stream: UUID, name: str, secret: bytes) -> bytes | None:
        """Return what was sealed under a loaded key; None when the pupil was forgotten.

        Raises VaultError when it was damaged.
        """
        cipher = self._pupil_ciphers.get(stream)
        return None if cipher is None else open_secret(cipher, secret, bound_to(stream, name))

    def load_keys(self, streams: Iterable[UUID]) -> None:
        """Read the keys of pupils, so that what follows asks no more."""
        missing = {stream for stream in streams if stream not in self._pupil_ciphers}
        query = "SELECT stroom, sleutel FROM leerlingen WHERE stroom IN ({})"
        for stroom, sleutel in self._db.select_in(query, (stream.bytes for stream in missing)):
            key = open_secret(self._cipher, sleutel, stroom)
            self._pupil_ciphers[UUID(bytes=stroom)] = AESGCM(key)

    def drop_keys(self) -> None:
        """Forget the keys read so far, to bound memory on long runs."""
        self._pupil_ciphers.clear()

    def _revealed(self, event: Event) -> Event:
        fact, stream = event.fact, event.originator_id
        cipher = self._pupil_ciphers.get(stream)
        if cipher is None or not isinstance(fact, Beschermd):
            return event
        clear = open_secret(cipher, fact.geheim, bound_to(stream, fact.van))
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
            close_secret(self._cipher, pgn.encode(), bound),
            close_secret(self._cipher, key, bound),
        )
        return NewPupil(stream, AESGCM(key), row)

    def hashed(self, pgn: str) -> bytes:
        """Return the keyed hash by which a PGN is found."""
        return self._search.digest(pgn.encode())

    def _prepare(self) -> None:
        self._db.create(TABLES)
        if not self._is_tried():
            with self._db.writing():
                if not self._is_tried():  # else another process was first
                    trial = close_secret(self._cipher, b"kijkglas", b"proef")
                    self._db.execute("INSERT INTO proef VALUES (?)", (trial,))

    def _is_tried(self) -> bool:
        """Tell whether the key was tried; raises InvalidTag when it is not that of the vault."""
        for row in self._db.execute("SELECT proef FROM proef"):
            open_raw(self._cipher, row[0], b"proef")
            return True
        return False


TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS leerlingen (stroom BLOB PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE, groep BLOB NOT NULL, pgn BLOB NOT NULL,
        sleutel BLOB NOT NULL) WITHOUT ROWID""",
    # Nearly every stream is a group of its own: only the others are indexed.
    "CREATE INDEX IF NOT EXISTS samengevoegd ON leerlingen (groep) WHERE groep <> stroom",
    "CREATE TABLE IF NOT EXISTS proef (proef BLOB NOT NULL)",
    EXPECTED,
)


def _is_sealed(event: Event, only: frozenset[str]) -> bool:
    return isinstance(event.fact, Beschermd) and event.fact.van in only
