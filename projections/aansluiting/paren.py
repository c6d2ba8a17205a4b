"""Which pair some files are: what each is, and what it is held against (rules.md 9, Pairs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from ledger.codes import swv_of_tlv
from ledger.intake.duo_names import named
from ledger.intake.recognise import UnknownFileError, recognised
from ledger.intake.sheets import UnreadableFileError
from ledger.problems import masked
from ledger.states import AantallenStand
from projections.aansluiting import namen, zijden
from projections.aansluiting.lezing import Inhoud, inhoud_of, moment_of
from projections.aansluiting.links_school import links_by_school
from projections.aansluiting.model import Paar
from projections.aansluiting.onderling_1b import met_onderling
from projections.aansluiting.zijden_1a import (
    MET_TLV,
    TOTALEN,
    links_in_1b,
    paar_of_counts,
    tabellen_of,
    zijde_1a,
    zijde_1a_grootboek,
    zijde_1b_geteld,
)
from projections.aansluiting.zijden_ofb import paar_ofb
from projections.aansluiting.zijden_register import paar_register, tlvs_of
from projections.questions import Question
from projections.supplied import TableError, read_ofb

LEDGER: Final = "ledger"
OFB: Final = "ofb"
_A, _B, _REGISTER = "dashboard-1a", "dashboard-1b", "tlv-register"
_KENT: Final = "een of twee keer 1A of 1B, een tlv-register (met of zonder 1B), of een Ofb"
_NO_MOMENTS: Final[Mapping[Path, datetime]] = {}


class PaarError(zijden.AansluitingError):
    """Files that make no pair, and why; names no PGN."""


class Bestand(NamedTuple):
    """A file: what it is, and when it knew what it says."""

    path: Path
    source: str
    bekend_op: datetime

    @property
    def naam(self) -> str:
        """Its name without what could be a PGN."""
        return masked(self.path.name)


def paar_van(
    question: Question,
    files: Sequence[Path],
    against: str | Path | None = None,
    teldatum: date | None = None,
    swv: str | None = None,
    momenten: Mapping[Path, datetime] = _NO_MOMENTS,
) -> Paar:
    """Return the pair that some files are, together or against the ledger.

    `against` is another file, or `ledger` (the default for what stands alone); `teldatum` and
    `swv` are for files that do not say so, and have to agree with those that do; `momenten`
    are the moments of files that the user knows better than their time tells.

    Raises AansluitingError for a file that cannot be used, PaarError among them for files
    that do not go together.
    """
    try:
        return _recognised(question, files, against, _Wens(question, swv, teldatum), momenten)
    except UnreadableFileError as error:
        raise PaarError(masked(str(error))) from None


def _recognised(
    question: Question,
    files: Sequence[Path],
    against: str | Path | None,
    wens: _Wens,
    momenten: Mapping[Path, datetime],
) -> Paar:
    paths = [*files, *([] if against in {None, LEDGER} else [Path(str(against))])]
    bestanden = [_bestand(question, path, momenten.get(path)) for path in paths]
    by_source = {
        source: [one for one in bestanden if one.source == source]
        for source in (_A, _B, _REGISTER, OFB)
    }
    others = [one for one in bestanden if one.source not in by_source]
    if others:
        raise PaarError(f"{others[0].naam} is {others[0].source}; aan te sluiten is {_KENT}")
    counts = tuple(len(by_source[source]) for source in (_B, _REGISTER, OFB))
    return _paar(wens, by_source, counts)


def _paar(wens: _Wens, by_source: Mapping[str, Sequence[Bestand]], counts: tuple[int, ...]) -> Paar:
    """Return the pair by how many files there are of each sort: 1A, 1B, register, Ofb."""
    a, b, register = (by_source[source] for source in (_A, _B, _REGISTER))
    if a and counts == (0, 0, 0):
        return _van_1a(wens, a)
    if a and counts == (1, 0, 0):
        return _a_tegen_b(wens, a, b[0])
    if not a and counts == (1, 0, 0):
        return zijden.paar_1b(wens.question, wens.past(_gelezen_1b(b[0]), b[0]))
    if not a and counts == (2, 0, 0):
        earlier, later = sorted(b, key=lambda one: one.bekend_op)
        both = [wens.past(_gelezen_1b(one), one) for one in (earlier, later)]
        return zijden.paar_downloads(both[0], both[1])
    if not a and counts in {(0, 1, 0), (1, 1, 0)}:
        return _van_register(wens, register[0], b[0] if b else None)
    if not a and counts == (0, 0, 1):
        return _van_ofb(wens, by_source[OFB][0])
    told = ", ".join(f"{one.naam} ({one.source})" for group in by_source.values() for one in group)
    raise PaarError(f"deze bestanden zijn samen geen aansluiting: {told}; mogelijk is {_KENT}")


class _Wens(NamedTuple):
    """What was asked beside the files: all files have to be of it."""

    question: Question
    swv: str | None
    teldatum: date | None

    def past(self, gelezen: zijden.Gelezen, bestand: Bestand) -> zijden.Gelezen:
        """Return a 1B file that is of what was asked. Raises PaarError."""
        self.of((gelezen.swv, gelezen.teldatum), bestand.naam)
        return gelezen

    def of(self, about: tuple[str | None, date | None], naam: str) -> tuple[str, date]:
        """Return of what a file is: as it says, else as asked. Raises PaarError."""
        swv, teldatum = about
        if None not in {self.swv, swv} and self.swv != swv:
            raise PaarError(f"{naam} is van {swv}, en niet van {self.swv}")
        if teldatum is not None and self.teldatum is not None and teldatum != self.teldatum:
            said, asked = (f"{day:%d-%m-%Y}" for day in (teldatum, self.teldatum))
            raise PaarError(f"{naam} is van teldatum {said}, en niet van {asked}")
        swv = swv or self.swv
        if swv is None:
            raise PaarError(
                f"{naam} zegt niet van welk samenwerkingsverband het is; geef --swv, of zet het"
                " in de naam, zoals Ofb_PO2304.csv"
            )
        return swv, teldatum or self.teldatum or self.question.as_of.teldatum


def _bestand(question: Question, path: Path, given: datetime | None) -> Bestand:
    try:
        source = recognised(path)
    except UnknownFileError:
        source = _ofb(path)
    return Bestand(path, source, moment_of(question.ledger, path, given))


def _ofb(path: Path) -> str:
    """Return `ofb` for a table that can be read as one. Raises PaarError."""
    try:
        read_ofb(path)
    except TableError as error:
        raise PaarError(f"{masked(path.name)} wordt niet herkend; als Ofb:\n{error}") from None
    return OFB


def _gelezen_1b(bestand: Bestand) -> zijden.Gelezen:
    return zijden.gelezen_1b(bestand.path, bestand.bekend_op)


def _van_1a(wens: _Wens, files: Sequence[Bestand]) -> Paar:
    """Return 1A against the ledger, or two downloads of one of its files."""
    read = [inhoud_of(one.path, one.source, one.bekend_op) for one in files]
    about = _about_1a(wens, read)
    tables = [_tabel(inhoud) for inhoud in read]
    if len(set(tables)) == len(tables):
        links = zijde_1a(read, about[0])
        tabellen = tabellen_of(links) or (MET_TLV,)
        as_of = wens.question.as_of._replace(teldatum=about[1])
        rechts = zijde_1a_grootboek(wens.question, as_of, about[0], tabellen)
        return paar_of_counts(namen.A_GROOTBOEK, links, rechts, about, tabellen)
    if len(tables) != 2:  # noqa: PLR2004 - two downloads
        raise PaarError("van 1A zijn er bestanden dubbel; geef er twee, van dezelfde soort")
    earlier, later = sorted(read, key=lambda one: one.bekend_op)
    links = zijde_1a([later], about[0], "de latere download")
    rechts = zijde_1a([earlier], about[0], "de eerdere download")
    tabellen = tabellen_of(links) or tabellen_of(rechts) or (MET_TLV,)
    return paar_of_counts(namen.A_DOWNLOADS, links, rechts, about, tabellen)


def _tabel(inhoud: Inhoud) -> str:
    stands = (stand for one in inhoud.meldingen for stand in one.standen)
    return next((one.tabel for one in stands if isinstance(one, AantallenStand)), inhoud.naam)


def _about_1a(wens: _Wens, read: Iterable[Inhoud]) -> tuple[str, date]:
    about: tuple[str, date] | None = None
    for inhoud in read:
        wens = wens if about is None else wens._replace(swv=about[0], teldatum=about[1])
        about = wens.of((inhoud.about.swv, inhoud.about.teldatum), inhoud.naam)
    assert about is not None, "there is a file"
    return about


def _a_tegen_b(wens: _Wens, files: Sequence[Bestand], b: Bestand) -> Paar:
    """Return 1A against 1B, counted as 1A counts (I3, I4, I6), and 1B by itself (I7, I9)."""
    read = [inhoud_of(one.path, one.source, one.bekend_op) for one in files]
    about = _about_1a(wens, read)
    asked = wens._replace(swv=about[0], teldatum=about[1])
    gelezen = asked.past(_gelezen_1b(b), b)
    links = zijde_1a(read, about[0])
    there = [tabel for tabel in tabellen_of(links) if tabel in {MET_TLV, TOTALEN}]
    if not there:
        raise PaarError("1B heeft geen aantallen bij dit bestand van 1A; geef bestand 1 of 2")
    rechts = zijde_1b_geteld(gelezen, links_in_1b(b.path))
    paar = paar_of_counts(namen.A_B, links, rechts, about, there)
    return met_onderling(paar, gelezen.zijde.regels)


def _van_register(wens: _Wens, bestand: Bestand, b: Bestand | None) -> Paar:
    register = inhoud_of(bestand.path, bestand.source, bestand.bekend_op)
    question = wens.question
    if b is not None:
        gelezen = wens.past(_gelezen_1b(b), b)
        wens._replace(swv=gelezen.swv).of((register.about.swv, None), bestand.naam)
        schools = links_by_school(question, gelezen)
        return paar_register(namen.REGISTER_B, gelezen, register, schools)
    swv = register.about.swv or wens.swv or _issuer(register)
    swv, teldatum = wens.of((swv, None), bestand.naam)
    as_of = question.as_of._replace(teldatum=teldatum)
    own = zijden.zijde_grootboek_1b(question, swv, as_of)
    gelezen = zijden.Gelezen(own, swv, teldatum)
    schools = links_by_school(question, gelezen)
    return paar_register(namen.REGISTER_GROOTBOEK, gelezen, register, schools)


def _issuer(register: Inhoud) -> str | None:
    """Return who issued most tlv's of a register (assumption: whose register it is)."""
    issuers = Counter(swv_of_tlv(tlv.nummer) for tlv in tlvs_of(register))
    return issuers.most_common(1)[0][0] if issuers else None


def _van_ofb(wens: _Wens, bestand: Bestand) -> Paar:
    swv, teldatum = wens.of((named(bestand.path.name).swv, None), bestand.naam)
    question = wens.question
    asked = question._replace(as_of=question.as_of._replace(teldatum=teldatum))
    return paar_ofb(asked, read_ofb(bestand.path), swv, bestand.bekend_op)
