"""The tlv register of a samenwerkingsverband beside the rows of 1B (outputs-and-rules.md 11).

Which tlv of the register a row of 1B is held against: the one with its number, where it is of
that pupil; else another one of the pupil, valid on the teldatum first; else the one with its
number, whoever has it. Tlv's of this samenwerkingsverband that are valid on the teldatum and
that no row was held against stand alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from msgspec import UNSET

from ledger.codes import Categorie, sector_of_swv, swv_of_tlv
from ledger.dossier import Tlv
from ledger.intake.enrolment_columns import schoolsoort_of
from ledger.states import TlvStand
from projections.aansluiting import zijden
from projections.aansluiting.lezing import Inhoud
from projections.aansluiting.model import Paar, Regel, Zijde

NUMMER: Final = zijden.NUMMER
PGN: Final = zijden.PGN
GELDIG: Final = "GELDIG_OP_TELDATUM"
"""Whether a tlv holds on the teldatum: DUO takes one that it counts with to hold."""
KOPPELING: Final = "GEKOPPELD_DOOR_SCHOOL"
"""Of residential pupils that DUO counts with a tlv: only the school may link it (rules.md 3)."""

SLEUTEL: Final = (NUMMER, PGN)
KOLOMMEN: Final = (
    NUMMER, PGN, zijden.CATEGORIE, zijden.BEGIN_TLV, zijden.EIND_TLV, GELDIG, KOPPELING
)  # fmt: skip

Links = Collection[tuple[str, str, str, str]]
"""PGN, institution, volgnummer and number of the links that schools made."""


class RegisterTlv(NamedTuple):
    """A tlv of the register; None where the register does not say."""

    nummer: str
    pgn: str | None
    categorie: Categorie | None
    begindatum: date | None
    einddatum: date | None
    plaats: str

    def geldig(self, day: date) -> bool:
        """Tell whether it holds on a day, as far as the register says."""
        begun = self.begindatum is None or self.begindatum <= day
        return begun and (self.einddatum is None or day <= self.einddatum)

    @property
    def laatst(self) -> tuple[date, str]:
        """What several tlv's of a pupil are preferred by (rules.md 3, rule 1)."""
        return self.begindatum or date.min, self.nummer


def tlvs_of(inhoud: Inhoud) -> list[RegisterTlv]:
    """Return the tlv's of a register; the last day of a withdrawn one is the day before."""
    return [
        _tlv(stand, melding.pgn, inhoud.plaats(melding))
        for melding in inhoud.meldingen
        for stand in melding.standen
        if isinstance(stand, TlvStand)
    ]


def _tlv(stand: TlvStand, pgn: str | None, plaats: str) -> RegisterTlv:
    begin = None if stand.begindatum is UNSET else stand.begindatum
    eind = None if stand.einddatum is UNSET else stand.einddatum
    if begin and eind and stand.ingetrokken_per is not UNSET:
        held = Tlv(stand.nummer, "LAAG", begin, eind, stand.ingetrokken_per)
        eind = held.laatste_dag
    categorie = None if stand.categorie is UNSET else stand.categorie
    return RegisterTlv(stand.nummer, pgn, categorie, begin, eind, plaats)


def paar_register(
    naam: str,
    gelezen: zijden.Gelezen,
    register: Inhoud,
    links_by_school: Links,
) -> Paar:
    """Return rows of 1B and the register's tlv's that they are held against, as a pair."""
    swv, teldatum = gelezen.swv, gelezen.teldatum
    tlvs = tlvs_of(register)
    left: list[Regel] = []
    right: list[Regel] = []
    used: set[int] = set()
    found = _Tlvs(tlvs, teldatum)
    for regel in gelezen.zijde.regels:
        chosen = found.of(regel)
        if not chosen and regel.velden[NUMMER] is None:
            continue  # DUO counts without a tlv, and the register has none
        one = _left(regel, chosen)
        fresh = [tlv for tlv in chosen if id(tlv) not in used]
        right += [_beside(one, tlv, teldatum, links_by_school) for tlv in fresh]
        left.append(one)
        used.update(map(id, chosen))
    right += [
        _right(tlv, (tlv.nummer, tlv.pgn or ""), teldatum)
        for tlv in tlvs
        if id(tlv) not in used and tlv.geldig(teldatum) and swv_of_tlv(tlv.nummer) == swv
    ]
    side = Zijde(
        "het tlv-register", "ons", register.bekend_op, tuple(right),
        register.naam, register.sha256, register.onleesbaar,
    )  # fmt: skip
    links = gelezen.zijde._replace(regels=tuple(left))
    return Paar(naam, SLEUTEL, KOLOMMEN, links, side, swv, teldatum)


