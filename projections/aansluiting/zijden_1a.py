"""Counts per vestiging as sides: the files of 1A, the ledger's own 1A, and 1B counted.

The columns go by the names of DUO in the layout of 1A (manual 2.4 to 2.7). Rows are keyed by
file, schoolsoort and vestiging; what a file does not have of these is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from ledger.codes import sector_of_swv
from ledger.intake import dashboard_1a as bestand_1a
from ledger.intake import enrolment_columns as ec
from ledger.intake.reference_columns import has
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheets import opened_sheet
from ledger.states import AantallenStand
from projections import layouts
from projections.aansluiting import zijden
from projections.aansluiting.bereik import bereik_of, onthuld
from projections.aansluiting.lezing import Inhoud
from projections.aansluiting.model import Paar, Regel, Zijde
from projections.dashboard_1a import dashboard_1a
from projections.layouts import LayoutTable
from projections.questions import Question
from projections.report import Fields
from projections.store.ask import AsOf

TABEL: Final = "TABEL"
SCHOOLSOORT: Final = "SCHOOLSOORT"
VESTIGING: Final = "VESTIGINGSCODE"
DEELNEMEND: Final = "DEELNEMENDE_VESTIGING"
SLEUTEL: Final = (TABEL, SCHOOLSOORT, VESTIGING)

MET_TLV, TOTALEN, VESTIGINGEN = "met_tlv", "totaal", "vestigingen"
TABELLEN: Final = (MET_TLV, TOTALEN, VESTIGINGEN)
"""The files of 1A by what the layouts call them, in the order in which they matter."""

DELEN: Final[Mapping[str, tuple[str, ...]]] = {
    MET_TLV: bestand_1a.MET_TLV.delen,
    TOTALEN: bestand_1a.TOTALEN.delen,
    VESTIGINGEN: (),
}
"""The columns that add up to the total of a row (I1 and I2); file 3 has none."""

MET_TLV_DIT_SWV: Final = "MET_TLV_DIT_SWV"
GETELD: Final = "GETELD"
"""How many pupils a row stands for, in the file that tells: the first one that there is.

The files count the same pupils over again, and are not to be added up (assumption).
"""


def telkolom_of(tabel: str, swv: str) -> str:
    """Return the column with all pupils of a row; file 3 VO writes it in small letters."""
    return "Totaal" if tabel == VESTIGINGEN and sector_of_swv(swv) == "VO" else bestand_1a.TOTAAL


def tabellen_of(zijde: Zijde) -> tuple[str, ...]:
    """Return which of the files a side has rows of, in their order."""
    found = {regel.sleutel[0] for regel in zijde.regels}
    return tuple(tabel for tabel in TABELLEN if tabel in found)


def kolommen_of(swv: str, tabellen: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of some of the files that are no key, each once, in their order."""
    listed = (name for tabel in tabellen for name, _ in _kolommen(swv, tabel))
    return tuple(dict.fromkeys(listed))


def zijde_1a(bestanden: Sequence[Inhoud], swv: str, naam: str = "DUO (1A)") -> Zijde:
    """Return one, two or three files of 1A of one download as a side."""
    regels = tuple(
        _regel_of_stand(stand, swv, inhoud.plaats(melding))
        for inhoud in bestanden
        for melding in inhoud.meldingen
        for stand in melding.standen
        if isinstance(stand, AantallenStand)
    )
    return Zijde(
        naam,
        "duo",
        max(inhoud.bekend_op for inhoud in bestanden),
        regels,
        ", ".join(inhoud.naam for inhoud in bestanden),
        ", ".join(inhoud.sha256 for inhoud in bestanden),
        tuple(remark for inhoud in bestanden for remark in inhoud.onleesbaar),
    )


def zijde_1a_grootboek(question: Question, as_of: AsOf, swv: str, tabellen: Sequence[str]) -> Zijde:
    """Return what the ledger would put in some of the files of 1A, as of a moment."""
    found = dashboard_1a(question.model, as_of, swv)
    regels = tuple(
        _regel_of_fields(fields, swv, tabel) for tabel in tabellen for fields in found[tabel]
    )
    return Zijde("grootboek", "ons", as_of.bekend_op, regels)


def zijde_1b_geteld(gelezen: zijden.Gelezen, links: Mapping[str, str]) -> Zijde:
    """Return the rows of 1B counted as in file 1 of 1A (I3), and the own pupils of file 2 (I4).

    `links` is the samenwerkingsverband of each vestiging where 1B tells (I6).
    """
    own, swv = gelezen.zijde, gelezen.swv
    counts = _geteld(own.regels)
    regels = [
        Regel(
            (MET_TLV, soort, vestiging),
            {**_deelnemend(links, vestiging, swv), **cells, bestand_1a.TOTAAL: sum(cells.values())},
            f"{own.bestand}: {sum(cells.values())} rijen",
        )
        for (soort, vestiging), cells in sorted(counts.items())
    ]
    if links:
        regels += _totalen(counts, links, gelezen)
    return own._replace(naam="1B, geteld", regels=tuple(regels))


def links_in_1b(path: Path) -> dict[str, str]:
    """Return the samenwerkingsverband of each vestiging in 1B; nothing without that column."""
    kolommen = (ec.VESTIGINGSCODE, ec.VESTIGING_SWV)
    with opened_sheet(path) as sheet:
        if not has(headers_of(sheet), ec.VESTIGING_SWV):
            return {}
        rows = [row for row in read_rows(sheet, kolommen) if isinstance(row, Read)]
    return {
        str(row.velden[ec.VESTIGINGSCODE.veld]): str(row.velden[ec.VESTIGING_SWV.veld] or "")
        for row in rows
    }


