"""The vault: the one place that knows which PGN a stream belongs to (architecture.md)."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from ledger import events as ev
from ledger.events import Beschermd, Event, LeerlingGeregistreerd, WoonplaatsVastgelegd
from ledger.folder_place import KEY_FILE, VAULT_FILE
from ledger.groups import Join
from ledger.keys import VaultError, new_key_file, read_key
from ledger.mapper import encode_fact
from ledger.vault import Identity, Vault
from synthetic.numbers import bsn_numbers
from tests.ledgers import NOW, import_events
from tests.places import create, database_at, key_of, open_ledger, tamper, vault_at, vault_of
from tests.processes import run

pytestmark = pytest.mark.beide

ONE, TWO, THREE = "111222333", "123456782", "210000004"
BIRTH = LeerlingGeregistreerd(geboortedatum=date(2013, 3, 29))
FEED = [
    {
        "type": "LeerlingGeregistreerd",
        "bekend_op": "2024-08-15",
        "pgn": ONE,
        "geboortedatum": "2013-03-29",
    }
]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = vault_at(tmp_path / VAULT_FILE, os.urandom(32))
    yield made
    made.close()


def test_a_pgn_keeps_the_random_stream_it_got(vault: Vault) -> None:
    first = vault.register([ONE, TWO])
    again = vault.register([TWO, ONE, ONE])
    assert first == again
    assert first[ONE].stream != first[TWO].stream
    assert {identity.stream.version for identity in first.values()} == {4}
    assert all(identity.stream == identity.groep for identity in first.values())


def test_streams_tell_nothing_of_the_pgn(tmp_path: Path) -> None:
    key = os.urandom(32)
    streams = set()
    for name in ("een", "twee"):
        made = vault_at(tmp_path / name, key)
        streams.add(made.register([ONE])[ONE].stream)
        made.close()
    assert len(streams) == 2


def test_no_pupil_stream_falls_in_the_range_of_reference_objects(vault: Vault) -> None:
    found = vault.register(islice(bsn_numbers(1), 500))
    assert all(identity.stream.hex >= "00000001" for identity in found.values())


def test_thousands_are_found_and_registered_at_once(vault: Vault) -> None:
    pgns = list(islice(bsn_numbers(7), 3000))
    known = vault.register(pgns[:1200])
    found = vault.find(pgns)
    assert found == known
    everyone = vault.register(pgns)
    assert list(everyone.keys() - known.keys())
    assert {pgn: everyone[pgn] for pgn in known} == known
    assert len({identity.stream for identity in everyone.values()}) == 3000
    assert vault.find(pgns) == everyone
    by_stream = vault.pgns(identity.stream for identity in everyone.values())
    assert by_stream == {identity.stream: pgn for pgn, identity in everyone.items()}


def test_nobody_is_asked_and_nobody_found(vault: Vault) -> None:
    assert vault.find([]) == {}
    assert vault.find([ONE]) == {}
    assert vault.register([]) == {}
    assert vault.pgns([uuid4()]) == {}
    assert vault.groups([uuid4()]) == {}
    assert vault.members([uuid4()]) == {}


def test_what_is_registered_is_there_when_opened_again(tmp_path: Path) -> None:
    key = os.urandom(32)
    first = vault_at(tmp_path / VAULT_FILE, key)
    known = first.register([ONE])
    first.close()
    again = vault_at(tmp_path / VAULT_FILE, key)
    assert again.find([ONE]) == known
    again.close()


def test_the_file_holds_neither_pgn_nor_pupil_key(tmp_path: Path) -> None:
    made = vault_at(tmp_path / VAULT_FILE, os.urandom(32))
    stream = made.register([ONE])[ONE].stream
    made.close()
    with closing(database_at(tmp_path / VAULT_FILE)) as db:
        ((pgn, sleutel),) = db.execute("SELECT pgn, sleutel FROM leerlingen")
        rows = [b"".join(row) for row in db.execute("SELECT * FROM leerlingen")]
    assert all(ONE.encode() not in row for row in rows)
    # A nonce, the text, and a tag that shows a change.
    assert (len(pgn), len(sleutel)) == (12 + 9 + 16, 12 + 32 + 16)
    assert stream.bytes not in pgn + sleutel


def test_the_same_pgn_is_encrypted_another_way_each_time(tmp_path: Path) -> None:
    key, seen = os.urandom(32), set()
    for name in ("een", "twee"):
        made = vault_at(tmp_path / name, key)
        made.register([ONE])
        made.close()
        with closing(database_at(tmp_path / name)) as db:
            seen.add(db.execute("SELECT pgn FROM leerlingen")[0][0])
    assert len(seen) == 2


def test_a_wrong_key_opens_nothing(tmp_path: Path) -> None:
    made = vault_at(tmp_path / VAULT_FILE, os.urandom(32))
    made.register([ONE])
    made.close()
    with pytest.raises(VaultError, match="geen kluis bij deze sleutel"):
        vault_at(tmp_path / VAULT_FILE, os.urandom(32))


def test_a_key_is_named_by_where_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIJKGLAS_KEY", raising=False)
    path = tmp_path / KEY_FILE
    path.write_text("kort", encoding="ascii")
    with pytest.raises(VaultError, match=f"de sleutel in {path} is geen base64 van 32 bytes; geef"):
        read_key(path)
    monkeypatch.setenv("KIJKGLAS_KEY_FILE", str(path))
    with pytest.raises(VaultError, match=r"kluis.sleutel \(van KIJKGLAS_KEY_FILE\) is geen"):
        read_key(path)
    monkeypatch.setenv("KIJKGLAS_KEY", "abc")
    with pytest.raises(VaultError, match="de sleutel in KIJKGLAS_KEY is geen base64"):
        read_key(path)


@pytest.mark.map("over een bestand dat geen database is")
def test_a_file_that_is_no_vault_is_told_so(tmp_path: Path) -> None:
    (tmp_path / VAULT_FILE).write_bytes(b"geen databestand" * 100)
    with pytest.raises(VaultError, match="geen kluis"):
        vault_at(tmp_path / VAULT_FILE, os.urandom(32))


def test_the_key_comes_from_its_file_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIJKGLAS_KEY", raising=False)
    path = tmp_path / KEY_FILE
    new_key_file(path)
    of_file = read_key(path)
    assert len(of_file) == 32
    new_key_file(path)
    assert read_key(path) == of_file
    other = os.urandom(32)
    monkeypatch.setenv("KIJKGLAS_KEY", base64.b64encode(other).decode())
    assert read_key(path) == other
    path.unlink()
    assert read_key(path) == other


@pytest.mark.parametrize("text", ["", "kort", base64.b64encode(b"te kort").decode(), "é" * 44])
def test_a_key_that_is_none_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIJKGLAS_KEY", raising=False)
    (tmp_path / KEY_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(VaultError, match="sleutel"):
        read_key(tmp_path / KEY_FILE)
    monkeypatch.setenv("KIJKGLAS_KEY", text)
    with pytest.raises(VaultError, match="sleutel"):
        read_key(tmp_path / KEY_FILE)


def test_a_ledger_opens_with_its_own_key_alone(tmp_path: Path) -> None:
    folder = tmp_path / "grootboek"
    with create(folder) as ledger:
        import_events(ledger, FEED)
    text = key_of(folder).read_text(encoding="ascii").strip()
    wrong = base64.b64encode(os.urandom(32)).decode()
    asked = ("export", "events")
    assert run(folder, *asked, KIJKGLAS_KEY=wrong).returncode == 4
    key_of(folder).unlink()
    missing = run(folder, *asked)
    assert missing.returncode == 4
    assert "zet de bewaarde sleutel terug" in missing.stderr
    assert "Traceback" not in missing.stderr
    assert run(folder, *asked, KIJKGLAS_KEY=text).returncode == 0
    key_of(folder).write_text(wrong + "\n", encoding="ascii")
    assert run(folder, *asked).returncode == 4


def test_init_with_a_key_of_the_environment_leaves_no_other_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger made under KIJKGLAS_KEY must not carry a key file that does not fit it."""
    folder = tmp_path / "grootboek"
    monkeypatch.setenv("KIJKGLAS_KEY", base64.b64encode(os.urandom(32)).decode())
    with create(folder) as ledger:
        import_events(ledger, FEED)
    monkeypatch.delenv("KIJKGLAS_KEY")
    if key_of(folder).exists():
        with open_ledger(folder) as ledger:
            assert ledger.vault.find([ONE])


