"""What the rows of one list say together of links of vestigingen, and where they clash. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from ledger.codes import Sector, sector_of_swv
from ledger.problems import Problem
from ledger.states import AansluitingStand
from ledger.times import ONE_DAY, format_date


class Aansluiting(NamedTuple):
    """A link that a row names; `tot_en_met` None = the row gives no end."""

    veld: str
    regelnummer: int
    vestigingscode: str
    swv: str
    vanaf: date
    tot_en_met: date | None

    @property
    def sleutel(self) -> tuple[str, Sector]:
        """Within what only one link holds on a day (rules.md 2)."""
        return self.vestigingscode, sector_of_swv(self.swv)

    def overlaps(self, other: Aansluiting) -> bool:
        """Tell whether two links with different first days hold on one day by their own ends."""
        first, second = sorted((self, other), key=lambda link: link.vanaf)
        return first.tot_en_met is not None and first.tot_en_met >= second.vanaf


class Aansluitingen:
    """The links that the rows of a list named so far."""

    def __init__(self) -> None:
        self._links: defaultdict[tuple[str, Sector], list[Aansluiting]] = defaultdict(list)

    def clash(self, link: Aansluiting) -> Problem | None:
        """Return what is wrong with a link beside those of earlier rows."""
        for known in self._links.get(link.sleutel, ()):
            who = f"{link.vestigingscode} hoort volgens regel {known.regelnummer}"
            since = f"vanaf {format_date(known.vanaf)}"
            if known.vanaf == link.vanaf and known.swv != link.swv:
                return Problem(link.veld, f"{who} {since} bij {known.swv}", _ONE_ROW)
            if known.vanaf == link.vanaf and known.tot_en_met != link.tot_en_met:
                return Problem(link.veld, f"{who} {since} met een ander einde", _ONE_ROW)
            if known.vanaf != link.vanaf and known.overlaps(link):
                rule = f"{who} op dezelfde dagen bij {known.swv}"
                return Problem(link.veld, rule, "laat de perioden op elkaar aansluiten")
        return None

    def add(self, link: Aansluiting) -> bool:
        """Keep a link that clashes with none; tell whether no earlier row named it."""
        links = self._links[link.sleutel]
        new = all(known.vanaf != link.vanaf for known in links)
        if new:
            links.append(link)
        return new

    def stand(self, link: Aansluiting) -> AansluitingStand:
        """Return what a link says, once all rows are known: it ends where the next begins."""
        later = [known.vanaf for known in self._links[link.sleutel] if known.vanaf > link.vanaf]
        implied = min(later) - ONE_DAY if later else None
        return AansluitingStand(
            vestigingscode=link.vestigingscode,
            swv=link.swv,
            vanaf=link.vanaf,
            tot_en_met=link.tot_en_met or implied,
        )


_ONE_ROW = "houd een van beide regels over"
