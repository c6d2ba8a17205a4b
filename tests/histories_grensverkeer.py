"""Random histories full of pupils who go from a basisschool to sbo, for kijkglas 4 and 5."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.histories import random_history
from tests.histories_chooser import Chooser, some, told
from tests.histories_enrolments import vestiging_of
from tests.histories_pools import MOMENTS, PC4S, SWVS, VESTIGINGEN, shifted

if TYPE_CHECKING:
    from random import Random

    from tests.oracle_facts import Event

PGNS = ("900554332", "962354508", "924154676", "947755019", "909555187")
SECOND_PGN = "931884640"
ASKED = (date(2021, 10, 1), date(2023, 2, 1), date(2024, 2, 1), date(2025, 2, 1), date(2026, 2, 1))
TURNS = ("2020-10-01", "2020-10-02", "2021-07-31", "2022-07-31", "2022-08-01", "2023-08-01")
GAPS = (1, 1, 1, 29, 30)
LENGTHS = (200, 400, 700, 1100)
AROUND = (-400, -183, -181, -30, 0, 30, 180, 183, 400)


def history(random: Random) -> list[Event]:
    """Return a feed: some coincidences of every kind, and pupils who go to sbo."""
    chooser = Chooser(random)
    events = random_history(random, 1)
    for pgn in PGNS:
        events += _pupil(chooser, pgn)
    return events


def _pupil(chooser: Chooser, pgn: str) -> list[Event]:
    """Return a pupil of a basisschool who is admitted to an sbo school, perhaps twice."""
    end = chooser.pick(TURNS)
    begin = shifted(end, chooser.pick(GAPS))
    bo = _enrolment(pgn, "BO", "b1", shifted(end, -300), chooser.pick(VESTIGINGEN))
    events = [_known(chooser, bo), _left(chooser, bo, end)]
    sbo = _enrolment(pgn, "SBO", "s1", begin, chooser.pick(VESTIGINGEN))
    tlvs, linked = _tlvs(chooser, pgn, begin)
    events += [*tlvs, _known(chooser, sbo | linked)]
    if chooser.chance(60):
        end = shifted(begin, chooser.pick(LENGTHS))
        events.append(_left(chooser, sbo, end))
        again = shifted(end, chooser.pick(GAPS))
        school = sbo["vestigingscode"] if chooser.chance(50) else chooser.pick(VESTIGINGEN)
        if chooser.chance(60):
            events.append(_known(chooser, _enrolment(pgn, "SBO", "s2", again, school)))
    if chooser.chance(20):  # double: another sbo school after the same basisschool
        late = shifted(begin, chooser.pick((0, 5)))
        twin = _enrolment(pgn, "SBO", "s3", late, chooser.pick(VESTIGINGEN))
        events.append(_known(chooser, twin | linked))
    return [*events, *_homes(chooser, pgn, begin), *_changes(chooser, sbo)]


def _enrolment(
    pgn: str, schoolsoort: str, volgnummer: str, begin: str, vestiging: str
) -> dict[str, str]:
    return {
        "pgn": pgn,
        "instellingscode": vestiging[:4],
        "volgnummer": volgnummer,
        "begindatum": begin,
        "vestigingscode": vestiging,
        "schoolsoort": schoolsoort,
    }


def _known(chooser: Chooser, fields: dict[str, object] | dict[str, str]) -> Event:
    known = chooser.pick(MOMENTS) if chooser.chance(10) else MOMENTS[0]
    return told(chooser, "InschrijvingGeregistreerd", known, **fields)


def _key(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in ("pgn", "instellingscode", "volgnummer")}


def _left(chooser: Chooser, fields: dict[str, str], end: str) -> Event:
    known = chooser.pick(MOMENTS) if chooser.chance(20) else MOMENTS[0]
    return told(chooser, "UitschrijvingGeregistreerd", known, **_key(fields), einddatum=end)


def _tlvs(chooser: Chooser, pgn: str, begin: str) -> tuple[list[Event], dict[str, object]]:
    """Return tlv's of either samenwerkingsverband, and the links with an enrolment."""
    events, numbers = [], []
    for place in some(chooser, 2, 70):
        nummer = f"{chooser.pick(SWVS['PO'])}-2020-{PGNS.index(pgn)}{place:04}"
        first = shifted(begin, chooser.pick((0, -30, -30, -30, 1)))
        last = shifted(begin, chooser.pick((900, 900, 900, -1, 0)))
        days = {"begindatum": min(first, last), "einddatum": last}
        categorie = chooser.pick(("SBO", "SBO", "SBO", "LAAG"))
        fields = {"pgn": pgn, "nummer": nummer, "categorie": categorie, **days}
        events.append(told(chooser, "TlvAfgegeven", chooser.pick(MOMENTS[:3]), **fields))
        if chooser.chance(15):
            per = shifted(begin, chooser.pick((0, 1, 60)))
            gone = {"pgn": pgn, "nummer": nummer, "per": per}
            events.append(told(chooser, "TlvIngetrokken", chooser.pick(MOMENTS[3:]), **gone))
        if chooser.chance(80):
            numbers.append(nummer)
    return events, {"tlv": numbers} if numbers else {}


def _homes(chooser: Chooser, pgn: str, begin: str) -> list[Event]:
    """Return residences, moves near the admission among them, some under an older PGN."""
    events = []
    for vanaf in ("2018-01-01", *(shifted(begin, chooser.pick(AROUND)) for _ in range(2))):
        where: dict[str, object] = {"pc4": chooser.pick((*PC4S, "3197"))}
        if chooser.chance(20):
            elsewhere: tuple[dict[str, object], ...] = (
                {"buitenland": True},
                {"swv": [chooser.pick(SWVS["PO"]), SWVS["VO"][0]]},
            )
            where = chooser.pick(elsewhere)
        known = chooser.pick(MOMENTS) if chooser.chance(30) else MOMENTS[0]
        fields = {"pgn": pgn, "vanaf": vanaf, **where}
        events.append(told(chooser, "WoonplaatsVastgelegd", known, **fields))
    if pgn == PGNS[0] and chooser.chance(50):
        known = chooser.pick(MOMENTS[2:])
        replaced = {"pgn": pgn, "nieuw_pgn": SECOND_PGN}
        events.append(told(chooser, "PgnVervangen", known, **replaced))
        late = {"pgn": SECOND_PGN, "vanaf": begin, "pc4": chooser.pick(PC4S)}
        events.append(told(chooser, "WoonplaatsVastgelegd", chooser.pick(MOMENTS), **late))
    return events


def _changes(chooser: Chooser, sbo: dict[str, str]) -> list[Event]:
    """Return what changed later about the enrolment in sbo."""
    events = []
    key, begin = _key(sbo), sbo["begindatum"]
    if chooser.chance(25):
        school = vestiging_of(chooser, sbo["instellingscode"])
        moved = {"vanaf": shifted(begin, 40), "vestigingscode": school}
        events.append(told(chooser, "InschrijvingGewijzigd", chooser.pick(MOMENTS), **key, **moved))
    if chooser.chance(15):
        fields = {"begindatum": shifted(begin, chooser.pick((-1, 1, 28)))}
        events.append(
            told(chooser, "InschrijvingGecorrigeerd", chooser.pick(MOMENTS), **key, **fields)
        )
    if chooser.chance(8):
        events.append(told(chooser, "InschrijvingVerwijderd", chooser.pick(MOMENTS[3:]), **key))
    return events