def test_a_secret_fact_opens_for_its_own_pupil(vault: Vault) -> None:
    stream = vault.register([ONE])[ONE].stream
    (event,) = vault.reveal([_sealed(vault, stream, BIRTH)])
    assert event.fact == BIRTH


def test_facts_in_clear_and_of_nobody_stay_as_they_are(vault: Vault) -> None:
    clear = Event(originator_id=uuid4(), originator_version=1, fact=BIRTH, bekend_op=NOW)
    stream = vault.register([ONE])[ONE].stream
    sealed = replace(_sealed(vault, stream, BIRTH), originator_id=uuid4())
    assert vault.reveal([clear, sealed]) == [clear, sealed]


def test_only_the_kinds_that_are_asked_for_are_opened(vault: Vault) -> None:
    stream = vault.register([ONE])[ONE].stream
    home = WoonplaatsVastgelegd(vanaf=date(2020, 1, 1), pc4="7511")
    both = [_sealed(vault, stream, BIRTH), _sealed(vault, stream, home)]
    opened = vault.reveal(both, frozenset({"WoonplaatsVastgelegd"}))
    assert isinstance(opened[0].fact, Beschermd)
    assert opened[1].fact == home


def test_a_secret_moved_to_another_pupil_does_not_open(vault: Vault) -> None:
    known = vault.register([ONE, TWO])
    moved = replace(_sealed(vault, known[ONE].stream, BIRTH), originator_id=known[TWO].stream)
    with pytest.raises(VaultError, match="beschadigd"):
        vault.reveal([moved])


