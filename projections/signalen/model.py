"""What a signal is: its rule in words, who acts, and what is found (rules.md 10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple

from projections.store.ask_signalen import Rij

Wie = Literal["school", "samenwerkingsverband", "DUO"]


class Signaal(NamedTuple):
    """The rule that is broken, in words, and who acts on it unless a finding says otherwise."""

    regel: str
    wie: Wie


SIGNALEN: Final[Mapping[str, Signaal]] = {
    "residentieel-met-tlv": Signaal(
        "Een tlv telt op een residentiële inschrijving alleen als de school hem koppelde;"
        " DUO koppelde deze zelf.",
        "DUO",
    ),
    "ander-samenwerkingsverband": Signaal(
        "Een inschrijving hoort bij het samenwerkingsverband van de geldige tlv van de leerling.",
        "school",
    ),
    "gesloten-inrichting": Signaal(
        "GJI en JJI horen bij een gesloten inrichting, en IJH bij een andere.", "school"
    ),
    "zonder-tlv": Signaal("Een (v)so-inschrijving heeft een gekoppelde, geldige tlv.", "school"),
    "tlv-loopt-af": Signaal("Een tlv geldt zolang de inschrijving loopt.", "samenwerkingsverband"),
    "tlv-andere-leerling": Signaal("Een tlv-nummer is van één leerling.", "school"),
    "tlv-termijn": Signaal(
        "Een tlv eindigt op 31 juli en geldt ten minste een heel schooljaar.",
        "samenwerkingsverband",
    ),
    "dubbele-inschrijving": Signaal("Een leerling telt op een dag bij één inschrijving.", "school"),
    "gat-tussen-inschrijvingen": Signaal(
        "Bij een gat van ten hoogste 28 dagen verzet de eerste school haar uitschrijfdatum naar"
        " de dag voor de nieuwe inschrijving.",
        "school",
    ),
    "na-vaststelling": Signaal(
        "Een inschrijving is bekend voordat de telling is vastgesteld.", "school"
    ),
    "pc4-zonder-samenwerkingsverband": Signaal(
        "Elk postcodegebied heeft een samenwerkingsverband.", "samenwerkingsverband"
    ),
    "geen-samenwerkingsverband": Signaal(
        "Van een (v)so- of sbo-inschrijving is te bepalen welk samenwerkingsverband ervoor staat.",
        "school",
    ),
    "afgekeurde-regels": Signaal(
        "Elke regel van een bestand is in te lezen; ook een PGN dat zijn proef niet doorstaat"
        " wordt afgekeurd.",
        "samenwerkingsverband",
    ),
    "zonder-effect": Signaal(
        "Een gebeurtenis past bij wat op dat moment van de leerling bekend was.", "school"
    ),
}
"""The signals by name, in the order in which they are shown (rules.md 1 and 10)."""


class Loop(NamedTuple):
    """An enrolment on a day, and which columns have to be unchanged to be still the same."""

    rij: Rij
    day: int
    kolommen: tuple[str, ...]


class Grond(NamedTuple):
    """Something that a finding rests on: when it became known, and by which events."""

    bekend_van: int
    posities: tuple[int, ...]


class Waar(NamedTuple):
    """Which enrolment a finding is about, as far as is known."""

    instellingscode: str = ""
    volgnummer: str = ""
    vestigingscode: str = ""
    schoolsoort: str = ""


class Vondst(NamedTuple):
    """One finding: of which signal, about which enrolment or tlv, and what it rests on.

    `rij` None = no enrolment of the samenwerkingsverband; then `waar` names another one, or
    none. `wie` None = as the signal says.
    """

    signaal: str
    toelichting: str
    rij: Rij | None = None
    leerling: str = ""
    swv: str = ""
    beschikkingsnummer: str = ""
    lopen: tuple[Loop, ...] = ()
    gronden: tuple[Grond, ...] = ()
    wie: Wie | None = None
    waar: Waar = Waar()


def dutch(day: date) -> str:
    """Return a day in words of a toelichting: 31-07-2025."""
    return f"{day:%d-%m-%Y}"
