"""The findings that a school should act on, as a report for each school to send on."""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import replace

from projections.report import Report


def per_school(report: Report) -> dict[str, Report]:
    """Return the findings by instellingscode, ascending: of each school only its own.

    What the samenwerkingsverband or DUO acts on, or no school is named in, is in none of them.
    """
    (table,) = report.tabellen
    names = [column.naam for column in table.kolommen]
    code, wie = names.index("instellingscode"), names.index("wie")
    found: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    for row in table.rijen:
        if row[wie] == "school" and row[code]:
            found[str(row[code])].append(row)
    return {
        school: replace(
            report,
            herkomst=replace(report.herkomst, opmerkingen=(f"Instelling {school}",)),
            tabellen=(replace(table, rijen=rows, scherm=None),),
        )
        for school, rows in sorted(found.items())
    }
