"""The made-up region: the same for the same seed, importable, and with real life in it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from stdnum.nl import bsn, onderwijsnummer

from synthetic.moments import VASTSTELLINGEN, shortest_end
from synthetic.numbers import bsn_numbers, onderwijsnummers
from synthetic.region import STORY, region

Line = dict[str, Any]

FORMS = {
    "swv": r"(PO|VO)\d{4}",
    "swv_po": r"PO\d{4}",
    "swv_vo": r"VO\d{4}",
    "instellingscode": r"\d{2}[A-Z]{2}",
    "vestigingscode": r"\d{2}[A-Z]{2}\d{2}",
    "volgnummer": r"[0-9A-Z]{1,20}",
    "nummer": r"(PO|VO)\d{4}-\d{4}-\d{5}",
    "pc4": r"[1-9]\d{3}",
    "pgn": r"\d{9}",
    "bekend_op": r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+0[12]:00)?",
}
SECTOR = {"SBO": "PO", "SO": "PO", "VSO": "VO"}


@cache
def feed() -> tuple[Line, ...]:
    return tuple(region())


def of_type(*names: str) -> list[Line]:
    return [line for line in feed() if line["type"] in names]


def by_pupil(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the lines of each pupil, in order, under whatever PGN."""
    first_pgn: dict[str, str] = {}
    pupils: dict[str, list[Line]] = {}
    for line in lines:
        if "pgn" in line:
            pgn: str = line["pgn"]
            if "nieuw_pgn" in line:
                first_pgn[line["nieuw_pgn"]] = pgn
            pupils.setdefault(first_pgn.get(pgn, pgn), []).append(line)
    return list(pupils.values())


def test_the_same_seed_gives_the_same_feed() -> None:
    assert list(region(7, 60)) == list(region(7, 60))
    assert list(region(7, 60)) != list(region(8, 60))


def test_unordered_has_the_same_lines() -> None:
    def key(line: dict[str, object]) -> bytes:
        return msgspec.json.encode(line)

    streamed = list(region(7, 60, regions=2, ordered=False))
    assert sorted(map(key, streamed)) == sorted(map(key, region(7, 60, regions=2)))


def test_lines_come_in_the_order_in_which_they_were_known() -> None:
    moments = [line["bekend_op"] for line in feed()]
    assert moments == sorted(moments)
    assert "pgn" not in feed()[0]
    assert moments[-1] < "2026-09-16"


def test_nothing_is_known_after_until() -> None:
    assert max(str(line["bekend_op"]) for line in region(until=date(2025, 3, 3))) < "2025-03-04"


def test_pupil_numbers_pass_their_checks_and_never_repeat() -> None:
    made = [number for number, _ in zip(bsn_numbers(3), range(20_000), strict=False)]
    assert all(map(bsn.is_valid, made))
    assert len(set(made)) == len(made)
    own = list(onderwijsnummers(3))
    assert all(map(onderwijsnummer.is_valid, own))
    assert len(set(own)) == len(own) > 50_000
    assert not any(map(bsn.is_valid, own[:1000]))
    weights = range(9, 1, -1)
    for number in own[:1000]:
        total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False))
        assert total % 11 == int(number[8]) + 5


@pytest.mark.parametrize("regions", [1, 3, 60])
def test_codes_have_their_forms_in_every_region(regions: int) -> None:
    swvs = set()
    for line in region(1, 3, regions=regions, ordered=False):
        for name, form in FORMS.items():
            if name in line and isinstance(line[name], str):
                assert re.fullmatch(form, str(line[name])), line
        if line["type"] == "SwvGeregistreerd":
            swvs.add(line["swv"])
    assert len(swvs) == 5 * regions


def test_every_line_says_who_told_and_most_have_a_message_id() -> None:
    assert {line["bron"] for line in feed()} == {"school", "duo", "swv"}
    ids = [(line["bron"], line["kenmerk"]) for line in feed() if "kenmerk" in line]
    assert len(set(ids)) == len(ids) > len(feed()) / 2


def test_a_pupil_has_six_to_ten_events() -> None:
    sizes = [len(lines) for lines in by_pupil(feed())]
    assert 6 <= sum(sizes) / len(sizes) <= 10


