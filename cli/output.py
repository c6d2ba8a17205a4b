"""Where the answer goes, when it cannot go there: stdout, a file or a folder that fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


class OutputError(click.ClickException):
    """What waits for stdout cannot be written."""

    exit_code = click.UsageError.exit_code


def write_output(pieces: Iterable[bytes]) -> None:
    """Write bytes to stdout. Raises OutputError when that fails."""
    for piece in pieces:  # what fails while they are made is no failure of stdout
        with _to_stdout():
            sys.stdout.buffer.write(piece)
    flush_output()


def flush_output() -> None:
    """Write what waits for stdout. Raises OutputError when that fails."""
    with _to_stdout():
        sys.stdout.flush()


def is_of_output(error: BaseException) -> bool:
    """Tell whether an error was raised where click prints."""
    trace, module = error.__traceback__, ""
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return isinstance(error, OSError) and module == click.utils.__name__


def output_failed(error: OSError) -> OutputError:
    """Return what a user is told of a stdout that fails; what waits for it is dropped."""
    from ledger.failing import reason

    drop_output()
    return OutputError(f"de uitvoer (stdout) is niet geschreven: {reason(error)}")


@contextmanager
def _to_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_failed(error) from None


def drop_output() -> None:
    """Let nothing that waits for stdout come out any more, also when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def writing_to(path: Path | str, hint: str) -> Iterator[None]:
    """Make of what fails at a path a usage error of its option or argument."""
    from ledger.failing import told

    try:
        yield
    except click.ClickException:
        raise
    except Exception as error:
        said = None if is_of_output(error) else told(error, str(path))
        if said is None:
            raise
        raise click.BadParameter(said, param_hint=hint) from None


def write_file(path: Path, pieces: Iterable[bytes], hint: str) -> None:
    """Write a file for its owner alone; half a file is never left behind.

    What fails is a usage error of the option of that name.
    """
    with writing_to(path, hint), path.open("wb") as file:
        try:
            if path.is_file():
                path.chmod(0o600)
            file.writelines(pieces)
            file.flush()
        except BaseException:
            if path.is_file():
                path.unlink()
            raise