def test_a_secret_under_the_name_of_another_fact_does_not_open(vault: Vault) -> None:
    event = _sealed(vault, vault.register([ONE])[ONE].stream, BIRTH)
    assert isinstance(event.fact, Beschermd)
    renamed = replace(event, fact=replace(event.fact, van="WoonplaatsVastgelegd"))
    with pytest.raises(VaultError, match="beschadigd"):
        vault.reveal([renamed])


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_changed_byte_of_a_secret_shows(place: int, vault: Vault) -> None:
    event = _sealed(vault, vault.register([ONE])[ONE].stream, BIRTH)
    assert isinstance(event.fact, Beschermd)
    secret = bytearray(event.fact.geheim)
    secret[place] ^= 1
    damaged = replace(event, fact=replace(event.fact, geheim=bytes(secret)))
    with pytest.raises(VaultError, match="beschadigd"):
        vault.reveal([damaged])


@pytest.mark.parametrize("column", ["pgn", "sleutel"])
def test_what_the_vault_holds_of_one_pupil_does_not_open_for_another(
    column: str, tmp_path: Path
) -> None:
    key = os.urandom(32)
    made = vault_at(tmp_path / VAULT_FILE, key)
    known = made.register([ONE, TWO])
    made.close()
    query = f"UPDATE leerlingen SET {column} = (SELECT {column} FROM leerlingen WHERE stroom = ?)"
    with closing(database_at(tmp_path / VAULT_FILE)) as db:
        db.execute(query, (known[ONE].stream.bytes,))
    again = vault_at(tmp_path / VAULT_FILE, key)
    ask = again.pgns if column == "pgn" else again.load_keys
    ask([known[ONE].stream])
    with pytest.raises(VaultError, match="beschadigd"):
        ask([known[TWO].stream])
    again.close()


def test_an_event_cannot_be_written_before_its_pupil_has_a_key(vault: Vault) -> None:
    stream = vault.register([ONE])[ONE].stream
    vault.drop_keys()
    with pytest.raises(KeyError):
        _secret(vault, stream, BIRTH)
    vault.load_keys([stream])
    assert _secret(vault, stream, BIRTH)
    vault.drop_keys()
    with pytest.raises(KeyError):
        _secret(vault, stream, BIRTH)


Log = dict[tuple[UUID, int], UUID | None]


@pytest.fixture
def log() -> Log:
    """Return a log that tells of joins: a test writes in it what was booked."""
    return {}


@pytest.fixture
def joining(tmp_path: Path, log: Log) -> Iterator[Vault]:
    made = vault_at(tmp_path / VAULT_FILE, os.urandom(32), log)
    yield made
    made.close()


