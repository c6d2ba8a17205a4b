"""The other commands: making a ledger, booking by hand, looking up, and keeping it sound."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.main import COMMANDS
from ledger.application import now
from tests.command import (
    ROOT,
    SAMPLES,
    TODAY,
    Kijkglas,
    Row,
    columns,
    kijkglas,
    ledger_with,
    process,
)
from tests.ledgers import write_feed
from tests.oracle_examples import about, enrolled, event, home, issued, link
from tests.places import address_of, open_ledger

PUPIL = "900554332"
TLV = "PO2304-2024-00001"
ENROLMENT = ("instellingscode=12QN", "volgnummer=1")
T = "2025-02-01"


@pytest.fixture
def empty(tmp_path: Path) -> Kijkglas:
    """Give an empty ledger."""
    return ledger_with(tmp_path)


# init


def test_init_makes_an_empty_ledger_and_says_to_keep_the_key(tmp_path: Path) -> None:
    done = kijkglas("--ledger", tmp_path / "a" / "b", "init")
    assert done.status == 0
    assert done.out == f"Leeg grootboek in {tmp_path}/a/b\n"
    assert f"{tmp_path}/a/b/kluis.sleutel" in done.err
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


@pytest.mark.map("tells the folder")
def test_init_never_touches_a_ledger_that_is_there(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [event("SwvGeregistreerd", swv="PO2304", naam="Waterrijk")])
    before = command.exported()
    done = command("init")
    assert (done.status, done.data) == (4, b"")
    assert done.err == f"Grootboek: in {command.ledger} staat al een grootboek\n"
    assert command.exported() == before


def test_init_in_a_place_that_cannot_be_made_ends_with_4(tmp_path: Path) -> None:
    (tmp_path / "bestand").write_bytes(b"")
    done = kijkglas("--ledger", tmp_path / "bestand" / "grootboek", "init")
    assert done.status == 4
    assert done.err.startswith("Grootboek: ")


# record


def test_an_event_is_recorded_by_hand(empty: Kijkglas) -> None:
    done = empty.fine(
        "record", "LeerlingGeregistreerd", f"pgn={PUPIL}", "geboortedatum=20-5-2015",
        "--bekend-op", "2024-08-05", "--bron", "school",
    )  # fmt: skip
    assert (done.out, done.err) == ("geboekt als gebeurtenis 1\n", "")
    assert json.loads(empty.exported()) == {
        "type": "LeerlingGeregistreerd",
        "bekend_op": "2024-08-05",
        "bron": "school",
        "pgn": PUPIL,
        "geboortedatum": "2015-05-20",
    }


def test_what_is_recorded_is_known_now_and_said_by_hand(empty: Kijkglas) -> None:
    empty.fine("record", "SwvGeregistreerd", "swv=PO2304", "naam=Waterrijk")
    line = json.loads(empty.exported())
    assert line["bron"] == "hand"
    assert now() - datetime.fromisoformat(line["bekend_op"]) < timedelta(minutes=1)


def test_lists_numbers_and_booleans_are_written_as_people_do(empty: Kijkglas) -> None:
    known = ("--bekend-op", "2024-08-05")
    empty.fine(
        "record", "InschrijvingGeregistreerd", f"pgn={PUPIL}", *ENROLMENT, "begindatum=1-8-2024",
        "vestigingscode=12QN00", "schoolsoort=SO", "bekostigbaar=nee", "cluster=3", "leerjaar=4",
        f"tlv={TLV}, PO2304-2024-00002", "einddatum=null", *known,
    )  # fmt: skip
    empty.fine(
        "record", "WoonplaatsVastgelegd", f"pgn={PUPIL}", "vanaf=1-8-2020", "swv=PO2304,VO2305",
        *known,
    )  # fmt: skip
    empty.fine(
        "record", "VestigingGeregistreerd", "vestigingscode=12QN00", "naam=De Brug",
        "residentieel=ja", *known,
    )  # fmt: skip
    perioden = json.dumps([{"vanaf": "2024-08-01", "vestigingscode": "12QN01"}])
    empty.fine(
        "record", "InschrijvingGecorrigeerd", f"pgn={PUPIL}", *ENROLMENT, f"perioden={perioden}",
        "--bekend-op", "2024-08-06",
    )  # fmt: skip
    enrolment, home_, vestiging, correction = map(json.loads, empty.exported().splitlines())
    assert enrolment["tlv"] == [TLV, "PO2304-2024-00002"]
    assert (enrolment["bekostigbaar"], enrolment["cluster"], enrolment["leerjaar"]) == (False, 3, 4)
    assert "einddatum" not in enrolment
    assert home_["swv"] == ["PO2304", "VO2305"]
    assert vestiging["residentieel"] is True
    assert correction["perioden"] == [{"vanaf": "2024-08-01", "vestigingscode": "12QN01"}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Onbekend"], "type: 'Onbekend' is geen bekende gebeurtenis"),
        (["LeerlingGeregistreerd"], "pgn: het veld ontbreekt"),
        (["SwvGeregistreerd", "swv=2304", "naam=a"], "swv: '2304' is niet: een samenwerkings"),
        (["SwvGeregistreerd", "swv=PO2304", "naam=a", "kleur=rood"], "kleur: onbekend veld"),
        (["LeerlingGeregistreerd", f"pgn={PUPIL}", "geboortedatum=30-2-2015"], "geboortedatum: "),
        (["UitschrijvingIngetrokken", f"pgn={PUPIL}", *ENROLMENT], "volgnummer: deze inschrijving"),
        (["BestandIngelezen", "sha256=ab"], "type: BestandIngelezen boekt het grootboek zelf"),
        (["SwvGeregistreerd", "swv=PO2304", "naam=a", "--bekend-op", "2099-01-01"], "toekomst"),
        (["SwvGeregistreerd", "swv=PO2304", "naam=a", "--bekend-op", "ooit"], "bekend_op: 'ooit'"),
    ],
)
def test_a_record_that_cannot_be_booked_ends_with_3(
    arguments: list[str], said: str, empty: Kijkglas
) -> None:
    done = empty("record", *arguments)
    assert (done.status, done.data) == (3, b"")
    assert said in done.err
    assert PUPIL not in done.err
    assert empty.exported() == b""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "TYPE"),
        (["SwvGeregistreerd", "swv"], "'swv' is geen veld=waarde"),
        (["SwvGeregistreerd", "naam=[1"], "naam: teken 3 is geen JSON; schrijf teksten"),
    ],
)
def test_a_record_that_is_no_event_ends_with_2(
    arguments: list[str], said: str, empty: Kijkglas
) -> None:
    done = empty("record", *arguments)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err


def test_a_warning_is_said_when_it_is_recorded(empty: Kijkglas) -> None:
    done = empty.fine(
        "record", "TlvAfgegeven", f"pgn={PUPIL}", f"nummer={TLV}", "categorie=LAAG",
        "begindatum=1-8-2024", "einddatum=30-6-2026", *TODAY,
    )  # fmt: skip
    assert done.out == "geboekt als gebeurtenis 1\n"
    assert done.err.startswith("let op: einddatum: een tlv eindigt op 31 juli; ")


def test_a_dry_run_and_a_second_time_book_nothing(empty: Kijkglas) -> None:
    fact = ("SwvGeregistreerd", "swv=PO2304", "naam=Waterrijk", "--bekend-op", "2025-01-01")
    assert empty.fine("record", "--dry-run", *fact).out == "kan worden geboekt\n"
    assert empty.exported() == b""
    assert empty.fine("record", *fact).out == "geboekt als gebeurtenis 1\n"
    assert empty.fine("record", *fact).out == "al bekend, niet opnieuw geboekt\n"
    assert len(empty.exported().splitlines()) == 1


def test_a_mistake_is_mended_by_another_event(tmp_path: Path) -> None:
    """The end was a typing error: corrected by hand, and the old answer stays answerable."""
    history = [*home(), enrolled("SO", "2024-08-01", bekend_op="2024-08-05")]
    wrong = about("UitschrijvingGeregistreerd", "2025-01-13", einddatum="2025-01-10")
    command = ledger_with(tmp_path, [*history, wrong])
    key = ("pgn=123456782", *ENROLMENT)
    assert command.stand(T) == []
    command.fine(
        "record", "InschrijvingGecorrigeerd", *key, "einddatum=10-7-2025", "--bekend-op",
        "2025-03-10",
    )  # fmt: skip
    (row,) = command.stand(T)
    assert (row["einddatum"], row["bekend_van"]) == ("2025-07-10", "2025-03-10T00:00:00+01:00")
    assert command.stand(T, "--bekend-op", "9-3-2025") == []
    command.fine("record", "UitschrijvingIngetrokken", *key, "--bekend-op", "2025-03-11")
    assert columns(command.stand(T), "einddatum") == [(None,)]
    assert command.fine("verify").status == 0


# history


STORY = [
    event("SwvGeregistreerd", "2020-01-01", swv="PO2304", naam="Waterrijk"),
    event("VestigingGeregistreerd", "2020-01-02", vestigingscode="12QN00", naam="De Brug"),
    link("12QN00", "PO2304", bekend_op="2020-01-03"),
    event("WoonplaatsVastgelegd", "2024-06-17", pgn=PUPIL, vanaf="2020-08-01", buitenland=True),
    {**issued(TLV, "2024-08-01", "2026-07-31", pgn=PUPIL), "bekend_op": "2024-06-18"},
    enrolled("SO", "2024-08-01", pgn=PUPIL, bekend_op="2024-08-05", tlv=[TLV], kenmerk="LAS-1"),
    event(
        "UitschrijvingGeregistreerd",
        "2025-01-22T10:15:00+01:00",
        bron="school",
        pgn=PUPIL,
        instellingscode="12QN",
        volgnummer="1",
        einddatum="2025-01-20",
    ),
    event("TlvIngetrokken", "2025-02-03", pgn=PUPIL, nummer=TLV, per="2025-01-21"),
    event("LeerlingGeregistreerd", "2025-02-04", pgn="962354508", geboortedatum="2015-05-20"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger with a little story, its last events imported first."""
    folder = tmp_path_factory.mktemp("geschiedenis")
    command = ledger_with(folder, STORY[:6])
    command.imported(write_feed(folder / "later.jsonl", STORY[6:]))
    return command


