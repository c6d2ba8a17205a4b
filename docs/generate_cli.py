"""Write docs/cli.md from the real `--help` of every command: `python -m docs.generate_cli`."""
# ruff: noqa: INP001 - docs is a folder of texts, not a package

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click

from cli.main import kijkglas

TARGET: Final = Path(__file__).parent / "cli.md"
WIDTH: Final = 96

INTRO: Final = """\
# The command line

This page is made from the `--help` of every command by `python -m docs.generate_cli`; a test
fails when it is not current. Do not edit it by hand. The help texts are Dutch, as users see them.

## What all commands share

The ledger is a folder: `--ledger MAP` before the command, else `$KIJKGLAS_LEDGER`, else
`./kijkglas-data`. Its key is `kluis.sleutel` in that folder, or `$KIJKGLAS_KEY` when that is set.

With the extra `postgres` it can be a database: `--ledger postgresql://user@host:port/database`
(an address of libpq; the password rather in `$PGPASSWORD` or `~/.pgpass`). `init` on an empty
database makes the tables. Its key is `$KIJKGLAS_KEY`, else the file that `$KIJKGLAS_KEY_FILE`
names, else `database-host-port.sleutel` in `$XDG_CONFIG_HOME/kijkglas` (`~/.config/kijkglas`);
everyone who opens the ledger needs it.

The read model of a ledger in a folder is made by SQLite, or by DuckDB over Parquet (extra `scale`)
when `$KIJKGLAS_ENGINE` or `leesmodel.toml` in that folder says so; `$KIJKGLAS_LEESMODEL` names
another folder for it, in which each ledger has a folder of its own. That of a database is in
the database, or with `$KIJKGLAS_ENGINE=duckdb`
in the folder that `$KIJKGLAS_LEESMODEL` names.

Data go to stdout (or to `-o`), everything else to stderr. Progress shows on a terminal only.

| exit status | meaning |
|---|---|
| 0 | fine |
| 1 | `diff` or `reconcile` found differences, or `verify` something wrong |
| 2 | wrong use: an option, a value, a file that cannot be read, an output that cannot be made |
| 3 | lines of the input were refused |
| 4 | the ledger cannot be opened, read or written, or is damaged |
| 130 | interrupted: Ctrl-C, SIGTERM, or the terminal was closed |

| `--format` | what it is |
|---|---|
| `table` | aligned columns; on a terminal at most 40 rows, and how many were left out |
| `csv` | UTF-8, comma, ISO dates; several tables follow one another, each under its name |
| `csv-excel` | the dialect of DUO's files: semicolon, BOM, CRLF, dates as `1-2-2025` |
| `json` | one object: `herkomst`, and `rows` or (for several tables) `tabellen` |
| `jsonl` | one row a line; for `why` one pupil a line, with its events |
| `xlsx` | a workbook: a sheet per table and `Herkomst`; needs the extra `excel` |
| `svg`, `html` | `why` as a picture, or as a page with pupils and events; `html` also `reconcile` |

`-o FILE` takes the format from the ending (`.csv`, `.json`, `.jsonl`, `.txt`, `.xlsx`, `.svg`,
`.html`). `-o FOLDER` writes
one file per table, under DUO's file names where DUO has one, in `csv-excel` unless `--format` says
otherwise, and `herkomst.json` with the moments, the position and the head of the hash chain.
"""


class Entry(NamedTuple):
    """A command: its words as typed, the command, and its help."""

    name: str
    command: click.Command
    text: str


def entries() -> Iterator[Entry]:
    """Yield every command, the group first, in the order of `kijkglas --help`."""
    yield from _entries(kijkglas, "kijkglas", None)


def reference() -> str:
    """Return what docs/cli.md must be."""
    parts = [f"## {entry.name}\n\n```text\n{entry.text}\n```\n" for entry in entries()]
    return "\n".join([INTRO, *parts])


def _entries(command: click.Command, name: str, parent: click.Context | None) -> Iterator[Entry]:
    context = click.Context(
        command, parent, info_name=name, terminal_width=WIDTH, **command.context_settings
    )
    yield Entry(context.command_path, command, command.get_help(context))
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None, child
            yield from _entries(found, child, context)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
    click.echo(f"written: {TARGET.name}", err=True)
