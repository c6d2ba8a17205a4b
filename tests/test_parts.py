"""Lines of one pupil fall in one part of a feed, however they are written, whoever joined them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest

from ledger import feed_import
from ledger.importing import Wishes, import_file
from ledger.intake.parts import Parts, nobody_joined, parts
from synthetic.region import region
from tests.ledgers import NOW, write_feed
from tests.places import create

Line = dict[str, Any]
Written = Callable[[bytes], bytes]

SOURCE: Final = "gebeurtenissen"
ONE, TWO, THREE = "100000004", "111222333", "123456782"
OTHERS: Final = [line for line in region(2025, 10, ordered=False) if "pgn" in line][:100]
SLEUTEL: Final = {"instellingscode": "99AA", "volgnummer": "1"}
PART_BYTES: Final = [150, 600, 2_500]
"""From parts of a line to parts that follow one another in the file."""


def _usual(line: bytes) -> bytes:
    return line


def _digits_escaped(line: bytes) -> bytes:
    return line.replace(b'"1', b'"\\u0031')


def _names_escaped(line: bytes) -> bytes:
    return line.replace(b'pgn":', b'p\\u0067n":')


def _named_twice(line: bytes) -> bytes:
    """In JSON the last one counts."""
    before = b'"pgn":"%s",' % THREE.encode()
    if b"nieuw_pgn" in line:
        before += b'"nieuw_pgn":"%s",' % THREE.encode()
    return line.replace(b"{", b"{" + before, 1)


def _words_escaped(line: bytes) -> bytes:
    return line.replace(b'"begin', b'"\\u0062egin').replace(b'"eind', b'"\\u0065ind')


def _dumped(line: Line, written: Written) -> bytes:
    return written(json.dumps(line, separators=(",", ":")).encode()) + b"\n"


def _begun(pgn: str) -> Line:
    enrolled = {"type": "InschrijvingGeregistreerd", "bekend_op": "2024-08-15", "pgn": pgn}
    first = {"begindatum": "2024-08-01", "vestigingscode": "99AA00", "schoolsoort": "SO"}
    return enrolled | SLEUTEL | first


def _ended(pgn: str) -> Line:
    ended = {"type": "UitschrijvingGeregistreerd", "bekend_op": "2025-01-22", "pgn": pgn}
    return ended | SLEUTEL | {"einddatum": "2025-01-20"}


def _joins(one: str, two: str) -> Line:
    return {"type": "PgnVervangen", "bekend_op": "2024-07-01", "pgn": one, "nieuw_pgn": two}


def _born(pgn: str) -> Line:
    birth = {"type": "LeerlingGeregistreerd", "bekend_op": "2024-06-01", "pgn": pgn}
    return birth | {"geboortedatum": "2013-03-29"}


FORMS: Final = [_usual, _digits_escaped, _names_escaped, _named_twice, _words_escaped]


@pytest.mark.parametrize("part_bytes", PART_BYTES)
@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize("turned", [False, True])
def test_a_line_is_of_its_pupil_in_any_form_of_json(
    *,
    turned: bool,
    written: Written,
    part_bytes: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What ends an enrolment may stand long before or after what began it."""
    first, last = _dumped(_begun(ONE), _usual), _dumped(_ended(ONE), written)
    if turned:
        first, last = last, first
    others = b"".join(_dumped(line, _usual) for line in OTHERS)
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(first + others + last)
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=part_bytes))
    with create(tmp_path / "grootboek") as ledger:
        booked = import_file(ledger, feed, SOURCE, NOW, Wishes(workers=0)).booked
    assert (booked.geboekt, booked.refused) == (len(OTHERS) + 2, ())


@pytest.mark.parametrize("part_bytes", PART_BYTES)
@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize(("one", "other"), [(ONE, TWO), (TWO, ONE)])
def test_pgns_are_joined_in_any_form_of_json(
    one: str,
    other: str,
    written: Written,
    part_bytes: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [_dumped(line, _usual) for line in (_ended(other), _born(ONE), _born(TWO), *OTHERS)]
    lines += [_dumped(_joins(one, other), written), _dumped(_begun(one), _usual)]
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"".join(lines))
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=part_bytes))
    with create(tmp_path / "grootboek") as ledger:
        booked = import_file(ledger, feed, SOURCE, NOW, Wishes(workers=0)).booked
    assert (booked.geboekt, booked.refused) == (len(lines), ())


@pytest.mark.beide
@pytest.mark.parametrize("part_bytes", PART_BYTES)
def test_pgns_that_an_earlier_import_joined_fall_in_one_part(
    part_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when they were joined by way of a third one."""
    known = [*map(_born, (ONE, TWO, THREE)), _joins(ONE, TWO), _joins(TWO, THREE)]
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=part_bytes))
    for number, (one, other) in enumerate(permutations((ONE, TWO, THREE), 2)):
        feed = write_feed(tmp_path / "feed.jsonl", [_ended(one), *OTHERS, _begun(other)])
        with create(tmp_path / str(number)) as ledger:
            before = write_feed(tmp_path / "bekend.jsonl", known)
            assert not import_file(ledger, before, SOURCE, NOW, Wishes()).booked.refused
            booked = import_file(ledger, feed, SOURCE, NOW, Wishes(workers=0)).booked
        assert (booked.geboekt, booked.refused) == (len(OTHERS) + 2, ())


def test_without_what_the_ledger_knows_they_would_not(tmp_path: Path) -> None:
    """These lines do fall apart by themselves: what the tests above show is no accident."""
    feed = write_feed(tmp_path / "feed.jsonl", [_ended(ONE), *OTHERS, _begun(TWO)])
    apart = parts(feed, 150, nobody_joined)
    joined = parts(feed, 150, lambda: [(ONE, TWO)])
    assert _part_of(ONE, apart) != _part_of(TWO, apart)
    assert _part_of(ONE, joined) == _part_of(TWO, joined)


def _part_of(pgn: str, found: Parts) -> int:
    (number,) = {
        number
        for number, part in enumerate(found)
        for line in part.lines
        if json.loads(line)["pgn"] == pgn
    }
    return number
