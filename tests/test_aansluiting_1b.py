"""Dashboard 1B against the ledger and against an earlier download: class, cause, who (rules.md 9).

Every class has an example that shows it and one beside it that shows no false alarm.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from projections.aansluiting.aansluiten import aansluiten
from projections.aansluiting.model import Aansluiting, Verschil, per_klasse
from projections.aansluiting.zijden import (
    AansluitingError,
    gelezen_1b,
    paar_1b,
    paar_downloads,
)
from projections.questions import Question
from projections.store.ask import AsOf
from projections.tarieven import Tarief, Tarieven
from tests.command import Event, Kijkglas
from tests.downloads import PGNS, REFERENCE, Row, csv_file, rows_of
from tests.ledgers import NOW, ledger_of, refreshed
from tests.oracle_examples import enrolled, event, issued, link
from tests.places import open_ledger

SWV = "PO2304"
ELDERS = "PO2305"
T = date(2025, 2, 1)
FILE = datetime(2026, 10, 1, tzinfo=UTC)
"""Later than everything in the examples that does not say otherwise."""

REFERENTIE: Sequence[Event] = (
    *REFERENCE,
    event("SwvGeregistreerd", "2020-01-01", swv=ELDERS, naam="Heuvelrijk"),
    link("01AA00", ELDERS, bekend_op="2020-01-01"),
)


def tlv(number: int, swv: str = SWV) -> str:
    return f"{swv}-2023-{number + 1:05}"


def pupil(number: int, categorie: str = "LAAG", **more: str) -> list[Event]:
    """Return a pupil at 00SU with a tlv that the school linked."""
    nummer = tlv(number)
    return [
        *alone(number, **more),
        issued(nummer, "2023-08-01", "2026-07-31", categorie, PGNS[number]),
        koppeling(number, nummer),
    ]


def alone(
    number: int, vestiging: str = "00SU00", bekend_op: str = "2023-08-02", **more: object
) -> list[Event]:
    """Return the enrolment of a pupil, and where it lives, by samenwerkingsverband."""
    fields = {"volgnummer": str(number + 1), "pgn": PGNS[number], "bekend_op": bekend_op}
    return [enrolled("SO", "2023-08-01", None, vestiging, **{**fields, **more})]  # type: ignore[arg-type]


def koppeling(
    number: int, nummer: str, door: str = "school", bekend_op: str = "2023-08-03"
) -> Event:
    return about(number, "TlvGekoppeld", bekend_op, nummer=nummer, door=door)


def about(number: int, kind: str, bekend_op: str, **fields: object) -> Event:
    key = {"pgn": PGNS[number], "instellingscode": "00SU", "volgnummer": str(number + 1)}
    return event(kind, bekend_op, **{**key, **fields})


def woont(number: int, swv: str) -> list[Event]:
    """Return that a pupil lives in the area of a samenwerkingsverband."""
    pc4 = {SWV: "7511", ELDERS: "7522"}[swv]
    return [
        event("PostcodegebiedToegewezen", pc4=pc4, vanaf="2014-08-01", swv_po=swv, swv_vo="VO2305"),
        event("WoonplaatsVastgelegd", pgn=PGNS[number], vanaf="2020-01-01", pc4=pc4),
    ]


def row(number: int, **changes: str) -> Row:
    """Return the row of 1B of a pupil as `pupil` makes it."""
    return {
        "BSN_OWN": PGNS[number],
        "BESCHIKKINGSNUMMER": tlv(number),
        "INSTELLINGSCODE": "00SU",
        "VESTIGINGSCODE": "00SU00",
        "ONDERSTEUNINGSCATEGORIE": "SO_VSO_LAAG",
        "INSCHRIJVINGSVOLGNUMMER": str(number + 1),
        "DATUM_INSCHRIJVING": "1-8-2023",
        "DATUM_UITSCHRIJVING": "",
        "BEGIN_DATUM_TLV": "1-8-2023",
        "EIND_DATUM_TLV": "31-7-2026",
        "RESIDENTIELE_LEERLING": "Nee",
        "WIJZE_VAN_BEPALING": "TLV",
        "TELDATUM": "1-2-2025",
        "SAMENWERKINGSVERBAND": SWV,
        **changes,
    }


ZONDER = {
    "BESCHIKKINGSNUMMER": "",
    "BEGIN_DATUM_TLV": "",
    "EIND_DATUM_TLV": "",
    "WIJZE_VAN_BEPALING": "Woonplaats leerling",
}


class Vraag(NamedTuple):
    """A ledger to ask, and a folder for files."""

    question: Question
    folder: Path
    rates: Tarieven | None = None

    def met(self, rows: Sequence[Row], moment: datetime = FILE) -> Aansluiting:
        """Hold a 1B file against the ledger; a complete row is always there."""
        path = csv_file(self.folder / "1b.csv", [row(11), *rows])
        return aansluiten(
            self.question, paar_1b(self.question, gelezen_1b(path, moment)), self.rates
        )

    def een(self, *rows: Row, moment: datetime = FILE) -> Verschil:
        """Return the one difference that there is."""
        (verschil,) = self.met(rows, moment).verschillen
        return verschil


@contextmanager
def asked(
    tmp_path: Path, *events: Event, bekend_op: datetime | None = None, rates: Tarieven | None = None
) -> Iterator[Vraag]:
    with ledger_of([*REFERENTIE, *pupil(11), *events]) as ledger:
        model = refreshed(ledger)
        question = Question(ledger, model, AsOf(T, bekend_op), NOW, "kijkglas", "0")
        yield Vraag(question, tmp_path, rates)
        model.close()


def test_sides_that_agree_give_nothing_and_say_what_was_compared(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        found = vraag.met([row(0, ONDERSTEUNINGSCATEGORIE="SO_VSO_LAAG")])
    assert found.verschillen == ()
    assert (found.links, found.rechts, found.gelijk) == (2, 2, 2)
    assert (found.totaal_links, found.totaal_rechts) == (2, 2)


def _types(verschil: Verschil) -> list[tuple[str, str]]:
    return [(one.type, one.sleutel) for one in verschil.gebeurtenissen]


def test_the_cause_of_a_missing_tlv_is_the_link_of_this_enrolment(tmp_path: Path) -> None:
    moved = {"begindatum": "2025-03-01", "schoolsoort": "SO", "vestigingscode": "00SU00"}
    later = [
        {**about(0, "InschrijvingGeregistreerd", "2025-02-20", **moved), "volgnummer": "77"},
        {**koppeling(0, tlv(0), bekend_op="2025-02-21"), "volgnummer": "77"},
    ]
    with asked(tmp_path, *pupil(0), *later) as vraag:
        found = vraag.een(row(0, **ZONDER))
    assert found.klasse == "tlv-niet-gekoppeld"
    assert _types(found) == [("TlvAfgegeven", tlv(0)), ("TlvGekoppeld", "00SU/1")]


def test_the_cause_of_another_volgnummer_is_the_registration(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        found = vraag.een(row(0, INSCHRIJVINGSVOLGNUMMER="99"))
    assert found.klasse == "gegevens-verschillen"
    assert _types(found) == [("InschrijvingGeregistreerd", "00SU/1")]


def test_midde_and_midden_are_one(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0, "MIDDEN")) as vraag:
        for name in ("SO_VSO_MIDDE", "SO_VSO_MIDDEN"):
            assert vraag.met([row(0, ONDERSTEUNINGSCATEGORIE=name)]).verschillen == ()


def test_an_unused_tlv_that_duo_leaves_out_is_no_difference(tmp_path: Path) -> None:
    unused = issued(tlv(0), "2021-08-01", "2023-07-31", "LAAG", PGNS[0])
    with asked(tmp_path, *alone(0), *woont(0, SWV), unused) as vraag:
        assert vraag.met([row(0, **ZONDER)]).verschillen == ()


def test_a_double_key_is_an_error_with_its_rows(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        verschil = vraag.een(row(0), row(0))
    assert (verschil.klasse, verschil.aantal, verschil.wie) == ("dubbele-sleutel", 1, "DUO")
    assert verschil.plaatsen == ("1b.csv regel 3", "1b.csv regel 4", "grootboek")


def test_what_became_known_after_the_file_explains(tmp_path: Path) -> None:
    late = about(0, "InschrijvingVerwijderd", "2025-02-20")
    before = datetime(2025, 2, 10, tzinfo=UTC)
    with asked(tmp_path, *pupil(0), late) as vraag:
        verschil = vraag.een(row(0), moment=before)
        assert verschil.klasse == "gewijzigd-sinds-download"
        assert [one.type for one in verschil.gebeurtenissen] == ["InschrijvingVerwijderd"]
        assert verschil.sinds is not None
        assert "inschrijving verwijderd 00SU/1" in verschil.oorzaak
        assert "vóór de vaststelling" in verschil.oorzaak
        # A file of after that event should have known it.
        assert vraag.een(row(0), moment=FILE).klasse == "datum-verschilt"


def test_what_became_known_after_the_vaststelling_explains(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0, bekend_op="2023-08-02"), *alone(1, bekend_op="2025-04-01"),
               *woont(1, SWV)) as vraag:  # fmt: skip
        verschil = vraag.een(row(0))
    assert (verschil.klasse, verschil.soort) == ("na-vaststelling", "alleen-bij-ons")
    assert "na de vaststelling" in verschil.oorzaak
    assert verschil.aantal == -1


def test_late_but_before_the_vaststelling_does_not_explain(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0), *alone(1, bekend_op="2025-02-20"), *woont(1, SWV)) as vraag:
        assert vraag.een(row(0)).klasse == "alleen-bij-ons"


def test_as_known_before_the_file_what_came_between_explains(tmp_path: Path) -> None:
    late = [*alone(1, bekend_op="2025-02-20"), *woont(1, SWV)]
    with asked(tmp_path, *late, bekend_op=datetime(2025, 2, 10, tzinfo=UTC)) as vraag:
        verschil = vraag.een(row(1, **ZONDER))
    assert (verschil.klasse, verschil.soort) == ("gewijzigd-sinds-download", "alleen-bij-duo")


def test_a_pupil_that_goes_by_another_number_by_now_is_the_same_one(tmp_path: Path) -> None:
    renamed = event("PgnVervangen", "2026-10-15", pgn=PGNS[0], nieuw_pgn=PGNS[1])
    with asked(tmp_path, *pupil(0), renamed) as vraag:
        verschil = vraag.een(row(0))
        assert (verschil.klasse, list(verschil.kolommen), verschil.aantal) == (
            "gewijzigd-sinds-download", ["BSN_OWN"], 0,
        )  # fmt: skip
        assert vraag.met([{**row(0), "BSN_OWN": PGNS[1]}]).verschillen == ()


def test_duo_linked_a_tlv_to_a_residential_pupil(tmp_path: Path) -> None:
    events = [
        *alone(0, soort_verblijf="IJH"),
        *woont(0, SWV),
        issued(tlv(0), "2023-08-01", "2026-07-31", "LAAG", PGNS[0]),
    ]
    said = row(0, RESIDENTIELE_LEERLING="Ja")
    with asked(tmp_path, *events) as vraag:
        verschil = vraag.een(said)
        assert (verschil.klasse, verschil.wie) == ("residentieel-met-tlv", "DUO")
    with asked(tmp_path, *events, koppeling(0, tlv(0), "duo")) as vraag:
        assert vraag.een(said).klasse == "residentieel-met-tlv"
    with asked(tmp_path, *events, koppeling(0, tlv(0))) as vraag:
        assert vraag.met([said]).verschillen == ()


def test_a_pupil_in_a_closed_institution(tmp_path: Path) -> None:
    with asked(tmp_path, *alone(0, soort_verblijf="GJI"), *woont(0, SWV)) as vraag:
        verschil = vraag.een(row(0, **ZONDER, RESIDENTIELE_LEERLING="Ja"))
        assert (verschil.klasse, verschil.wie) == ("gesloten-inrichting", "school")
        assert vraag.met([]).verschillen == ()


def test_a_valid_tlv_that_duo_did_not_use(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        verschil = vraag.een(row(0, **ZONDER))
    assert (verschil.klasse, verschil.wie) == ("tlv-niet-gekoppeld", "school")
    assert tlv(0) in verschil.oorzaak
    assert "TlvGekoppeld" in [one.type for one in verschil.gebeurtenissen]


def test_a_valid_tlv_that_nobody_linked(tmp_path: Path) -> None:
    unlinked = issued(tlv(0), "2023-08-01", "2026-07-31", "LAAG", PGNS[0])
    with asked(tmp_path, *alone(0), *woont(0, SWV), unlinked) as vraag:
        assert vraag.een().klasse == "tlv-niet-gekoppeld"
    expired = issued(tlv(0), "2021-08-01", "2023-07-31", "LAAG", PGNS[0])
    with asked(tmp_path, *alone(0), *woont(0, SWV), expired) as vraag:
        assert vraag.een().klasse == "alleen-bij-ons"


def test_duo_used_an_expired_tlv(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        verschil = vraag.een(row(0, EIND_DATUM_TLV="31-7-2024"))
        assert (verschil.klasse, verschil.wie) == ("tlv-verlopen", "samenwerkingsverband")
        assert "31-07-2024" in verschil.oorzaak
        # Another end that is not before the teldatum is only another date.
        assert vraag.een(row(0, EIND_DATUM_TLV="31-7-2025")).klasse == "datum-verschilt"


def test_a_tlv_that_was_withdrawn_is_expired(tmp_path: Path) -> None:
    withdrawn = event("TlvIngetrokken", "2024-01-01", pgn=PGNS[0], nummer=tlv(0), per="2024-01-01")
    with asked(tmp_path, *pupil(0), withdrawn) as vraag:
        verschil = vraag.een(row(0))
    assert (verschil.klasse, verschil.soort) == ("tlv-verlopen", "cel")
    assert "TlvIngetrokken" in [one.type for one in verschil.gebeurtenissen]


def test_duo_shows_the_tlv_as_expired_and_does_not_use_it(tmp_path: Path) -> None:
    shown = {"WIJZE_VAN_BEPALING": "Woonplaats leerling", "EIND_DATUM_TLV": "31-7-2024"}
    with asked(tmp_path, *pupil(0)) as vraag:
        assert vraag.een(row(0, **shown)).klasse == "tlv-verlopen"


def test_duo_used_another_number(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0), *pupil(1)) as vraag:
        verschil = vraag.een(row(0, BESCHIKKINGSNUMMER=tlv(99)), row(1))
        assert (verschil.klasse, verschil.wie) == ("tlv-ander-nummer", "school")
        assert "andere leerling" not in verschil.oorzaak
        wrong = vraag.een(row(0, BESCHIKKINGSNUMMER=tlv(1)), row(1))
        assert f"{tlv(1)} is in het grootboek van een andere leerling" in wrong.oorzaak


RATES = Tarieven(
    [
        Tarief(2026, "so", "LAAG", Decimal(1000), "", date(2025, 1, 1)),
        Tarief(2026, "so", "HOOG", Decimal(3000), "", date(2025, 1, 1)),
    ],
    "tarieven.csv",
)


def test_another_category_and_what_it_is_worth(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0), *pupil(1), rates=RATES) as vraag:
        other, missing = vraag.met([row(0, ONDERSTEUNINGSCATEGORIE="SO_VSO_HOOG")]).verschillen
        partly = vraag.met([row(0, ONDERSTEUNINGSCATEGORIE="SO_VSO_MIDDE"), row(1)])
    assert [one.bedrag for one in partly.verschillen] == [None]
    assert any("1 verschil is het bedrag niet bekend" in one for one in partly.herkomst.opmerkingen)
    assert (other.klasse, other.bedrag, other.aantal) == ("categorie-verschilt", Decimal(2000), 0)
    assert (missing.klasse, missing.bedrag, missing.aantal) == (
        "alleen-bij-ons", Decimal(-1000), -1,
    )  # fmt: skip


def test_we_attribute_the_pupil_elsewhere(tmp_path: Path) -> None:
    with asked(tmp_path, *alone(0), *woont(0, ELDERS)) as vraag:
        verschil = vraag.een(row(0, **ZONDER))
        assert verschil.klasse == "ander-samenwerkingsverband"
        assert f"{ELDERS} (Woonplaats leerling)" in verschil.oorzaak
        assert vraag.met([]).verschillen == ()


def test_the_row_loses_the_contest(tmp_path: Path) -> None:
    second = enrolled("BO", "2024-09-01", None, "09XX00", volgnummer="7", pgn=PGNS[0],
                      bekend_op="2024-09-02")  # fmt: skip
    with asked(tmp_path, *pupil(0), second) as vraag:
        verschil = vraag.een(row(0))
        assert (verschil.klasse, verschil.soort) == ("dubbele-inschrijving", "alleen-bij-duo")
        assert vraag.met([]).verschillen == ()


def test_a_pupil_that_duo_counts_twice(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        verschil = vraag.een(row(0), row(0, INSCHRIJVINGSVOLGNUMMER="77"))
    assert (verschil.klasse, verschil.aantal) == ("dubbele-inschrijving", 1)
    assert "1b.csv regel 3" in verschil.oorzaak


def test_another_vestiging(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        verschil = vraag.een(row(0, VESTIGINGSCODE="00SU01"))
    assert (verschil.klasse, verschil.aantal, list(verschil.kolommen)) == (
        "andere-vestiging", 0, ["VESTIGINGSCODE"],
    )  # fmt: skip


def test_the_same_pupil_under_another_key_is_one_difference(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        school = vraag.een(row(0, INSTELLINGSCODE="01AA", VESTIGINGSCODE="01AA00"))
        assert (school.klasse, school.soort, school.aantal) == ("andere-vestiging", "cel", 0)
        number = vraag.een(row(0, INSCHRIJVINGSVOLGNUMMER="77"))
        assert (number.klasse, list(number.kolommen)) == (
            "gegevens-verschillen", ["INSCHRIJVINGSVOLGNUMMER"],
        )  # fmt: skip


def test_another_begin(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0)) as vraag:
        assert vraag.een(row(0, DATUM_INSCHRIJVING="1-9-2023")).klasse == "datum-verschilt"


def test_an_enrolment_that_ended_by_our_knowledge(tmp_path: Path) -> None:
    end = about(0, "UitschrijvingGeregistreerd", "2025-01-20", einddatum="2025-01-15")
    with asked(tmp_path, *pupil(0), end) as vraag:
        verschil = vraag.een(row(0))
        assert (verschil.klasse, verschil.soort) == ("datum-verschilt", "alleen-bij-duo")
        assert "loopt die niet op de teldatum" in verschil.oorzaak
        assert "uitschrijving geregistreerd" in verschil.oorzaak


def test_a_pupil_of_whom_we_know_nothing(tmp_path: Path) -> None:
    with asked(tmp_path) as vraag:
        verschil = vraag.een(row(0))
    assert (verschil.klasse, verschil.aantal) == ("alleen-bij-duo", 1)
    assert "kent hierover geen gebeurtenis" in verschil.oorzaak
    assert (verschil.gebeurtenissen, verschil.sinds) == ((), None)


def test_no_cause_names_a_pgn(tmp_path: Path) -> None:
    with asked(tmp_path, *pupil(0), *pupil(1)) as vraag:
        found = vraag.met([row(0, ONDERSTEUNINGSCATEGORIE="SO_VSO_HOOG"), row(2)])
    assert len(found.verschillen) == 3
    assert not [one for one in found.verschillen for pgn in PGNS if pgn in one.oorzaak]


def test_a_line_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "1b.csv", [row(0), row(1, DATUM_INSCHRIJVING="gisteren")])
    (told,) = gelezen_1b(path, FILE).zijde.onleesbaar
    assert told.startswith("1b.csv:3 DATUM_INSCHRIJVING")


def test_rows_of_two_samenwerkingsverbanden_are_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "1b.csv", [row(0), row(1, SAMENWERKINGSVERBAND=ELDERS)])
    with pytest.raises(AansluitingError, match="meer dan een samenwerkingsverband"):
        gelezen_1b(path, FILE)


# Two downloads


def test_two_downloads_are_explained_by_what_became_known_between(tmp_path: Path) -> None:
    first, second = datetime(2025, 2, 10, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
    late = [*alone(1, bekend_op="2025-02-20"), *woont(1, SWV)]
    one = csv_file(tmp_path / "een.csv", [row(11), row(2)])
    two = csv_file(
        tmp_path / "twee.csv", [row(11), row(1, **ZONDER), row(2, VESTIGINGSCODE="00SU01")]
    )
    with asked(tmp_path, *late) as vraag:
        paar = paar_downloads(gelezen_1b(one, first), gelezen_1b(two, second))
        found = aansluiten(vraag.question, paar)
    assert per_klasse(found) == {"gewijzigd-sinds-download": 1, "andere-vestiging": 1}
    new, moved = found.verschillen
    assert [one.type for one in new.gebeurtenissen] == ["InschrijvingGeregistreerd"]
    assert moved.kolommen["VESTIGINGSCODE"].duo == "00SU01"
    assert (found.links, found.rechts, found.gelijk) == (3, 2, 1)


def test_two_downloads_show_an_unused_tlv_that_changed(tmp_path: Path) -> None:
    shown = {"WIJZE_VAN_BEPALING": "Woonplaats leerling"}
    one = csv_file(tmp_path / "een.csv", [row(0, **shown)])
    two = csv_file(tmp_path / "twee.csv", [row(0, **shown, BESCHIKKINGSNUMMER=tlv(5))])
    with asked(tmp_path) as vraag:
        found = aansluiten(
            vraag.question, paar_downloads(gelezen_1b(one, FILE), gelezen_1b(two, FILE))
        )
        same = aansluiten(
            vraag.question, paar_downloads(gelezen_1b(one, FILE), gelezen_1b(one, FILE))
        )
    assert [list(one.kolommen) for one in found.verschillen] == [["ONGEBRUIKTE_BESCHIKKINGSNUMMER"]]
    assert (same.verschillen, same.gelijk) == ((), 1)


def test_downloads_of_other_counts_are_refused(tmp_path: Path) -> None:
    one = gelezen_1b(csv_file(tmp_path / "een.csv", [row(0)]), FILE)
    two = gelezen_1b(csv_file(tmp_path / "twee.csv", [row(0, TELDATUM="1-2-2024")]), FILE)
    with pytest.raises(AansluitingError, match=r"een\.csv is van PO2304 op 01-02-2025"):
        paar_downloads(one, two)


# A whole region, faultless and with faults


@pytest.fixture(scope="module")
def own(region_ledger: Kijkglas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the ledger's own 1B of the region as a file."""
    folder = tmp_path_factory.mktemp("eigen")
    region_ledger.fine("report", "dashboard-1b", "--swv", "PO9901", "--teldatum", "2025-02-01",
                       "--format", "csv-excel", "-o", folder / "1b.csv")  # fmt: skip
    return folder / "1b.csv"