def history(command: Kijkglas, key: str, *more: str) -> list[Row]:
    """Return the rows of the history of a key."""
    return command.fine("history", key, "--format", "json", *more).rows


@pytest.mark.parametrize(
    ("key", "types"),
    [
        (
            PUPIL,
            [
                "WoonplaatsVastgelegd",
                "TlvAfgegeven",
                "InschrijvingGeregistreerd",
                "UitschrijvingGeregistreerd",
                "TlvIngetrokken",
            ],
        ),
        ("12QN/1", ["InschrijvingGeregistreerd", "UitschrijvingGeregistreerd"]),
        (TLV, ["TlvAfgegeven", "InschrijvingGeregistreerd", "TlvIngetrokken"]),
        ("12QN00", ["VestigingGeregistreerd", "VestigingAangesloten"]),
        ("PO2304", ["SwvGeregistreerd"]),
        ("962354508", ["LeerlingGeregistreerd"]),
    ],
)
def test_history_of_every_kind_of_key(key: str, types: list[str], told: Kijkglas) -> None:
    assert [row["type"] for row in history(told, key)] == types


def test_history_has_the_three_times_and_the_file_and_line(told: Kijkglas) -> None:
    first, last = history(told, "12QN/1")
    assert list(first) == [
        "positie",
        "type",
        "bekend_op",
        "geboekt_op",
        "bron",
        "kenmerk",
        "pgn",
        "sleutel",
        "omschrijving",
        "bestand",
        "regel",
    ]
    booked = datetime.fromisoformat(first.pop("geboekt_op"))
    assert now() - booked < timedelta(minutes=10)
    assert first == {
        "positie": 6,
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "2024-08-05T00:00:00+02:00",
        "bron": "feed",
        "kenmerk": "LAS-1",
        "pgn": PUPIL,
        "sleutel": "12QN/1",
        "omschrijving": (
            f"begindatum=2024-08-01, vestigingscode=12QN00, schoolsoort=SO, tlv=[{TLV}]"
        ),
        "bestand": "feed.jsonl",
        "regel": 6,
    }
    assert (last["bestand"], last["regel"], last["positie"]) == ("later.jsonl", 1, 8)
    assert last["omschrijving"] == "einddatum=2025-01-20"


