"""Random questions to `why`: two sides and a selection, full of coincidences, seeded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from ledger.application import Ledger
from projections.refresh import refreshed
from projections.store.ask import AsOf, Selection
from projections.store.read_model import ReadModel
from projections.verklaring import Stap, Verklaring, Wijziging
from projections.why.explain import count_of, explain
from tests.histories import SEEDS, histories, interesting_days, knowledge_moments
from tests.histories_pools import SWVS, TELDATA, VESTIGINGEN
from tests.ledgers import NOW, ledger_of
from tests.oracle import vaststelling
from tests.why_oracle import COUNTED_SOORTEN, Event, Truth, truth_of

BEFORE_ALL: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""A moment at which nothing was known."""

SELECTIONS: Final = (
    Selection(),
    *(Selection(swv=swv) for swvs in SWVS.values() for swv in swvs),
    Selection(schoolsoorten=("SO",)),
    Selection(schoolsoorten=("SBO", "SO")),
    Selection(schoolsoorten=("VSO",)),
    *(Selection(vestigingscode=code) for code in VESTIGINGEN),
    *(Selection(categorie=categorie) for categorie in ("SBO", "LAAG", "MIDDEN", "HOOG")),
    *(Selection(basis=basis) for basis in ("TLV", "RP", "OVERIG")),
    Selection(wijze="Woonplaats leerling"),
    Selection(wijze="TLV"),
)


class Step(NamedTuple):
    """What a step of an answer goes from and to, as it was asked."""

    stap: Stap
    one: AsOf
    two: AsOf

    @property
    def backwards(self) -> bool:
        """Tell whether it goes back along its axis."""
        return (self.one.teldatum, self.one.known) > (self.two.teldatum, self.two.known)

    @property
    def earlier(self) -> AsOf:
        """The end that comes first."""
        return self.two if self.backwards else self.one

    @property
    def later(self) -> AsOf:
        """The end that comes last."""
        return self.one if self.backwards else self.two

    @property
    def knowing(self) -> AsOf:
        """The end as known last."""
        return max(self.one, self.two, key=lambda end: end.known)


class Asked(NamedTuple):
    """A question to `why` with its answer, and the truth to hold it against."""

    truth: Truth
    van: AsOf
    naar: AsOf
    selection: Selection
    answer: Verklaring
    first_pgns: Mapping[str, str]
    """Of each pupil that is named the PGN that was known first: rows are found by it."""

    def pgns(self, change: Wijziging) -> frozenset[str]:
        """Return the PGN's of a changed pupil, as known on the end of the step that knows most."""
        step = next(step for step in self.steps if step.stap == change.stap)
        return self.truth.pupil_of(self.first_pgns[change.leerling], step.knowing.bekend_op).pgns

    @property
    def steps(self) -> tuple[Step, Step]:
        """The two steps of the answer (rules.md 8)."""
        between = AsOf(self.van.teldatum, self.naar.bekend_op)
        return Step("correcties", self.van, between), Step("mutaties", between, self.naar)

    def of_step(self, stap: Stap) -> list[Wijziging]:
        """Return the pupils of one step."""
        return [change for change in self.answer.leerlingen if change.stap == stap]

    def changes(self) -> Iterator[tuple[Step, Wijziging]]:
        """Yield every pupil with its step."""
        for step in self.steps:
            for change in self.of_step(step.stap):
                yield step, change

    def corrections(self) -> Iterator[tuple[Step, Wijziging]]:
        """Yield every pupil of the first step."""
        return ((step, change) for step, change in self.changes() if step.stap == "correcties")

    def is_one_pupil(self, step: Step, pgns: frozenset[str]) -> bool:
        """Tell whether these PGN's are no two pupils on an end of the step."""
        known = self.truth.pupils(step.earlier.bekend_op)
        return sum(bool(pupil.pgns & pgns) for pupil in known) <= 1