class _Tlvs:
    """The tlv's of a register by number and by pupil."""

    def __init__(self, tlvs: Iterable[RegisterTlv], teldatum: date) -> None:
        self._teldatum = teldatum
        self._by_number: defaultdict[str, list[RegisterTlv]] = defaultdict(list)
        self._by_pupil: defaultdict[str, list[RegisterTlv]] = defaultdict(list)
        for tlv in tlvs:
            self._by_number[tlv.nummer].append(tlv)
            if tlv.pgn is not None:
                self._by_pupil[tlv.pgn].append(tlv)

    def of(self, regel: Regel) -> list[RegisterTlv]:
        """Return the tlv that a row is held against; more than one when it is there twice."""
        numbered = self._by_number.get(str(regel.velden[NUMMER]), [])
        if own := [tlv for tlv in numbered if tlv.pgn in {None, regel.pgn}]:
            return own
        of_pupil = [tlv for tlv in self._by_pupil.get(regel.pgn or "", ()) if _fits(tlv, regel)]
        valid = [tlv for tlv in of_pupil if tlv.geldig(self._teldatum)]
        decided = regel.velden[NUMMER] is not None
        begun = [tlv for tlv in of_pupil if (tlv.begindatum or date.min) <= self._teldatum]
        if candidates := valid or ([] if decided else begun):
            return [max(candidates, key=lambda tlv: tlv.laatst)]
        return numbered


def _fits(tlv: RegisterTlv, regel: Regel) -> bool:
    """Tell whether a tlv is of the sector and the kind of school of a row (rules.md 3, rule 1)."""
    sbo = regel.velden[zijden.SCHOOLSOORT] == "SBO"
    sector = "VO" if regel.velden[zijden.SCHOOLSOORT] == "VSO" else "PO"
    kind = tlv.categorie is None or (tlv.categorie == "SBO") == sbo
    return kind and sector_of_swv(tlv.nummer) == sector


def _left(regel: Regel, chosen: Sequence[RegisterTlv]) -> Regel:
    decided = regel.velden[NUMMER] is not None
    number = str(regel.velden[NUMMER] if decided else chosen[0].nummer)
    velden: dict[str, object] = {**regel.velden, PGN: regel.pgn, GELDIG: decided}
    if decided and regel.velden[zijden.RESIDENTIEEL]:
        velden[KOPPELING] = True
    return Regel((number, regel.pgn or ""), velden, regel.plaats, regel.pgn)


def _right(tlv: RegisterTlv, sleutel: tuple[str, ...], teldatum: date) -> Regel:
    """Return a tlv of the register as a row under a key."""
    velden: dict[str, object] = {
        NUMMER: tlv.nummer,
        PGN: tlv.pgn,
        zijden.CATEGORIE: tlv.categorie,
        zijden.BEGIN_TLV: tlv.begindatum,
        zijden.EIND_TLV: tlv.einddatum,
        GELDIG: tlv.geldig(teldatum),
        zijden.SCHOOLSOORT: schoolsoort_of(tlv.categorie or "LAAG", sector_of_swv(tlv.nummer)),
    }
    return Regel(sleutel, velden, tlv.plaats, tlv.pgn)


def _beside(left: Regel, tlv: RegisterTlv, teldatum: date, links: Links) -> Regel:
    """Return a tlv beside a row of 1B; what the register does not say is not compared.

    Nor are category and dates where DUO counts without a tlv: but for the last day of a tlv
    that has ended.
    """
    right = _right(tlv, left.sleutel, teldatum)
    expired = not right.velden[GELDIG]
    decided = left.velden[GELDIG]
    for kolom in (zijden.CATEGORIE, zijden.BEGIN_TLV, zijden.EIND_TLV):
        told = decided or (expired and kolom == zijden.EIND_TLV)
        if right.velden[kolom] is None or not told:
            right.velden[kolom] = left.velden[kolom]
    if tlv.pgn is None:
        right.velden[PGN] = left.velden[PGN]
    if KOPPELING in left.velden:
        enrolment = (str(left.velden[zijden.INSTELLING]), str(left.velden[zijden.VOLGNUMMER]))
        right.velden[KOPPELING] = (left.pgn or "", *enrolment, tlv.nummer) in links
    return right._replace(pgn=tlv.pgn or left.pgn)
