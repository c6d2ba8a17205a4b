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
from projections.moments import vaststelling_of
from projections.store import ask
from projections.store.encoding import day_of
from projections.store.read_model import ReadModel

_OVERLAPPING: Final = """
    SELECT one.leerling, one.instellingscode, one.volgnummer
    FROM standen AS one JOIN standen AS two
      ON one.leerling = two.leerling AND one.instellingscode = two.instellingscode
     AND one.volgnummer = two.volgnummer AND one.rowid < two.rowid
     AND one.geldig_van < two.geldig_tot AND two.geldig_van < one.geldig_tot
     AND one.bekend_van < two.bekend_tot AND two.bekend_van < one.bekend_tot
    LIMIT 1"""


def violations(ledger: Ledger, model: ReadModel) -> Iterator[str]:
    """Yield every invariant that does not hold, at every teldatum, now and at its vaststelling."""
    for leerling, code, volgnummer in model.connection.execute(_OVERLAPPING):
        yield f"overlappende rechthoeken: leerling {leerling}, inschrijving {code}/{volgnummer}"
    for teldatum in teldata(model):
        fixed = vaststelling_of(teldatum, ("SBO", "SO", "VSO"), model)
        for as_of in (ask.AsOf(teldatum, fixed), ask.AsOf(teldatum)):
            for violation in violations_at(ledger, model, as_of):
                yield f"teldatum {teldatum}, bekend op {as_of.bekend_op or 'nu'}: {violation}"


def violations_at(ledger: Ledger, model: ReadModel, as_of: ask.AsOf) -> Iterator[str]:
    """Yield the invariants between 1A and 1B that do not hold at one moment."""
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


def teldata(model: ReadModel) -> list[date]:
    """Return every teldatum on which the ledger can know an enrolment (rules.md 6)."""
    query = "SELECT min(geldig_van), max(geldig_van) FROM standen"
    first, last = model.connection.execute(query).fetchone()
    if first is None:
        return []
    days = {
        latest_teldatum(date(year, 12, 31)) for year in range(first // 10000, last // 10000 + 2)
    }
    return sorted(day for day in days if day >= day_of(first))


def counting_swvs(model: ReadModel, as_of: ask.AsOf) -> list[str]:
    """Return the samenwerkingsverbanden that answer for anybody who counts."""
    query = f"SELECT DISTINCT swv FROM standen WHERE swv IS NOT NULL AND telt = 1 AND {ask.AS_OF}"  # noqa: S608 - our columns
    return sorted(row[0] for row in model.connection.execute(query, as_of.bounds))


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