def test_history_knows_the_pupil_by_its_id(told: Kijkglas) -> None:
    with open_ledger(told.ledger) as ledger:
        pupil = ledger.vault.find([PUPIL])[PUPIL].stream
    assert history(told, str(pupil)) == history(told, PUPIL)
    assert history(told, pupil.hex) == history(told, PUPIL)


def test_history_is_bounded_by_what_was_known_and_by_the_position(told: Kijkglas) -> None:
    assert len(history(told, PUPIL, "--bekend-op", "2025-01-21")) == 3
    assert len(history(told, PUPIL, "--bekend-op", "2025-01-22")) == 4
    assert [row["positie"] for row in history(told, PUPIL, "--positie", "5")] == [4, 5]


def test_history_of_a_joined_pupil_is_one(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, SAMPLES / "C12-onderwijsnummer-wordt-bsn" / "feed.jsonl")
    rows = history(command, "955544786")
    assert {row["pgn"] for row in rows} == {row["pgn"] for row in history(command, rows[0]["pgn"])}
    assert [row["type"] for row in rows].count("PgnVervangen") == 1
    assert len(rows) == 6
    (joined,) = (row for row in rows if row["type"] == "PgnVervangen")
    assert joined["omschrijving"] == "nieuw_pgn=955544786"


def test_what_was_recorded_by_hand_has_no_file(empty: Kijkglas) -> None:
    empty.fine("record", "SwvGeregistreerd", "swv=PO2304", "naam=Waterrijk")
    (row,) = history(empty, "PO2304")
    assert (row["bestand"], row["regel"], row["bron"]) == ("", None, "hand")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("123456782", "is in het grootboek niets bekend"),
        ("12QN/2", "is in het grootboek niets bekend"),
        ("PO2304-2024-99999", "is in het grootboek niets bekend"),
        ("13AA00", "is in het grootboek niets bekend"),
        ("VO2305", "is in het grootboek niets bekend"),
        ("00000000-0000-4000-8000-000000000000", "is in het grootboek niets bekend"),
        ("iets", "is geen PGN, leerling-id, inschrijving (12QN/2459428), tlv, vestiging"),
        ("123456789", "is geen PGN"),
        ("", "is geen PGN"),
    ],
)
def test_an_unknown_key_ends_with_2(key: str, said: str, told: Kijkglas) -> None:
    done = told("history", key)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err


