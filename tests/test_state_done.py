"""The region by its files: what 1B's, a tlv register and lists tell, in any order of import.

Three downloads of Dashboard 1B, the register of all tlv's and two open-data lists of
vestigingen are written from the ledger that holds the region's events feed, and read into an
empty one. At every moment both answer alike, but for what the files cannot tell: each such
difference is named here, recognised by its cause and counted.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import pytest

from tests.command import TODAY, Kijkglas, Row, ledger_with

T: Final = "2025-02-01"
KS: Final = ("2025-02-10", "2025-03-03", "2025-09-01")
"""When the dashboards were downloaded: before, at and after the vaststelling of T."""
SWVS: Final = ("PO9901", "VO9901")
ALL_SWVS: Final = ("PO9901", "PO9902", "PO9903", "VO9901", "VO9902")
REGISTER_KNOWN: Final = "2025-09-01T12:00"
MEND: Final = "2025-03-20T12:00"
"""When the list of vestigingen has the link that was put right with effect from August 2024."""

Line = dict[str, Any]
Place = tuple[str, str]
"""A samenwerkingsverband and a moment of knowledge."""


class File(NamedTuple):
    """A file, when it was known, and whether it is complete."""

    path: Path
    known: str
    complete: bool = False


# ------------------------------------------------------------------------ the files


@pytest.fixture(scope="module")
def lines(region_feed: Path) -> list[Line]:
    """Give the feed of the region."""
    return [json.loads(line) for line in region_feed.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def files(
    region_ledger: Kijkglas, lines: list[Line], tmp_path_factory: pytest.TempPathFactory
) -> list[File]:
    """Give the files of all samenwerkingsverbanden, by their moment."""
    folder = tmp_path_factory.mktemp("bestanden")
    made = [
        File(vestigingen(folder / "vestigingen_2025-02.csv", lines, "2025-02-02"), "2025-02-02"),
        File(vestigingen(folder / "vestigingen_2025-03.csv", lines, MEND), MEND),
        File(tlv_register(folder / "tlv-register.csv", lines, REGISTER_KNOWN), REGISTER_KNOWN),
    ]
    for swv in ALL_SWVS:
        for known in KS:
            to = folder / f"{swv}_{known}"
            report = ("report", "dashboard-1b", "--swv", swv, "--teldatum", T)
            region_ledger.fine(*report, "--bekend-op", known, "-o", to)
            (path,) = to.glob("*.csv")
            made.append(File(path, f"{known}T23:59:59", complete=True))
    return sorted(made, key=lambda file: file.known)


def tlv_register(path: Path, lines: Iterable[Line], until: str) -> Path:
    """Write all tlv's as known at a moment, as a samenwerkingsverband could have them."""
    tlvs: dict[str, Line] = {}
    now: dict[str, str] = {}
    for line in _known(lines, until):
        match line["type"]:
            case "TlvAfgegeven":
                tlvs[line["nummer"]] = {**line, "per": ""}
            case "TlvGewijzigd":
                tlvs[line["nummer"]] |= {name: line[name] for name in _OF_TLV if name in line}
            case "TlvIngetrokken":
                tlvs[line["nummer"]]["per"] = line["per"]
            case "PgnVervangen":
                now[line["pgn"]] = line["nieuw_pgn"]
    kop = ("TLV-nummer", "BSN", "Categorie", "Begindatum", "Einddatum", "Ingetrokken per")
    rows = [
        (nummer, now.get(one["pgn"], one["pgn"]), *(one[name] for name in _OF_TLV), one["per"])
        for nummer, one in sorted(tlvs.items())
    ]
    return _written(path, ";", kop, rows)


_OF_TLV: Final = ("categorie", "begindatum", "einddatum")


def vestigingen(path: Path, lines: Iterable[Line], until: str) -> Path:
    """Write the links of vestigingen as known at a moment, in the layout of DUO's open data."""
    names: dict[str, str] = {}
    links: dict[tuple[str, str], list[str]] = {}
    for line in _known(lines, until):
        match line["type"]:
            case "VestigingGeregistreerd":
                names[line["vestigingscode"]] = line["naam"]
            case "SwvGeregistreerd":
                names[line["swv"]] = line["naam"]
            case "VestigingAangesloten":
                links[line["vestigingscode"], line["swv"]] = [line["vanaf"], ""]
            case "VestigingUitgetreden":
                links[line["vestigingscode"], line["swv"]][1] = line["tot_en_met"]
    kop = (
        "VESTIGINGSCODE", "VESTIGINGSNAAM", "SAMENWERKINGSVERBAND_NUMMER",
        "SAMENWERKINGSVERBAND_NAAM", "VANAF", "TOT_EN_MET",
    )  # fmt: skip
    rows = [
        (code, names[code], swv, names[swv], *days) for (code, swv), days in sorted(links.items())
    ]
    return _written(path, ",", kop, rows)