class Known:
    """What is known of one pupil; asserts what events.md 4 would refuse."""

    def __init__(self) -> None:
        self.registered = False
        self.enrolments: dict[tuple[str, str], dict[str, Any]] = {}
        self.tlvs: dict[str, Line] = {}
        self.warnings: Counter[str] = Counter()

    def take(self, line: Line) -> None:
        """Take any line."""
        if line["type"] == "LeerlingGeregistreerd":
            assert not self.registered
            self.registered = True
        assert self.registered, line
        if line["type"].startswith("Tlv") and "instellingscode" not in line:
            self.take_tlv(line)
        elif line["type"] == "InschrijvingGeregistreerd":
            self.register(line)
        elif "instellingscode" in line:
            self.change(line, self.enrolments[line["instellingscode"], line["volgnummer"]])

    def take_tlv(self, line: Line) -> None:
        """Take a line about a tlv."""
        if line["type"] == "TlvAfgegeven":
            self.tlvs[line["nummer"]] = dict(line)
        tlv = self.tlvs[line["nummer"]]
        tlv.update({name: line[name] for name in ("begindatum", "einddatum") if name in line})
        assert tlv["begindatum"] <= tlv["einddatum"]
        begin, end = (date.fromisoformat(tlv[name]) for name in ("begindatum", "einddatum"))
        assert (end.month, end.day) == (7, 31)
        assert end >= shortest_end(begin)

    def register(self, line: Line) -> None:
        """Take a new enrolment."""
        key = (line["instellingscode"], line["volgnummer"])
        assert key not in self.enrolments, line
        assert line["vestigingscode"].startswith(line["instellingscode"])
        self.enrolments[key] = {
            "soort": line["schoolsoort"],
            "perioden": [line["begindatum"]],
            "einddatum": line.get("einddatum"),
        }
        for nummer in line.get("tlv", ()):
            self.link(nummer, line["schoolsoort"])

    def link(self, nummer: str, soort: str) -> None:
        """Take a link to a tlv."""
        assert nummer[:2] == SECTOR[soort]
        self.warnings["onbekende tlv"] += nummer not in self.tlvs

    def change(self, line: Line, enrolment: dict[str, Any]) -> None:
        """Take a change to an enrolment."""
        match line["type"]:
            case "InschrijvingVerwijderd":
                del self.enrolments[line["instellingscode"], line["volgnummer"]]
            case "TlvGekoppeld":
                self.link(line["nummer"], enrolment["soort"])
            case "UitschrijvingIngetrokken":
                assert enrolment["einddatum"]
                enrolment["einddatum"] = None
            case "InschrijvingGewijzigd":
                assert line["vanaf"] not in enrolment["perioden"]
                enrolment["perioden"].append(line["vanaf"])
            case _:
                enrolment["einddatum"] = line.get("einddatum", enrolment["einddatum"])
                enrolment["perioden"][0] = line.get("begindatum", enrolment["perioden"][0])
        assert enrolment["perioden"] == sorted(set(enrolment["perioden"])), line
        assert enrolment["perioden"][-1] <= (enrolment["einddatum"] or "9999"), line


def test_no_line_would_be_refused_and_few_give_a_warning() -> None:
    warnings: Counter[str] = Counter()
    for lines in by_pupil(feed()):
        known = Known()
        for line in lines:
            known.take(line)
        warnings += known.warnings
    assert 0 < warnings.total() < len(feed()) / 200


def linked_with_tlv(soort: str) -> list[bool]:
    """Tell for each enrolment with a tlv whether it lies across a border."""
    home = {
        (line["vestigingscode"], line["swv"][:2]): line["swv"]
        for line in of_type("VestigingAangesloten")
    }
    return [
        home[line["vestigingscode"], SECTOR[soort]] != line["tlv"][0][:6]
        for line in of_type("InschrijvingGeregistreerd")
        if line["schoolsoort"] == soort and "tlv" in line
    ]


@pytest.mark.parametrize(("soort", "share"), [("SBO", 0.10), ("SO", 0.30), ("VSO", 0.35)])
def test_grensverkeer_is_near_what_it_is_in_real_life(soort: str, share: float) -> None:
    across = linked_with_tlv(soort)
    assert len(across) > 50
    assert abs(sum(across) / len(across) - share) < 0.09