@pytest.fixture(scope="module")
def region_question(region_ledger: Kijkglas) -> Iterator[Question]:
    with open_ledger(region_ledger.ledger) as ledger:
        model = refreshed(ledger)
        yield Question(ledger, model, AsOf(T), NOW, "kijkglas", "0")
        model.close()


def against(question: Question, path: Path) -> Aansluiting:
    return aansluiten(question, paar_1b(question, gelezen_1b(path, NOW)))


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_a_faultless_pair_comes_back_empty(
    region_ledger: Kijkglas, region_question: Question, tmp_path: Path, swv: str
) -> None:
    for more in ((), ("--zonder-ongebruikte-tlv",)):
        path = tmp_path / f"{swv}{len(more)}.csv"
        region_ledger.fine("report", "dashboard-1b", "--swv", swv, "--teldatum", "2025-02-01",
                           *more, "--format", "csv-excel", "-o", path)  # fmt: skip
        found = against(region_question, path)
        assert found.verschillen == ()
        assert found.links == found.rechts == found.gelijk > 50


FAULTS = (
    "weg",
    "erbij",
    "categorie",
    "volgnummer",
    "datum",
    "vestiging",
    "dubbel",
    "tlv",
    "koppeling",
)


def fault(kind: str, row: dict[str, str], at: int) -> list[dict[str, str]]:
    """Return what becomes of a row."""
    if kind == "weg":
        return []
    if kind == "erbij":
        return [row, {**row, "BSN_OWN": PGNS[at]}]
    if kind == "dubbel":
        return [row, dict(row)]
    other = "SO_VSO_LAAG" if row["ONDERSTEUNINGSCATEGORIE"] != "SO_VSO_LAAG" else "SO_VSO_HOOG"
    changes = {
        "categorie": {"ONDERSTEUNINGSCATEGORIE": other},
        "volgnummer": {"INSCHRIJVINGSVOLGNUMMER": f"X{at}"},
        "datum": {"DATUM_INSCHRIJVING": "2-8-2019"},
        "vestiging": {"VESTIGINGSCODE": row["INSTELLINGSCODE"] + "77"},
        "tlv": {"BESCHIKKINGSNUMMER": f"PO9901-2019-9999{at % 10}"},
        "koppeling": ZONDER,
    }
    return [{**row, **changes[kind]}]