def _known(lines: Iterable[Line], until: str) -> Iterator[Line]:
    """Yield the lines known at a moment; their texts sort as the moments do."""
    return (line for line in lines if line["bekend_op"] <= until)


def _written(path: Path, delimiter: str, kop: Iterable[str], rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(kop)
        writer.writerows(rows)
    return path


# ---------------------------------------------------------------------- the ledgers

ORDERS: Final = ("op volgorde", "andersom", "door elkaar 1", "door elkaar 2")


def arranged(files: list[File], order: str) -> list[File]:
    """Return the files in some order of import."""
    if order == "op volgorde":
        return files
    if order == "andersom":
        return files[::-1]
    return Random(order).sample(files, len(files))  # noqa: S311 - no secret is made


def read_in(folder: Path, files: Iterable[File]) -> Kijkglas:
    """Return a new ledger that read the files, each by a command of its own."""
    ledger = ledger_with(folder)
    for file in files:
        more = ["--complete"] if file.complete else []
        ledger.imported(file.path, more=("--bekend-op", file.known, *more))
    return ledger


@pytest.fixture(scope="module", params=ORDERS)
def ledger(
    request: pytest.FixtureRequest, files: list[File], tmp_path_factory: pytest.TempPathFactory
) -> Kijkglas:
    """Give a ledger that read the files of one region in some order."""
    own = [file for file in files if not file.complete or file.path.parent.name[:6] in SWVS]
    return read_in(tmp_path_factory.mktemp("ledger"), arranged(own, request.param))


@pytest.fixture(scope="module", params=("op volgorde", "door elkaar 1"))
def whole(
    request: pytest.FixtureRequest, files: list[File], tmp_path_factory: pytest.TempPathFactory
) -> Kijkglas:
    """Give a ledger that read the files of all samenwerkingsverbanden in some order."""
    return read_in(tmp_path_factory.mktemp("ledger"), arranged(files, request.param))


def rows_1b(ledger: Kijkglas, swv: str, known: str) -> dict[str, Row]:
    """Return the rows of Dashboard 1B by PGN: a pupil counts once."""
    report = ("report", "dashboard-1b", "--swv", swv, "--teldatum", T, "--bekend-op", known)
    rows = ledger.fine(*report, "--format", "json").rows
    by_pgn = {row["BSN_OWN"]: row for row in rows}
    assert len(by_pgn) == len(rows)
    return by_pgn


def tables_1a(ledger: Kijkglas, swv: str, known: str) -> dict[str, list[Row]]:
    """Return the three files of Dashboard 1A."""
    report = ("report", "dashboard-1a", "--swv", swv, "--teldatum", T, "--bekend-op", known)
    tables: dict[str, list[Row]] = ledger.fine(*report, "--format", "json").answer["tabellen"]
    return tables


# ---------------------------------------------------- what the files cannot tell of 1B

AGE: Final = "leeftijd: 1B geeft haar en geen geboortedatum"
NO_CATEGORY: Final = "ongebruikte tlv: nog geen bestand gaf haar categorie"
WHICH_UNUSED: Final = "ongebruikte tlv: geen bestand zegt welke de school koppelde"

TLV_COLUMNS: Final = frozenset({"BESCHIKKINGSNUMMER", "BEGIN_DATUM_TLV", "EIND_DATUM_TLV"})

DIFFERENCES: Final[Mapping[Place, Mapping[str, int]]] = {
    ("PO9901", KS[0]): {AGE: 115, NO_CATEGORY: 17},
    ("PO9901", KS[1]): {AGE: 116, NO_CATEGORY: 11},
    ("PO9901", KS[2]): {AGE: 127},
    ("VO9901", KS[0]): {AGE: 74, NO_CATEGORY: 13},
    ("VO9901", KS[1]): {AGE: 74, NO_CATEGORY: 12},
    ("VO9901", KS[2]): {AGE: 74, WHICH_UNUSED: 1},
}
"""How many rows differ by each cause: nothing else does."""


class Told(NamedTuple):
    """What the feed knows and the files leave out: by this a difference is recognised."""

    categories: Mapping[str, str]
    linked: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, lines: list[Line], files: Iterable[File]) -> Told:
        """Return from when a file gave the category of each tlv, and who is linked to what."""
        categories: dict[str, str] = {}
        for file in sorted(files, key=lambda one: one.known, reverse=True):
            categories |= dict.fromkeys(_numbers_with_category(file), file.known)
        linked = frozenset(
            (line["instellingscode"], line["volgnummer"], nummer)
            for line in lines
            if line["type"] in {"TlvGekoppeld", "InschrijvingGeregistreerd"}
            for nummer in (line.get("tlv") or [line.get("nummer")])
            if nummer
        )
        return cls(categories, linked)

    def cause(self, known: str, theirs: Row, ours: Row) -> str:
        """Return why the tlv of a row differs; an assertion fails when it should not."""
        assert theirs["WIJZE_VAN_BEPALING"] != "TLV", (theirs, ours)
        shown = theirs["BESCHIKKINGSNUMMER"]
        if not ours["BESCHIKKINGSNUMMER"]:
            assert {ours[name] or None for name in TLV_COLUMNS} == {None}, ours
            assert self.categories.get(shown, "9999") > f"{known}T24", shown
            return NO_CATEGORY
        enrolment = (theirs["INSTELLINGSCODE"], theirs["INSCHRIJVINGSVOLGNUMMER"])
        assert (*enrolment, shown) in self.linked
        assert (*enrolment, ours["BESCHIKKINGSNUMMER"]) not in self.linked
        assert ours["BEGIN_DATUM_TLV"] > theirs["BEGIN_DATUM_TLV"]
        return WHICH_UNUSED


