"""The answer to `why` as a report: waterfall, pupils and events as tables (cli.md, `why`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final

import msgspec

from projections import layouts
from projections.questions import Question, herkomst_of
from projections.report import Report
from projections.store.ask import AsOf, Selection
from projections.verklaring import CORRECTIES, Kant, Telrij, Verklaring, Wijziging
from projections.why.explain import explain

Fields = dict[str, object]

SIDE: Final = tuple(name for name in Telrij.__struct_fields__ if name not in {"telt", "reden"})
"""What the table of pupils shows of a row inside the count."""


def why_report(van: Question, naar: Question, selection: Selection) -> Report:
    """Return why the count of a selection differs between two questions to one ledger."""
    verklaring = explain(naar.ledger, naar.model, (van.as_of, naar.as_of), selection, naar.now)
    layout = layouts.load("why")
    rows: dict[str, Iterable[Fields]] = {
        "samenvatting": _summary(verklaring),
        "leerlingen": map(_pupil, verklaring.leerlingen),
        "gebeurtenissen": _events(verklaring.leerlingen),
    }
    tables = tuple(layout.table(name, listed) for name, listed in rows.items())
    herkomst = herkomst_of(naar, naar.as_of.teldatum, verklaring.naar.status, van.as_of)
    herkomst = msgspec.structs.replace(
        herkomst, opmerkingen=(told_count(selection), *_remarks(verklaring))
    )
    return Report(
        layout.product, layout.titel, herkomst, tables, enkel=False, verklaring=verklaring
    )


def _remarks(verklaring: Verklaring) -> Iterator[str]:
    van, naar = verklaring.van, verklaring.naar
    if not (van.aantal or naar.aantal or verklaring.leerlingen):
        yield "Niemand is in deze telling; kloppen de keuzen?"
    moments = [AsOf(side.teldatum, side.bekend_op) for side in (van, naar)]
    if moments[0].teldatum > moments[1].teldatum or moments[0].known > moments[1].known:
        yield "Terug gevraagd: klassen zijn die van toen naar nu, met omgekeerd teken."


def _summary(verklaring: Verklaring) -> Iterator[Fields]:
    """Yield the waterfall: opening count, classes with a running count, closing count."""
    van, naar = verklaring.van, verklaring.naar
    aantal = van.aantal
    yield _stand("van", van)
    for stap, klassen in verklaring.stappen.items():
        for klasse, bijdrage in klassen.items():
            aantal += bijdrage
            pupils = sum((one.stap, one.klasse) == (stap, klasse) for one in verklaring.leerlingen)
            yield _line(stap, klasse, None, None, pupils, bijdrage, aantal)
        if stap == CORRECTIES and all(verklaring.stappen.values()):
            yield _line("tussenstand", "", van.teldatum, naar.bekend_op, None, None, aantal)
    yield _stand("naar", naar)


def _stand(regel: str, kant: Kant) -> Fields:
    return _line(regel, "", kant.teldatum, kant.bekend_op, None, None, kant.aantal)


def _line(
    regel: str,
    klasse: str,
    teldatum: date | None,
    bekend_op: datetime | None,
    leerlingen: int | None,
    bijdrage: int | None,
    aantal: int,
) -> Fields:
    return {
        "regel": regel,
        "klasse": klasse,
        "teldatum": teldatum,
        "bekend_op": bekend_op,
        "leerlingen": leerlingen,
        "bijdrage": bijdrage,
        "aantal": aantal,
    }


def _pupil(change: Wijziging) -> Fields:
    return {
        "pgn": change.pgn,
        "stap": change.stap,
        "klasse": change.klasse,
        "bijdrage": change.bijdrage,
        **_side("voor", change.voor, change.voor_buiten),
        **_side("na", change.na, change.na_buiten),
    }


def _side(prefix: str, row: Telrij | None, outside: Telrij | None) -> Fields:
    inside = {f"{prefix}_{name}": getattr(row, name, None) or "" for name in SIDE}
    return {**inside, f"{prefix}_buiten": "" if outside is None else elsewhere(outside)}


def told_count(selection: Selection) -> str:
    """Return in words what is counted: `Telling: PO2304, SBO en SO, categorie LAAG`."""
    parts = [
        selection.swv or "alle samenwerkingsverbanden",
        " en ".join(selection.schoolsoorten),
        selection.vestigingscode and f"vestiging {selection.vestigingscode}",
        selection.categorie and f"categorie {selection.categorie}",
        selection.basis and f"basis {selection.basis}",
        selection.wijze and f"wijze van bepaling {selection.wijze}",
    ]
    return f"Telling: {', '.join(part for part in parts if part)}"


def elsewhere(row: Telrij) -> str:
    """Return where a pupil is that is not in the count: `SO 12QN00: niet bekostigbaar`."""
    return f"{row.schoolsoort} {row.vestigingscode}: {row.reden or row.swv or 'telt'}"


def _events(changes: Iterable[Wijziging]) -> Iterator[Fields]:
    for change in changes:
        about = {"pgn": change.pgn, "stap": change.stap, "klasse": change.klasse}
        for event in change.gebeurtenissen:
            yield {**about, **msgspec.structs.asdict(event)}
