"""A read model of tables with indexes: it keeps sums of the differences too."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from projections.store import tussenstanden
from projections.store.read_model import ReadModel


class TableReadModel(ReadModel):
    """One generation of tables, open."""

    has_sums = True

    @abstractmethod
    def change(self, statement: str, values: Mapping[str, object] | None = None) -> None:
        """Run a statement that returns nothing; values are named in it as `:name`."""

    def summing(self, groups: Sequence[str]) -> AbstractContextManager[None]:
        """Keep the sums up with what happens to some groups of streams (hex) meanwhile."""
        return tussenstanden.kept_up(self, self.change, groups)

    def sum_up(self) -> None:
        """Sum up everything, where nothing is summed up yet."""
        tussenstanden.fill(self.change)