def _numbers_with_category(file: File) -> set[str]:
    """Return the tlv numbers of which a file tells the category: 1B only where one decided."""
    with file.path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter=";"))
    if "TLV-nummer" in rows[0]:
        return {row["TLV-nummer"] for row in rows}
    return {row["BESCHIKKINGSNUMMER"] for row in rows if row.get("WIJZE_VAN_BEPALING", "") == "TLV"}


@pytest.fixture(scope="module")
def told(lines: list[Line], files: list[File]) -> Told:
    """Give what tells the causes of differences apart."""
    own = [file for file in files if not file.complete or file.path.parent.name[:6] in SWVS]
    return Told.of(lines, own)


def differences(told: Told, known: str, theirs: Row, ours: Row) -> Iterator[str]:
    """Yield the causes why a row differs; an assertion fails for what has none."""
    differing = {name for name in theirs if theirs[name] != ours[name]}
    if "LEEFTIJD_TELDATUM" in differing:
        assert ours["LEEFTIJD_TELDATUM"] is None
        differing.remove("LEEFTIJD_TELDATUM")
        yield AGE
    assert differing <= TLV_COLUMNS, (differing, theirs, ours)
    if differing:
        yield told.cause(known, theirs, ours)


CAME_AND_WENT: Final = {"PO9901": [(0, 1), (2, 13)], "VO9901": [(0, 0), (0, 0)]}
"""How many pupils vanished and came from one download to the next."""

# ------------------------------------------------------------------------- the tests


def test_there_is_news_in_all_downloads_but_one(files: list[File]) -> None:
    """Of one the next download is the same, byte for byte: it was known before."""
    assert len(files) == 3 + len(ALL_SWVS) * len(KS)
    assert len({file.path.read_bytes() for file in files}) == len(files) - 1


@pytest.mark.parametrize("known", KS)
@pytest.mark.parametrize("swv", SWVS)
def test_dashboard_1b_is_that_of_the_feed(
    region_ledger: Kijkglas, ledger: Kijkglas, told: Told, swv: str, known: str
) -> None:
    theirs, ours = (rows_1b(one, swv, known) for one in (region_ledger, ledger))
    assert ours.keys() == theirs.keys()
    found = Counter(
        cause for pgn in theirs for cause in differences(told, known, theirs[pgn], ours[pgn])
    )
    assert found == DIFFERENCES[swv, known]