def test_history_is_shown_in_every_form(told: Kijkglas) -> None:
    assert len(told.fine("history", PUPIL, "--format", "csv").lines) == 5
    shown = told("history", PUPIL, screen=True).out
    assert shown.startswith("\x1b[1mGebeurtenissen in de volgorde waarin zij bekend werden\x1b")
    assert "22-01-2025 10:15" in shown
    assert len(told.fine("history", PUPIL, "--format", "jsonl").data.splitlines()) == 5


# verify, rebuild, export


def test_verify_says_what_it_checked_and_the_head_of_the_chain(told: Kijkglas) -> None:
    *checks, last = told.fine("verify").out.splitlines()
    assert checks == ["keten: goed", "gebeurtenissen: goed", "invarianten: goed", "leesmodel: goed"]
    assert re.fullmatch(r"11 gebeurtenissen, hoofd van de keten [0-9a-f]{64}", last)


def test_verify_holds_for_the_whole_region(region_ledger: Kijkglas) -> None:
    assert "NIET GOED" not in region_ledger.fine("verify").out


def test_verify_of_an_empty_ledger_is_fine(empty: Kijkglas) -> None:
    assert empty.fine("verify").out.splitlines()[-1].startswith("0 gebeurtenissen, ")


def test_rebuild_gives_the_same_answers(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, SAMPLES / "C11-dubbele-inschrijving" / "feed.jsonl")
    before = command.stand(T)
    done = command.fine("rebuild", "--workers", "1")
    assert done.out == "leesmodel opnieuw gemaakt tot en met gebeurtenis 21\n"
    for path in command.ledger.glob("standen*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert command.stand(T) == before
    assert before


def test_export_to_a_file_is_for_the_owner_only(told: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "uit.jsonl"
    done = told.fine("export", "events", "-o", path)
    assert (done.data, done.err) == (b"", f"geschreven: {path}\n")
    assert path.read_bytes() == told.exported()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("where", ["weg/uit.jsonl", "."])
def test_export_to_a_place_that_is_not_there_ends_with_2(
    where: str, told: Kijkglas, tmp_path: Path
) -> None:
    done = told("export", "events", "-o", tmp_path / where)
    assert (done.status, done.data) == (2, b"")
    assert str(tmp_path) in done.err


# demo


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the demo once and give its folder and what it said."""
    folder = tmp_path_factory.mktemp("demo") / "proef"
    done = kijkglas("demo", folder)
    assert (done.status, done.err) == (0, "")
    return folder, done.out


def test_the_demo_shows_two_dashboards_that_differ(shown: tuple[Path, str]) -> None:
    _, said = shown
    assert [line[0] for line in said.splitlines() if re.match(r"\d\. ", line)] == list("123456")
    one, two = re.findall(
        r"^Stand per 01-02-2025.*?(?=^Totaal aantal)", said, re.DOTALL | re.MULTILINE
    )
    assert "zoals bekend op 03-03-2025 23:59" in one
    assert "zoals bekend op 01-09-2025 23:59" in two
    assert one.splitlines()[2:] != two.splitlines()[2:]


def test_the_demo_names_where_to_look_it_up_and_those_commands_work(
    shown: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, said = shown
    monkeypatch.chdir(tmp_path)
    named = re.findall(r"^ +kijkglas (.*)$", said, re.MULTILINE)
    assert len(named) == 9
    for command in named:
        arguments = command.split()
        assert arguments[:2] == ["--ledger", str(folder / "grootboek")]
        done = kijkglas(*arguments)
        assert done.status == int({"diff", "reconcile"} & {*arguments} != set())
        assert done.data or (tmp_path / "waarom.html").exists()


def test_the_demo_explains_the_difference_between_the_two(shown: tuple[Path, str]) -> None:
    _, said = shown
    counts = re.search(r"^Verschil \+(\d+): van (\d+) .* naar (\d+) ", said, re.MULTILINE)
    assert counts is not None
    difference, before, after = map(int, counts.groups())
    assert difference == after - before > 0
    assert "late registratie" in said
    assert "nog 22 leerlingen weggelaten" in said


def test_the_demo_reconciles_the_file_of_vaststelling_without_naming_anyone(
    shown: tuple[Path, str],
) -> None:
    _, said = shown
    part = said[said.index("\n5. ") : said.index("\n6. ")]
    assert "116 sleutels links en 127 rechts" in part
    assert "gewijzigd-sinds-download" in part
    assert not re.search(r"\b\d{9}\b", part)


def test_the_demo_can_be_seen_again_and_leaves_other_folders_alone(
    shown: tuple[Path, str], tmp_path: Path
) -> None:
    folder, said = shown
    again = kijkglas("demo", folder)
    assert again.status == 0
    assert again.out.splitlines()[:6] == said.splitlines()[:6]
    (tmp_path / "foto.jpg").write_bytes(b"x")
    done = kijkglas("demo", tmp_path)
    assert done.status == 2
    assert "is niet leeg" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["foto.jpg"]


# help


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["export", "events"]])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(command: list[str], option: str) -> None:
    done = kijkglas(*command, option)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(" ".join(["Usage: kijkglas", *command]))


def test_help_names_every_command_of_the_table() -> None:
    said = kijkglas("--help").out
    for name, entry in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(entry.text[:20])}", said, re.MULTILINE)


def test_the_version_is_that_of_the_package() -> None:
    assert kijkglas("--version").out == "kijkglas 0.1.0\n"


@pytest.mark.parametrize("arguments", [[], ["bestaatniet"], ["--kleur"], ["export"], ["import"]])
def test_no_command_or_an_unknown_one_ends_with_2(arguments: list[str]) -> None:
    done = kijkglas(*arguments)
    assert (done.status, done.data) == (2, b"")
    assert "Traceback" not in done.err


def test_an_interruption_ends_with_130(empty: Kijkglas, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.finding.find", interrupted)
    done = empty("import", "feed.jsonl")
    assert (done.status, done.data) == (130, b"")
    assert done.err.strip() == "Onderbroken."


def test_a_defect_is_shown_and_not_hidden(empty: Kijkglas, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ledger.finding.find", defect)
    with pytest.raises(ZeroDivisionError):
        empty("import", "feed.jsonl")


HEAVY = ("eventsourcing", "msgspec", "sqlite_utils", "cryptography", "tabulate", "stdnum")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_click_alone(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from cli.main import main\n"
        f"sys.argv = ['kijkglas', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"loaded = {{name.split('.')[0] for name in sys.modules}} & {{*{HEAVY!r}, 'ledger',"
        " 'projections'}\n"
        "print(sorted(loaded), file=sys.stderr)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    assert run.stderr.decode().splitlines()[-1] == "[]"


def test_the_command_runs_as_a_program(tmp_path: Path) -> None:
    made = process("--ledger", address_of(tmp_path / "grootboek"), "init")
    assert made.returncode == 0
    place = str(address_of(tmp_path / "grootboek"))
    asked = process("stand", "--format", "json", KIJKGLAS_LEDGER=place)
    assert json.loads(asked.stdout)["rows"] == []
    assert process("--ledger", tmp_path / "weg", "stand").returncode == 4
    assert process("stand", "--teldatum", "x").returncode == 2
