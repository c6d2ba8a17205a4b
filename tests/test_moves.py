"""A move as two periods of one enrolment, or as two enrolments: the counts are the same.

rules.md 2: with the same tlv linked throughout, in every product.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.dashboard_1a import dashboard_1a
from projections.dashboard_1b import dashboard_1b
from projections.dashboard_2 import dashboard_2
from projections.kijkglas_1 import kijkglas_1
from projections.kijkglas_2 import kijkglas_2
from projections.kijkglas_3 import kijkglas_3
from projections.kijkglas_4 import kijkglas_4
from projections.refresh import refreshed
from projections.store.ask import AsOf
from projections.toename import toename
from projections.windows import windows_of
from tests.ledgers import ledger_of

Line = dict[str, Any]

SWV = "PO2304"
PGN = "111222333"
BEGIN = date(2024, 8, 1)
T = date(2025, 2, 1)
KNOWN = "2024-07-01"
PLACES = ("12QN00", "12QN01", "14YY00")
"""Three vestigingen, the last of which is linked to another samenwerkingsverband."""

NAMES = frozenset({"volgnummer", "begindatum", "einddatum"})
"""What tells the two ways of telling apart in a row, and no count."""


@settings(max_examples=25, deadline=None)
@given(
    soort=st.sampled_from(["SO", "SBO"]),
    categorie=st.sampled_from(["LAAG", "MIDDEN", "HOOG"]),
    moved=st.dates(date(2024, 8, 2), date(2025, 7, 30)),
    where=st.sampled_from([("12QN00", "12QN01"), ("12QN01", "12QN00")]),
    ended=st.booleans(),
)
def test_a_move_told_either_way_gives_the_same_counts(
    soort: str, categorie: str, moved: date, where: tuple[str, str], ended: bool
) -> None:
    issued = _tlv("SBO" if soort == "SBO" else categorie)
    end = {"einddatum": "2025-07-31"} if ended else {}
    periods = [
        _enrolled("1", BEGIN, where[0], soort, **end),
        _about("InschrijvingGewijzigd", "1", vanaf=moved.isoformat(), vestigingscode=where[1]),
    ]
    last = (moved - timedelta(days=1)).isoformat()
    enrolments = [
        _enrolled("1", BEGIN, where[0], soort, einddatum=last),
        _enrolled("2", moved, where[1], soort, **end),
    ]
    one, two = (_counts([*_places(), issued, *told]) for told in (periods, enrolments))
    assert one == two
    assert one["1b"], "the pupil counts on the teldatum"


def _counts(history: list[Line]) -> dict[str, Any]:
    """Return what every product counts, without what names the enrolment."""
    with ledger_of(history) as ledger, closing(refreshed(ledger)) as model:
        as_of = AsOf(T)
        kijkglas = kijkglas_1(ledger, model, as_of, SWV)
        windows = windows_of(T, None, None)
        return {
            "1a": dashboard_1a(model, as_of, SWV),
            "1b": _without_names(dashboard_1b(ledger, model, as_of, SWV)),
            "dashboard-2": len(dashboard_2(ledger, model, as_of, SWV)),
            "kijkglas-1": (kijkglas["aantallen"], len(kijkglas["inschrijvingen"])),
            "kijkglas-2": kijkglas_2(ledger, model, as_of, SWV, windows)["algemeen"],
            "kijkglas-3": kijkglas_3(model, as_of, SWV),
            "kijkglas-4": kijkglas_4(ledger, model, as_of, SWV),
            "toename": toename(model, as_of, SWV, date(2025, 6, 1)),
        }


def _without_names(rows: Any) -> list[dict[str, object]]:  # noqa: ANN401 - rows of a product
    return [{name: value for name, value in row.items() if name not in NAMES} for row in rows]


def _places() -> list[Line]:
    links = zip(PLACES, (SWV, SWV, "PO2202"), strict=True)
    return [
        {
            "type": "VestigingAangesloten",
            "bekend_op": "2014-08-01",
            "vestigingscode": code,
            "swv": swv,
            "vanaf": "2014-08-01",
        }
        for code, swv in links
    ]


def _tlv(categorie: str) -> Line:
    return {
        "type": "TlvAfgegeven",
        "bekend_op": KNOWN,
        "pgn": PGN,
        "nummer": f"{SWV}-2024-00001",
        "categorie": categorie,
        "begindatum": "2024-08-01",
        "einddatum": "2026-07-31",
    }


def _about(kind: str, volgnummer: str, **fields: object) -> Line:
    key = {"instellingscode": "12QN", "volgnummer": volgnummer}
    return {"type": kind, "bekend_op": "2024-08-20", "pgn": PGN, **key, **fields}


def _enrolled(volgnummer: str, begin: date, code: str, soort: str, **fields: object) -> Line:
    return _about(
        "InschrijvingGeregistreerd",
        volgnummer,
        begindatum=begin.isoformat(),
        vestigingscode=code,
        schoolsoort=soort,
        tlv=[f"{SWV}-2024-00001"],
        **fields,
    )
