"""The made-up country: all samenwerkingsverbanden, numbers that never repeat, the shape of life."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest
from stdnum.nl import bsn, onderwijsnummer

from ledger.application import create, now
from ledger.importing import import_feed
from synthetic.__main__ import main
from synthetic.country import MAP, SCALES, country, part_lines, parts
from synthetic.numbers import bsn_numbers
from synthetic.region import region
from synthetic.writing import write_lines, write_parts
from tests.command import kijkglas

Line = dict[str, Any]

SEED = 4
SAMPLE = 8_000
FEW = 1_500
TELDATUM = "2025-02-01"
SECTOR = {"SBO": "PO", "SO": "PO", "VSO": "VO"}
RESIDENTIAL = {"IJH", "IGZ", "IJG"}


@cache
def feed() -> tuple[Line, ...]:
    return tuple(country(SEED, SAMPLE))


@cache
def pupils() -> tuple[tuple[Line, ...], ...]:
    """Return the lines of each pupil: a pupil's registration comes first in a feed by pupil."""
    found: list[list[Line]] = []
    for line in feed():
        if line["type"] == "LeerlingGeregistreerd":
            found.append([])
        if "pgn" in line:
            found[-1].append(line)
    return tuple(map(tuple, found))


def of_type(*names: str) -> list[Line]:
    return [line for line in feed() if line["type"] in names]


@cache
def links() -> dict[tuple[str, str], str]:
    """Return the samenwerkingsverband of a vestiging per sector, as known at first."""
    found: dict[tuple[str, str], str] = {}
    for line in of_type("VestigingAangesloten"):
        found.setdefault((line["vestigingscode"], line["swv"][:2]), line["swv"])
    return found


def enrolments(lines: tuple[Line, ...]) -> list[Line]:
    return [line for line in lines if line["type"] == "InschrijvingGeregistreerd"]


def day(line: Line, name: str) -> date:
    return date.fromisoformat(line[name][:10])


# the same for the same seed


def test_the_same_seed_gives_the_same_country_and_another_seed_another() -> None:
    def some(seed: int) -> list[dict[str, object]]:
        return list(islice(country(seed, FEW), 12_000))

    assert some(7) == some(7)
    assert some(7) != some(8)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_parts_are_the_country_for_any_number_of_processes(
    workers: int, tmp_path: Path
) -> None:
    (tmp_path / "feed-PO9999.jsonl").write_bytes(b"of before")
    with (tmp_path / "land.jsonl").open("wb") as file:
        lines = write_lines(country(7, FEW), file)
    written = list(write_parts(tmp_path, FEW, 7, workers))
    assert sum(one.lines for one in written) == lines
    found = sorted(tmp_path.glob("feed-*"))
    assert [one.path for one in written] == found
    together = b"".join(path.read_bytes() for path in found)
    assert together == (tmp_path / "land.jsonl").read_bytes()


def test_a_part_alone_is_the_same_as_in_its_turn() -> None:
    last = parts(FEW)[-1]
    alone = list(part_lines(last, 7, FEW))
    assert alone == list(country(7, FEW))[-len(alone) :]


def test_nothing_is_known_after_until() -> None:
    until = date(2023, 3, 3)
    known = [str(line["bekend_op"]) for line in country(7, FEW, until=until)]
    assert "2023-03-01" < max(known) < "2023-03-04"


# numbers


def test_pupil_numbers_pass_their_checks_and_belong_to_one_pupil() -> None:
    numbers: list[str] = []
    for lines in pupils():
        own = {line["pgn"] for line in lines} | {line.get("nieuw_pgn", "") for line in lines}
        numbers += own - {""}
        assert len(own - {""}) <= 2
    assert len(pupils()) == SAMPLE
    assert len(set(numbers)) == len(numbers) > SAMPLE
    assert all(bsn.is_valid(pgn) or onderwijsnummer.is_valid(pgn) for pgn in numbers)


