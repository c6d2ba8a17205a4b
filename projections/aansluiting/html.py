"""A reconciliation as one HTML page that prints on A4, fetches nothing and runs nothing.

Well-formed XML as well; all that comes from outside is escaped. The picture is drawn as that
of `why`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from projections.aansluiting.dekking import klasseregels, waterval
from projections.aansluiting.weergave import (
    Getoond,
    Weergave,
    bedrag,
    gebeurtenis,
    kolommen,
    uitleg_bedrag,
)
from projections.render import waterfall_svg
from projections.render.waterfall import Bar
from projections.render.waterfall_frame import LINE, Box, frame
from projections.render.waterfall_marks import HATCH, WHITE, escaped, label_lines, rectangle
from projections.render.waterfall_page import CSP, STYLE
from projections.render.waterfall_words import signed, thousands

MORE_STYLE: Final = """
h1 { position: static; clip-path: none; height: auto; width: auto; font-size: 1.5em; }
p.letop { border-left: 5px solid #a8380f; background: #fdeee6; padding: .5em .8em; }
table.verschillen { width: 100%; table-layout: fixed; }
table.verschillen th, table.verschillen td { overflow-wrap: anywhere; }
th.kenmerk { width: 9%; } th.klasse { width: 11%; } th.sleutel { width: 13%; }
th.wie { width: 13%; } th.bedrag { width: 8%; } th.verschil { width: 20%; }
td.bedrag { text-align: right; white-space: nowrap; }
@media print { tr { break-inside: avoid; } thead { display: table-header-group; } }
"""

_KOLOMMEN: Final = ("kenmerk", "klasse", "sleutel", "wie", "bedrag", "verschil", "oorzaak")


def render(shown: Weergave) -> Iterator[bytes]:
    """Yield the page in pieces, UTF-8: the same bytes for the same reconciliation."""
    for piece in _page(shown):
        yield piece.encode()


def _page(shown: Weergave) -> Iterator[str]:
    titel = escaped(shown.titel)
    yield (
        '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="nl" xml:lang="nl">\n'
        '<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{titel}</title>\n<style>{STYLE}{MORE_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{titel}</h1>\n"
    )
    yield from _kop(shown)
    yield from _picture(shown)
    yield from _klassen(shown)
    yield from _lijst("Verschillen", shown.getoond, "Er zijn geen open verschillen.")
    if shown.geaccepteerd:
        yield from _lijst("Geaccepteerde verschillen", shown.geaccepteerd, "")
    yield f"</main>\n{_footer(shown)}</body>\n</html>\n"


def _kop(shown: Weergave) -> Iterator[str]:
    for line in shown.verbroken:
        yield f'<p class="letop"><strong>Zegel verbroken.</strong> {escaped(line)}</p>\n'
    yield f"<p>{escaped(shown.aansluiting.herkomst.heading())}</p>\n<dl>\n"
    for side, party in zip(("links", "rechts"), shown.partijen, strict=True):
        yield f"<dt>{side}</dt><dd>{escaped(party)}</dd>\n"
    yield "</dl>\n"
    for said in (shown.vergeleken, shown.dekking, *shown.aansluiting.herkomst.opmerkingen):
        yield f"<p>{escaped(said)}</p>\n"


def _picture(shown: Weergave) -> Iterator[str]:
    """Yield the waterfall as an SVG element; what it says stands in the table of classes too."""
    drawn = waterval(shown.aansluiting)
    plot = frame(drawn, 0)
    labels = [_label(bar, plot.pitch) for bar in drawn]
    height = plot.bottom + LINE * (max(map(len, labels)) + 2)
    said = (f"{bar.label}: {_value(bar)}." for bar in drawn)
    yield f"<figure>\n{waterfall_svg.opening(plot.width, height)}\n"
    yield f'<title id="waterval-titel">{escaped(shown.titel)}</title>\n'
    yield f'<desc id="waterval-uitleg">{escaped(" ".join(said))}</desc>\n'
    yield f"{HATCH}\n{rectangle(Box(0, 0, plot.width, height), WHITE)}\n"
    for mark in waterfall_svg.columns(drawn, labels, plot):
        yield f"{mark}\n"
    yield "</svg>\n</figure>\n"


def _label(bar: Bar, width: float) -> list[str]:
    if bar.kind == "stand":
        return label_lines(bar.label, width, bold=True)
    many = "verschil" if bar.leerlingen == 1 else "verschillen"
    return [*label_lines(bar.label, width), f"{thousands(bar.leerlingen)} {many}"]


def _value(bar: Bar) -> str:
    return thousands(bar.end) if bar.kind == "stand" else signed(bar.change)


def _klassen(shown: Weergave) -> Iterator[str]:
    yield '<h2>Per klasse</h2>\n<table id="klassen">\n<thead><tr><th scope="col">klasse</th>'
    for title in ("verschillen", "geaccepteerd", "verklaard", "telt"):
        yield f'<th scope="col" class="getal">{title}</th>'
    yield '<th scope="col">wie</th><th scope="col" class="getal">bedrag</th></tr></thead>\n'
    yield "<tbody>\n"
    regels = {regel.klasse: regel for regel in klasseregels(shown.aansluiting)}
    for bar in waterval(shown.aansluiting):
        regel = regels.get(bar.label)
        kind = "som" if bar.kind == "stand" else "klasse"
        counts = ("", "", "")
        if regel is not None:
            numbers = (regel.verschillen, regel.geaccepteerd, regel.verklaard)
            counts = tuple(map(thousands, numbers))  # type: ignore[assignment]  # three
        cells = "".join(f'<td class="getal">{cell}</td>' for cell in (*counts, _value(bar)))
        wie = ", ".join(regel.wie) if regel else ""
        worth = bedrag(regel.bedrag) if regel else ""
        yield f'<tr class="{kind}"><th scope="row">{escaped(bar.label)}</th>{cells}'
        yield f'<td>{escaped(wie)}</td><td class="getal">{worth}</td></tr>\n'
    yield f"</tbody>\n</table>\n<p><small>{escaped(uitleg_bedrag(shown))}</small></p>\n"


def _lijst(titel: str, listed: Sequence[Getoond], nothing: str) -> Iterator[str]:
    yield f"<h2>{titel}</h2>\n"
    if not listed:
        yield f"<p>{nothing}</p>\n"
        return
    heads = "".join(f'<th scope="col" class="{name}">{name}</th>' for name in _KOLOMMEN)
    yield f'<table class="verschillen">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    yield from map(_rij, listed)
    yield "</tbody>\n</table>\n"


def _rij(shown: Getoond) -> str:
    one = shown.verschil
    events = "".join(_small(gebeurtenis(event)) for event in one.gebeurtenissen)
    accepted = _small(f"geaccepteerd: {one.geaccepteerd}") if one.geaccepteerd else ""
    places = "".join(map(_small, one.plaatsen))
    return (
        f'<tr><th scope="row" class="code">{escaped(shown.kenmerk)}</th>'
        f"<td>{escaped(one.klasse)}</td>"
        f'<td class="vrij">{escaped("/".join(one.sleutel))}{_small(one.vestigingscode)}</td>'
        f'<td>{escaped(one.wie)}</td><td class="bedrag">{bedrag(one.bedrag)}</td>'
        f'<td class="vrij">{escaped(kolommen(one) or one.soort)}{places}</td>'
        f'<td class="vrij">{escaped(one.oorzaak)}{events}{accepted}</td></tr>\n'
    )


def _small(said: str) -> str:
    return f"<small>{escaped(said)}</small>" if said else ""


def _footer(shown: Weergave) -> str:
    herkomst = shown.aansluiting.herkomst
    said = (
        ("moment", herkomst.heading()),
        *(("bestand", name) for name in shown.aansluiting.bestanden),
        ("opdracht", herkomst.opdracht),
        ("versie", f"kijkglas {herkomst.versie}"),
        ("hoofd", herkomst.hoofd),
    )
    terms = "".join(f"<dt>{term}</dt><dd>{escaped(value)}</dd>\n" for term, value in said)
    return f"<footer>\n<h2>Herkomst</h2>\n<dl>\n{terms}</dl>\n</footer>\n"
