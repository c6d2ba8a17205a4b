"""The pupils behind a change as lines for a screen, each with its events under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from projections.render import text
from projections.render.waterfall import Kind, kind_of, pupils
from projections.render.waterfall_words import (
    TITELS,
    clipped,
    counted,
    grouped,
    name,
    place,
    short_class,
    sides,
    signed,
    vaststelling,
)
from projections.verklaring import Gebeurtenis, Stap, Verklaring, Wijziging

WIDTH: Final = 100
"""No line is longer, in characters."""

_PGN: Final = 9
_CLASS: Final = 29
_INDENT: Final = 15
_TYPE: Final = 26
_PLACE: Final = 40
_START: Final = 13
"""The characters of a PGN and a contribution, which may hold a colour."""

_LINES_PER_EVENT: Final = 2

_HEADER: Final = (
    f"{'pgn':<{_PGN}} +/-  {'klasse':<{_CLASS}}  voor → na\n"
    f"{'positie':>13}  {'gebeurtenis':<{_TYPE}}  {'bekend op':<16}  geboekt op\n"
    f"{'':{_INDENT}}bron, bestand:regel  onderwerp: wat er gebeurde\n"
)


class Paint(NamedTuple):
    """Colours for a terminal, when they are asked for; else every text stays as it is."""

    on: bool

    def bold(self, shown: str) -> str:
        """Return the text in bold."""
        return self._in("1", shown)

    def kind(self, kind: Kind, shown: str) -> str:
        """Return the text green for what is added, red for what is taken away."""
        codes = {"erbij": "32", "eraf": "31"}
        return self._in(codes[kind], shown) if kind in codes else shown

    def _in(self, code: str, shown: str) -> str:
        return f"\x1b[{code}m{shown}\x1b[0m" if self.on else shown


def lines(verklaring: Verklaring, most: int | None, paint: Paint) -> Iterator[str]:
    """Yield a header, and per step its pupils with their events, in at most `most` lines.

    A pupil is shown with all its events or not at all; the last piece says how many were
    left out. Headers do not count. Nothing comes when no pupil changed.
    """
    changes = [change for _, _, group in grouped(verklaring) for change in group]
    if changes:
        yield f"\n{paint.bold('Leerlingen en gebeurtenissen')}\n{_HEADER}"
    stap: Stap | None = None
    used = 0
    for index, change in enumerate(changes):
        used += 1 + _LINES_PER_EVENT * len(change.gebeurtenissen)
        if most is not None and used > most:
            yield _left_out(changes[index:])
            return
        if change.stap != stap:
            stap = change.stap
            yield f"\n{paint.bold(f'{TITELS[stap]}: {counted(pupils(verklaring, stap))}')}\n"
        yield _pupil(change, paint) + "".join(map(_event, change.gebeurtenissen))


def _left_out(changes: Sequence[Wijziging]) -> str:
    number = len({change.leerling for change in changes})
    return f"\nnog {counted(number)} weggelaten; --format json of -o BESTAND geeft alles\n"


def _pupil(change: Wijziging, paint: Paint) -> str:
    kind = kind_of(change.bijdrage)
    start = (
        f"{clipped(name(change), _PGN):<{_PGN}} {paint.kind(kind, f'{signed(change.bijdrage):>3}')}"
    )
    voor, na = sides(change)
    row = f"  {short_class(text.printable(change.klasse), _CLASS):<{_CLASS}}  {voor} → {na}"
    return f"{start}{clipped(row, WIDTH - _START)}\n"


def _event(event: Gebeurtenis) -> str:
    when = f"{text.minute(event.bekend_op)}  {text.minute(event.geboekt_op)}"
    kind = clipped(text.printable(event.type), _TYPE)
    first = f"{event.id:>{_INDENT - 2}}  {kind:<{_TYPE}}  {when}  {vaststelling(event)}"
    source = ", ".join(filter(None, (text.printable(event.bron), place(event, _PLACE))))
    what = ": ".join(filter(None, map(text.printable, (event.sleutel, event.omschrijving))))
    second = clipped(f"{'':{_INDENT}}{source}  {what}".rstrip(), WIDTH)
    return f"{first}\n{second}\n"
