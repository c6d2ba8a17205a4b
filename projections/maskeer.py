"""Small numbers hidden, so that a table tells of no single pupil (`--maskeer`).

A count of 1 to 4 is shown as `<5`, zero as 0. Also hidden, as `*`: what would give such a
count away by subtraction. An average or share that rests on a hidden count is empty. That 5
is the limit is an assumption: DUO and CBS use it in their open data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from projections.report import Column, Fields, Report

LIMIT: Final = 5
SMALL: Final = f"<{LIMIT}"
HIDDEN: Final = "*"
TOTAAL: Final = "totaal"
"""What stands in the place of a vestiging in the row of all together."""


class Rule(NamedTuple):
    """How a table is masked.

    `counts` are the columns with counts. `flows` raise and lower the `stock` from one row to
    the next of the same `per`: all are hidden in a row where one is small, or where the stock
    is small in it or in the row before. `derived` are empty when a count of the row is
    hidden. The row that is a total in column `total` hides a count hidden in another row.
    """

    counts: tuple[str, ...]
    flows: tuple[str, ...] = ()
    stock: str = ""
    per: str = ""
    derived: tuple[str, ...] = ()
    total: str = ""


RULES: Final[dict[str, Rule]] = {
    "tlvs": Rule(
        ("afgegeven", "lopend", "eindigend"),
        flows=("afgegeven", "eindigend"),
        stock="lopend",
        per="categorie",
    ),
    "verblijf": Rule(("aantal",), derived=("dagen", "jaren")),
    "aandeel": Rule(("leerlingen", "met_tlv"), derived=("aandeel",), total="vestigingscode"),
    "stromen": Rule(("aantal",)),
    "thuiszitters": Rule(("aantal",)),
}


def masked_rows(tables: Mapping[str, Sequence[Fields]]) -> dict[str, list[Fields]]:
    """Return the rows of the indicators with every count as text, the small ones hidden."""
    return {name: _masked(rows, RULES[name]) for name, rows in tables.items()}


def as_text(report: Report) -> Report:
    """Return the report with its columns of counts as columns of text."""
    tables = []
    for table in report.tabellen:
        counts = {name.upper() for name in RULES[table.naam].counts}
        kolommen = tuple(_text(column, counts) for column in table.kolommen)
        tables.append(replace(table, kolommen=kolommen))
    return replace(report, tabellen=tuple(tables))


def _text(column: Column, counts: Iterable[str]) -> Column:
    return replace(column, soort="tekst") if column.naam in counts else column


def _masked(rows: Sequence[Fields], rule: Rule) -> list[Fields]:
    shown = [{**row, **{name: _count(row[name]) for name in rule.counts}} for row in rows]
    if rule.flows:
        _hide_flows(shown, rule)
    if rule.total:
        _hide_totals(shown, rule)
    return [_without_derived(row, rule) for row in shown]


def _hide_flows(shown: Sequence[dict[str, object]], rule: Rule) -> None:
    stocks: dict[object, object] = {}
    for row in shown:
        stock, before = row[rule.stock], stocks.get(row[rule.per])
        stocks[row[rule.per]] = stock
        if SMALL in {stock, before, *(row[name] for name in rule.flows)}:
            row.update({name: HIDDEN for name in rule.flows if row[name] != SMALL})


def _hide_totals(shown: Sequence[dict[str, object]], rule: Rule) -> None:
    totals = [row for row in shown if row[rule.total] == TOTAAL]
    for name in rule.counts:
        if any(row[name] == SMALL for row in shown if row[rule.total] != TOTAAL):
            for row in totals:
                row[name] = SMALL if row[name] == SMALL else HIDDEN


def _count(value: object) -> str:
    assert isinstance(value, int), value
    return SMALL if 0 < value < LIMIT else str(value)


def _without_derived(row: Mapping[str, object], rule: Rule) -> Fields:
    hides = any(row[name] in {SMALL, HIDDEN} for name in rule.counts)
    return {**row, **dict.fromkeys(rule.derived)} if hides else row
