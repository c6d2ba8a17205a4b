"""Verklaringen made by hand: what the tests of the waterfall draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from ledger.codes import Categorie
from ledger.times import end_of_day
from projections.report import Herkomst, Moment, Report
from projections.verklaring import (
    CORRECTIES,
    MUTATIES,
    Gebeurtenis,
    Kant,
    Klasse,
    Stap,
    Telrij,
    Verklaring,
    Wijziging,
)

OKTOBER = date(2024, 10, 1)
FEBRUARI = date(2025, 2, 1)
IN_MAART = end_of_day(date(2025, 3, 3))
IN_MEI = end_of_day(date(2025, 5, 12))

LAAT: Klasse = "late registratie"
DATUM: Klasse = "gecorrigeerde datum"
VERWIJDERD: Klasse = "verwijderde inschrijving"
KOPPELING: Klasse = "tlv-koppeling"
IN: Klasse = "instroom"
UIT: Klasse = "uitstroom"
DOOR: Klasse = "doorstroom"
NAAR_ANDER: Klasse = "overgang naar ander samenwerkingsverband"

CLASSES_OF: dict[Stap, tuple[Klasse, ...]] = {
    CORRECTIES: (
        "late registratie",
        "gecorrigeerde datum",
        "gecorrigeerd kenmerk",
        "verwijderde inschrijving",
        "tlv-koppeling",
        "wijziging referentiegegevens",
        "dubbele inschrijving opgelost",
    ),
    MUTATIES: (
        "instroom",
        "uitstroom",
        "doorstroom",
        "categoriewijziging",
        "tlv verlopen",
        "tlv begonnen",
        "overgang naar ander samenwerkingsverband",
    ),
}


def row(
    vestiging: str = "12QN00",
    categorie: Categorie | None = "LAAG",
    swv: str | None = "PO2304",
    reden: str = "",
    nummer: str = "PO2304-2024-00021",
) -> Telrij:
    """Return an enrolment of SO that rests on a tlv; with a reden it does not count."""
    return Telrij(
        instellingscode=vestiging[:4],
        volgnummer="2459428",
        vestigingscode=vestiging,
        schoolsoort="SO",
        swv=swv,
        wijze_van_bepaling="TLV",
        ondersteuningscategorie=categorie,
        basis="TLV",
        beschikkingsnummer=nummer,
        telt=not reden,
        reden=reden,
    )


def event(
    positie: int = 18204,
    soort: str = "InschrijvingGeregistreerd",
    bron: str = "school",
    bestand: str = "regio.jsonl",
    regel: int | None = 1207,
    omschrijving: str = "begindatum=2024-08-01, vestigingscode=12QN00, schoolsoort=SO",
) -> Gebeurtenis:
    """Return an event that was known after the vaststelling."""
    return Gebeurtenis(
        id=positie,
        type=soort,
        bekend_op=datetime(2025, 4, 2, 8, 15, tzinfo=UTC),
        geboekt_op=datetime(2025, 4, 3, 6, 0, 12, tzinfo=UTC),
        vaststelling="na",
        bron=bron,
        bestand=bestand,
        regel=regel,
        sleutel="12QN/2459428",
        omschrijving=omschrijving,
    )


def change(
    stap: Stap,
    klasse: Klasse,
    bijdrage: int,
    number: int,
    *gebeurtenissen: Gebeurtenis,
    buiten: Telrij | None = None,
) -> Wijziging:
    """Return the change of the pupil of this number; `buiten` = what it had outside the count."""
    return Wijziging(
        pgn=f"{900000000 + number}",
        leerling=f"0b0c{number:08}-0000-4000-8000-000000000000",
        stap=stap,
        klasse=klasse,
        bijdrage=bijdrage,
        voor=row() if bijdrage <= 0 else None,
        na=row("14YY00", "MIDDEN") if bijdrage >= 0 else None,
        voor_buiten=buiten if bijdrage > 0 else None,
        na_buiten=buiten if bijdrage < 0 else None,
        gebeurtenissen=gebeurtenissen or (event(18000 + number),),
    )


def changes(stap: Stap, klasse: Klasse, *bijdragen: int, first: int = 0) -> list[Wijziging]:
    """Return a change per contribution, each of another pupil."""
    return [
        change(stap, klasse, bijdrage, first + number)
        for number, bijdrage in enumerate(bijdragen, start=1)
    ]


def verklaring(van: int, wijzigingen: Sequence[Wijziging]) -> Verklaring:
    """Return the explanation from a count on 1 October to the one on 1 February."""
    verschil = sum(one.bijdrage for one in wijzigingen)
    return Verklaring(
        van=Kant(OKTOBER, IN_MAART, van, "definitief"),
        naar=Kant(FEBRUARI, IN_MEI, van + verschil, "na vaststelling"),
        verschil=verschil,
        stappen={stap: _sums(stap, wijzigingen) for stap in CLASSES_OF},
        leerlingen=tuple(wijzigingen),
    )


def _sums(stap: Stap, wijzigingen: Sequence[Wijziging]) -> dict[Klasse, int]:
    ours = [one for one in wijzigingen if one.stap == stap]
    present = {one.klasse for one in ours}
    ordered = [klasse for klasse in CLASSES_OF[stap] if klasse in present]
    return {klasse: sum(one.bijdrage for one in ours if one.klasse == klasse) for klasse in ordered}


def report(value: Verklaring, titel: str = "Waarom het aantal veranderde") -> Report:
    """Return the report of `why` around an explanation."""
    herkomst = Herkomst(
        teldatum=value.naar.teldatum,
        bekend_op=value.naar.bekend_op,
        positie=18204,
        opdracht="kijkglas why --swv PO2304 --from 1-10-2024@3-3-2025 --to 1-2-2025@12-5-2025",
        versie="0.1.0",
        hoofd="ab12cd34",
        status=value.naar.status,
        opmerkingen=("Selectie: samenwerkingsverband PO2304, schoolsoort SO.",),
        van=Moment(value.van.teldatum, value.van.bekend_op),
    )
    return Report("why", titel, herkomst, (), enkel=False, verklaring=value)


def both() -> Verklaring:
    """Return corrections and mutations, up, down and level, on a count of 1.204."""
    elders = row(swv="PO9902", nummer="PO9902-2024-00001")
    return verklaring(
        1204,
        [
            *changes(CORRECTIES, LAAT, *[1] * 7, first=10),
            *changes(CORRECTIES, DATUM, 1, -1, -1, -1, first=30),
            change(
                CORRECTIES,
                VERWIJDERD,
                -1,
                41,
                event(17800, omschrijving="begindatum=2024-08-01"),
                event(18190, "InschrijvingVerwijderd", omschrijving="reden=dubbel ingevoerd"),
            ),
            change(CORRECTIES, KOPPELING, 0, 42, event(18191, "TlvGekoppeld")),
            change(
                CORRECTIES,
                "dubbele inschrijving opgelost",
                -1,
                43,
                buiten=row(reden="dubbele inschrijving"),
            ),
            *changes(MUTATIES, IN, *[1] * 9, first=50),
            *changes(MUTATIES, UIT, *[-1] * 5, first=70),
            *changes(MUTATIES, DOOR, 0, 0, first=80),
            change(MUTATIES, NAAR_ANDER, -1, 90, event(18200, "TlvAfgegeven"), buiten=elders),
            change(
                MUTATIES,
                NAAR_ANDER,
                -1,
                91,
                event(18201, "TlvAfgegeven"),
                buiten=row(reden="niet bekostigbaar"),
            ),
        ],
    )