def _join(vault: Vault, log: Log, one: UUID, two: UUID) -> None:
    """Let a join be expected, booked, and in force."""
    versie = 1 + len(log)
    vault.expect([Join(one, versie, two)])
    log[one, versie] = two
    vault.settle()


def test_joined_streams_are_one_group(joining: Vault, log: Log) -> None:
    known = joining.register([ONE, TWO, THREE])
    one, two, three = (known[pgn].stream for pgn in (ONE, TWO, THREE))
    assert joining.joined() == {}
    _join(joining, log, one, two)
    groep = joining.groups([one])[one]
    assert joining.groups([one, two, three]) == {one: groep, two: groep, three: three}
    assert set(joining.members([groep])[groep]) == {one, two}
    _join(joining, log, two, three)
    assert len({*joining.groups([one, two, three]).values()}) == 1
    assert len(joining.joined()) == 2
    _join(joining, log, one, three)
    assert len({*joining.groups([one, two, three]).values()}) == 1
    assert {joining.find([pgn])[pgn].stream for pgn in (ONE, TWO, THREE)} == {one, two, three}


def test_two_joined_pairs_become_one_group(joining: Vault, log: Log) -> None:
    pgns = list(islice(bsn_numbers(3), 4))
    one, two, three, four = (joining.register(pgns)[pgn].stream for pgn in pgns)
    _join(joining, log, one, two)
    _join(joining, log, three, four)
    _join(joining, log, four, one)
    assert len({*joining.groups([one, two, three, four]).values()}) == 1


ASKED: list[Callable[[Vault, UUID, UUID], bool]] = [
    lambda vault, one, two: len({*vault.groups([one, two]).values()}) == 1,
    lambda vault, one, two: any(
        len(streams) == 2 for streams in vault.members([one, two]).values()
    ),
    lambda vault, *_: len(vault.joined()) == 1,
    lambda vault, *_: len({found.groep for found in vault.find([ONE, TWO]).values()}) == 1,
    lambda vault, *_: len(vault.families([ONE, TWO])[1]) == 1,
]
"""Every question by which two streams can be seen to be one group."""


@pytest.mark.parametrize("is_one", ASKED)
def test_a_join_is_seen_once_it_is_booked_and_never_before(
    is_one: Callable[[Vault, UUID, UUID], bool], joining: Vault, log: Log
) -> None:
    """Nobody need settle: who booked it may have died."""
    known = joining.register([ONE, TWO])
    one, two = known[ONE].stream, known[TWO].stream
    joining.expect([Join(one, 2, two)])
    assert not is_one(joining, one, two)
    log[one, 1] = None  # another event of the stream
    assert not is_one(joining, one, two)
    log[one, 2] = two
    assert is_one(joining, one, two)


def test_a_join_whose_version_another_event_took_never_comes(joining: Vault, log: Log) -> None:
    """The line was refused when it was checked anew, or another join was booked there."""
    known = joining.register([ONE, TWO, THREE])
    one, two, three = (known[pgn].stream for pgn in (ONE, TWO, THREE))
    joining.expect([Join(one, 1, two), Join(two, 1, three), Join(two, 1, one)])
    log[one, 1] = None
    log[two, 1] = three
    assert joining.joined() == {three: two}
    log[one, 1] = two
    assert joining.joined() == {three: two}


def test_joins_come_in_force_in_the_order_of_the_log(joining: Vault, log: Log) -> None:
    """Whichever was expected first: the group has the name that a join at a time gives it."""
    known = joining.register([ONE, TWO, THREE])
    one, two, three = (known[pgn].stream for pgn in (ONE, TWO, THREE))
    joining.expect([Join(three, 1, one), Join(one, 1, two)])
    log[one, 1] = two
    log[three, 1] = one
    assert joining.joined() == {one: three, two: three}


def test_a_join_of_a_pupil_who_was_forgotten_is_none(tmp_path: Path) -> None:
    log: Log = {}
    key = os.urandom(32)
    made = vault_at(tmp_path / VAULT_FILE, key, log)
    one, two = (made.register([pgn])[pgn].stream for pgn in (ONE, TWO))
    made.expect([Join(one, 1, two)])
    tamper(
        database_at(tmp_path / VAULT_FILE), f"DELETE FROM leerlingen WHERE stroom = x'{two.hex}'"
    )
    log[one, 1] = two
    assert made.groups([one, two]) == {one: one}
    made.close()