EXPECTED = {
    "weg": {"alleen-bij-ons", "tlv-niet-gekoppeld", "na-vaststelling"},
    "erbij": {"alleen-bij-duo"},
    "categorie": {"categorie-verschilt"},
    "volgnummer": {"gegevens-verschillen"},
    "datum": {"datum-verschilt"},
    "vestiging": {"andere-vestiging"},
    "dubbel": {"dubbele-sleutel"},
    "tlv": {"tlv-ander-nummer"},
    "koppeling": {"tlv-niet-gekoppeld"},
}
"""A row that is missing can be one that became known after the vaststelling."""


@pytest.mark.parametrize("seed", range(12))
def test_planted_faults_come_back_with_their_key_and_add_up(
    own: Path, region_question: Question, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - which rows get a fault
    rows = rows_of(own)
    places = chance.sample([at for at, row in enumerate(rows)
                            if row["WIJZE_VAN_BEPALING"] == "TLV"], 9)  # fmt: skip
    planted = dict(zip(places, FAULTS, strict=True))
    written: list[dict[str, str]] = []
    expected: dict[str, str] = {}
    for at, one in enumerate(rows):
        became = fault(planted[at], one, at % 12) if at in planted else [one]
        written += became
        if at in planted:
            expected[became[-1]["BSN_OWN"] if became else one["BSN_OWN"]] = planted[at]
    found = against(region_question, csv_file(tmp_path / "1b.csv", written))
    assert {one.pgn for one in found.verschillen} == set(expected)
    assert len(found.verschillen) == len(expected)
    for verschil in found.verschillen:
        assert verschil.klasse in EXPECTED[expected[verschil.pgn or ""]], verschil
    assert sum(one.aantal for one in found.verschillen) == found.totaal_links - found.totaal_rechts
    assert found.gelijk == len(rows) - 8  # the extra row took nothing from the others
