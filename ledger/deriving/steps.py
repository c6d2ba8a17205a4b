"""The dossier of a pupil while a state is told: every fact that it takes, one after another.

Pure. Each fact is checked as one of a feed is (events.md 4), and the next is derived from
what is known after it.
"""

from __future__ import annotations

from ledger import checks
from ledger import events as ev
from ledger.dossier import Dossier, Inschrijving, Sleutel
from ledger.fold import Senseless, apply
from ledger.problems import Problem


class RefusedStateError(Exception):
    """A state that cannot be told where it lands, with what is wrong with it."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


class Steps:
    """What is known of a pupil, the facts told so far, and what is odd about them."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.facts: list[ev.Fact] = []
        self.warnings: list[Problem] = []

    def known(self, sleutel: Sleutel) -> Inschrijving | None:
        """Return an enrolment as known now."""
        return self.dossier.inschrijvingen.get(sleutel)

    def tell(self, *facts: ev.Fact) -> None:
        """Take in facts. Raises RefusedStateError for one that is wrong or makes no sense."""
        for fact in facts:
            wrong = [*checks.refusals(fact), *checks.refusals_known(self.dossier, fact)]
            if wrong:
                raise RefusedStateError(*wrong)
            try:
                self.dossier = apply(self.dossier, fact)
            except Senseless as senseless:
                problem = Problem(senseless.veld, senseless.regel, senseless.remedie)
                raise RefusedStateError(problem) from None
            self.facts.append(fact)