@pytest.mark.parametrize("scale", SCALES)
def test_every_part_of_every_scale_has_numbers_of_its_own(scale: str) -> None:
    """Look at the first pupils of each part; that they do not run out is a heavy test."""
    found: list[object] = []
    for part in parts(SCALES[scale])[1:]:
        found += {line["pgn"] for line in islice(part_lines(part, SEED, SCALES[scale]), 30)}
    assert len(found) > 150
    assert len(set(found)) == len(found)


def test_parts_of_the_order_of_numbers_share_none_and_miss_none() -> None:
    cuts = [list(bsn_numbers(9, first, first + 1000)) for first in (0, 1000, 2000)]
    assert [number for cut in cuts for number in cut] == list(bsn_numbers(9, 0, 3000))


def test_message_ids_tlvs_and_enrolments_have_numbers_that_never_repeat() -> None:
    ids = [(line["bron"], line["kenmerk"]) for line in feed() if "kenmerk" in line]
    assert len(set(ids)) == len(ids) > len(feed()) / 2
    tlvs = [line["nummer"] for line in of_type("TlvAfgegeven")]
    assert len(set(tlvs)) == len(tlvs) > 700
    assert all(re.fullmatch(r"(PO|VO)\d{4}-\d{4}-\d{5}", nummer) for nummer in tlvs)
    keys: list[tuple[str, str]] = []
    for lines in pupils():
        keys += {(line["instellingscode"], line["volgnummer"]) for line in enrolments(lines)}
    assert len(set(keys)) == len(keys)


# places


def test_all_samenwerkingsverbanden_are_there_with_schools_and_pupils() -> None:
    swvs = {line["swv"] for line in of_type("SwvGeregistreerd")}
    assert Counter(swv[:2] for swv in swvs) == {"PO": 77, "VO": 75}
    assert {"PO0001", "VO0001", "PO2001", "PO2818", "VO2307", "PO3106", "VO3106"} <= swvs
    areas = of_type("PostcodegebiedToegewezen")
    regional = {line[name] for line in areas for name in ("swv_po", "swv_vo")}
    assert regional == swvs - {"PO0001", "VO0001"}
    assert len({line["pc4"] for line in areas}) == 4000
    schools = {(line["vestigingscode"], line["swv"]) for line in of_type("VestigingAangesloten")}
    soorten: dict[str, set[str]] = {swv: set() for swv in swvs}
    told = of_type("InschrijvingGeregistreerd")
    taught = {(line["vestigingscode"], line["schoolsoort"]) for line in told}
    linked: dict[str, set[str]] = {}
    for code, swv in schools:
        linked.setdefault(code, set()).add(swv)
    for code, soort in taught:
        for swv in linked[code]:
            if (soort in {"VSO", "VO"}) == swv.startswith("VO"):
                soorten[swv].add(soort)
    assert all(soorten[swv] >= ({"BO"} if swv < "V" else {"VO"}) for swv in swvs)


def test_the_map_comes_first_and_has_no_pupil() -> None:
    first, second, *_ = parts(FEW)
    assert (first.name, first.pupils) == (MAP, 0)
    assert not any("pgn" in line for line in part_lines(first, 1, FEW))
    assert next(part_lines(second, 1, FEW))["type"] == "LeerlingGeregistreerd"


# the shape of life


def share_of_lines(kinds: str) -> float:
    told = sum(map(len, pupils()))
    return len(of_type(*kinds.split())) / told


def share_of_pupils(fits: Callable[[tuple[Line, ...]], bool]) -> float:
    return sum(map(fits, pupils())) / SAMPLE


def booked_out_of_order(lines: tuple[Line, ...]) -> bool:
    known = [line["bekend_op"] for line in lines]
    return known != sorted(known)


def changed_school(lines: tuple[Line, ...]) -> bool:
    return len({line["instellingscode"] for line in enrolments(lines)}) > 1


def changed_region(lines: tuple[Line, ...]) -> bool:
    """Tell whether a pupil went to a vestiging of another samenwerkingsverband, same sector."""
    at = links()
    found: set[str] = set()
    for line in enrolments(lines):
        sector = "VO" if line["schoolsoort"] in {"VSO", "VO"} else "PO"
        found.add(at.get((line["vestigingscode"], sector), ""))
    return any(len([swv for swv in found if swv.startswith(sector)]) > 1 for sector in ("PO", "VO"))