@pytest.mark.parametrize("swv", SWVS)
def test_who_vanished_and_who_came_are_those_of_the_feed(
    region_ledger: Kijkglas, ledger: Kijkglas, swv: str
) -> None:
    changes = [
        [
            (one.keys() - two.keys(), two.keys() - one.keys())
            for one, two in pairwise(rows_1b(of, swv, known) for known in KS)
        ]
        for of in (region_ledger, ledger)
    ]
    assert changes[0] == changes[1]
    assert [(len(gone), len(come)) for gone, come in changes[0]] == CAME_AND_WENT[swv]


@pytest.mark.parametrize("known", KS)
@pytest.mark.parametrize("swv", SWVS)
def test_dashboard_1a_is_that_of_the_feed(
    region_ledger: Kijkglas, ledger: Kijkglas, swv: str, known: str
) -> None:
    """But for the basis of residential pupils: 1B does not tell who linked the tlv."""
    theirs, ours = (tables_1a(one, swv, known) for one in (region_ledger, ledger))
    moved = residential_by_tlv(region_ledger, swv, known)
    assert ours["met_tlv"] == [_as_rp(row, moved) for row in theirs["met_tlv"]]
    assert sum(moved.values()) == (1 if swv == "PO9901" else 0)
    # File 2: who is of another samenwerkingsverband stands in the 1B of that one.
    mine = "MET_TLV_DIT_SWV"
    assert [row[mine] for row in ours["totaal"]] == [row[mine] for row in theirs["totaal"]]
    assert all(row["MET_TLV_ANDER_SWV"] == 0 for row in ours["totaal"])
    assert any(row["MET_TLV_ANDER_SWV"] > 0 for row in theirs["totaal"])


def residential_by_tlv(ledger: Kijkglas, swv: str, known: str) -> Counter[tuple[str, str]]:
    """Return per vestiging and category the residential pupils whose tlv the school linked."""
    return Counter(
        (row["VESTIGINGSCODE"], row["ONDERSTEUNINGSCATEGORIE"])
        for row in rows_1b(ledger, swv, known).values()
        if row["RESIDENTIELE_LEERLING"] and row["WIJZE_VAN_BEPALING"] == "TLV"
    )


def _as_rp(row: Row, moved: Counter[tuple[str, str]]) -> Row:
    """Return a row of 1A with those residential pupils under RP instead of TLV."""
    row = dict(row)
    for name, duo in (("LAAG", "LAAG"), ("MIDDEN", "MIDDE"), ("HOOG", "HOOG")):
        count = moved[row["VESTIGINGSCODE"], f"SO_VSO_{duo}"]
        row[f"AANTAL_{name}_TLV"] -= count
        row[f"AANTAL_{name}_RP"] += count
    return row


@pytest.mark.parametrize("known", KS)
@pytest.mark.parametrize("swv", ALL_SWVS)
def test_with_all_dashboards_pupils_who_moved_between_them_are_right_too(
    region_ledger: Kijkglas, whole: Kijkglas, swv: str, known: str
) -> None:
    """Gone from one dashboard and in another of the same day: it counts there."""
    theirs, ours = (rows_1b(one, swv, known) for one in (region_ledger, whole))
    skipped = {"LEEFTIJD_TELDATUM", *TLV_COLUMNS}
    assert [_without(ours[pgn], skipped) for pgn in sorted(ours)] == [
        _without(theirs[pgn], skipped) for pgn in sorted(theirs)
    ]
    theirs_1a, ours_1a = (tables_1a(one, swv, known) for one in (region_ledger, whole))
    assert ours_1a["totaal"] == theirs_1a["totaal"]


def test_there_are_pupils_who_moved_between_dashboards(region_ledger: Kijkglas) -> None:
    of: defaultdict[str, set[str]] = defaultdict(set)
    for swv in ALL_SWVS:
        for known in KS:
            for pgn in rows_1b(region_ledger, swv, known):
                of[pgn].add(swv)
    assert sum(len(swvs) > 1 for swvs in of.values()) == 2


def _without(row: Row, names: set[str]) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def test_the_same_files_again_book_nothing(ledger: Kijkglas, files: list[File]) -> None:
    for file in files:
        if file.complete and file.path.parent.name[:6] not in SWVS:
            continue
        more = ["--complete"] if file.complete else []
        done = ledger.fine("import", file.path, "--bekend-op", file.known, *more, *TODAY)
        assert ", geboekt 0, " in done.out
