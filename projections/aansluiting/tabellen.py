"""A reconciliation as rows of tables and as one JSON object (cli.md, `reconcile`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from projections import layouts
from projections.aansluiting.dekking import Klasseregel, klasseregels, waterval
from projections.aansluiting.model import KLASSEN
from projections.aansluiting.weergave import Getoond, Weergave, gebeurtenis, waarde
from projections.render.json_files import herkomst_json, plain
from projections.report import Fields, Herkomst, Report, Table

LAYOUT: Final = "aansluiting"
BLADEN: Final = {
    "cel": "Verschillen",
    "alleen-bij-ons": "Alleen bij ons",
    "alleen-bij-duo": "Alleen bij DUO",
    "dubbel": "Dubbelen",
}
"""The sheets of a workbook, each with the differences of one sort."""


def rijen(shown: Weergave) -> Report:
    """Return the open differences as one table, for the formats that hold rows alone."""
    table = _verschillen(shown.getoond)
    return Report("aansluiting", shown.titel, _herkomst(shown), (table,), enkel=True)


def werkboek(shown: Weergave) -> Report:
    """Return the summary, and the open differences in a table per sort: the sheets."""
    summary = layouts.load(LAYOUT).table("samenvatting", _samenvatting(shown))
    tables = [
        msgspec.structs.replace(
            _verschillen([one for one in shown.getoond if one.verschil.soort == soort]),
            naam=blad,
            titel=blad,
        )
        for soort, blad in BLADEN.items()
    ]
    herkomst = _herkomst(shown)
    files = tuple(f"vergeleken bestand: {one}" for one in shown.aansluiting.bestanden)
    herkomst = msgspec.structs.replace(herkomst, opmerkingen=(*herkomst.opmerkingen, *files))
    return Report("aansluiting", shown.titel, herkomst, (summary, *tables), enkel=False)


def json(shown: Weergave) -> Iterator[bytes]:
    """Yield one object: herkomst, vergeleken, verschillen, per_klasse, and more (cli.md)."""
    about = shown.aansluiting
    parts: dict[str, object] = {
        "aansluiting": about.paar,
        "swv": about.swv,
        "teldatum": about.teldatum,
        "sleutelkolommen": about.sleutel,
        "kolommen": about.kolommen,
        "partijen": [one._asdict() for one in shown.partijen],
        "bestanden": about.bestanden,
        "vergeleken": {
            "links": about.links,
            "rechts": about.rechts,
            "gelijk": about.gelijk,
            "verschillen": len(shown.getoond),
            "geaccepteerd": len(shown.geaccepteerd),
            "niet_te_zeggen": about.niet_te_zeggen,
            "totaal_links": about.totaal_links,
            "totaal_rechts": about.totaal_rechts,
        },
        "verbroken_zegels": shown.verbroken,
        "verschillen": list(map(_object, shown.getoond)),
        "geaccepteerd": list(map(_object, shown.geaccepteerd)),
        "per_klasse": _per_klasse(shown.getoond),
        "waterval": [
            {"naam": bar.label, "soort": bar.kind, "van": bar.start, "tot": bar.end}
            for bar in waterval(about)
        ],
        "klassen": [regel._asdict() for regel in klasseregels(about)],
        "dekking": shown.dekking,
    }
    yield b'{"herkomst":' + plain(herkomst_json(about.herkomst))
    for name, value in parts.items():
        yield b",\n" + plain(name) + b":" + plain(value)
    yield b"}\n"


def _herkomst(shown: Weergave) -> Herkomst:
    """Return the herkomst with the broken seals on top, then what was compared."""
    herkomst = shown.aansluiting.herkomst
    seals = (f"LET OP, zegel verbroken: {line}" for line in shown.verbroken)
    sides = (
        f"{side}: {one}" for side, one in zip(("links", "rechts"), shown.partijen, strict=True)
    )
    remarks = (*seals, *sides, shown.vergeleken, shown.dekking, *herkomst.opmerkingen)
    return msgspec.structs.replace(herkomst, opmerkingen=remarks)


def _verschillen(shown: Sequence[Getoond]) -> Table:
    return layouts.load(LAYOUT).table("verschillen", map(_rij, shown))


def _rij(shown: Getoond) -> Fields:
    one = shown.verschil
    return {
        "kenmerk": shown.kenmerk,
        "soort": one.soort,
        "klasse": one.klasse,
        "sleutel": "/".join(one.sleutel),
        "pgn": one.pgn or "",
        "vestigingscode": one.vestigingscode,
        "wie": one.wie,
        "aantal": one.aantal,
        "bedrag": one.bedrag,
        "kolommen": ", ".join(one.kolommen),
        "ons": "; ".join(waarde(cel.ons) for cel in one.kolommen.values()),
        "duo": "; ".join(waarde(cel.duo) for cel in one.kolommen.values()),
        "oorzaak": one.oorzaak,
        "sinds": one.sinds,
        "gebeurtenissen": "; ".join(map(gebeurtenis, one.gebeurtenissen)),
        "plaatsen": "; ".join(one.plaatsen),
    }


def _object(shown: Getoond) -> dict[str, object]:
    fields = msgspec.structs.asdict(shown.verschil)
    cells = {name: msgspec.structs.asdict(cel) for name, cel in shown.verschil.kolommen.items()}
    return {"kenmerk": shown.kenmerk, **fields, "kolommen": cells}


def _per_klasse(shown: Iterable[Getoond]) -> dict[str, int]:
    counts = dict.fromkeys(KLASSEN, 0)
    for one in shown:
        counts[one.verschil.klasse] += 1
    return {klasse: count for klasse, count in counts.items() if count}


def _samenvatting(shown: Weergave) -> Iterator[Fields]:
    about = shown.aansluiting
    for line in shown.verbroken:
        yield _regel("zegel verbroken", line)
    for side, one in zip(("links", "rechts"), shown.partijen, strict=True):
        yield _regel(side, str(one))
    yield _regel("status", about.herkomst.heading())
    yield _regel("vergeleken", shown.vergeleken)
    yield _regel("waterval", about.naam_links, aantal=about.totaal_links)
    regels = {regel.klasse: regel for regel in klasseregels(about)}
    for bar in waterval(about)[1:-1]:
        yield _klasse(bar.label, bar.change, regels.get(bar.label))
    yield _regel("waterval", about.naam_rechts, aantal=about.totaal_rechts)
    yield _regel("dekking", shown.dekking)
    for kenmerk, verschil in shown.geaccepteerd:
        said = f"{kenmerk} {verschil.klasse}: {verschil.geaccepteerd}"
        yield _regel("geaccepteerd", said)


def _regel(onderdeel: str, omschrijving: str, **more: object) -> Fields:
    empty = dict.fromkeys(("aantal", "verschillen", "geaccepteerd", "verklaard", "wie", "bedrag"))
    return {"onderdeel": onderdeel, "omschrijving": omschrijving, **empty, **more}


def _klasse(label: str, change: int, regel: Klasseregel | None) -> Fields:
    if regel is None:
        return _regel("waterval", label, aantal=change)
    return _regel(
        "klasse",
        label,
        aantal=change,
        verschillen=regel.verschillen,
        geaccepteerd=regel.geaccepteerd,
        verklaard=regel.verklaard,
        wie=", ".join(regel.wie),
        bedrag=regel.bedrag,
    )
