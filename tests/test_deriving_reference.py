"""Reference data: a state becomes the events that make it so, and none when it says nothing new."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from ledger import checks
from ledger import events as ev
from ledger.application import reference_stream
from ledger.codes import SECTORS, Sector, sector_of_swv
from ledger.deriving.reference import facts_of
from ledger.reference import FOREVER, Reference
from ledger.states import (
    AansluitingStand,
    AantallenStand,
    PostcodegebiedStand,
    ReferenceStand,
    SwvStand,
    TellingStand,
    VestigingStand,
)
from ledger.times import OPEN_DATE
from projections.store.rows import reference_rows

KNOWN = datetime(2025, 3, 3, tzinfo=UTC)
CODE = "11AA00"
A, B, C, VO = "PO2304", "PO2202", "PO2105", "VO2305"
D2010, D2015, D2020, D2022 = (date(year, 8, 1) for year in (2010, 2015, 2020, 2022))
DAY = timedelta(days=1)


def event(fact: ev.Fact, positie: int = 0) -> ev.Event:
    stream = UUID(int=0) if isinstance(fact, ev.PupilFact) else reference_stream(fact)
    return ev.Event(
        originator_id=stream,
        originator_version=1,
        fact=fact,
        bekend_op=KNOWN,
        positie=positie,
    )


def known(*facts: ev.Fact) -> Reference:
    """Return reference data after facts, in their order."""
    return Reference(event(fact, place) for place, fact in enumerate(facts, 1))


def learnt(reference: Reference, stand: ReferenceStand) -> list[ev.Fact]:
    """Derive the facts of a state, take them in, and return them."""
    facts = facts_of(reference, stand)
    for fact in facts:
        assert not checks.refusals(fact)
        reference.learn(event(fact, 1000))
    return facts


def joined(swv: str, vanaf: date, tot_en_met: date | None = None) -> ev.VestigingAangesloten:
    return ev.VestigingAangesloten(vestigingscode=CODE, swv=swv, vanaf=vanaf, tot_en_met=tot_en_met)


def left(swv: str, tot_en_met: date) -> ev.VestigingUitgetreden:
    return ev.VestigingUitgetreden(vestigingscode=CODE, swv=swv, tot_en_met=tot_en_met)


def linked(swv: str, vanaf: date, tot_en_met: date | None = None) -> AansluitingStand:
    return AansluitingStand(vestigingscode=CODE, swv=swv, vanaf=vanaf, tot_en_met=tot_en_met)


# Links of a vestiging


@pytest.mark.parametrize(
    ("before", "stand", "expected"),
    [
        pytest.param([], linked(A, D2015), [joined(A, D2015)], id="first"),
        pytest.param([], linked(A, D2015, D2020), [joined(A, D2015, D2020)], id="first-with-end"),
        pytest.param([joined(A, D2015)], linked(A, D2015), [], id="same"),
        pytest.param([joined(A, D2010)], linked(A, D2015), [], id="holds-since-earlier"),
        pytest.param([joined(A, D2015, D2020)], linked(A, D2015, D2020), [], id="same-with-end"),
        pytest.param(
            [joined(A, D2010, D2015 - DAY), joined(A, D2015)], linked(A, D2010), [], id="in-parts"
        ),
        pytest.param(
            [joined(A, D2015)], linked(A, D2010), [joined(A, D2010)], id="began-before-known"
        ),
        pytest.param(
            [joined(A, D2015)], linked(A, D2015, D2020), [left(A, D2020)], id="turns-out-to-end"
        ),
        pytest.param(
            [joined(A, D2015, D2020)], linked(A, D2015), [joined(A, D2015)], id="runs-on-after-all"
        ),
        pytest.param(
            [joined(A, D2015)],
            linked(B, D2020),
            [left(A, D2020 - DAY), joined(B, D2020)],
            id="moves-to-another",
        ),
        pytest.param(
            [joined(A, D2015)], linked(VO, D2020), [joined(VO, D2020)], id="another-sector"
        ),
        pytest.param(
            [joined(A, D2020)], linked(B, D2015), [joined(B, D2015)], id="later-link-is-overruled"
        ),
        pytest.param(
            [joined(A, D2020)],
            linked(B, D2015, D2020 - DAY),
            [joined(B, D2015, D2020 - DAY)],
            id="before-a-later-link",
        ),
        pytest.param(
            [joined(A, D2010, D2015)],
            linked(B, D2015),
            [left(A, D2015 - DAY), joined(B, D2015)],
            id="the-last-day-was-another's",
        ),
        pytest.param(
            [joined(A, D2010, D2015 - DAY)],
            linked(B, D2015),
            [joined(B, D2015)],
            id="another-had-left",
        ),
        pytest.param(
            [joined(A, D2015), joined(A, D2010)],
            linked(B, D2020),
            [left(A, D2015 - DAY), left(A, D2020 - DAY), joined(B, D2020)],
            id="two-links-of-the-one-that-is-left",
        ),
    ],
)
def test_a_link_becomes_the_events_that_make_it(
    before: list[ev.Fact], stand: AansluitingStand, expected: list[ev.Fact]
) -> None:
    reference = known(*before)
    assert learnt(reference, stand) == expected
    assert facts_of(reference, stand) == []


def answer(reference: Reference, day: date, sector: Sector = "PO") -> str | None:
    return reference.swv_of_vestiging(CODE, sector, day, FOREVER)


def test_who_was_left_does_not_come_back_after_the_new_link_ends() -> None:
    """A held it, B holds it for two years: nothing says that A does after those."""
    reference = known(joined(A, D2010))
    learnt(reference, linked(B, D2020, D2022))
    held = [answer(reference, day) for day in (D2020 - DAY, D2020, D2022, D2022 + DAY)]
    assert held == [A, B, B, None]


def test_who_was_hidden_under_the_link_that_is_left_does_not_come_back_either() -> None:
    """A never left when B took over; C follows B and ends."""
    reference = known(joined(A, D2010), joined(B, D2015))
    learnt(reference, linked(C, D2020, D2022))
    held = [answer(reference, day) for day in (D2010, D2015, D2020, D2022 + DAY)]
    assert held == [A, B, C, None]


def test_who_joined_in_between_and_was_hidden_does_not_come_back() -> None:
    reference = known(joined(B, D2020), joined(A, D2010))
    learnt(reference, linked(C, D2015, D2022))
    held = [answer(reference, day) for day in (D2010, D2015, D2022, D2022 + DAY)]
    assert held == [A, C, C, None]


def test_who_came_later_and_is_known_to_hold_it_after_the_last_day_stays() -> None:
    reference = known(joined(A, D2015))
    learnt(reference, linked(B, D2010, D2020))
    assert [answer(reference, day) for day in (D2010, D2015, D2020)] == [B, B, B]
    assert answer(reference, D2020 + DAY) == A


days = st.integers(0, 30).map(lambda number: D2010 + timedelta(days=number))


@st.composite
def stands(draw: st.DrawFn) -> AansluitingStand:
    vanaf = draw(days)
    end = draw(st.none() | days.filter(lambda day: day >= vanaf))
    return linked(draw(st.sampled_from([A, B, C, VO])), vanaf, end)


@st.composite
def told(draw: st.DrawFn) -> ev.Fact:
    """Any link or leave that a feed can hold, also where links lie over each other."""
    stand = draw(stands())
    if draw(st.booleans()):
        return left(stand.swv, stand.vanaf)
    return joined(stand.swv, stand.vanaf, stand.tot_en_met)


WINDOW = [D2010 + timedelta(days=number) for number in range(-2, 34)]


@given(st.lists(told(), max_size=5), st.lists(stands(), min_size=1, max_size=4))
def test_links_in_any_order_say_what_the_last_one_says(
    before: list[ev.Fact], listed: list[AansluitingStand]
) -> None:
    """On its days the samenwerkingsverband, before them what was known, after them no other."""
    reference = known(*before)
    for stand in listed:
        sector, last = sector_of_swv(stand.swv), stand.tot_en_met or OPEN_DATE
        other = next(one for one in SECTORS if one != sector)
        links = reference.links[CODE].latest
        was = {day: answer(reference, day, sector) for day in WINDOW}
        untouched = {day: answer(reference, day, other) for day in WINDOW}
        learnt(reference, stand)
        assert facts_of(reference, stand) == []
        assert untouched == {day: answer(reference, day, other) for day in WINDOW}
        for day in WINDOW:
            now = answer(reference, day, sector)
            if day < stand.vanaf:
                assert now == was[day]
            elif day <= last:
                assert now == stand.swv
            elif now not in {was[day], None}:
                assert any(link.swv == now and last < link.vanaf <= day for link in links)


@given(st.permutations([linked(A, D2010), linked(B, D2015), linked(A, D2020), linked(C, D2022)]))
def test_yearly_lists_booked_at_their_own_moment_agree_where_each_says_something_new(
    order: list[AansluitingStand],
) -> None:
    """A list of 2015 that is imported after that of 2022 lands before it (rules.md 1)."""
    booked: list[tuple[datetime, ev.Fact]] = []
    for stand in order:
        moment = datetime(stand.vanaf.year, 9, 1, tzinfo=UTC)
        before = sorted((one for one in booked if one[0] <= moment), key=lambda one: one[0])
        booked += [(moment, fact) for fact in facts_of(known(*(f for _, f in before)), stand)]
    after = known(*(fact for _, fact in sorted(booked, key=lambda one: one[0])))
    if order.index(linked(A, D2020)) > order.index(linked(B, D2015)):
        assert [answer(after, day) for day in (D2010, D2015, D2020, D2022)] == [A, B, A, C]


# The other reference data


def test_a_vestiging_keeps_what_the_source_does_not_tell() -> None:
    named = ev.VestigingGeregistreerd(vestigingscode=CODE, naam="De Brug", residentieel=True)
    reference = known(named)
    assert facts_of(reference, VestigingStand(vestigingscode=CODE, naam="De Brug")) == []
    assert facts_of(reference, VestigingStand(vestigingscode=CODE, naam="De Kade")) == [
        ev.VestigingGeregistreerd(vestigingscode=CODE, naam="De Kade", residentieel=True)
    ]
    assert facts_of(reference, VestigingStand(vestigingscode=CODE, residentieel=False)) == [
        ev.VestigingGeregistreerd(vestigingscode=CODE, naam="De Brug")
    ]


def test_a_vestiging_without_a_name_goes_by_its_code() -> None:
    stand = VestigingStand(vestigingscode=CODE, gesloten_inrichting=True)
    assert facts_of(known(), stand) == [
        ev.VestigingGeregistreerd(vestigingscode=CODE, naam=CODE, gesloten_inrichting=True)
    ]


def test_a_vestiging_of_which_nothing_is_told_is_not_registered() -> None:
    stand = VestigingStand(vestigingscode=CODE, naam=UNSET)
    assert facts_of(known(), stand) == []


def test_a_name_of_a_samenwerkingsverband_is_booked_once() -> None:
    reference, stand = known(), SwvStand(swv=A, naam="Waterrijk")
    assert learnt(reference, stand) == [ev.SwvGeregistreerd(swv=A, naam="Waterrijk")]
    assert learnt(reference, stand) == []
    assert len(learnt(reference, SwvStand(swv=A, naam="Hoogveld"))) == 1


def area(swv_po: str | None, swv_vo: str | None, vanaf: date) -> PostcodegebiedStand:
    return PostcodegebiedStand(pc4="7901", swv_po=swv_po, swv_vo=swv_vo, vanaf=vanaf)


@pytest.mark.parametrize(
    ("stand", "count"),
    [
        (area(A, VO, D2015), 0),
        (area(A, VO, D2020), 0),
        (area(A, VO, D2010), 1),
        (area(B, VO, D2020), 1),
        (area(A, None, D2015), 1),
    ],
)
def test_an_area_is_booked_when_its_first_day_has_another_answer(
    stand: PostcodegebiedStand, count: int
) -> None:
    reference = known(ev.PostcodegebiedToegewezen(pc4="7901", swv_po=A, swv_vo=VO, vanaf=D2015))
    facts = learnt(reference, stand)
    assert len(facts) == count
    assert reference.swv_of_pc4("7901", "PO", stand.vanaf, FOREVER) == stand.swv_po
    assert reference.swv_of_pc4("7901", "VO", stand.vanaf, FOREVER) == stand.swv_vo
    assert facts_of(reference, stand) == []


FEBRUARY = date(2025, 2, 1)


@pytest.mark.parametrize(
    ("stand", "count"),
    [
        (TellingStand(teldatum=FEBRUARY, schoolsoorten=("SO",), op="2025-03-03"), 0),
        (TellingStand(teldatum=FEBRUARY, schoolsoorten=("SBO", "SO"), op="3-3-2025"), 0),
        (TellingStand(teldatum=FEBRUARY, schoolsoorten=("SO",), op="2025-03-04"), 1),
        (TellingStand(teldatum=FEBRUARY, schoolsoorten=("SO", "VSO"), op="2025-03-03"), 1),
        (TellingStand(teldatum=date(2026, 2, 1), schoolsoorten=("SO",), op="2025-03-03"), 1),
    ],
)
def test_a_fixed_count_is_booked_when_it_is_not_known_so(stand: TellingStand, count: int) -> None:
    earlier = ev.TellingVastgesteld(teldatum=FEBRUARY, schoolsoorten=("SO",), op="2025-03-01")
    latest = ev.TellingVastgesteld(teldatum=FEBRUARY, schoolsoorten=("SBO", "SO"), op="2025-03-03")
    reference = known(earlier, latest)
    assert len(learnt(reference, stand)) == count
    assert facts_of(reference, stand) == []


def counts(totaal: int | str, vestigingscode: str = CODE) -> AantallenStand:
    return AantallenStand(
        tabel="met_tlv",
        swv=A,
        teldatum=FEBRUARY,
        schoolsoort="SO",
        vestigingscode=vestigingscode,
        deelnemend=True,
        aantallen={"totaal": totaal},
    )


def test_counts_of_duo_are_booked_when_the_row_changed() -> None:
    reference = known()
    expected = ev.AantallenGemeld(
        tabel="met_tlv",
        swv=A,
        teldatum=FEBRUARY,
        schoolsoort="SO",
        vestigingscode=CODE,
        deelnemend=True,
        aantallen={"totaal": 119},
    )
    assert learnt(reference, counts(119)) == [expected]
    assert learnt(reference, counts(119)) == []
    assert len(learnt(reference, counts(119, "12QN00"))) == 1
    assert len(learnt(reference, counts("<5"))) == 1
    assert len(learnt(reference, counts(119))) == 1


def test_counts_of_duo_are_no_rows_of_the_read_model() -> None:
    reference = known(joined(A, D2010))
    before = reference_rows(reference)
    learnt(reference, counts(119))
    assert reference_rows(reference) == before
