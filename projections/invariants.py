"""What always holds between the products (rules.md 7, Invariants): asked of a user's ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

from ledger.application import Ledger
from ledger.teldata import latest_teldatum
from projections.dashboard_1a import CELLS, dashboard_1a
from projections.dashboard_1b import dashboard_1b
from projections.kijkglas_2 import listed
from projections.kijkglas_3 import kijkglas_3
from projections.moments import vaststelling_of
from projections.movement import BEWEGINGEN
from projections.report import Fields
from projections.store import ask
from projections.store.ask_numbers import numbers
from projections.store.encoding import EVERYTHING, OPEN_DAY_NUMBER, day_of
from projections.store.read_model import ReadModel
from projections.store.schema import CELL
from projections.windows import Window, growth_window

_OVERLAPPING: Final = """
    SELECT leerling, instellingscode, volgnummer FROM standen
    GROUP BY leerling, instellingscode, volgnummer, geldig_van, bekend_van HAVING count(*) > 1
    UNION ALL
    SELECT one.leerling, one.instellingscode, one.volgnummer
    FROM standen AS one JOIN standen AS two
      ON one.leerling = two.leerling AND one.instellingscode = two.instellingscode
     AND one.volgnummer = two.volgnummer
     AND (one.geldig_van < two.geldig_van
          OR (one.geldig_van = two.geldig_van AND one.bekend_van < two.bekend_van))
     AND one.geldig_van < two.geldig_tot AND two.geldig_van < one.geldig_tot
     AND one.bekend_van < two.bekend_tot AND two.bekend_van < one.bekend_tot
    LIMIT 1"""
"""Two that begin in the same corner overlap; of others, one begins before the other."""

_CELL: Final = ", ".join(CELL)

_MEMBER: Final = "basis = 'TLV' AND schoolsoort IN ('SO', 'VSO') AND swv IS NOT NULL"

_SCHOOL_YEARS: Final = f"""
    SELECT swv, geldig_van / 10000 - CASE WHEN geldig_van % 10000 < 801 THEN 1 ELSE 0 END
    FROM standen
    WHERE {_MEMBER} AND {ask.KNOWN}
    UNION
    SELECT swv, geldig_tot / 10000 - CASE WHEN geldig_tot % 10000 < 801 THEN 1 ELSE 0 END
    FROM standen
    WHERE {_MEMBER} AND {ask.KNOWN} AND geldig_tot < {OPEN_DAY_NUMBER}"""  # noqa: S608 - our columns
"""Per samenwerkingsverband the years that a school year began in which a member came or left."""


def violations(ledger: Ledger, model: ReadModel) -> Iterator[str]:
    """Yield every invariant that does not hold, at every teldatum, now and at its vaststelling."""
    for leerling, code, volgnummer in model.execute(_OVERLAPPING):
        yield f"overlappende rechthoeken: leerling {leerling}, inschrijving {code}/{volgnummer}"
    for teldatum in teldata(model):
        fixed = vaststelling_of(teldatum, ("SBO", "SO", "VSO"), model)
        for as_of in (ask.AsOf(teldatum, fixed), ask.AsOf(teldatum)):
            for violation in violations_at(ledger, model, as_of):
                yield f"teldatum {teldatum}, bekend op {as_of.bekend_op or 'nu'}: {violation}"
    for swv, window in growth_windows(model):
        for violation in violations_over(model, swv, window):
            yield f"schooljaar {window.schooljaar}, bekend op nu: {violation}"


def violations_at(ledger: Ledger, model: ReadModel, as_of: ask.AsOf) -> Iterator[str]:
    """Yield the invariants between 1A and 1B that do not hold at one moment."""
    if _numbers_of(model, as_of) != _rows_of(model, as_of):
        yield "de aantallen (verloop) zijn niet die van de rechthoeken"
    seen: dict[str, str] = {}
    for swv in counting_swvs(model, as_of):
        rows = dashboard_1b(ledger, model, as_of, swv)
        yield from _between(model, as_of, swv, Counter(str(row["vestigingscode"]) for row in rows))
        for pgn in (str(row["pgn"]) for row in rows):
            if pgn and seen.setdefault(pgn, swv) != swv:
                yield f"een leerling staat in 1B van {seen[pgn]} en van {swv}"
        for pgn, times in Counter(str(row["pgn"]) for row in rows).items():
            if pgn and times > 1:
                yield f"een leerling staat {times} keer in 1B van {swv}"


def _numbers_of(model: ReadModel, as_of: ask.AsOf) -> dict[tuple[object, ...], int]:
    """Return how many enrolments are active per cell, as a sum of differences."""
    rows = model.execute(numbers(model, CELL), as_of.so_far)
    return {row[:-1]: row[-1] for row in rows}


def _rows_of(model: ReadModel, as_of: ask.AsOf) -> dict[tuple[object, ...], int]:
    """Return how many enrolments are active per cell, counted one by one."""
    query = f"SELECT {_CELL}, count(*) FROM standen WHERE {ask.AS_OF} GROUP BY {_CELL}"  # noqa: S608 - idem
    return {row[:-1]: row[-1] for row in model.execute(query, as_of.bounds)}


def teldata(model: ReadModel) -> list[date]:
    """Return every teldatum on which the ledger can know an enrolment (rules.md 6)."""
    query = "SELECT min(geldig_van), max(geldig_van) FROM standen"
    first, last = next(iter(model.execute(query)))
    if first is None:
        return []
    days = {
        latest_teldatum(date(year, 12, 31)) for year in range(first // 10000, last // 10000 + 2)
    }
    return sorted(day for day in days if day >= day_of(first))


def counting_swvs(model: ReadModel, as_of: ask.AsOf) -> list[str]:
    """Return the samenwerkingsverbanden that answer for anybody who counts."""
    query = f"SELECT DISTINCT swv FROM standen WHERE swv IS NOT NULL AND telt = 1 AND {ask.AS_OF}"  # noqa: S608 - our columns
    return sorted(row[0] for row in model.execute(query, as_of.bounds))


def _between(model: ReadModel, as_of: ask.AsOf, swv: str, rows_1b: Counter[str]) -> Iterator[str]:
    """Yield what does not add up between the files of 1A, and between 1A and 1B."""
    files = dashboard_1a(model, as_of, swv)
    totals_1a: Counter[str] = Counter()
    taking_part: Counter[str] = Counter()
    for row in files["met_tlv"]:
        total = int(str(row["totaal"]))
        if total != sum(int(str(row[cell])) for cell in CELLS):
            yield f"{swv} {row['vestigingscode']}: TOTAAL is niet de som van de aantallen"
        totals_1a[str(row["vestigingscode"])] += total
        if row["deelnemende_vestiging"]:
            taking_part[str(row["schoolsoort"])] += total
    if totals_1a != rows_1b:
        yield f"{swv}: 1A telt {totals_1a.total()} leerlingen, 1B heeft {rows_1b.total()} rijen"
    for row in files["totaal"]:
        mine, others, total = (
            int(str(row[name])) for name in ("met_tlv_dit_swv", "met_tlv_ander_swv", "totaal")
        )
        if mine + others != total:
            yield f"{swv} {row['schoolsoort']}: bestand 2 telt niet op"
        if mine != taking_part[str(row["schoolsoort"])]:
            yield f"{swv} {row['schoolsoort']}: bestand 1 en 2 van 1A verschillen"


def growth_windows(model: ReadModel) -> list[tuple[str, Window]]:
    """Return the windows (1 October, 1 February] to check, as known now.

    Of every school year in which the members of a samenwerkingsverband change: between two
    days without a change there is no movement.
    """
    rows = model.execute(_SCHOOL_YEARS, {"k": EVERYTHING})
    return sorted((swv, growth_window(date(year, 10, 1))) for swv, year in rows)


def violations_over(model: ReadModel, swv: str, window: Window) -> Iterator[str]:
    """Yield what does not add up between kijkglas 2 and 3 over one window, as known now."""
    as_of = ask.AsOf(window.eind)
    tables = kijkglas_3(model, as_of, swv)
    (totaal,) = tables["totaal"]
    flags = Counter(one.beweging for one in listed(model, as_of, swv, window).listed)
    if any(flags[beweging] != totaal[beweging] for beweging in BEWEGINGEN):
        yield f"{swv}: kijkglas 3 is niet de som van kijkglas 2"
    counts = "aantal_1_okt", "aantal_1_feb", "instroom", "uitstroom", "groei"
    if any(_sum(tables["groei"], name) != totaal[name] for name in counts):
        yield f"{swv}: het totaal van kijkglas 3 is niet de som van de rijen"
    before, after = (_members(model, swv, day) for day in (window.begin, window.eind))
    if after != before + flags["instroom"] - flags["uitstroom"]:
        yield f"{swv}: {before} leerlingen plus instroom min uitstroom is niet {after}"


def _sum(rows: list[Fields], name: str) -> int:
    return sum(int(str(row[name])) for row in rows)


def _members(model: ReadModel, swv: str, day: date) -> int:
    """Return how many pupils are a member on a day, as known now (rules.md 7, Movement)."""
    query = f"""
        SELECT count(DISTINCT leerling) FROM standen
        WHERE swv = :swv AND {_MEMBER} AND {ask.AS_OF}"""  # noqa: S608 - our columns
    row = next(iter(model.execute(query, {**ask.AsOf(day).bounds, "swv": swv})))
    return int(row[0])
