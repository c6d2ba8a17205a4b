"""Small histories for `why`, and its answer in a few words: who, what class, by which events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from ledger.application import Ledger
from projections.moments import side_of
from projections.refresh import refreshed
from projections.store.ask import Selection
from projections.store.read_model import ReadModel
from projections.verklaring import Klasse, Telrij, Verklaring, Wijziging
from projections.why.explain import count_of, explain
from tests.ledgers import NOW, ledger_of

Line = dict[str, Any]

PGN, OTHER_PGN = "111222333", "123456782"
ONDERWIJSNUMMER = "109079195"

HERE, THERE = "PO2304", "PO2202"
HERE_VO, THERE_VO = "VO2305", "VO2203"
TLV_HERE, TLV_THERE = f"{HERE}-2024-00001", f"{THERE}-2024-00001"
TLV_VO = f"{HERE_VO}-2024-00001"

ISSUED = "2024-06-15"
IN_TIME = "2024-08-20"
"""When tlv's and enrolments are known that nobody has to correct: never at one moment."""
T = "2025-02-01"
FIXED = f"{T}@2025-03-03"
LATER = f"{T}@2025-09-01"
"""The teldatum as known at vaststelling, and half a year later."""


def event(kind: str, known: str, pgn: str = PGN, **fields: object) -> Line:
    """Return any event of a pupil."""
    return {"type": kind, "bekend_op": known, "pgn": pgn, **fields}


def enrolled(
    begindatum: str,
    known: str = IN_TIME,
    *,
    key: str = "12QN/1",
    soort: str = "SO",
    pgn: str = PGN,
    **fields: object,
) -> Line:
    """Return a registration, of SO at 12QN00 unless said otherwise."""
    named = {"begindatum": begindatum, "vestigingscode": f"{key[:4]}00", "schoolsoort": soort}
    return about("InschrijvingGeregistreerd", known, key=key, pgn=pgn, **{**named, **fields})


def about(kind: str, known: str, *, key: str = "12QN/1", pgn: str = PGN, **fields: object) -> Line:
    """Return an event about an enrolment."""
    code, _, volgnummer = key.partition("/")
    return event(kind, known, pgn, instellingscode=code, volgnummer=volgnummer, **fields)


def tlv(
    nummer: str = TLV_HERE,
    categorie: str = "LAAG",
    days: tuple[str, str] = ("2024-08-01", "2026-07-31"),
    known: str = ISSUED,
    pgn: str = PGN,
) -> Line:
    """Return a tlv for two school years unless said otherwise."""
    term = {"begindatum": days[0], "einddatum": days[1]}
    return event("TlvAfgegeven", known, pgn, nummer=nummer, categorie=categorie, **term)


def linking(known: str, nummer: str = TLV_HERE, key: str = "12QN/1", pgn: str = PGN) -> Line:
    """Return the link of a tlv by the school."""
    return about("TlvGekoppeld", known, key=key, pgn=pgn, nummer=nummer, door="school")


def home(pc4: str = "7511", known: str = "2020-01-01", pgn: str = PGN) -> Line:
    """Return a residence since 2020."""
    return event("WoonplaatsVastgelegd", known, pgn, vanaf="2020-01-01", pc4=pc4)


def joined(vestigingscode: str, swv: str, known: str = "2014-08-01") -> Line:
    """Return the link of a vestiging, from 2014 on."""
    kind = {"type": "VestigingAangesloten", "bekend_op": known}
    return {**kind, "vestigingscode": vestigingscode, "swv": swv, "vanaf": "2014-08-01"}


def area(pc4: str, swv_po: str | None, swv_vo: str | None, known: str = "2014-08-01") -> Line:
    """Return a PC4 area, from 2014 on."""
    kind = {"type": "PostcodegebiedToegewezen", "bekend_op": known}
    return {**kind, "pc4": pc4, "swv_po": swv_po, "swv_vo": swv_vo, "vanaf": "2014-08-01"}


REGION: list[Line] = [
    *(joined(code, swv) for code in ("12QN00", "12QN01", "15BO00") for swv in (HERE, HERE_VO)),
    *(joined(code, swv) for code in ("14YY00", "16BO00") for swv in (THERE, THERE_VO)),
    area("7511", HERE, HERE_VO),
    area("8011", THERE, THERE_VO),
    home(),
]
"""Two samenwerkingsverbanden, HERE and THERE, and the pupil, who lives in the area of HERE."""


class Change(NamedTuple):
    """A pupil in one step of the answer.

    `voor` and `na` in words: `PO2304 SO 12QN00 LAAG TLV` inside the count, in brackets what
    the pupil had outside it, empty for nothing. `door` are the events, as the history has them.
    """

    klasse: Klasse
    bijdrage: int
    voor: str
    na: str
    door: list[Line]


class Answer(NamedTuple):
    """What `why` answers to a history."""

    aantallen: tuple[int, int]
    correcties: list[Change]
    mutaties: list[Change]


def why(history: Sequence[Line], van: str, naar: str, **selection: Any) -> Answer:  # noqa: ANN401 - of Selection
    """Return why the count of a selection differs between two moments."""
    with modelled(history) as (ledger, model):
        return told(history, explained(ledger, model, van, naar, **selection))


@contextmanager
def modelled(history: Sequence[Line]) -> Iterator[tuple[Ledger, ReadModel]]:
    """Give the ledger of a history with its read model."""
    with ledger_of(history) as ledger, closing(refreshed(ledger)) as model:
        yield ledger, model


def explained(
    ledger: Ledger,
    model: ReadModel,
    van: str,
    naar: str,
    **selection: Any,  # noqa: ANN401 - of Selection
) -> Verklaring:
    """Return the explanation between two moments, written as on the command line."""
    count = count_of(Selection(**selection))
    one, two = (side_of(text, "nu", count.schoolsoorten, model) for text in (van, naar))
    return explain(ledger, model, (one, two), count, NOW)


def told(history: Sequence[Line], verklaring: Verklaring) -> Answer:
    """Return an explanation in a few words."""
    found: dict[str, list[Change]] = {"correcties": [], "mutaties": []}
    for change in verklaring.leerlingen:
        found[change.stap].append(_change(history, change))
    return Answer((verklaring.van.aantal, verklaring.naar.aantal), **found)


def _change(history: Sequence[Line], change: Wijziging) -> Change:
    events = [history[(event.regel or 0) - 1] for event in change.gebeurtenissen]
    assert [event.type for event in change.gebeurtenissen] == [line["type"] for line in events]
    voor = _side(change.voor, change.voor_buiten)
    na = _side(change.na, change.na_buiten)
    return Change(change.klasse, change.bijdrage, voor, na, events)


def _side(inside: Telrij | None, outside: Telrij | None) -> str:
    assert inside is None or outside is None
    if inside is not None:
        return _row(inside)
    if outside is None:
        return ""
    return f"({_row(outside)})" if outside.telt else f"({outside.reden})"


def _row(row: Telrij) -> str:
    parts = (row.swv, row.schoolsoort, row.vestigingscode, row.ondersteuningscategorie, row.basis)
    return " ".join(part for part in parts if part)
