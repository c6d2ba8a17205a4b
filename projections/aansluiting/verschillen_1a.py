"""What differs between counts per vestiging: 1A against the ledger, 1B or another 1A.

A cell is explained by what became known between the moments of the two sides, when the
ledger itself went from the one number to the other (rules.md 9, gewijzigd-sinds-download);
else by what the ledger said when the count was fixed; else by how the cells of a row shift.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ledger.intake.dashboard_1a import TOTAAL
from projections.aansluiting.bereik import meer, telt_op
from projections.aansluiting.boek_1a import Boek
from projections.aansluiting.geld import Prijslijst
from projections.aansluiting.klassen_1a import Verschuiving, klasse_of, zin_of
from projections.aansluiting.model import Cel, Klasse, Paar, Regel, Soort, Verschil
from projections.aansluiting.onderling_1b import LEERLINGEN, verschil_van
from projections.aansluiting.sindsdien import oorzaak_of
from projections.aansluiting.vergelijken import (
    VERSCHILLEND,
    Cellen,
    Dubbel,
    Vergelijking,
    aantal_van,
    oordeel_van,
)
from projections.aansluiting.wie import WIE
from projections.aansluiting.zijden_1a import (
    DEELNEMEND,
    DELEN,
    GETELD,
    MET_TLV,
    telkolom_of,
)
from projections.questions import Question
from projections.tarieven import Tarieven

GEWIJZIGD: Final[Klasse] = "gewijzigd-sinds-download"
NA_VASTSTELLING: Final[Klasse] = "na-vaststelling"


class Rij(NamedTuple):
    """A key with its rows: one on each side, or on one side alone."""

    sleutel: tuple[str, ...]
    links: Regel | None
    rechts: Regel | None

    @property
    def tabel(self) -> str:
        """The file of 1A that it is in."""
        return self.sleutel[0]

    @property
    def regels(self) -> tuple[Regel, ...]:
        """The rows that are there."""
        return tuple(regel for regel in (self.links, self.rechts) if regel is not None)

    def duo(self, kolom: str) -> object:
        """Return the count of the left side; nobody where it has no row."""
        return 0 if self.links is None else self.links.velden.get(kolom, 0)

    def ons(self, kolom: str) -> object:
        """Return the count of the right side; nobody where it has no row."""
        return 0 if self.rechts is None else self.rechts.velden.get(kolom, 0)


class Groep(NamedTuple):
    """The columns of a row that differ for the same reason."""

    rij: Rij
    klasse: Klasse
    kolommen: tuple[str, ...]
    aantal: int


def duid_1a(
    question: Question, paar: Paar, found: Vergelijking, tarieven: Tarieven | None
) -> list[Verschil]:
    """Return what the differences between two sides of counts mean (a `Duider`)."""
    rijen = [
        *(Rij(one.sleutel, one.links, one.rechts) for one in found.cellen if not _pupil(one)),
        *(Rij(regel.sleutel, regel, None) for regel in found.alleen_links),
        *(Rij(regel.sleutel, None, regel) for regel in found.alleen_rechts),
    ]
    boek = Boek(question, paar)
    prijzen = Prijslijst(tarieven, paar.teldatum, question.as_of.bekend_op)
    moved = {rij.sleutel: _verschuiving(rij, paar, boek) for rij in rijen}
    verschillen = [
        *(_dubbel(one, paar) for one in found.dubbel),
        *(verschil_van(one) for one in found.cellen if _pupil(one)),
    ]
    for rij in rijen:
        own = moved[rij.sleutel]
        groups = _groepen(rij, paar, boek, moved)
        verschillen += [_verschil(groep, boek, own, prijzen) for groep in groups]
        if _deelnemend(rij):
            verschillen.append(_link(rij, boek))
    return verschillen


def _pupil(one: Cellen) -> bool:
    """Tell whether a key is of a pupil in 1B (I7 and I9), and not of counts."""
    return one.sleutel[0] == LEERLINGEN


def _kolommen(rij: Rij, paar: Paar) -> tuple[str, ...]:
    """Return the counts that differ, without a total that follows from its parts."""
    found = [
        kolom
        for kolom in paar.kolommen
        if kolom != DEELNEMEND
        and all(kolom in regel.velden for regel in rij.regels)
        and oordeel_van(rij.duo(kolom), rij.ons(kolom)) == VERSCHILLEND
    ]
    delen = DELEN[rij.tabel]
    follows = any(kolom in delen for kolom in found) and all(
        telt_op(regel.velden, TOTAAL, delen) for regel in rij.regels
    )
    return tuple(kolom for kolom in found if not (follows and kolom == TOTAAL))


def _door_tijd(rij: Rij, kolom: str, boek: Boek) -> Klasse | None:
    """Return the class of a cell that the ledger itself changed from the one into the other."""
    if boek.ging_van(rij.sleutel, kolom, rij.duo(kolom), rij.ons(kolom)):
        return GEWIJZIGD
    fixed = boek.vastgesteld(rij.sleutel, kolom, rij.duo(kolom))
    return NA_VASTSTELLING if fixed else None


def _verschuiving(rij: Rij, paar: Paar, boek: Boek) -> Verschuiving:
    """Return what no moment explains of a row: by column how many more DUO counts."""
    more = {
        kolom: boek.meer(rij.sleutel, kolom, rij.duo(kolom), rij.ons(kolom))
        for kolom in _kolommen(rij, paar)
        if _door_tijd(rij, kolom, boek) is None
    }
    return Verschuiving(rij.sleutel, more)


def _groepen(
    rij: Rij, paar: Paar, boek: Boek, moved: dict[tuple[str, ...], Verschuiving]
) -> list[Groep]:
    """Return the columns that differ by the class of their difference.

    What a row counts more is told once: what its groups leave over goes to the last one.
    """
    classes: dict[Klasse, tuple[str, ...]] = {}
    for kolom in _kolommen(rij, paar):
        klasse = _door_tijd(rij, kolom, boek)
        klasse = klasse or klasse_of(moved[rij.sleutel], list(moved.values()), boek)
        classes[klasse] = (*classes.get(klasse, ()), kolom)
    if not classes and not (rij.links and rij.rechts):  # a row of suppressed counts alone
        classes["alleen-bij-duo" if rij.links else "alleen-bij-ons"] = ()
    left = aantal_van(paar, *((regel,) if regel else () for regel in (rij.links, rij.rechts)))
    groups = []
    for place, (klasse, kolommen) in enumerate(classes.items()):
        last = place == len(classes) - 1
        own = left if last else sum(_parts(rij, kolommen, paar.swv))
        shown = (*kolommen, *_totaal(rij, kolommen, alone=len(classes) == 1))
        groups.append(Groep(rij, klasse, shown, own))
        left -= own
    return groups


def _totaal(rij: Rij, kolommen: Sequence[str], *, alone: bool) -> tuple[str, ...]:
    """Return the total beside its parts, where these are all that differs."""
    differs = oordeel_van(rij.duo(TOTAAL), rij.ons(TOTAAL)) == VERSCHILLEND
    everywhere = all(TOTAAL in regel.velden for regel in rij.regels)
    return (TOTAAL,) if alone and everywhere and differs and TOTAAL not in kolommen else ()


def _parts(rij: Rij, kolommen: Sequence[str], swv: str) -> Iterator[int]:
    """Yield what DUO counts more in the columns that are pupils once each, where that is told."""
    if any(GETELD in regel.velden for regel in rij.regels):
        counting = DELEN[rij.tabel] or (telkolom_of(rij.tabel, swv),)
        for kolom in kolommen:
            if kolom in counting:
                yield meer(rij.duo(kolom), rij.ons(kolom))


def _verschil(groep: Groep, boek: Boek, own: Verschuiving, prijzen: Prijslijst) -> Verschil:
    rij, klasse = groep.rij, groep.klasse
    behind = {GEWIJZIGD: boek.tussen, NA_VASTSTELLING: boek.sinds_vaststelling}.get(klasse)
    oorzaak = oorzaak_of(() if behind is None else behind(rij.sleutel, groep.kolommen))
    return Verschil(
        soort=_soort(rij),
        sleutel=rij.sleutel,
        pgn=oorzaak.pgn,
        klasse=klasse,
        kolommen={kolom: Cel(rij.ons(kolom), rij.duo(kolom)) for kolom in groep.kolommen},
        oorzaak=zin_of(klasse, boek, own, str(oorzaak)),
        gebeurtenissen=oorzaak.gebeurtenissen,
        wie=WIE[klasse],
        aantal=groep.aantal,
        bedrag=prijzen.waarde(_pupils(groep)) if rij.tabel == MET_TLV else None,
        sinds=oorzaak.sinds,
        vestigingscode=rij.sleutel[2],
        plaatsen=tuple(regel.plaats for regel in rij.regels),
    )


def _pupils(groep: Groep) -> list[tuple[str, str, int]]:
    """Return how many more pupils DUO counts, by schoolsoort and categorie (file 1)."""
    soort = groep.rij.sleutel[1]
    return [
        (soort, kolom.split("_")[1], meer(groep.rij.duo(kolom), groep.rij.ons(kolom)))
        for kolom in groep.kolommen
        if kolom in DELEN[MET_TLV]
    ]


def _soort(rij: Rij) -> Soort:
    if rij.links is None:
        return "alleen-bij-ons"
    return "alleen-bij-duo" if rij.rechts is None else "cel"


def _dubbel(double: Dubbel, paar: Paar) -> Verschil:
    return Verschil(
        soort="dubbel",
        sleutel=double.sleutel,
        klasse="dubbele-sleutel",
        oorzaak="dezelfde schoolsoort en vestiging staan er meer dan een keer in",
        wie=WIE["dubbele-sleutel"],
        aantal=aantal_van(paar, double.links, double.rechts),
        vestigingscode=double.sleutel[2],
        plaatsen=tuple(regel.plaats for regel in (*double.links, *double.rechts)),
    )


def _deelnemend(rij: Rij) -> bool:
    """Tell whether the sides say otherwise of the link of a vestiging (I6)."""
    said = [regel.velden.get(DEELNEMEND) for regel in rij.regels]
    return len(said) > 1 and None not in said and said[0] != said[1]


def _link(rij: Rij, boek: Boek) -> Verschil:
    said, ours = rij.duo(DEELNEMEND), rij.ons(DEELNEMEND)
    return Verschil(
        soort="cel",
        sleutel=rij.sleutel,
        klasse=boek.link(rij.sleutel, said, ours) or "gegevens-verschillen",
        kolommen={DEELNEMEND: Cel(ours, said)},
        oorzaak="de vestiging is volgens de een wel en volgens de ander niet aangesloten",
        wie="samenwerkingsverband",
        vestigingscode=rij.sleutel[2],
        plaatsen=tuple(regel.plaats for regel in rij.regels),
    )
