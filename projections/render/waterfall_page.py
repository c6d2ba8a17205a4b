"""The HTML page around the waterfall: the classes, the pupils with their events, herkomst.

The page is also well-formed XML, fetches nothing, runs nothing, and prints on A4 on its
side. All that comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from projections.render import text
from projections.render.waterfall import Bar, bars, kind_of, pupils
from projections.render.waterfall_marks import escaped
from projections.render.waterfall_words import (
    TITELS,
    Group,
    counted,
    enrolment,
    grouped,
    name,
    place,
    sides,
    signed,
    thousands,
    vaststelling,
)
from projections.report import Herkomst, Report
from projections.verklaring import Gebeurtenis, Telrij, Verklaring, Wijziging

CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Nothing may be fetched, sent or run; only the style in the page itself holds."""

STYLE: Final = """
body { font: 15px/1.45 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: #1d2733;
  background: #fff; margin: 1.5rem auto; padding: 0 1.5rem; max-width: 1400px; }
h1 { position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden; }
figure { margin: 0; } svg { max-width: 100%; height: auto; }
h2 { font-size: 1.3em; margin: 2em 0 .5em; } h3 { font-size: 1em; margin: 1.6em 0 .4em; }
table { border-collapse: collapse; font-size: .88em; }
table.leerlingen { width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .28em .6em; }
thead th { border-bottom: 2px solid #3f5165; } tbody { border-bottom: 1px solid #ccd4dc; }
tr.som { background: #f3f5f8; font-weight: 600; }
tr.klasse th { padding-left: 1.8em; font-weight: 400; }
.getal { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.code { white-space: nowrap; } .vrij { overflow-wrap: anywhere; }
.erbij, .eraf { font-weight: 600; } .erbij { color: #0c5f46; } .eraf { color: #a8380f; }
small { color: #566270; display: block; }
footer { margin-top: 2em; border-top: 1px solid #ccd4dc; font-size: .88em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1em; }
dt { color: #566270; } dd { margin: 0; overflow-wrap: anywhere; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 8.5pt; }
  svg { max-height: 170mm; }
  figure, #klassen, footer, tbody { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_EVENT_COLUMNS: Final = ("gebeurtenis", "bekend op", "geboekt op", "bron", "inhoud")
_PUPIL_COLUMNS: Final = ("pgn", "bijdrage", "voor", "na")


def opening(report: Report) -> str:
    """Return the page up to its picture; the picture shows the title, its h1 is for the ear."""
    return (
        '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="nl" xml:lang="nl">\n'
        '<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escaped(report.titel)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escaped(report.titel)}</h1>\n<figure>\n"
    )


def rest(report: Report, verklaring: Verklaring) -> Iterator[str]:
    """Yield the page from its picture on: the classes, the pupils, the herkomst."""
    yield "</figure>\n"
    yield from _classes(verklaring)
    yield from _pupils(verklaring)
    yield f"</main>\n{_footer(report.herkomst)}</body>\n</html>\n"


def _classes(verklaring: Verklaring) -> Iterator[str]:
    yield '<h2>Per klasse</h2>\n<table id="klassen">\n<thead><tr>'
    yield '<th scope="col">klasse</th><th scope="col" class="getal">leerlingen</th>'
    yield '<th scope="col" class="getal">aantal</th></tr></thead>\n'
    for stap, group in groupby(bars(verklaring), key=lambda bar: bar.stap):
        yield "<tbody>\n"
        if stap is not None:
            total = sum(verklaring.stappen[stap].values())
            yield _row("som", TITELS[stap], pupils(verklaring, stap), total)
        yield from map(_bar, group)
        yield "</tbody>\n"
    verschil = _number(signed(verklaring.verschil))
    yield f'<tfoot><tr class="som"><th scope="row" colspan="2">Verschil</th>{verschil}'
    yield "</tr></tfoot>\n</table>\n"


def _bar(bar: Bar) -> str:
    if bar.kind != "stand":
        return _row("klasse", bar.label, bar.leerlingen, bar.change)
    label = f'<th scope="row" colspan="2">{escaped(bar.label)}</th>'
    return f'<tr class="som">{label}{_number(thousands(bar.end))}</tr>\n'


def _row(kind: str, label: str, leerlingen: int, change: int) -> str:
    cells = _number(thousands(leerlingen)) + _number(signed(change))
    return f'<tr class="{kind}"><th scope="row">{escaped(label)}</th>{cells}</tr>\n'


def _number(shown: str) -> str:
    return f'<td class="getal">{shown}</td>'


def _pupils(verklaring: Verklaring) -> Iterator[str]:
    yield "<h2>Leerlingen en gebeurtenissen</h2>\n"
    if not verklaring.leerlingen:
        yield "<p>Geen enkele leerling veranderde.</p>\n"
    for group in grouped(verklaring):
        yield from _group(group)


def _group(group: Group) -> Iterator[str]:
    stap, klasse, changes = group
    leerlingen = counted(len({change.leerling for change in changes}))
    total = signed(sum(change.bijdrage for change in changes))
    yield f"<h3>{TITELS[stap]}: {escaped(klasse)} ({leerlingen}, {total})</h3>\n"
    titles = "".join(f'<th scope="col">{one}</th>' for one in _PUPIL_COLUMNS + _EVENT_COLUMNS)
    yield f'<table class="leerlingen">\n<thead><tr>{titles}</tr></thead>\n'
    yield from map(_pupil, changes)
    yield "</table>\n"


def _pupil(change: Wijziging) -> str:
    """Return a pupil: its own cells beside as many rows as it has events."""
    kind = kind_of(change.bijdrage)
    span = f' rowspan="{max(len(change.gebeurtenissen), 1)}"'
    voor, na = sides(change)
    own = (
        f'<th scope="rowgroup" class="code"{span}>{escaped(name(change))}</th>'
        f'<td class="getal {kind}"{span}>{signed(change.bijdrage)}</td>'
        f'<td class="code"{span}>{escaped(voor)}{_keys(change.voor or change.voor_buiten)}</td>'
        f'<td class="code"{span}>{escaped(na)}{_keys(change.na or change.na_buiten)}</td>'
    )
    events = [_event(event) for event in change.gebeurtenissen]
    first, *others = events or [f'<td colspan="{len(_EVENT_COLUMNS)}"></td>']
    rows = "".join(f"<tr>{row}</tr>\n" for row in (own + first, *others))
    return f"<tbody>\n{rows}</tbody>\n"


def _keys(row: Telrij | None) -> str:
    """Return, in small print, the keys that `history` takes: the enrolment and the tlv."""
    if row is None:
        return ""
    return _small(enrolment(row)) + _small(row.beschikkingsnummer or "")


def _event(event: Gebeurtenis) -> str:
    told = f"gebeurtenis {event.id}, {vaststelling(event)}"
    return (
        f'<td class="code">{escaped(event.type)}{_small(told)}</td>'
        f"<td>{text.minute(event.bekend_op)}</td><td>{text.minute(event.geboekt_op)}</td>"
        f'<td class="vrij">{escaped(event.bron)}{_small(place(event))}</td>'
        f'<td class="vrij">{escaped(event.omschrijving)}{_small(event.sleutel)}</td>'
    )


def _small(shown: str) -> str:
    return f"<small>{escaped(shown)}</small>" if shown else ""


def _footer(herkomst: Herkomst) -> str:
    said = (
        ("moment", herkomst.heading()),
        ("opdracht", herkomst.opdracht),
        ("versie", f"kijkglas {herkomst.versie}"),
        ("hoofd", herkomst.hoofd),
        *(("opmerking", remark) for remark in herkomst.opmerkingen),
    )
    terms = "".join(f"<dt>{term}</dt><dd>{escaped(value)}</dd>\n" for term, value in said)
    return f"<footer>\n<h2>Herkomst</h2>\n<dl>\n{terms}</dl>\n</footer>\n"
