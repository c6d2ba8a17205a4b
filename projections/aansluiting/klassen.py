"""Of what class a difference of 1B is: the first that fits (rules.md 9). Pure.

Background: outputs-and-rules.md 11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ledger.codes import swv_of_tlv
from ledger.dossier import geldig_op
from ledger.intake.enrolment_columns import WIJZE_TLV
from projections.aansluiting.gevallen import Geval
from projections.aansluiting.model import Klasse, Regel, Wie
from projections.aansluiting.wie import WIE
from projections.aansluiting.zijden import (
    BEGIN,
    BEGIN_TLV,
    CATEGORIE,
    EIND,
    EIND_TLV,
    INSTELLING,
    NUMMER,
    ONGEBRUIKT,
    RESIDENTIEEL,
    SCHOOLSOORT,
    VESTIGING,
    WIJZE,
)
from projections.store.ask_aansluiting import TlvFeit
from projections.telt import DUBBEL, GESLOTEN

Past = Callable[[Geval], bool]

_TLV: Final = frozenset({NUMMER, BEGIN_TLV, EIND_TLV, WIJZE})
_DATA: Final = frozenset({BEGIN, EIND, BEGIN_TLV, EIND_TLV})


def klasse_van(geval: Geval) -> Klasse:
    """Return the first class that fits."""
    return next(klasse for klasse, fits in PASSEND if fits(geval))


def wie_van(geval: Geval, klasse: Klasse) -> Wie:
    """Return who acts; a key that is double on our side alone is ours to repair."""
    if klasse == "dubbele-sleutel" and len(geval.links) <= 1:
        return "samenwerkingsverband"
    return WIE[klasse]


def met_tlv(regel: Regel | None) -> bool:
    """Tell whether a tlv decided for a row."""
    return regel is not None and regel.velden[WIJZE] == WIJZE_TLV


def geldige_tlvs(geval: Geval) -> list[TlvFeit]:
    """Return the pupil's tlv's of this samenwerkingsverband that hold on the teldatum and fit.

    Without those that the row shows as expired by DUO's own dates.
    """
    verlopen = _shown_expired(geval)
    sbo = geval.regel.velden[SCHOOLSOORT] == "SBO"
    return [
        tlv
        for tlv in geval.feiten.tlvs
        if geldig_op(tlv, geval.teldatum)
        and swv_of_tlv(tlv.nummer) == geval.swv
        and (tlv.categorie == "SBO") == sbo
        and tlv.nummer != verlopen
    ]


def _shown_expired(geval: Geval) -> object:
    """Return the tlv that DUO shows with the row, and that ended before the teldatum."""
    duo = geval.duo
    if duo is None or met_tlv(duo):
        return None
    eind = duo.velden[ONGEBRUIKT[EIND_TLV]]
    return duo.velden[ONGEBRUIKT[NUMMER]] if _before(eind, geval) else None


def _before(eind: object, geval: Geval) -> bool:
    return eind is not None and eind < geval.teldatum  # type: ignore[operator]  # a date


def _linked(geval: Geval, nummer: object, *, by_school: bool = False) -> bool:
    return any(
        link.nummer == nummer
        and (link.instellingscode, link.volgnummer) == geval.inschrijving
        and (link.door == "school" or not by_school)
        for link in geval.feiten.koppelingen
    )


def _residential(geval: Geval) -> bool:
    duo = geval.duo
    if duo is None or not met_tlv(duo) or not duo.velden[RESIDENTIEEL]:
        return False
    known = any(row.sleutel == geval.inschrijving for row in geval.feiten.rijen)
    differs = geval.soort == "alleen-bij-duo" or bool({WIJZE, NUMMER} & geval.kolommen.keys())
    return known and differs and not _linked(geval, duo.velden[NUMMER], by_school=True)


def _closed(geval: Geval) -> bool:
    """Tell whether we know that the pupil stays in a closed institution, and DUO counts it."""
    gone = geval.soort == "alleen-bij-duo"
    return gone and any(row.reden == GESLOTEN for row in geval.feiten.rijen)


def _not_linked(geval: Geval) -> bool:
    if met_tlv(geval.duo) or geval.elders or not (tlvs := geldige_tlvs(geval)):
        return False
    if geval.soort == "cel":
        return WIJZE in geval.kolommen
    return not any(_linked(geval, tlv.nummer) for tlv in tlvs)


def _expired(geval: Geval) -> bool:
    if geval.duo is None or not (geval.eenzijdig or _TLV & geval.kolommen.keys()):
        return False
    if not met_tlv(geval.duo):
        return _shown_expired(geval) is not None and met_tlv(geval.ons)
    nummer = geval.duo.velden[NUMMER]
    ours = (tlv.laatste_dag for tlv in geval.feiten.tlvs if tlv.nummer == nummer)
    return any(_before(eind, geval) for eind in (geval.duo.velden[EIND_TLV], *ours))


def _elsewhere(geval: Geval) -> bool:
    """Tell whether we attribute this very pupil to another samenwerkingsverband."""
    others = (row for row in geval.feiten.rijen if row.telt and row.swv not in {None, geval.swv})
    return geval.eenzijdig and not _double(geval) and any(others)


def _double(geval: Geval) -> bool:
    """Tell whether a row loses, on one side, the contest of a pupil with two enrolments."""
    losing = any(row.reden == DUBBEL for row in geval.feiten.rijen)
    if geval.soort == "cel":
        return losing and _other_enrolment(geval)
    return bool(geval.elders) or (geval.eenzijdig and losing)


def _other_enrolment(geval: Geval) -> bool:
    duo, ons = geval.duo, geval.ons
    return duo is not None and ons is not None and duo.sleutel[1:] != ons.sleutel[1:]


def _other_days(geval: Geval) -> bool:
    """Tell whether dates differ, or we know the enrolment on other days alone."""
    if geval.soort != "alleen-bij-duo":
        return bool(_DATA & geval.kolommen.keys())
    here = any(row.sleutel == geval.inschrijving for row in geval.feiten.rijen)
    return not here and any(row.sleutel == geval.inschrijving for row in geval.feiten.alles)


PASSEND: Final[tuple[tuple[Klasse, Past], ...]] = (
    ("dubbele-sleutel", lambda geval: geval.soort == "dubbel"),
    ("gewijzigd-sinds-download", lambda geval: geval.sinds_download),
    ("na-vaststelling", lambda geval: geval.na_vaststelling),
    ("residentieel-met-tlv", _residential),
    ("gesloten-inrichting", _closed),
    ("tlv-niet-gekoppeld", _not_linked),
    ("tlv-verlopen", _expired),
    ("tlv-ander-nummer", lambda geval: NUMMER in geval.kolommen),
    ("categorie-verschilt", lambda geval: CATEGORIE in geval.kolommen),
    ("ander-samenwerkingsverband", _elsewhere),
    ("dubbele-inschrijving", _double),
    ("andere-vestiging", lambda geval: bool({INSTELLING, VESTIGING} & geval.kolommen.keys())),
    ("datum-verschilt", _other_days),
    ("alleen-bij-duo", lambda geval: geval.soort == "alleen-bij-duo"),
    ("alleen-bij-ons", lambda geval: geval.soort == "alleen-bij-ons"),
    ("gegevens-verschillen", lambda geval: geval.soort == "cel"),
)
"""The classes in the order of rules.md 9, each with what it takes."""
