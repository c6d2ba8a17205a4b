"""The causes of the differences of a tlv register in sentences, without a PGN. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from projections.aansluiting import zijden
from projections.aansluiting.model import Klasse

if TYPE_CHECKING:
    from projections.aansluiting.verschillen_register import Geval


def zin_of(klasse: Klasse, geval: Geval, events: str) -> str:
    """Return the cause of a difference; `events` are what the ledger knows to have changed."""
    sentence = _ZINNEN[klasse].format(nummer=geval.sleutel[0], swv=geval.swv)
    if klasse == "tlv-niet-gekoppeld" and _residential(geval):
        sentence += "; bij een residentiële plaats telt alleen een tlv die de school koppelt"
    if klasse == "alleen-bij-ons":
        sentence += f"; {_known(geval)}"
    return f"{sentence}: {events}" if events else sentence


def _residential(geval: Geval) -> bool:
    return geval.duo is not None and bool(geval.duo.velden[zijden.RESIDENTIEEL])


def _known(geval: Geval) -> str:
    if not geval.rijen:
        return "het grootboek kent geen inschrijving op de teldatum"
    row = geval.rijen[0]
    counted = "die telt" if row.telt else f"die niet telt ({row.reden})"
    return (
        f"het grootboek kent een inschrijving {row.schoolsoort} op {row.vestigingscode} {counted}"
    )


_ZINNEN: Final[Mapping[Klasse, str]] = {
    "dubbele-sleutel": "tlv {nummer} staat er meer dan een keer in, niet elke keer hetzelfde",
    "gewijzigd-sinds-download": "na de download werd bekend wat het register zegt",
    "na-vaststelling": "na de vaststelling werd bekend wat het register zegt",
    "residentieel-met-tlv": "er telt een residentiële leerling met tlv {nummer}, die de school niet"
    " heeft gekoppeld",
    "gesloten-inrichting": "tlv {nummer} is geldig; de leerling verblijft in een gesloten"
    " inrichting en telt niet",
    "tlv-niet-gekoppeld": "tlv {nummer} is geldig op de teldatum en de leerling telt zonder tlv",
    "tlv-verlopen": "tlv {nummer} is volgens het register op de teldatum niet (meer) geldig",
    "tlv-ander-nummer": "nummer of leerling van tlv {nummer} verschilt: waarschijnlijk een fout in"
    " het volgnummer",
    "categorie-verschilt": "de categorie van tlv {nummer} verschilt",
    "ander-samenwerkingsverband": "tlv {nummer}: de leerling telt bij een ander"
    " samenwerkingsverband dan de tlv zegt",
    "dubbele-inschrijving": "tlv {nummer}: de leerling heeft op de teldatum twee inschrijvingen",
    "datum-verschilt": "de begin- of einddatum van tlv {nummer} verschilt",
    "alleen-bij-duo": "tlv {nummer} staat niet in het register",
    "alleen-bij-ons": "tlv {nummer} is geldig op de teldatum en niemand telt ermee",
    "gegevens-verschillen": "de gegevens van tlv {nummer} verschillen",
}
