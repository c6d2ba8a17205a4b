"""Who acts on a class of difference (outputs-and-rules.md 11). Pure."""

from __future__ import annotations

from typing import Final

from projections.aansluiting.model import Klasse, Wie

WIE: Final[dict[Klasse, Wie]] = {
    "dubbele-sleutel": "DUO",
    "gewijzigd-sinds-download": "samenwerkingsverband",
    "na-vaststelling": "samenwerkingsverband",
    "residentieel-met-tlv": "DUO",
    "gesloten-inrichting": "school",
    "tlv-niet-gekoppeld": "school",
    "tlv-verlopen": "samenwerkingsverband",
    "tlv-ander-nummer": "school",
    "categorie-verschilt": "samenwerkingsverband",
    "ander-samenwerkingsverband": "samenwerkingsverband",
    "dubbele-inschrijving": "school",
    "andere-vestiging": "school",
    "datum-verschilt": "school",
    "alleen-bij-duo": "samenwerkingsverband",
    "alleen-bij-ons": "school",
    "gegevens-verschillen": "school",
}
"""Who acts first (outputs-and-rules.md 11; where it names two, or none: assumption)."""
