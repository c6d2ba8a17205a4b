"""Where the answer goes, when it cannot go there: stdout, a file or a folder that fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


class OutputError(click.ClickException):
    """What waits for stdout cannot be written."""

    exit_code = click.UsageError.exit_code


def check_output() -> None:
    """Write what waits for stdout. Raises OutputError when that fails, and then drops it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from ledger.failing import reason

        drop_output()
        raise OutputError(f"de uitvoer (stdout) is niet geschreven: {reason(error)}") from None


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
        said = told(error, str(path))
        if said is None:
            raise
        check_output()
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