def double(lines: tuple[Line, ...]) -> bool:
    """Tell whether an enrolment was known to begin before the end of the last was known."""
    begins = [(line["bekend_op"], line["begindatum"]) for line in enrolments(lines)]
    return any(
        line["type"] == "UitschrijvingGeregistreerd"
        and any(line["einddatum"] < begin and known < line["bekend_op"] for known, begin in begins)
        and (day(line, "bekend_op") - day(line, "einddatum")).days > 50
        for line in lines
    )


def residential(lines: tuple[Line, ...]) -> bool:
    return any(line.get("soort_verblijf") in RESIDENTIAL for line in lines)


def with_type(*kinds: str) -> Callable[[tuple[Line, ...]], bool]:
    return lambda lines: any(line["type"] in kinds for line in lines)


def lateness() -> Iterator[int]:
    """Yield the days from a begin or an end to when it was known."""
    for line in of_type("InschrijvingGeregistreerd"):
        yield (day(line, "bekend_op") - day(line, "begindatum")).days
    for line in of_type("UitschrijvingGeregistreerd"):
        yield (day(line, "bekend_op") - day(line, "einddatum")).days


CORRECTIONS = "InschrijvingGecorrigeerd InschrijvingVerwijderd UitschrijvingIngetrokken"
MENDED_TLVS = "TlvGewijzigd TlvIngetrokken TlvOntkoppeld"


@pytest.mark.parametrize(
    ("kinds", "least", "most"),
    [
        (CORRECTIONS, 0.015, 0.025),
        ("InschrijvingVerwijderd", 0.002, 0.004),
        (MENDED_TLVS, 0.0002, 0.001),
        ("TlvAfgegeven", 0.010, 0.018),
        ("WoonplaatsVastgelegd", 0.13, 0.17),
        ("InschrijvingGewijzigd", 0.44, 0.52),
    ],
)
def test_share_of_the_lines(kinds: str, least: float, most: float) -> None:
    assert least < share_of_lines(kinds) < most


