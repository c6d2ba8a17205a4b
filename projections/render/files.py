"""Reports as files: one file, or a folder with DUO's file names, and their herkomst beside."""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from projections.render.formats import UnknownFormat, check, render
from projections.render.json_files import herkomst_json
from projections.report import Report, Table

ENDINGS: Final[Mapping[str, str]] = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".txt": "table",
    ".xlsx": "xlsx",
    ".svg": "svg",
    ".html": "html",
}
"""The format that the ending of a file stands for; `csv-excel` has to be asked for."""

CARRIES_HERKOMST: Final = frozenset({"table", "json", "xlsx", "svg", "html"})
"""Formats with the heading inside; the others get it in a file beside them."""

HERKOMST_NAME: Final = "herkomst.json"


def write(
    report: Report,
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002 - the name of the option
) -> tuple[Path, ...]:
    """Write the report and return the files written, the herkomst file last.

    A path that is a folder, ends in `/` or has no ending becomes a folder with one file
    per table under DUO's names, `csv-excel` unless asked otherwise, and `herkomst.json`.
    Any other path becomes one file in the format of its ending, with `NAME.herkomst.json`
    beside it when the format has no place for the herkomst.
    Raises what `formats.check` raises before anything is written.
    """
    target = Path(path)
    if _is_folder(os.fspath(path)):
        return _write_folder(report, target, check(report, format or "csv-excel"))
    return _write_file(report, target, check(report, format or format_of(target)))


def format_of(path: Path) -> str:
    """Return the format that a file's ending stands for; raises UnknownFormat."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UnknownFormat(ending.removeprefix("."))
    return ENDINGS[ending]


def _is_folder(path: str) -> bool:
    target = Path(path)
    if target.exists():
        return target.is_dir()
    return path.endswith(("/", os.sep)) or not target.suffix


def _write_folder(report: Report, folder: Path, name: str) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, object] = {}
    for table in report.tabellen:
        single = msgspec.structs.replace(report, tabellen=(table,), enkel=True)
        path = folder / _file_name(report, table, name)
        written[path.name] = _described(single, name, _save(path, render(single, name)))
    herkomst = folder / HERKOMST_NAME
    _describe(herkomst, written)
    return (*(folder / file for file in written), herkomst)


def _write_file(report: Report, path: Path, name: str) -> tuple[Path, ...]:
    digest = _save(path, render(report, name))
    if name in CARRIES_HERKOMST or not path.is_file():
        return (path,)
    herkomst = path.with_name(f"{path.name}.{HERKOMST_NAME}")
    _describe(herkomst, {path.name: _described(report, name, digest)})
    return (path, herkomst)


def _file_name(report: Report, table: Table, name: str) -> str:
    ours = report.product if report.enkel else f"{report.product}_{table.naam}"
    base = (table.bestandsnaam or ours).removesuffix(".csv")
    assert Path(base).name == base, f"geen bestandsnaam: {base}"
    ending = "csv" if name == "csv-excel" else "txt" if name == "table" else name
    return f"{base}.{ending}"


def _save(path: Path, pieces: Iterable[bytes]) -> str:
    """Write the pieces and return their SHA-256; half a file is never left behind."""
    digest = sha256()
    try:
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
    except BaseException:
        if path.is_file():
            path.unlink()
        raise
    return digest.hexdigest()


def _described(report: Report, name: str, digest: str) -> dict[str, object]:
    return {
        "product": report.product,
        "titel": report.titel,
        "tabellen": {table.naam: len(table.rijen) for table in report.tabellen},
        "formaat": name,
        "sha256": digest,
        "herkomst": herkomst_json(report.herkomst),
    }


def _describe(path: Path, written: Mapping[str, object]) -> None:
    """Add the files to the herkomst file, which may tell of other files in the folder."""
    try:
        known = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (FileNotFoundError, msgspec.DecodeError):
        known = {}
    made = path.with_name(f"{path.name}.maken")
    _save(made, [msgspec.json.format(msgspec.json.encode({**known, **written})) + b"\n"])
    made.replace(path)