def paar_of_counts(
    naam: str, links: Zijde, rechts: Zijde, about: tuple[str, date], tabellen: Sequence[str]
) -> Paar:
    """Return two sides of counts as a pair, in some of the files of 1A.

    A row without pupils is no difference with a row that is not there. A column that one of
    two rows does not have is not compared.
    """
    swv, teldatum = about
    left, right = (_of_tabellen(side, swv, tabellen) for side in (links, rechts))
    rows = [{regel.sleutel: regel for regel in side.regels} for side in (left, right)]
    left = left._replace(regels=tuple(_comparable(left.regels, rows[1])))
    right = right._replace(regels=tuple(_comparable(right.regels, rows[0])))
    return Paar(naam, SLEUTEL, kolommen_of(swv, tabellen), left, right, swv, teldatum, GETELD)


def _comparable(regels: Iterable[Regel], other: Mapping[tuple[str, ...], Regel]) -> Iterator[Regel]:
    for regel in regels:
        if (counterpart := other.get(regel.sleutel)) is not None:
            both = {name: regel.velden[name] for name in regel.velden if name in counterpart.velden}
            yield regel._replace(velden=both)
        elif any(bereik_of(value) != (0, 0) for value in regel.velden.values()):
            yield regel


def _of_tabellen(side: Zijde, swv: str, tabellen: Sequence[str]) -> Zijde:
    first = tabellen[0]
    regels = (
        regel._replace(velden=_geteld_in(regel, swv)) if regel.sleutel[0] == first else regel
        for regel in side.regels
        if regel.sleutel[0] in tabellen
    )
    return side._replace(regels=tuple(regels))


def _geteld_in(regel: Regel, swv: str) -> dict[str, object]:
    return {**regel.velden, GETELD: regel.velden.get(telkolom_of(regel.sleutel[0], swv))}


def cel_of(categorie: object, basis: str) -> str:
    """Return the column of file 1 that a pupil is counted in."""
    return f"AANTAL_{categorie}_{basis}"


def basis_of(regel: Regel) -> str:
    """Return the bucket of a row of 1B (A-08; rules.md 3: sbo has no RP column)."""
    if regel.velden[zijden.WIJZE] == ec.WIJZE_TLV:
        return "TLV"
    residential = regel.velden[zijden.RESIDENTIEEL] and regel.velden[zijden.CATEGORIE] != "SBO"
    return "RP" if residential else "OVERIG"


Counts = Mapping[tuple[str, str], dict[str, int]]


def _geteld(regels: Iterable[Regel]) -> Counts:
    counts: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(bestand_1a.CELLEN, 0)
    )
    for regel in regels:
        place = str(regel.velden[zijden.SCHOOLSOORT]), str(regel.velden[zijden.VESTIGING])
        counts[place][cel_of(regel.velden[zijden.CATEGORIE], basis_of(regel))] += 1
    return counts


def _deelnemend(links: Mapping[str, str], vestiging: str, swv: str) -> dict[str, object]:
    return {DEELNEMEND: links[vestiging] == swv} if vestiging in links else {}


def _totalen(counts: Counts, links: Mapping[str, str], gelezen: zijden.Gelezen) -> list[Regel]:
    """Return what file 2 says of the own pupils of linked vestigingen, counted from 1B (I4)."""
    per_soort: defaultdict[str, int] = defaultdict(int)
    for (soort, vestiging), cells in counts.items():
        per_soort[soort] += sum(cells.values()) if links.get(vestiging) == gelezen.swv else 0
    return [
        Regel((TOTALEN, soort, ""), {MET_TLV_DIT_SWV: count}, f"{gelezen.zijde.bestand}")
        for soort, count in sorted(per_soort.items())
    ]


def _tabel(swv: str, tabel: str) -> LayoutTable:
    return layouts.load(f"dashboard-1a-{sector_of_swv(swv).lower()}").find(tabel)


def _kolommen(swv: str, tabel: str) -> list[tuple[str, str]]:
    """Return the columns that are no key: the name of DUO, and the field of the ledger."""
    return [(one.naam, one.veld) for one in _tabel(swv, tabel).kolommen if not one.sleutel]


def _regel_of_stand(stand: AantallenStand, swv: str, plaats: str) -> Regel:
    velden: dict[str, object] = {
        name: stand.aantallen[name.lower()]
        for name, _ in _kolommen(swv, stand.tabel)
        if name != DEELNEMEND
    }
    if stand.deelnemend is not None:
        velden[DEELNEMEND] = stand.deelnemend
    sleutel = (stand.tabel, stand.schoolsoort or "", stand.vestigingscode or "")
    velden = onthuld(velden, telkolom_of(stand.tabel, swv), DELEN[stand.tabel])
    return Regel(sleutel, velden, plaats)


def _regel_of_fields(fields: Fields, swv: str, tabel: str) -> Regel:
    velden = {name: fields[veld] for name, veld in _kolommen(swv, tabel)}
    code, soort = fields.get("vestigingscode", ""), fields.get("schoolsoort", "")
    return Regel((tabel, str(soort), str(code)), velden, "grootboek")