@pytest.mark.parametrize(
    ("fits", "least", "most"),
    [
        (booked_out_of_order, 0.01, 0.022),
        (changed_school, 0.45, 0.6),
        (changed_region, 0.04, 0.16),
        (double, 0.002, 0.03),
        (residential, 0.001, 0.01),
        (with_type("PgnVervangen"), 0.006, 0.013),
        (with_type("TlvAfgegeven"), 0.055, 0.085),
        (with_type("BepalingGemeld"), 0.002, 0.006),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_share_of_the_pupils(
    fits: Callable[[tuple[Line, ...]], bool], least: float, most: float
) -> None:
    assert least < share_of_pupils(fits) < most


def test_much_is_known_later_than_it_was_so_and_some_months_later() -> None:
    days = sorted(lateness())
    late = [each for each in days if each > 0]
    assert 0.5 < len(late) / len(days) < 0.8
    assert 0.02 < sum(each > 50 for each in days) / len(days) < 0.08


def test_a_pupil_has_some_ten_events() -> None:
    assert 9.5 < sum(map(len, pupils())) / SAMPLE < 11


@pytest.mark.parametrize(("soort", "share"), [("SBO", 0.10), ("SO", 0.30), ("VSO", 0.35)])
def test_grensverkeer_is_near_what_it_is_in_real_life(soort: str, share: float) -> None:
    at = links()
    across = [
        at[line["vestigingscode"], SECTOR[soort]] != line["tlv"][0][:6]
        for line in of_type("InschrijvingGeregistreerd")
        if line["schoolsoort"] == soort and "tlv" in line
    ]
    assert len(across) > 80
    assert abs(sum(across) / len(across) - share) < 0.09


def test_the_schoolsoorten_on_a_teldatum_are_those_of_the_country() -> None:
    """In 2.4 million: sbo 36,000, so 33,000, vso 39,000, and of bo to vo three to two."""
    on_day: Counter[str] = Counter()
    for lines in pupils():
        ends = {
            line["volgnummer"]: line["einddatum"]
            for line in lines
            if line["type"] == "UitschrijvingGeregistreerd"
        }
        on_day.update(
            line["schoolsoort"]
            for line in {line["volgnummer"]: line for line in enrolments(lines)}.values()
            if line["begindatum"] <= TELDATUM <= ends.get(line["volgnummer"], "9999")
        )
    for soort, pupils_of_it in (("SBO", 36_000), ("SO", 33_000), ("VSO", 39_000)):
        expected = pupils_of_it * SAMPLE / SCALES["country"]
        assert 0.75 * expected < on_day[soort] < 1.25 * expected
    assert 1.3 < on_day["BO"] / on_day["VO"] < 1.9


# into a ledger


def test_an_import_refuses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "land.jsonl"
    with path.open("wb") as file:
        lines = write_lines(country(SEED, 2_000), file)
    with create(tmp_path / "grootboek") as ledger:
        booked = import_feed(ledger, path, now()).booked
    assert (booked.geboekt, len(booked.refused)) == (lines, 0)
    assert len(booked.warnings) < lines / 1000


# the commands


def test_the_demo_writes_only_the_feed_of_the_region_when_asked(tmp_path: Path) -> None:
    done = kijkglas("demo", tmp_path / "proef", "--feed-only", "--seed", 5)
    assert (done.status, done.err) == (0, "")
    written = (tmp_path / "proef" / "regio.jsonl").read_bytes()
    assert [path.name for path in (tmp_path / "proef").iterdir()] == ["regio.jsonl"]
    assert [msgspec.json.decode(line) for line in written.splitlines()] == list(region(5, 1500))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--scale", "1m"), "is niet leeg"),
        (("--scale", "2m"), "'2m'"),
    ],
)
def test_the_demo_leaves_other_folders_alone_and_knows_its_scales(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    (tmp_path / "foto.jpg").write_bytes(b"x")
    done = kijkglas("demo", tmp_path, *arguments)
    assert done.status == 2
    assert says in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["foto.jpg"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scale", "1m", "--pupils", "10"],
        ["--scale", "1m", "--unordered"],
        ["--parts", "weg"],
        ["--scale", "1m", "--parts", "weg", "--until", "2024-01-01"],
        ["--scale", "1m", "--parts", "weg", "-o", "uit.jsonl"],
    ],
)
def test_options_that_would_have_no_effect_are_refused(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.heavy
def test_the_demo_of_a_million_events_counts_any_samenwerkingsverband(tmp_path: Path) -> None:
    folder = tmp_path / "land"
    done = kijkglas("demo", folder, "--scale", "1M")
    assert (done.status, done.err) == (0, "")
    assert " 0 afgekeurd" in done.out
    assert "Dashboard 1A van PO2304" in done.out
    assert len(list(folder.glob("feed-*.jsonl"))) == 78
    named = re.findall(r"^ +kijkglas (.*)$", done.out, re.MULTILINE)
    assert len(named) == 4
    for command in named:
        assert kijkglas(*command.split()).data


@pytest.mark.heavy
@pytest.mark.parametrize("scale", ["1m", "10m", "country"])
def test_a_scale_has_its_pupils_and_its_events_and_no_number_twice(scale: str) -> None:
    lines, seen, own = 0, set[str](), set[str]()
    for line in country(SEED, SCALES[scale]):
        lines += 1
        if line["type"] == "LeerlingGeregistreerd":
            assert not own & seen
            seen |= own
            own = set()
        if "pgn" in line:
            own |= {str(line["pgn"])} | ({str(line["nieuw_pgn"])} if "nieuw_pgn" in line else set())
    assert not own & seen
    assert len(seen | own) > SCALES[scale]
    assert 0.96 < lines / {"1m": 1e6, "10m": 1e7, "country": 2.5e7}[scale] < 1.04
