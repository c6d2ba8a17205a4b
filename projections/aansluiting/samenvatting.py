"""A reconciliation on a screen: at most a page, no line wider than 100 characters.

The two sides, the waterfall from the one number to the other with per class who acts and what
it is worth, the most valuable differences, how much is explained, what was accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from projections.aansluiting.dekking import Klasseregel, klasseregels, waterval
from projections.aansluiting.weergave import (
    Getoond,
    Weergave,
    bedrag,
    kolommen,
    uitleg_bedrag,
)
from projections.render import text
from projections.render.waterfall import Bar, Scale, scale
from projections.render.waterfall_lines import WIDTH, Paint
from projections.render.waterfall_text import ROOM, drawing, ends, rail
from projections.render.waterfall_words import clipped, signed, thousands

DUUREST: Final = 10
"""The differences that a screen shows."""

ZEGELS: Final = 3
"""The changed figures of seals that a screen shows."""

OPMERKINGEN: Final = 5
"""The remarks that a screen shows, such as lines that could not be read."""

FEW: Final = 8
"""With so many classes or fewer there is room on a page for causes of two lines."""

_LABEL: Final = 28
_COUNT: Final = 7
_NUMBER: Final = 8
_WIE: Final = 8
_BEDRAG: Final = 12
_INDENT: Final = "    "
_SWV: Final = {"samenwerkingsverband": "swv"}
"""A long word, short for a narrow column."""


def render(shown: Weergave, *, colour: bool = False) -> Iterator[bytes]:
    """Yield the summary: UTF-8, every line at most 100 characters; colour only when asked."""
    paint = Paint(on=colour)
    for part in (_kop, _waterval, _duurste, _slot):
        yield "".join(f"{line}\n" for line in part(shown, paint)).encode()


def _kop(shown: Weergave, paint: Paint) -> Iterator[str]:
    yield paint.bold(clipped(text.printable(shown.titel), WIDTH))
    yield from _wrapped(shown.aansluiting.herkomst.heading())
    for line in shown.verbroken[:ZEGELS]:
        said = text.printable(f"LET OP, zegel verbroken: {line}")
        yield paint.bold(clipped(said, WIDTH))
    if len(shown.verbroken) > ZEGELS:
        more = f"en nog {len(shown.verbroken) - ZEGELS} cijfers; kijkglas seals geeft alles"
        yield paint.bold(f"LET OP, {more}")
    for side, party in zip(("links ", "rechts"), shown.partijen, strict=True):
        yield clipped(text.printable(f"{side}  {party}"), WIDTH)
    yield from _wrapped(shown.vergeleken)
    remarks = shown.aansluiting.herkomst.opmerkingen
    for remark in remarks[:OPMERKINGEN]:
        yield clipped(text.printable(remark), WIDTH)
    if len(remarks) > OPMERKINGEN:
        yield f"nog {len(remarks) - OPMERKINGEN} opmerkingen; -o BESTAND geeft alles"
    yield ""


def _wrapped(said: str) -> list[str]:
    return wrap(text.printable(said), WIDTH)


def _waterval(shown: Weergave, paint: Paint) -> Iterator[str]:
    drawn = waterval(shown.aansluiting)
    axis = scale(drawn, ROOM)
    regels = {regel.klasse: regel for regel in klasseregels(shown.aansluiting)}
    head = f"{'':<{_LABEL}}{'aantal':>{_COUNT}}{'telt':>{_NUMBER}}"
    yield f"{head}  {ends(axis):<{ROOM}}  {'wie':<{_WIE}}{'bedrag':>{_BEDRAG}}".rstrip()
    for bar in drawn:
        yield _balk(bar, axis, regels.get(bar.label), paint)
    if any(regel.bedrag is not None for regel in regels.values()):
        yield clipped(uitleg_bedrag(shown), WIDTH)


def _balk(bar: Bar, axis: Scale, regel: Klasseregel | None, paint: Paint) -> str:
    """Return a side, or a class: how many differences, what it adds, who acts, its amount."""
    if bar.kind == "stand":
        label = clipped(text.printable(bar.label), _LABEL + _COUNT)
        number = f"{thousands(bar.end):>{_NUMBER}}"
        return paint.bold(f"{label:<{_LABEL + _COUNT}}{number}  {rail(bar, axis)}".rstrip())
    label, drawn = clipped(bar.label, _LABEL - 2), drawing(bar, axis)
    start = f"  {label:<{_LABEL - 2}}{thousands(bar.leerlingen):>{_COUNT}}"
    start += f"{signed(bar.change):>{_NUMBER}}"
    painted = paint.kind(bar.kind, drawn) + " " * (ROOM - len(drawn))
    wie = "" if regel is None else clipped("/".join(_SWV.get(one, one) for one in regel.wie), _WIE)
    worth = "" if regel is None else bedrag(regel.bedrag)
    return f"{start}  {painted}  {wie:<{_WIE}}{worth:>{_BEDRAG}}".rstrip()


def _duurste(shown: Weergave, paint: Paint) -> Iterator[str]:
    count = len(shown.getoond)
    if not count:
        return
    yield ""
    title = "Verschillen" if count <= DUUREST else f"De {DUUREST} belangrijkste verschillen"
    yield paint.bold(title)
    lines = 2 if len(klasseregels(shown.aansluiting)) <= FEW else 1
    for one in shown.getoond[:DUUREST]:
        yield from _verschil(one, lines)
    if count > DUUREST:
        yield f"nog {thousands(count - DUUREST)} weggelaten; --format csv of -o BESTAND geeft alles"


def _verschil(shown: Getoond, lines: int) -> Iterator[str]:
    """Yield its kenmerk, class and key, and in so many lines its cause."""
    one = shown.verschil
    key = "/".join(one.sleutel)
    worth = f"  {bedrag(one.bedrag)}" if one.bedrag is not None else ""
    first = f"{shown.kenmerk}  {one.klasse}  {key}{worth}  {one.wie}"
    yield clipped(text.printable(first), WIDTH)
    said = one.oorzaak or kolommen(one)
    room = WIDTH - len(_INDENT)
    for line in wrap(text.printable(said), room, max_lines=lines, placeholder=" …"):
        yield _INDENT + line


def _slot(shown: Weergave, paint: Paint) -> Iterator[str]:
    yield ""
    if not shown.getoond:
        yield paint.bold(
            "Geen verschillen." if not shown.geaccepteerd else "Geen open verschillen."
        )
    yield from _wrapped(shown.dekking)
    if shown.geaccepteerd:
        reasons = dict.fromkeys(one.verschil.geaccepteerd for one in shown.geaccepteerd)
        said = f"Geaccepteerd: {len(shown.geaccepteerd)} ({'; '.join(reasons)})"
        yield clipped(text.printable(said), WIDTH)