class Subject:
    """A ledger of a random history, its read model, and the truth about it."""

    def __init__(
        self, ledger: Ledger, model: ReadModel, deliveries: Sequence[Sequence[Event]]
    ) -> None:
        self.ledger = ledger
        self.model = model
        self.history = [event for events in deliveries for event in events]
        self.truth = truth_of(ledger, deliveries)

    def ask(self, van: AsOf, naar: AsOf, selection: Selection) -> Asked:
        """Return the answer of `why`, with all that it can be held against."""
        answer = explain(self.ledger, self.model, (van, naar), count_of(selection), NOW)
        streams = {UUID(change.leerling) for change in answer.leerlingen}
        first = {stream.hex: pgn for stream, pgn in self.ledger.vault.pgns(streams).items()}
        return Asked(self.truth, van, naar, selection, answer, first)

    def random_ask(self, chance: Random) -> Asked:
        """Return the answer to a random question."""
        return self.ask(*self.random_sides(chance), self.random_selection(chance))

    def random_sides(self, chance: Random) -> tuple[AsOf, AsOf]:
        """Return two points: often on one teldatum, or as known at one moment."""
        one, two = self.random_point(chance), self.random_point(chance)
        way = chance.random()
        if way < 0.4:
            return one, AsOf(one.teldatum, two.bekend_op)
        if way < 0.6:
            return one, AsOf(two.teldatum, one.bekend_op)
        return one, two

    def random_point(self, chance: Random) -> AsOf:
        """Return an interesting teldatum, and a moment: of the history, its vaststelling, all."""
        teldatum = chance.choice(self._days)
        way = chance.random()
        if way < 0.08:
            return AsOf(teldatum, self._fixed(teldatum))
        return AsOf(teldatum, BEFORE_ALL if way < 0.16 else chance.choice(self._moments))

    def random_selection(self, chance: Random) -> Selection:
        """Return a selection: of the whole, of one value, or of what a pupil really has."""
        rows = self.truth.rows(self.random_point(chance))
        counted = [row.rij for row in rows if row.rij.telt and row.rij.swv is not None]
        if not counted or chance.random() < 0.5:
            return chance.choice(SELECTIONS)
        rij = chance.choice(counted)
        real: dict[str, Any] = {
            "swv": rij.swv,
            "vestigingscode": rij.vestigingscode,
            "schoolsoorten": (rij.schoolsoort,),
            "categorie": rij.ondersteuningscategorie,
            "basis": rij.basis,
            "wijze": rij.wijze_van_bepaling,
        }
        names = chance.sample(sorted(real), chance.choice((1, 1, 2)))
        return Selection()._replace(**{name: real[name] for name in names})

    @cached_property
    def _days(self) -> list[date]:
        teldata = [date.fromisoformat(text) for text in TELDATA]
        return [*teldata * 4, *interesting_days(self.history)]

    @cached_property
    def _moments(self) -> list[datetime | None]:
        return knowledge_moments(self.history)

    def _fixed(self, teldatum: date) -> datetime:
        events = [dict(one.event) for one in self.truth.order]
        return max(vaststelling(teldatum, soort, events) for soort in COUNTED_SOORTEN)


@contextmanager
def subject_of(history: Sequence[Event]) -> Iterator[Subject]:
    """Give a ledger that holds a history, and the truth about it."""
    with ledger_of(history) as ledger, closing(refreshed(ledger)) as model:
        yield Subject(ledger, model, [history])


@st.composite
def examples(draw: DrawFn) -> tuple[list[Event], Random]:
    """Return a random history and the chance by which questions about it are made."""
    return draw(histories()), Random(draw(SEEDS))  # noqa: S311  no secret is made


AFTER_ALL: Final = datetime(9999, 1, 1, tzinfo=UTC)


def moment_of(as_of: AsOf) -> datetime:
    """Return the moment of knowledge, one after all others for everything."""
    return AFTER_ALL if as_of.bekend_op is None else as_of.bekend_op