def test_joins_of_two_processes_at_once_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process joins B and C, another A and B, between its look and its writing."""
    key, log = os.urandom(32), Log()
    mine, theirs = (vault_at(tmp_path / VAULT_FILE, key, log) for _ in range(2))
    known = mine.register([ONE, TWO, THREE])
    one, two, three = (known[pgn].stream for pgn in (ONE, TWO, THREE))
    mine.expect([Join(two, 9, three)])
    log[two, 9] = three
    _before_writing(monkeypatch, mine, lambda: _join(theirs, log, one, two))
    mine.settle()
    assert len({*theirs.groups([one, two, three]).values()}) == 1
    mine.close()
    theirs.close()


def test_one_pgn_registered_at_once_gets_one_stream(tmp_path: Path) -> None:
    key = os.urandom(32)
    vault_at(tmp_path / VAULT_FILE, key).close()
    pgns = list(islice(bsn_numbers(5), 300))
    barrier, found = Barrier(4), list[dict[str, Identity]]()

    def register() -> None:
        mine = vault_at(tmp_path / VAULT_FILE, key)
        barrier.wait()
        answers: dict[str, Identity] = {}
        for start in range(0, len(pgns), 20):
            answers |= mine.register(pgns[start : start + 20])
        found.append(answers)
        mine.close()

    threads = [Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(answers == found[0] for answers in found)
    assert len(found[0]) == len(pgns)


def test_a_registration_between_the_look_and_the_writing_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = os.urandom(32)
    mine, theirs = vault_at(tmp_path / VAULT_FILE, key), vault_at(tmp_path / VAULT_FILE, key)
    _before_writing(monkeypatch, mine, lambda: theirs.register([ONE]))
    assert mine.register([ONE, TWO])[ONE] == theirs.find([ONE])[ONE]
    mine.close()
    theirs.close()


def test_who_is_removed_from_the_vault_is_nobody(tmp_path: Path) -> None:
    """The events stay; without the row nobody can tell whose they are."""
    folder = tmp_path / "grootboek"
    with create(folder) as ledger:
        import_events(ledger, FEED)
        stream = ledger.vault.find([ONE])[ONE].stream
    tamper(vault_of(folder), "DELETE FROM leerlingen")
    with open_ledger(folder) as ledger:
        (event,) = ledger.vault.reveal(ledger.events_of([stream]))
        assert isinstance(event.fact, Beschermd)
        assert ledger.vault.pgns([stream]) == {}
        assert ledger.first_break() is None


def test_pseudonyms_and_identities_hang_on_the_key(tmp_path: Path) -> None:
    one, two = (
        vault_at(tmp_path / "een", os.urandom(32)),
        vault_at(tmp_path / "twee", os.urandom(32)),
    )
    codes = [str(number) for number in range(1000, 10_000)]
    shuffled = [one.pseudonym(code) for code in codes]
    assert sorted(shuffled) == codes != shuffled
    assert shuffled != [two.pseudonym(code) for code in codes]
    assert one.identity(b"inhoud") == one.identity(b"inhoud") != two.identity(b"inhoud")
    one.close()
    two.close()


def _sealed(vault: Vault, stream: UUID, fact: ev.Fact) -> Event:
    vault.load_keys([stream])
    secret = _secret(vault, stream, fact)
    vault.drop_keys()
    return Event(
        originator_id=stream,
        originator_version=1,
        fact=Beschermd(van=type(fact).__name__, geheim=secret),
        bekend_op=NOW,
    )


def _secret(vault: Vault, stream: UUID, fact: ev.Fact) -> bytes:
    return vault.seal(stream, type(fact).__name__, encode_fact(fact))


def _before_writing(
    monkeypatch: pytest.MonkeyPatch, vault: Vault, act: Callable[[], object]
) -> None:
    """Let something happen after the vault has looked and before it writes."""
    database = vault._db  # noqa: SLF001 - the place between the two
    real: Callable[[], object] = database.writing
    done: list[object] = []

    def writing() -> object:
        if not done:
            done.append(act())
        return real()

    monkeypatch.setattr(database, "writing", writing)
