"""For whom must a samenwerkingsverband answer: one answer, wherever it is asked (rules.md 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from ledger import events as ev
from ledger.application import Ledger
from ledger.codes import SCHOOLSOORTEN, Schoolsoort
from ledger.dossier import EMPTY, Dossier, Inschrijving, Periode
from ledger.mapper import FactMapper
from ledger.reference import Reference
from ledger.seals import StoredRow
from projections.attribution import asks, attribute, is_attributed
from projections.compute import events_to_compute, world_of
from projections.shapes.ordinary import Ordinary
from projections.standen import UNTOUCHED, is_attributed_by, touched
from tests.ledgers import ledger_of

PGNS = dict(
    zip(
        SCHOOLSOORTEN,
        ("100000004", "111222333", "123456782", "101500021", "100000009"),
        strict=True,
    )
)
WHOLE = ("00000001" + "0" * 24, "g")
DAY = date(2024, 8, 1)
KEY = {"instellingscode": "12QN", "volgnummer": "1"}


@pytest.fixture(scope="module", name="ledger")
def fixture_ledger() -> Iterator[Ledger]:
    """Give a ledger with a pupil of each schoolsoort, each with a residence."""
    about = {"bekend_op": "2024-09-01"}
    with ledger_of(
        {**about, "pgn": pgn, **line}
        for soort, pgn in PGNS.items()
        for line in (
            {"type": "WoonplaatsVastgelegd", "vanaf": "2020-01-01", "pc4": "9867"},
            {"type": "InschrijvingGeregistreerd", **KEY, "begindatum": str(DAY)}
            | {"vestigingscode": "12QN00", "schoolsoort": soort},
        )
    ) as ledger:
        yield ledger


@pytest.mark.parametrize("soort", SCHOOLSOORTEN)
def test_all_that_ask_for_whom_somebody_answers_agree(soort: Schoolsoort, ledger: Ledger) -> None:
    fact = _enrolled(soort)
    periode = Periode(DAY, "12QN00", fact.schoolsoort, "geen", True, None, None, None, None)  # noqa: FBT003 - its fields
    enrolment = Inschrijving("12QN", "1", DAY, None, (periode,), ())
    answer = asks(soort)
    assert answer == (soort in {"SBO", "SO", "VSO"})
    assert is_attributed(periode) == answer
    assert is_attributed_by(fact) == answer
    assert (touched([_event(fact)]) != UNTOUCHED) == answer
    assert _has_basis(enrolment) == answer
    assert _is_ordinary(fact) != answer
    assert _is_opened(ledger, PGNS[soort]) == answer


def test_a_schoolsoort_that_changes_within_an_enrolment_is_no_enrolment() -> None:
    changing: tuple[Schoolsoort, ...] = ("BO", "SO")
    perioden = tuple(
        Periode(date(2024, month, 1), "12QN00", soort, "geen", True, None, None, None, None)  # noqa: FBT003 - idem
        for month, soort in zip((8, 9), changing, strict=True)
    )
    with pytest.raises(AssertionError):
        _has_basis(Inschrijving("12QN", "1", DAY, None, perioden, ()))


def _enrolled(soort: Schoolsoort) -> ev.InschrijvingGeregistreerd:
    return ev.InschrijvingGeregistreerd(
        instellingscode="12QN",
        volgnummer="1",
        begindatum=DAY,
        vestigingscode="12QN00",
        schoolsoort=soort,
    )


def _event(fact: ev.Fact) -> ev.Event:
    known = datetime(2024, 9, 1, tzinfo=UTC)
    stream = UUID(int=7 << 96)
    return ev.Event(originator_id=stream, originator_version=1, fact=fact, bekend_op=known)


def _has_basis(inschrijving: Inschrijving) -> bool:
    dossier: Dossier = EMPTY
    reference = Reference().as_known((datetime(2024, 9, 1, tzinfo=UTC), 1))
    (segment,) = attribute(inschrijving, None, dossier, reference)
    return segment.basis is not None


def _is_ordinary(fact: ev.Fact) -> bool:
    mapper = FactMapper(transcoder=None)  # type: ignore[arg-type]  # ours needs none
    event = _event(fact)
    stored = mapper.to_stored_event(event)
    row = StoredRow(1, event.originator_id.hex, 1, stored.topic, stored.state)
    folded: list[str] = []

    def fold(rows: Sequence[StoredRow]) -> dict[str, list[tuple[object, ...]]]:
        folded.append(rows[0][1])
        return {}

    twin = row._replace(positie=2, stream=UUID(int=8 << 96).hex)
    Ordinary().filled([row, twin], fold)
    return bool(folded)


def _is_opened(ledger: Ledger, pgn: str) -> bool:
    stream = ledger.vault.find([pgn])[pgn].stream.hex
    known = world_of(ledger, ledger.position)
    (residence,) = (
        row
        for rows in events_to_compute(ledger, *WHOLE, ledger.position, known)
        for row in rows
        if row.stream == stream and row.topic == "WoonplaatsVastgelegd"
    )
    return b'"pc4"' in residence.state
