"""Opening the ledger, the types of options, and progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ledger.application import Ledger


class Day(click.ParamType[date]):
    """A date as 2025-02-01 or 1-2-2025."""

    name = "datum"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401 - click's signature
        """Return the date; a wrong one is a usage error."""
        from ledger.times import TimeFormatError, parse_date

        if isinstance(value, date):
            return value
        try:
            return parse_date(value)
        except TimeFormatError as error:
            self.fail(str(error), param, ctx)


class CodeOfSwv(click.ParamType[str]):
    """The code of a samenwerkingsverband, also as PO-23-04 or PO 23.04."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """Return the code as PO2304; a wrong one is a usage error."""
        from ledger.codes import normalise_swv

        try:
            return normalise_swv(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


today_option = click.option("--today", type=Day(), help="Reken alsof het vandaag deze dag is.")


undated_option = click.option(
    "--today", type=Day(), expose_value=False, help="Maakt hier geen verschil; overal toegestaan."
)


@contextmanager
def opened(where: str) -> Iterator[Ledger]:
    """Open an existing ledger and close it after use."""
    from ledger.application import open_ledger

    with open_ledger(where) as ledger:
        yield ledger


@contextmanager
def progress_bar(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Give a function that shows progress on stderr, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=max(length, 1), label=label, file=sys.stderr) as bar:
        yield bar.update


def version() -> str:
    """Return the version of this program."""
    from importlib.metadata import version as of

    return of("kijkglas")
