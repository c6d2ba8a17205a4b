"""What the questions need of a read model, and what keeping it up needs of an engine.

An engine says where the generations of a ledger's read model live: files of SQLite, Parquet
files, schemas of a server. The SQL texts are the same for all of them. All of it may be deleted
at any time; it comes back the same from the events.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, Final

from ledger.places import LedgerError
from projections.store.partitions import partitions
from projections.store.rows import Batch, Rows

PER_QUERY: Final = 400
"""Keys in one question of SQLite."""

POSITION: Final = "positie"
HEAD: Final = "hoofd"
RULES: Final = "regels"

_RULES: Final = {
    "ledger": (
        "codes", "dossier", "events", "facts", "fold", "groups", "keyed", "keys", "leerplicht",
        "mapper", "reference", "reference_facts", "senseless", "stored", "times", "vault",
    ),
    "projections": (
        "attribution", "catching_up", "compute", "items", "leerling", "parcel", "partition",
        "standen", "telt", "tracker", "verloop",
    ),
    "projections.shapes": (
        "contest", "filling", "folds", "histories", "ordinary", "plain", "shape", "tables",
        "template",
    ),
    "projections.store": (
        "duckdb_model", "encoding", "parquet_files", "parquet_making", "parquet_tables",
        "partitions", "postgres_making", "postgres_model", "read_model", "rows", "schema",
        "sqlite_bulk", "sqlite_making", "sqlite_model", "table_model", "tussenstanden",
    ),
}  # fmt: skip
"""The modules that decide what is in the table, and how it stands there."""


def hashed_modules() -> set[str]:
    """Return the full names of the modules that `rules_hash` is about."""
    return {f"{package}.{name}" for package, names in _RULES.items() for name in names}


@cache
def rules_hash() -> str:
    """Return the hash of the rules and the schema: another one means another table."""
    digest = sha256()
    for package, names in _RULES.items():
        for name in names:
            digest.update(resources.files(package).joinpath(f"{name}.py").read_bytes())
    return digest.hexdigest()


class DamagedReadModelError(LedgerError):
    """What is there cannot be read; it is made anew by whoever asks next."""

    def __init__(self) -> None:
        super().__init__(
            "het leesmodel op schijf is beschadigd; geef de opdracht nog eens, dan wordt het "
            "opnieuw gemaakt uit de gebeurtenissen (die staan elders, en zijn niet geraakt)"
        )


class ReadModel(ABC):
    """One generation of the read model, open."""

    has_sums = False
    """Whether it has the tables of sums (`SUM_TABLES`); numbers are the same without."""

    @property
    @abstractmethod
    def generation(self) -> str:
        """The name of the generation: another one after it was made anew."""

    @abstractmethod
    def close(self) -> None:
        """Close it."""

    @abstractmethod
    def execute(
        self, query: str, values: Mapping[str, object] | None = None
    ) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a question; values are named in it as `:name`."""

    @abstractmethod
    def state(self, name: str) -> str | None:
        """Return one line of what the table says of itself, None when it does not."""

    @abstractmethod
    def set_state(self, name: str, value: str) -> None:
        """Write one line of what the table says of itself."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Read one state of the table, whatever another process does to it meanwhile."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """Run one transaction: all of it or nothing."""

    @abstractmethod
    def insert(self, rows: Rows) -> None:
        """Insert rows of any tables."""

    @abstractmethod
    def delete_groups(self, groups: Sequence[str]) -> None:
        """Delete all rows of some groups of streams (hex)."""

    def summing(self, groups: Sequence[str]) -> AbstractContextManager[None]:
        """Keep sums, if there are any, up with what happens to some groups (hex) meanwhile."""
        del groups
        return nullcontext()

    @abstractmethod
    def replace_reference(self, rows: Rows) -> None:
        """Put reference data in the place of what was there."""

    @property
    def position(self) -> int:
        """The position of the last event that is in it."""
        return int(self.state(POSITION) or 0)

    @property
    def per_query(self) -> int:
        """How many keys one question takes; more are asked in several."""
        return PER_QUERY

    def listed(
        self, name: str, keys: Sequence[str] | Sequence[int]
    ) -> tuple[str, dict[str, object]]:
        """Return what stands between the brackets of `IN` for some keys, and the values."""
        named: dict[str, object] = {f"{name}{place}": key for place, key in enumerate(keys)}
        return ", ".join(f":{key}" for key in named), named

    def select_in(
        self, query: str, keys: Iterable[str] | Iterable[int], values: Mapping[str, object]
    ) -> Iterator[Any]:
        """Yield the rows of a question for many keys, some at a time; `{}` is where they go."""
        asked: Any = list(keys)
        for start in range(0, len(asked), self.per_query):
            marks, named = self.listed("key", asked[start : start + self.per_query])
            yield from self.execute(query.replace("{}", marks), {**values, **named})

    def groups_depending_on(self, objects: Iterable[int]) -> set[str]:
        """Return the groups of pupils that depend on some reference objects, by token."""
        query = "SELECT DISTINCT groep FROM afhankelijkheden WHERE object IN ({})"
        return {row[0] for row in self.select_in(query, objects, {})}


class Shard(ABC):
    """Where the rows of one partition are left; small, and sent to the process that computes."""

    @abstractmethod
    def write(self, parts: Iterable[Batch]) -> None:
        """Write the rows of the partition, and close what was written."""


class Making(ABC):
    """A generation that is being made: nobody sees it until it is published.

    Nothing of it is there before `filling`, so that whoever makes one can always discard it.
    """

    @abstractmethod
    def partitions(self, events: int) -> list[tuple[str, str]]:
        """Return the ranges of group ids (hex) in which a ledger of so many events is computed."""

    @abstractmethod
    def filling(self) -> AbstractContextManager[None]:
        """Make room and fill it: everything until `publish` stands within this."""

    @abstractmethod
    def add(self, number: int, parts: Iterable[Batch]) -> None:
        """Take in the rows of a partition, computed here; partitions come in their order."""

    @abstractmethod
    def complete(self, reference: Rows, said: Mapping[str, str]) -> None:
        """Take in reference data, and what the table says of itself."""

    @abstractmethod
    def publish(self) -> ReadModel:
        """Finish it, give it its name, remove what is older, and return it open."""

    @abstractmethod
    def discard(self) -> None:
        """Throw away what was made so far; leaves one that was published alone."""


class SharedMaking(Making):
    """A generation that other processes can write partitions of."""

    @abstractmethod
    def shards(self) -> AbstractContextManager[Iterator[Shard]]:
        """Give a shard for every partition, in their order."""

    @abstractmethod
    def merge(self, number: int, shard: Shard) -> None:
        """Take in a partition that was written elsewhere; partitions come in their order."""


class TableMaking(Making):
    """A generation of tables, filled through a model that is open on them."""

    model: ReadModel

    def partitions(self, events: int) -> list[tuple[str, str]]:
        """Return the ranges in which a ledger is computed."""
        return partitions(events)

    def add(self, number: int, parts: Iterable[Batch]) -> None:
        """Insert the rows of a partition."""
        del number
        for batch in parts:
            self.model.insert(batch.rows())

    def complete(self, reference: Rows, said: Mapping[str, str]) -> None:
        """Insert reference data, and what the table says of itself."""
        self.model.replace_reference(reference)
        for name, value in said.items():
            self.model.set_state(name, value)


class Engine(ABC):
    """Where the generations of the read model of one ledger live."""

    @abstractmethod
    def opened(self) -> ReadModel | None:
        """Return the present generation, None when none is readable and of these rules."""

    @abstractmethod
    def refreshing(self) -> AbstractContextManager[None]:
        """Let one process at a time refresh the read model; the lock falls with the process."""

    @abstractmethod
    def begun(self) -> SharedMaking:
        """Begin the next generation; what a killed one left behind is cleared away."""

    @abstractmethod
    def apart(self) -> AbstractContextManager[Making]:
        """Begin a read model outside the ledger, which is gone at the end."""