ANYTHING = object()


def told(kind: str, **fields: object) -> int:
    """Return how many lines of a type have these fields."""
    return sum(
        all(name in line and value in (ANYTHING, line[name]) for name, value in fields.items())
        for line in of_type(kind)
    )


def gaps() -> set[int]:
    """Return the days between an end and the next begin of a pupil, as first told."""
    found = set()
    for lines in by_pupil(feed()):
        ends = [line["einddatum"] for line in lines if "volgnummer" in line and "einddatum" in line]
        begins = [
            line["begindatum"] for line in lines if line["type"] == "InschrijvingGeregistreerd"
        ]
        for end, begin in zip(ends, begins[1:], strict=False):
            found.add((date.fromisoformat(begin) - date.fromisoformat(end)).days - 1)
    return found


def paths() -> set[tuple[str, ...]]:
    """Return the schoolsoorten of each pupil, in order of begin, doubles left out."""
    found = set()
    for lines in by_pupil(feed()):
        legs = [line for line in lines if line["type"] == "InschrijvingGeregistreerd"]
        legs.sort(key=lambda line: str(line["begindatum"]))
        found.add(tuple(dict.fromkeys(line["schoolsoort"] for line in legs)))
    return found


def late(kind: str) -> bool:
    """Tell whether a begin of the year before a teldatum was told after its vaststelling."""
    return any(
        str(teldatum - timedelta(days=300)) < line.get("begindatum", "") <= str(teldatum)
        and line["bekend_op"] > f"{fixed}T24"
        for line in of_type(kind)
        for teldatum, fixed in VASTSTELLINGEN.items()
    )


def tlv_renewed() -> bool:
    issued = Counter(line["pgn"] for line in of_type("TlvAfgegeven"))
    return max(issued.values()) > 1


def tlv_never_linked() -> bool:
    linked = {line["nummer"] for line in of_type("TlvGekoppeld")}
    linked |= {nummer for line in feed() for nummer in line.get("tlv", ())}
    return any(line["nummer"] not in linked for line in of_type("TlvAfgegeven"))


def tlv_midyear() -> bool:
    return any(line["begindatum"][5:] == "01-01" for line in of_type("TlvAfgegeven"))


def tlv_expired() -> bool:
    return any(line["einddatum"] < "2025-08-01" for line in of_type("TlvAfgegeven"))


def double_enrolment_resolved() -> bool:
    """Tell whether an end was told more than a month after the next begin was."""
    return any(
        (date.fromisoformat(line["bekend_op"][:10]) - date.fromisoformat(line["einddatum"])).days
        > 50
        for line in of_type("UitschrijvingGeregistreerd")
    )


def added_again() -> bool:
    keys = Counter(
        (line["pgn"], line["instellingscode"], line["volgnummer"])
        for line in of_type("InschrijvingGeregistreerd")
    )
    return max(keys.values()) > 1


def end_moved_by_the_next_school() -> bool:
    """Tell whether an end was put on the day before another enrolment begins (C13)."""
    for lines in by_pupil(feed()):
        eves = {
            (date.fromisoformat(line["begindatum"]) - timedelta(days=1)).isoformat()
            for line in lines
            if line["type"] == "InschrijvingGeregistreerd"
        }
        if any(
            line["type"] == "InschrijvingGecorrigeerd" and line.get("einddatum") in eves
            for line in lines
        ):
            return True
    return False


