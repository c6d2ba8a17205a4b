"""The class of a difference in counts that no moment explains, by how its cells shift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from ledger.intake.dashboard_1a import CELLEN
from projections.aansluiting.boek_1a import Boek
from projections.aansluiting.model import Klasse
from projections.aansluiting.zijden_1a import MET_TLV, TOTALEN, VESTIGINGEN

_TOTAAL: Final = frozenset({"TOTAAL", "Totaal"})


class Verschuiving(NamedTuple):
    """Of a row: how many DUO counts more in each column that differs without an explanation."""

    sleutel: tuple[str, ...]
    meer: Mapping[str, int]

    @property
    def pupils(self) -> int:
        """How many pupils DUO counts more in the row, as far as columns are pupils once."""
        if self.sleutel[0] == VESTIGINGEN:
            return sum(count for kolom, count in self.meer.items() if kolom in _TOTAAL)
        return sum(count for kolom, count in self.meer.items() if kolom not in _TOTAAL)

    def per(self, place: int) -> Counter[str]:
        """Return the shift per categorie (place 1) or basis (place 2) of file 1."""
        counts: Counter[str] = Counter()
        for kolom, count in self.meer.items():
            if kolom in CELLEN:
                counts[kolom.split("_")[place]] += count
        return Counter({name: count for name, count in counts.items() if count})


def klasse_of(own: Verschuiving, all_of: Sequence[Verschuiving], boek: Boek) -> Klasse:
    """Return the first class that fits the shift of a row (rules.md 9)."""
    if own.pupils > 0 and boek.niet_geteld(own.sleutel, "gesloten inrichting") >= own.pupils:
        return "gesloten-inrichting"
    if own.pupils == 0:
        return _shift(own)
    if own.pupils > 0 and boek.niet_geteld(own.sleutel, "dubbele inschrijving") >= own.pupils:
        return "dubbele-inschrijving"
    if any(_mirrors(own, other) for other in all_of):
        return "andere-vestiging"
    return "alleen-bij-duo" if own.pupils > 0 else "alleen-bij-ons"


def _shift(own: Verschuiving) -> Klasse:
    """Return the class of a row with as many pupils, in other cells."""
    if own.sleutel[0] == TOTALEN and any(kolom not in _TOTAAL for kolom in own.meer):
        return "ander-samenwerkingsverband"
    if own.sleutel[0] != MET_TLV:
        return "gegevens-verschillen"
    basis, categorie = own.per(2), own.per(1)
    if basis["TLV"] > 0 and basis["RP"] < 0 and not categorie:
        return "residentieel-met-tlv"
    if basis["TLV"] < 0:
        return "tlv-niet-gekoppeld"
    return "categorie-verschilt" if categorie and not basis else "gegevens-verschillen"


def _mirrors(own: Verschuiving, other: Verschuiving) -> bool:
    """Tell whether another vestiging has what this one lacks, or the other way round."""
    same_table = own.sleutel[:2] == other.sleutel[:2] and own.sleutel[2] != other.sleutel[2]
    turned = {kolom: -count for kolom, count in own.meer.items() if count}
    return same_table and bool(turned) and turned == {k: n for k, n in other.meer.items() if n}


def zin_of(klasse: Klasse, boek: Boek, own: Verschuiving, events: str) -> str:
    """Return the cause in a sentence; `events` are the causes that the ledger knows."""
    if klasse == "gewijzigd-sinds-download":
        since = "het grootboek ging tussen de twee momenten van het ene naar het andere aantal"
        return f"{since}: {events}" if events else since
    if klasse == "na-vaststelling":
        said = "het aantal van DUO is dat van de vaststelling; daarna werd bekend"
        return f"{said}: {events}" if events else f"{said} wat het grootboek nu telt"
    more = abs(own.pupils)
    pupils = "1 leerling" if more == 1 else f"{more} leerlingen"
    one, other = ("DUO", "het grootboek") if boek.tegen_grootboek else ("links", "rechts")
    return _ZINNEN[klasse].format(pupils=pupils, one=one, other=other)


_ZINNEN: Final[Mapping[Klasse, str]] = {
    "gesloten-inrichting": "{one} telt {pupils} meer, en zoveel leerlingen verblijven hier in een"
    " gesloten inrichting en tellen niet",
    "dubbele-inschrijving": "{one} telt {pupils} meer, en zoveel leerlingen tellen hier niet omdat"
    " een andere inschrijving voorgaat",
    "andere-vestiging": "een andere vestiging heeft het omgekeerde verschil: {pupils} op de"
    " verkeerde vestiging",
    "residentieel-met-tlv": "{one} telt residentiële leerlingen met een tlv die volgens {other}"
    " niet is gekoppeld",
    "tlv-niet-gekoppeld": "{one} telt zonder tlv wie {other} met een tlv telt",
    "categorie-verschilt": "evenveel leerlingen, in een andere ondersteuningscategorie",
    "ander-samenwerkingsverband": "evenveel leerlingen, van een ander samenwerkingsverband",
    "alleen-bij-duo": "{one} telt {pupils} die {other} hier niet telt",
    "alleen-bij-ons": "{other} telt {pupils} die {one} hier niet telt",
    "gegevens-verschillen": "de aantallen verschillen, en geen gebeurtenis verklaart het",
}
