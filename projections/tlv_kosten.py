"""What a tlv costs over the years that it runs (law-and-money.md 6, effect of one tlv).

Each year Y costs the amount of its category when its teldatum (1 February Y-1, before 2022
1 October Y-1) lies in the tlv; a tlv that begins on 2 February first costs money a year later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, Categorie, Schoolsoort, sector_of_swv
from ledger.teldata import FIRST_FEBRUARY_TELDATUM, teldata
from projections.bekostiging_telling import Vraag, band_of
from projections.persons import NOBODY, persons
from projections.report import Fields
from projections.store import ask, ask_pupils
from projections.tarieven import Tarieven, cents

SOORT_OF_SCHOOLSOORT: Final[dict[str, str]] = {"SBO": "sbo", "SO": "so", "VSO": "vso"}
"""The kind of amount that a pupil of a schoolsoort costs from 2023 on."""


class Kosten(NamedTuple):
    """The rows of the table, and what a reader has to know beside them."""

    rijen: list[Fields]
    opmerkingen: tuple[str, ...]


class Pupil(NamedTuple):
    """What decides the amount of one pupil."""

    schoolsoort: Schoolsoort
    categorie: Categorie
    geboortedatum: date | None


def tlv_kosten(vraag: Vraag, tarieven: Tarieven) -> Kosten:
    """Return a row per tlv that is used on the teldatum and per year that it costs money.

    `tarief` and `bedrag` are None where the file has no amount for that year; the remark
    says which years. Ordered by number and year.
    """
    rows = list(_rows(vraag, tarieven))
    rows.sort(key=lambda row: (str(row["beschikkingsnummer"]), str(row["jaar"])))
    unknown = sorted({str(row["jaar"]) for row in rows if row["tarief"] is None})
    remarks = (f"Tlv: geen tarief voor {', '.join(unknown)}.",) if unknown else ()
    return Kosten(rows, remarks)


def amount_on(
    tarieven: Tarieven, day: date, pupil: Pupil, bekend_op: datetime | None
) -> Decimal | None:
    """Return what a pupil costs who is counted on a teldatum; None = not in the file.

    Before 2023 that is personnel and material together, and sbo costs nothing.
    """
    soorten = [SOORT_OF_SCHOOLSOORT[pupil.schoolsoort]]
    if day < FIRST_FEBRUARY_TELDATUM:
        if pupil.schoolsoort == "SBO":
            return None
        own = band_of(pupil.geboortedatum, day) if pupil.schoolsoort == "SO" else "vso"
        soorten = [own, f"{own}_materieel"]
    found = [tarieven.find(day.year + 1, soort, pupil.categorie, bekend_op) for soort in soorten]
    amounts = [tarief.bedrag for tarief in found if tarief is not None]
    return sum(amounts, Decimal(0)) if len(amounts) == len(soorten) else None


def _rows(vraag: Vraag, tarieven: Tarieven) -> Iterator[Fields]:
    known = vraag.as_of.bekend_op
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(vraag.swv)]
    selection = ask.Selection(swv=vraag.swv, schoolsoorten=soorten, telt=True, basis="TLV")
    used = list(ask.standen(vraag.model, vraag.as_of, selection))
    pupils = sorted({row.leerling for row in used})
    people = persons(vraag.ledger, vraag.model, vraag.as_of, pupils)
    tlvs = {
        (tlv.leerling, tlv.nummer): tlv
        for tlv in ask_pupils.tlvs_of(vraag.model, vraag.as_of, pupils)
    }
    for row in used:
        assert row.ondersteuningscategorie is not None, row
        assert row.beschikkingsnummer is not None, row
        tlv = tlvs[row.leerling, row.beschikkingsnummer]
        born = people.get(row.leerling, NOBODY).geboortedatum
        pupil = Pupil(row.schoolsoort, row.ondersteuningscategorie, born)
        for day in teldata(tlv.begindatum, tlv.laatste_dag):
            yield _row(tlv, pupil, day, amount_on(tarieven, day, pupil, known))


def _row(tlv: ask_pupils.TlvRow, pupil: Pupil, day: date, amount: Decimal | None) -> Fields:
    return {
        "beschikkingsnummer": tlv.nummer,
        "categorie": pupil.categorie,
        "begin": tlv.begindatum,
        "eind": tlv.laatste_dag,
        "jaar": day.year + 1,
        "tarief": amount,
        "bedrag": None if amount is None else cents(amount),
    }