TOLD: list[tuple[str, dict[str, object]]] = [
    ("TlvGewijzigd", {}),
    ("TlvIngetrokken", {}),
    ("TlvOntkoppeld", {}),
    ("TlvGekoppeld", {"door": "duo"}),
    ("TlvGekoppeld", {"door": "school"}),
    ("InschrijvingGewijzigd", {"vestigingscode": ANYTHING}),
    ("InschrijvingGewijzigd", {"soort_verblijf": ANYTHING}),
    ("InschrijvingGewijzigd", {"leerjaar": ANYTHING}),
    ("InschrijvingGewijzigd", {"vo_kenmerk": ANYTHING}),
    ("InschrijvingGecorrigeerd", {"begindatum": ANYTHING}),
    ("InschrijvingGecorrigeerd", {"einddatum": ANYTHING}),
    ("InschrijvingGecorrigeerd", {"vestigingscode": ANYTHING}),
    ("InschrijvingGecorrigeerd", {"soort_verblijf": "geen"}),
    ("InschrijvingGecorrigeerd", {"soort_verblijf": "GJI"}),
    ("InschrijvingGecorrigeerd", {"bekostigbaar": True}),
    ("InschrijvingVerwijderd", {}),
    ("UitschrijvingIngetrokken", {}),
    ("WoonplaatsVastgelegd", {"buitenland": True}),
    ("WoonplaatsVastgelegd", {"swv": ANYTHING}),
    ("WoonplaatsVastgelegd", {"pc4": "9960"}),
    ("PgnVervangen", {}),
    ("BepalingGemeld", {"wijze": "TLV"}),
    ("BepalingGemeld", {"wijze": "Woonplaats leerling"}),
    ("VestigingUitgetreden", {"bekend_op": "2024-06-14", "tot_en_met": "2024-07-31"}),
    ("VestigingUitgetreden", {"bekend_op": "2025-03-20T11:30:00+01:00"}),
    ("VestigingGeregistreerd", {"gesloten_inrichting": True}),
    ("VestigingGeregistreerd", {"residentieel": True}),
]
TOLD += [
    ("InschrijvingGeregistreerd", {name: value})
    for name, values in {
        "schoolsoort": ("BO", "SBO", "SO", "VSO", "VO"),
        "soort_verblijf": ("IJH", "IGZ", "IJG", "GJI", "JJI"),
        "cluster": (1, 2),
        "vo_kenmerk": ("nieuwkomer", "vavo", "lwoo", "pro"),
        "bekostigbaar": (False,),
    }.items()
    for value in values
]
TOLD += [("TlvAfgegeven", {"categorie": name}) for name in ("SBO", "LAAG", "MIDDEN", "HOOG")]


@pytest.mark.parametrize(("kind", "fields"), TOLD)
def test_real_life_is_told(kind: str, fields: dict[str, object]) -> None:
    assert told(kind, **fields) > 0


def test_the_area_without_swv_has_none() -> None:
    assert told("PostcodegebiedToegewezen") == 60
    assert told("PostcodegebiedToegewezen", pc4="9960") == 0


def test_some_pupils_go_on_from_so_to_vso_and_from_bo_by_sbo_to_so() -> None:
    assert {("SO", "VSO"), ("BO", "SBO", "SO")} <= paths()


def test_moves_have_no_gap_a_bridged_gap_and_a_longer_one() -> None:
    assert {0, 28, 29} <= gaps()
    assert gaps() & set(range(1, 28))
    assert gaps() & set(range(30, 91))


HAPPENS: list[Callable[[], bool]] = [
    tlv_renewed,
    tlv_never_linked,
    tlv_midyear,
    tlv_expired,
    double_enrolment_resolved,
    added_again,
    end_moved_by_the_next_school,
    lambda: late("InschrijvingGeregistreerd"),
    lambda: late("InschrijvingGecorrigeerd"),
    lambda: any("T" in line["bekend_op"] for line in feed()),
]


@pytest.mark.parametrize("happens", HAPPENS)
def test_real_life_happens(happens: Callable[[], bool]) -> None:
    assert happens()


def test_the_story_has_late_knowledge_between_its_two_moments() -> None:
    between = [
        line
        for line in feed()
        if STORY.vaststelling.isoformat() + "T24" < line["bekend_op"] <= STORY.later.isoformat()
        and str(line.get("begindatum", "9")) <= STORY.teldatum.isoformat()
    ]
    assert len(between) >= 8


def test_the_command_writes_the_feed(tmp_path: Path) -> None:
    target = tmp_path / "feed.jsonl"
    command = [
        sys.executable,
        "-m",
        "synthetic",
        "--pupils",
        "20",
        "--seed",
        "5",
        "-o",
        str(target),
    ]
    subprocess.run(command, check=True)
    written = [msgspec.json.decode(line) for line in target.read_bytes().splitlines()]
    assert written == list(region(5, 20))
    assert list(written[-1])[:3] == ["type", "bekend_op", "bron"]
