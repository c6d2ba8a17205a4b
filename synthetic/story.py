"""The story of the demo: what came to light about one teldatum after its count was fixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, NamedTuple

from synthetic.desk import Desk
from synthetic.dossier import Dossier, Inschrijving, Tlv
from synthetic.moments import plus


class Story(NamedTuple):
    """Two knowledge moments (whole days, Amsterdam) at which Dashboard 1A of `swv` differs."""

    swv: str
    teldatum: date
    vaststelling: date
    later: date


STORY: Final = Story("PO9901", date(2025, 2, 1), date(2025, 3, 3), date(2025, 9, 1))

START: Final = date(2024, 8, 1)
END_OF_TLV: Final = date(2026, 7, 31)
HOME: Final = "9905"
ELSEWHERE: Final = "9950"
BORN: Final = date(2015, 3, 14)

Scene = Callable[[Dossier], None]


def cast(desk: Desk, numbers: Iterator[str]) -> Iterator[Dossier]:
    """Yield the dossiers of the story, one pupil each."""
    for place, scene in enumerate(SCENES):
        dossier = Dossier(desk, next(numbers), plus(BORN, place * 23))
        scene(dossier)
        yield dossier


def _so(
    dossier: Dossier, known: date, tlv: Tlv | None, place: str = "L00", **fields: object
) -> Inschrijving:
    return _enrol(dossier, known, tlv, place, {"schoolsoort": "SO", **fields})


def _enrol(
    dossier: Dossier, known: date, tlv: Tlv | None, place: str, fields: dict[str, object]
) -> Inschrijving:
    """Enrol at the vestiging with this template code, from 1 August 2024 unless told."""
    vestiging = dossier.desk.places.vestigingen[place]
    begin = fields.pop("begindatum", START.isoformat())
    links = {"tlv": [tlv.nummer]} if tlv else {}
    all_fields = {"begindatum": begin, "vestigingscode": vestiging.code, **fields, **links}
    return dossier.enrol(known, vestiging, all_fields)


def _settle(dossier: Dossier, pc4: str = HOME) -> None:
    dossier.live(date(2021, 8, 1), date(2024, 6, 10), "LAS", pc4=pc4)


def _tlv(dossier: Dossier, categorie: str = "LAAG", begin: date = START) -> Tlv:
    return dossier.issue(STORY.swv, categorie, begin, END_OF_TLV, plus(begin, -30))


def registered_late(dossier: Dossier) -> None:
    """Register an enrolment of August in the week after vaststelling."""
    _settle(dossier)
    _so(dossier, date(2025, 3, 10), _tlv(dossier))


def registered_much_later(dossier: Dossier) -> None:
    """Register an sbo enrolment of August in May."""
    _settle(dossier)
    _enrol(dossier, date(2025, 5, 19), _tlv(dossier, "SBO"), "H00", {"schoolsoort": "SBO"})


def tlv_linked_late(dossier: Dossier) -> None:
    """Link a tlv of PO9901 of a pupil from elsewhere in April."""
    _settle(dossier, ELSEWHERE)
    tlv = _tlv(dossier)
    dossier.link(_so(dossier, date(2024, 8, 5), None, "L01"), tlv, date(2025, 4, 2))


def category_changed(dossier: Dossier) -> None:
    """Issue and link a tlv HOOG from 1 January on 20 March."""
    _settle(dossier)
    enrolment = _so(dossier, date(2024, 8, 2), _tlv(dossier))
    begin = date(2025, 1, 1)
    high = dossier.issue(STORY.swv, "HOOG", begin, END_OF_TLV, date(2025, 3, 20))
    dossier.link(enrolment, high, date(2025, 3, 20))


def deleted(dossier: Dossier) -> None:
    """Delete an enrolment that never was, in April."""
    _settle(dossier)
    enrolment = _so(dossier, date(2024, 8, 6), _tlv(dossier), "M00")
    dossier.report("InschrijvingVerwijderd", enrolment, date(2025, 4, 15), reden="nooit gestart")


def begin_corrected(dossier: Dossier) -> None:
    """Correct a begin of 3 February to 27 January."""
    _settle(dossier)
    tlv = _tlv(dossier, "MIDDEN")
    enrolment = _so(dossier, date(2025, 2, 5), tlv, begindatum="2025-02-03")
    right = date(2025, 3, 12)
    dossier.report("InschrijvingGecorrigeerd", enrolment, right, begindatum="2025-01-27")


def end_corrected(dossier: Dossier) -> None:
    """Correct an end of 31 January to 14 February."""
    _settle(dossier)
    fields: dict[str, object] = {"schoolsoort": "SBO"}
    enrolment = _enrol(dossier, date(2024, 8, 7), _tlv(dossier, "SBO"), "H01", fields)
    dossier.report(
        "UitschrijvingGeregistreerd", enrolment, date(2025, 2, 3), einddatum="2025-01-31"
    )
    right = date(2025, 3, 26)
    dossier.report("InschrijvingGecorrigeerd", enrolment, right, einddatum="2025-02-14")


def double_resolved(dossier: Dossier) -> None:
    """End the enrolment of the last half year only after vaststelling: double until then."""
    _settle(dossier)
    tlv = _tlv(dossier)
    old = _so(dossier, date(2024, 8, 8), tlv, "L01")
    _so(dossier, date(2025, 3, 17), tlv, begindatum="2025-01-06")
    dossier.report("UitschrijvingGeregistreerd", old, date(2025, 3, 25), einddatum="2025-01-05")


def closed_after_all(dossier: Dossier) -> None:
    """Correct a stay registered as IJH to one in a closed institution."""
    _settle(dossier)
    enrolment = _so(dossier, date(2024, 8, 9), None, "S00", soort_verblijf="IJH")
    dossier.report("InschrijvingGecorrigeerd", enrolment, date(2025, 5, 6), soort_verblijf="GJI")


def end_moved_in_time(dossier: Dossier) -> None:
    """Move the end once the next school's message is there: case C13."""
    _settle(dossier)
    tlv = _tlv(dossier, "SBO")
    fields: dict[str, object] = {"schoolsoort": "SBO"}
    old = _enrol(dossier, date(2024, 8, 5), tlv, "H00", fields)
    dossier.report("UitschrijvingGeregistreerd", old, date(2025, 1, 22), einddatum="2025-01-20")
    begin: dict[str, object] = {"schoolsoort": "SBO", "begindatum": "2025-02-10"}
    _enrol(dossier, date(2025, 2, 12), tlv, "J00", begin)
    moved = date(2025, 2, 17)
    dossier.report("InschrijvingGecorrigeerd", old, moved, einddatum="2025-02-09")


def withdrawn(dossier: Dossier) -> None:
    """Withdraw a tlv of a pupil from elsewhere per 1 January, known in June."""
    _settle(dossier, ELSEWHERE)
    tlv = _tlv(dossier, "HOOG")
    _so(dossier, date(2024, 8, 12), tlv, "M00")
    dossier.change_tlv(tlv, date(2025, 6, 2), "TlvIngetrokken", per="2025-01-01")


SCENES: Final[tuple[Scene, ...]] = (
    *(registered_late,) * 3,
    *(registered_much_later,) * 2,
    *(tlv_linked_late,) * 2,
    *(category_changed,) * 2,
    deleted,
    begin_corrected,
    end_corrected,
    double_resolved,
    closed_after_all,
    end_moved_in_time,
    withdrawn,
)
"""One pupil each. Between the two moments PO9901 gains four so pupils and three sbo pupils."""
