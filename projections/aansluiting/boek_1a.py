"""What the ledger said of the counts of 1A at other moments, asked when it is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Final

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from projections.aansluiting.bereik import bereik_of, meer
from projections.aansluiting.model import Klasse, Paar
from projections.aansluiting.namen import A_GROOTBOEK
from projections.aansluiting.sindsdien import telling_of, vaststelling, wijzigingen
from projections.aansluiting.zijden_1a import (
    DEELNEMEND,
    MET_TLV,
    TOTALEN,
    VESTIGINGEN,
    cel_of,
    tabellen_of,
    zijde_1a_grootboek,
)
from projections.questions import Question
from projections.store import ask
from projections.store.ask import AsOf, Selection
from projections.verklaring import Telrij, Wijziging

Sleutel = tuple[str, ...]
Counts = Mapping[Sleutel, Mapping[str, object]]

_NIET_GETELD: Final = ("gesloten inrichting", "dubbele inschrijving")
"""Reasons not to count (rules.md 4) for which DUO may count somebody all the same."""


class Boek:
    """The ledger as of the moments of both sides of a pair, and as of the vaststelling."""

    def __init__(self, question: Question, paar: Paar) -> None:
        self._question = question._replace(
            as_of=question.as_of._replace(teldatum=paar.teldatum),
        )
        self._paar = paar
        self.tegen_grootboek = paar.naam == A_GROOTBOEK
        self.links = self._asked(paar.links.bekend_op)
        self.rechts = self._asked(paar.rechts.bekend_op)

    @cached_property
    def vast(self) -> datetime | None:
        """When the count was fixed; None when that is later than what is asked about."""
        fixed = vaststelling(self._question, self._paar.swv)
        return fixed if self.tegen_grootboek and self._asked(fixed) == fixed else None

    def ging_van(self, sleutel: Sleutel, kolom: str, duo: object, ons: object) -> bool:
        """Tell whether the ledger changed from the left count into the right one."""
        before, after = self._op_links(sleutel, kolom), self._op_rechts(sleutel, kolom)
        return before != after and _in(before, duo) and _in(after, ons)

    def vastgesteld(self, sleutel: Sleutel, kolom: str, duo: object) -> bool:
        """Tell whether the left count is what the ledger said when the count was fixed."""
        if self.vast is None:
            return False
        fixed = _count(self._op_vaststelling, sleutel, kolom)
        return fixed != self._op_rechts(sleutel, kolom) and _in(fixed, duo)

    def meer(self, sleutel: Sleutel, kolom: str, duo: object, ons: object) -> int:
        """Return how many more the left side counts than the ledger did at its moment.

        Of two files: than the other file, since that is what has to be explained.
        """
        return meer(duo, self._op_links(sleutel, kolom) if self.tegen_grootboek else ons)

    def link(self, sleutel: Sleutel, duo: object, ons: object) -> Klasse | None:
        """Return the class of a link of a vestiging that the ledger itself changed (I6)."""
        at_left, at_right = self._links.get(sleutel, {}), self._rechts.get(sleutel, {})
        if (at_left.get(DEELNEMEND), at_right.get(DEELNEMEND)) == (duo, ons):
            return "gewijzigd-sinds-download"
        if self.vast and self._op_vaststelling.get(sleutel, {}).get(DEELNEMEND) == duo:
            return "na-vaststelling"
        return None

    def tussen(self, sleutel: Sleutel, kolommen: Sequence[str]) -> list[Wijziging]:
        """Return the pupils that changed some cells between the moments of the sides."""
        first, last = sorted((self.links, self.rechts), key=_known)
        return self._pupils(sleutel, kolommen, first, last)

    def sinds_vaststelling(self, sleutel: Sleutel, kolommen: Sequence[str]) -> list[Wijziging]:
        """Return the pupils that changed some cells since the count was fixed."""
        return self._pupils(sleutel, kolommen, self.vast, self.rechts)

    def niet_geteld(self, sleutel: Sleutel, reden: str) -> int:
        """Return how many pupils of a vestiging did not count at the left moment, for a reason."""
        return self._niet_geteld[sleutel[1], sleutel[2], reden]

    @cached_property
    def _links(self) -> Counts:
        return self._counts(self.links)

    @cached_property
    def _rechts(self) -> Counts:
        return self._counts(self.rechts)

    @cached_property
    def _op_vaststelling(self) -> Counts:
        return self._counts(self.vast)

    def _op_links(self, sleutel: Sleutel, kolom: str) -> int:
        return _count(self._links, sleutel, kolom)

    def _op_rechts(self, sleutel: Sleutel, kolom: str) -> int:
        return _count(self._rechts, sleutel, kolom)

    def _asked(self, moment: datetime | None) -> datetime | None:
        """Return a moment, or the one that is asked about when that is earlier."""
        asked = self._question.as_of.bekend_op
        return min((moment, asked), key=_known)

    def _counts(self, moment: datetime | None) -> Counts:
        tabellen = tabellen_of(self._paar.links) or tabellen_of(self._paar.rechts)
        as_of = AsOf(self._paar.teldatum, moment)
        side = zijde_1a_grootboek(self._question, as_of, self._paar.swv, tabellen)
        return {regel.sleutel: regel.velden for regel in side.regels}

    @cached_property
    def _niet_geteld(self) -> Counter[tuple[str, str, str]]:
        soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(self._paar.swv)]
        as_of = AsOf(self._paar.teldatum, self.links)
        rows = ask.standen(self._question.model, as_of, Selection(schoolsoorten=soorten))
        return Counter(
            (row.schoolsoort, row.vestigingscode, row.reden)
            for row in rows
            if row.reden in _NIET_GETELD
        )

    def _pupils(
        self,
        sleutel: Sleutel,
        kolommen: Sequence[str],
        van: datetime | None,
        tot: datetime | None,
    ) -> list[Wijziging]:
        changed = self._wijzigingen(sleutel[0], van, tot)
        touches = _touches(sleutel, kolommen)
        return [one for one in changed if any(row and touches(row) for row in (one.voor, one.na))]

    def _wijzigingen(
        self, tabel: str, van: datetime | None, tot: datetime | None
    ) -> tuple[Wijziging, ...]:
        """Return the pupils that a file counts otherwise; those of file 3 are not explained.

        A `why` is about pupils that a samenwerkingsverband answers for (rules.md 8).
        """
        if tabel == VESTIGINGEN:
            return ()
        key = tabel, van, tot
        if key not in self._told:
            selection = telling_of(self._paar.swv)
            if tabel == TOTALEN:
                selection = selection._replace(swv=None)
            self._told[key] = wijzigingen(self._question, van, tot, selection)
        return self._told[key]

    @cached_property
    def _told(self) -> dict[tuple[str, datetime | None, datetime | None], tuple[Wijziging, ...]]:
        return {}


def _touches(sleutel: Sleutel, kolommen: Sequence[str]) -> Callable[[Telrij], bool]:
    tabel, soort, vestiging = sleutel

    def touches(row: Telrij) -> bool:
        if vestiging and row.vestigingscode != vestiging:
            return False
        if tabel != MET_TLV:
            return soort in {"", row.schoolsoort}
        own = cel_of(row.ondersteuningscategorie, str(row.basis))
        return row.schoolsoort == soort and own in kolommen

    return touches


def _count(counts: Counts, sleutel: Sleutel, kolom: str) -> int:
    value = counts.get(sleutel, {}).get(kolom, 0)
    return value if isinstance(value, int) else 0


def _in(count: int, told: object) -> bool:
    least, most = bereik_of(told)
    return least <= count <= most


def _known(moment: datetime | None) -> int:
    return AsOf(_ANY_DAY, moment).known


_ANY_DAY: Final = date.min
