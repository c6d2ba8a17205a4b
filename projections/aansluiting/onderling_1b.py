"""What the rows of one 1B contradict in each other (outputs-and-rules.md 3.8, I7 and I9). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from ledger.codes import swv_of_tlv
from projections.aansluiting import zijden
from projections.aansluiting.model import Klasse, Paar, Regel, Verschil
from projections.aansluiting.vergelijken import Cellen
from projections.aansluiting.wie import WIE

LEERLINGEN: Final = "leerlingen"
SWV_VAN_TLV: Final = "SAMENWERKINGSVERBAND_VAN_TLV"
RIJEN: Final = "RIJEN_VAN_LEERLING"
KOLOMMEN: Final = (SWV_VAN_TLV, RIJEN)


def met_onderling(paar: Paar, regels: Iterable[Regel]) -> Paar:
    """Return 1A against 1B with the rows of 1B that cannot be right, beside what they should be.

    A row that a tlv decided is of its issuer (I7); a pupil counts once (I9).
    """
    wrong = list(_wrong(paar.swv, tuple(regels)))
    should = [regel._replace(velden={SWV_VAN_TLV: paar.swv, RIJEN: 1}) for regel in wrong]
    links = paar.links._replace(regels=(*paar.links.regels, *should))
    rechts = paar.rechts._replace(regels=(*paar.rechts.regels, *wrong))
    return paar._replace(kolommen=(*paar.kolommen, *KOLOMMEN), links=links, rechts=rechts)


def _wrong(swv: str, regels: tuple[Regel, ...]) -> Iterator[Regel]:
    times = Counter(regel.pgn for regel in regels)
    for regel in {regel.sleutel: regel for regel in regels}.values():
        nummer = regel.velden[zijden.NUMMER]
        issuer = swv if nummer is None else swv_of_tlv(str(nummer))
        if issuer != swv or times[regel.pgn] > 1:
            sleutel = (LEERLINGEN, *regel.sleutel[::2])
            velden: dict[str, object] = {SWV_VAN_TLV: issuer, RIJEN: times[regel.pgn]}
            yield Regel(sleutel, velden, regel.plaats, regel.pgn)


def verschil_van(one: Cellen) -> Verschil:
    """Return what is wrong with a pupil in 1B."""
    double = RIJEN in one.kolommen
    klasse: Klasse = "dubbele-inschrijving" if double else "ander-samenwerkingsverband"
    said = (
        "de leerling staat meer dan een keer in 1B, en telt bij een school"
        if double
        else "de tlv waarop is bekostigd, is van een ander samenwerkingsverband"
    )
    return Verschil(
        soort="cel",
        sleutel=one.sleutel,
        pgn=one.rechts.pgn,
        klasse=klasse,
        kolommen=one.kolommen,
        oorzaak=said,
        wie=WIE[klasse],
        plaatsen=(one.rechts.plaats,),
    )
