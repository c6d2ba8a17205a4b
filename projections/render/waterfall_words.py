"""How the parts of a Verklaring read in words, the same on a screen and in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from projections.render import text
from projections.verklaring import Gebeurtenis, Kant, Klasse, Stap, Telrij, Verklaring, Wijziging

TITELS: Final[dict[Stap, str]] = {"correcties": "Correcties", "mutaties": "Mutaties"}

NOTHING: Final = "(geen inschrijving)"

_SHORT: Final = {"overgang naar ander samenwerkingsverband": "overgang naar ander swv"}

Group = tuple[Stap, Klasse, list[Wijziging]]


def thousands(number: int) -> str:
    """Return `1.204`, with the dots of a Dutch number."""
    return f"{number:,}".replace(",", ".")


def signed(number: int) -> str:
    """Return `+12`, `-3` or `0`, with the dots of a Dutch number."""
    return ("+" if number > 0 else "") + thousands(number)


def counted(number: int) -> str:
    """Return `1 leerling`, `1.204 leerlingen`."""
    return f"{thousands(number)} {'leerling' if number == 1 else 'leerlingen'}"


def clipped(shown: str, width: int) -> str:
    """Return the text in at most so many characters; an ellipsis says that more followed."""
    return shown if len(shown) <= width else shown[: width - 1].rstrip() + "…"


def short_class(klasse: str, width: int) -> str:
    """Return the name of a class for a narrow column."""
    return clipped(_SHORT.get(klasse, klasse), width)


def status(kant: Kant) -> str:
    """Return `voorlopig`, `definitief` or `na vaststelling`, or that nobody told."""
    return text.printable(kant.status) or "status onbekend"


def grouped(verklaring: Verklaring) -> Iterator[Group]:
    """Yield per step and class, in the order of the waterfall, its pupils as they came."""
    groups: dict[tuple[Stap, Klasse], list[Wijziging]] = {
        (stap, klasse): [] for stap, sums in verklaring.stappen.items() for klasse in sums
    }
    for change in verklaring.leerlingen:
        groups[change.stap, change.klasse].append(change)
    for (stap, klasse), changes in groups.items():
        yield stap, klasse, changes


def name(change: Wijziging) -> str:
    """Return the PGN of the pupil, or its id when the PGN was erased."""
    return text.printable(change.pgn or change.leerling)


def sides(change: Wijziging) -> tuple[str, str]:
    """Return what the pupil counted as before and after, outside the count in brackets.

    `SO 12QN00 LAAG TLV`: schoolsoort, vestiging, categorie, basis. When these are alike on
    both sides, what did change instead: the tlv, the enrolment or the way of deciding.
    """
    voor = _side(change.voor, change.voor_buiten, change.na)
    na = _side(change.na, change.na_buiten, change.voor)
    if voor == na and change.voor and change.na:
        for before, after in zip(_details(change.voor), _details(change.na), strict=True):
            if before != after:
                return before or "geen tlv", after or "geen tlv"
    return voor, na


def _side(inside: Telrij | None, outside: Telrij | None, other: Telrij | None) -> str:
    if inside is not None:
        return _row(inside)
    if outside is None:
        return NOTHING
    if not outside.telt:
        return f"({text.printable(outside.reden)})"
    elsewhere = outside.swv is not None and (other is None or outside.swv != other.swv)
    return f"({text.printable(outside.swv) if elsewhere else _row(outside)})"


def _row(row: Telrij) -> str:
    parts = (row.schoolsoort, row.vestigingscode, row.ondersteuningscategorie, row.basis)
    return " ".join(text.printable(part) for part in parts if part)


def _details(row: Telrij) -> tuple[str, str, str]:
    """Return the tlv, the enrolment and the way of deciding; the tlv is empty without one."""
    return (
        text.printable(row.beschikkingsnummer),
        enrolment(row),
        text.printable(row.wijze_van_bepaling),
    )


def enrolment(row: Telrij) -> str:
    """Return the key of the enrolment, `12QN/2459428`, which `history` takes."""
    return text.printable(f"{row.instellingscode}/{row.volgnummer}")


def place(event: Gebeurtenis, width: int | None = None) -> str:
    """Return `feed.jsonl:18`, empty for what was booked by hand.

    In at most `width` characters: of a long name the end is kept, which tells files apart.
    """
    line = "" if event.regel is None else f":{event.regel}"
    file = text.printable(event.bestand)
    room = len(file) if width is None else width - len(line)
    shown = file if len(file) <= room else "…" + file[len(file) - room + 1 :]
    return shown + line if shown else ""


def vaststelling(event: Gebeurtenis) -> str:
    """Return `voor vaststelling` or `na vaststelling`: when it was known."""
    return f"{event.vaststelling} vaststelling"
