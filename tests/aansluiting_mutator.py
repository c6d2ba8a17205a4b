"""Plants known faults in right files: each must come back with its class and its row.

The files are those of the synthetic region as known at the vaststelling, where they agree
with the ledger to the last row. A fault is planted in a row that has none yet; the same seed
plants the same faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Final, NamedTuple

from projections.aansluiting.model import Aansluiting, Klasse
from synthetic.numbers import bsn_numbers
from tests.downloads import Row

Rij = dict[str, str]
Merk = tuple[str, ...]
"""What a difference is recognised by: the pupil, or schoolsoort and vestiging."""

CATEGORIEEN: Final = ("SO_VSO_LAAG", "SO_VSO_MIDDE", "SO_VSO_HOOG")
KORT: Final = {"SBO": "SBO", **dict(zip(CATEGORIEEN, "LMH", strict=True))}
CELLEN: Final = ("LAAG", "MIDDEN", "HOOG")
ZONDER: Final = {
    "BESCHIKKINGSNUMMER": "",
    "BEGIN_DATUM_TLV": "",
    "EIND_DATUM_TLV": "",
    "WIJZE_VAN_BEPALING": "Woonplaats leerling",
}
VERLOPEN: Final = "31-7-2024"
_STRANGERS: Final = 909


class Fout(NamedTuple):
    """A planted fault: what it is called, and how it must come back."""

    soort: str
    klasse: Klasse
    merk: Merk


class Regio(NamedTuple):
    """The right files of a samenwerkingsverband, and what is special about some pupils.

    `laat` are the PGN's of 1B rows that the ledger did not know yet at an earlier moment;
    `meer` those who have more than one tlv that holds on the teldatum.
    """

    swv: str
    een_b: tuple[Row, ...]
    een_a: tuple[Row, ...]
    register: tuple[Row, ...]
    laat: frozenset[str] = frozenset()
    meer: frozenset[str] = frozenset()


class Bestanden:
    """A copy of the files of a region, to plant faults in."""

    def __init__(self, regio: Regio, rng: Random) -> None:
        self.regio = regio
        self.rng = rng
        self.een_b: list[Rij] = [dict(row) for row in regio.een_b]
        self.een_a: list[Rij] = [dict(row) for row in regio.een_a]
        self.register: list[Rij] = [dict(row) for row in regio.register]
        self.used: set[str] = set()
        self._strangers = bsn_numbers(_STRANGERS)

    def row(self, fits: Callable[[Rij], bool]) -> Rij | None:
        """Return a row of 1B without a fault, that fits; None when there is none."""
        found = [row for row in self.een_b if row["BSN_OWN"] not in self.used and fits(row)]
        return self._taken(found, "BSN_OWN")

    def in_register(self, fits: Callable[[Rij], bool] = lambda _: True) -> Rij | None:
        """Return a row of the register without a fault, that fits."""
        found = [row for row in self.register if row["bsn"] not in self.used and fits(row)]
        return self._taken(found, "bsn")

    def stranger(self) -> str:
        """Return a PGN that nobody in the region has, and that has its fault by now."""
        pgn = next(self._strangers)
        self.used.add(pgn)
        return pgn

    def _taken(self, found: list[Rij], pgn: str) -> Rij | None:
        if not found:
            return None
        row = self.rng.choice(found)
        self.used.add(row[pgn])
        return row


Fits = Callable[[Rij], bool]
Change = Callable[[Bestanden, Rij], None]
Planter = Callable[[Bestanden], Fout | None]
"""Plants a fault and tells how it must come back; None when no row is fit for it."""


def gekoppeld(row: Rij) -> bool:
    """Tell whether a row of 1B rests on a tlv, at an ordinary place."""
    return row["WIJZE_VAN_BEPALING"] == "TLV" and row["RESIDENTIELE_LEERLING"] == "Nee"


def _changed(
    soort: str,
    klasse: Klasse,
    fits: Callable[[Rij], bool],
    change: Callable[[Bestanden, Rij], None],
) -> Planter:
    """Return what changes a row of 1B."""

    def plant(files: Bestanden) -> Fout | None:
        row = files.row(fits)
        if row is None:
            return None
        merk = (row["BSN_OWN"],)
        change(files, row)
        return Fout(soort, klasse, merk)

    return plant


def _in_register(
    soort: str,
    klasse: Klasse,
    change: Callable[[Bestanden, Rij], None],
    fits: Callable[[Rij], bool] = lambda _: True,
) -> Planter:
    """Return what changes a row of the register."""

    def plant(files: Bestanden) -> Fout | None:
        row = files.in_register(fits)
        if row is None:
            return None
        merk = (row["bsn"],)
        change(files, row)
        return Fout(soort, klasse, merk)

    return plant


def _other_category(files: Bestanden, row: Rij) -> None:
    others = [one for one in CATEGORIEEN if one != row["ONDERSTEUNINGSCATEGORIE"]]
    row["ONDERSTEUNINGSCATEGORIE"] = files.rng.choice(others)


def _serial(number: str) -> str:
    return f"{number[:-5]}{99999 - int(number[-5:]):05}"


def _again(files: Bestanden, row: Rij) -> None:
    files.een_b.append(dict(row))


def _second_enrolment(files: Bestanden, row: Rij) -> None:
    files.een_b.append(
        row | {"INSCHRIJVINGSVOLGNUMMER": "77" + row["INSCHRIJVINGSVOLGNUMMER"][-5:]}
    )


def _extra(files: Bestanden, row: Rij) -> None:
    volgnummer = {"INSCHRIJVINGSVOLGNUMMER": "88" + row["INSCHRIJVINGSVOLGNUMMER"][-5:]}
    number = {"BESCHIKKINGSNUMMER": _serial(row["BESCHIKKINGSNUMMER"])}
    files.een_b.append(row | volgnummer | number | {"BSN_OWN": files.stranger()})


def _stranger(files: Bestanden) -> Fout | None:
    row = files.row(gekoppeld)
    if row is None:
        return None
    _extra(files, row)
    return Fout("onbekende leerling", "alleen-bij-duo", (files.een_b[-1]["BSN_OWN"],))


def _verlopen(files: Bestanden) -> Fout | None:
    """Make a pupil's only tlv one that ended: with another valid one, that is what is missing."""
    row = files.row(lambda row: gekoppeld(row) and row["BSN_OWN"] not in files.regio.meer)
    if row is None:
        return None
    row.update(BEGIN_DATUM_TLV="1-8-2022", EIND_DATUM_TLV=VERLOPEN)
    row["WIJZE_VAN_BEPALING"] = ZONDER["WIJZE_VAN_BEPALING"]
    return Fout("verlopen tlv", "tlv-verlopen", (row["BSN_OWN"],))


def _swap(row: Rij, one: str, other: str) -> None:
    row[one], row[other] = row[other], row[one]


def _dates_can_swap(row: Rij) -> bool:
    begin, tlv = row["DATUM_INSCHRIJVING"], row["BEGIN_DATUM_TLV"]
    return gekoppeld(row) and begin != tlv and not row["DATUM_UITSCHRIJVING"]


def _drop_zero(row: Rij) -> None:
    row["INSCHRIJVINGSVOLGNUMMER"] = row["INSCHRIJVINGSVOLGNUMMER"].replace("0", "", 1)


def _other_vestiging(row: Rij) -> None:
    code = row["VESTIGINGSCODE"]
    row["VESTIGINGSCODE"] = f"{code[:4]}{9 - int(code[5]):02}"


def _residential_tlv(files: Bestanden, row: Rij) -> None:
    number = f"{files.regio.swv}-2024-{files.rng.randrange(90000, 99999)}"
    dates = {"BEGIN_DATUM_TLV": "1-8-2024", "EIND_DATUM_TLV": "31-7-2026"}
    row.update({"BESCHIKKINGSNUMMER": number, "WIJZE_VAN_BEPALING": "TLV", **dates})


def _so(row: Rij) -> bool:
    return gekoppeld(row) and row["ONDERSTEUNINGSCATEGORIE"] != "SBO"


IN_1B: Final[tuple[Planter, ...]] = (
    _changed(
        "koppeling ontbreekt", "tlv-niet-gekoppeld", gekoppeld, lambda _, row: row.update(ZONDER)
    ),
    _changed(
        "verkeerd volgnummer van de tlv", "tlv-ander-nummer", gekoppeld,
        lambda _, row: row.update(BESCHIKKINGSNUMMER=_serial(row["BESCHIKKINGSNUMMER"])),
    ),
    _changed("verkeerde categorie", "categorie-verschilt", _so, _other_category),
    _verlopen,
    _changed("dubbele inschrijving", "dubbele-inschrijving", gekoppeld, _second_enrolment),
    _changed("dubbele rij", "dubbele-sleutel", gekoppeld, _again),
    _changed(
        "rij weggevallen", "alleen-bij-ons", gekoppeld, lambda files, row: files.een_b.remove(row)
    ),
    _stranger,
    _changed(
        "nul weggevallen", "gegevens-verschillen",
        lambda row: gekoppeld(row) and "0" in row["INSCHRIJVINGSVOLGNUMMER"],
        lambda _, row: _drop_zero(row),
    ),
    _changed(
        "kolommen verwisseld", "datum-verschilt", _dates_can_swap,
        lambda _, row: _swap(row, "DATUM_INSCHRIJVING", "BEGIN_DATUM_TLV"),
    ),
    _changed(
        "andere vestiging", "andere-vestiging", gekoppeld, lambda _, row: _other_vestiging(row)
    ),
    _changed(
        "residentieel met tlv", "residentieel-met-tlv",
        lambda row: row["RESIDENTIELE_LEERLING"] == "Ja" and row["WIJZE_VAN_BEPALING"] != "TLV",
        _residential_tlv,
    ),
)  # fmt: skip
"""Faults in 1B, held against the ledger."""


def laat(files: Bestanden) -> Fout | None:
    """Leave out a row that the ledger did not know yet at an earlier moment: that of the file."""
    row = files.row(lambda row: row["BSN_OWN"] in files.regio.laat)
    if row is None:
        return None
    files.een_b.remove(row)
    return Fout("late registratie", "gewijzigd-sinds-download", (row["BSN_OWN"],))


def _without_link(files: Bestanden) -> Fout | None:
    row = files.row(gekoppeld)
    if row is None:
        return None
    row.update(ZONDER)
    return Fout("koppeling ontbreekt", "tlv-niet-gekoppeld", (row["BSN_OWN"],))


def _other_pupil(files: Bestanden) -> Fout | None:
    row = files.in_register()
    if row is None:
        return None
    merk = (row["bsn"],)
    row["bsn"] = files.stranger()
    return Fout("tlv van een andere leerling", "tlv-ander-nummer", merk)


IN_REGISTER: Final[tuple[Planter, ...]] = (
    _without_link,
    _other_pupil,
    _in_register(
        "verkeerd volgnummer van de tlv", "tlv-ander-nummer",
        lambda _, row: row.update(tlv_nummer=_serial(row["tlv_nummer"])),
    ),
    _in_register(
        "verkeerde categorie", "categorie-verschilt",
        lambda _, row: row.update(categorie="H" if row["categorie"] != "H" else "L"),
        lambda row: row["categorie"] != "SBO",
    ),
    _in_register(
        "verlopen tlv", "tlv-verlopen",
        lambda _, row: row.update(begindatum="1-8-2022", einddatum=VERLOPEN),
    ),
    _in_register(
        "andere einddatum", "datum-verschilt", lambda _, row: row.update(einddatum="31-7-2033")
    ),
    _in_register(
        "tlv ontbreekt", "alleen-bij-duo", lambda files, row: files.register.remove(row)
    ),
    _in_register(
        "nummer twee keer", "dubbele-sleutel",
        lambda files, row: files.register.append(row | {"einddatum": "31-7-2034"}),
    ),
    _changed(
        "rij weggevallen", "alleen-bij-ons", gekoppeld, lambda files, row: files.een_b.remove(row)
    ),
)  # fmt: skip
"""Faults in the register or in 1B, held against each other."""


def _cells(soort: str, klasse: Klasse, change: Callable[[Rij, str, str], bool]) -> Planter:
    """Return what changes the cells of a row of 1A; the total goes along."""

    def plant(files: Bestanden) -> Fout | None:
        kinds = [(row, one, other) for row in files.een_a for one, other in _pairs(row)]
        files.rng.shuffle(kinds)
        for row, one, other in kinds:
            if change(row, one, other):
                parts = (int(row[name]) for name in row if name.startswith("AANTAL_"))
                row["TOTAAL"] = str(sum(parts))
                return Fout(soort, klasse, (row["SCHOOLSOORT"], row["VESTIGINGSCODE"]))
        return None

    return plant


def _pairs(row: Rij) -> Iterator[tuple[str, str]]:
    if row["SCHOOLSOORT"] != "SBO":
        yield from ((one, other) for one in CELLEN for other in CELLEN if one != other)


def _moved(row: Rij, one: str, other: str) -> bool:
    count = int(row[one])
    if count:
        row.update({one: str(count - 1), other: str(int(row[other]) + 1)})
    return bool(count)


def _swapped(row: Rij, one: str, other: str) -> bool:
    differs = row[one] != row[other]
    row[one], row[other] = row[other], row[one]
    return differs


def _zero(row: Rij, one: str) -> bool:
    text = row[one]
    if len(text) > 1 and text.endswith("0"):
        row[one] = text[:-1]
        return True
    return False


def _fewer(row: Rij, one: str) -> bool:
    count = int(row[one])
    if count > 1:
        row[one] = str(count - 1)
    return count > 1


def _other_place(files: Bestanden) -> Fout | None:
    kinds = [row for row in files.een_a if row["SCHOOLSOORT"] != "SBO" and int(row["TOTAAL"]) > 1]
    names = [name for name in files.een_a[0] if name.startswith("AANTAL_")]
    row = files.rng.choice(kinds)
    name = files.rng.choice([name for name in names if int(row[name])])
    row.update({name: str(int(row[name]) - 1), "TOTAAL": str(int(row["TOTAAL"]) - 1)})
    new = {**row, **dict.fromkeys(names, "0"), name: "1", "TOTAAL": "1"}
    files.een_a.append(new | {"VESTIGINGSCODE": "77ZZ00", "DEELNEMENDE_VESTIGING": "Nee"})
    return Fout("andere vestiging", "andere-vestiging", (row["SCHOOLSOORT"], row["VESTIGINGSCODE"]))


def _tlv(categorie: str) -> str:
    return f"AANTAL_{categorie}_TLV"


IN_1A: Final[tuple[Planter, ...]] = (
    _cells(
        "koppeling ontbreekt", "tlv-niet-gekoppeld",
        lambda row, one, _: _moved(row, _tlv(one), f"AANTAL_{one}_OVERIG"),
    ),
    _cells(
        "verkeerde categorie", "categorie-verschilt",
        lambda row, one, other: _moved(row, _tlv(one), _tlv(other)),
    ),
    _cells(
        "kolommen verwisseld", "categorie-verschilt",
        lambda row, one, other: _swapped(row, _tlv(one), _tlv(other)),
    ),
    _cells(
        "residentieel met tlv", "residentieel-met-tlv",
        lambda row, one, _: _moved(row, f"AANTAL_{one}_RP", _tlv(one)),
    ),
    _cells("nul weggevallen", "alleen-bij-ons", lambda row, one, _: _zero(row, _tlv(one))),
    _cells("leerling weggevallen", "alleen-bij-ons", lambda row, one, _: _fewer(row, _tlv(one))),
    _other_place,
)  # fmt: skip
"""Faults in 1A, held against the ledger or against 1B: one at a time, for they can cancel out."""


def geplant(files: Bestanden, planters: Iterable[Planter], how_many: int) -> tuple[Fout, ...]:
    """Plant so many faults, of each kind in turn as long as rows are fit, and return them."""
    kinds = list(planters)
    files.rng.shuffle(kinds)
    faults: list[Fout] = []
    while kinds and len(faults) < how_many:
        for plant in tuple(kinds):
            fault = plant(files) if len(faults) < how_many else None
            if fault is None:
                kinds.remove(plant)
            else:
                faults.append(fault)
    return tuple(faults)


Gevonden = set[tuple[Klasse, Merk]]


def gevonden(found: Aansluiting) -> Gevonden:
    """Return what a reconciliation found, as faults are planted."""
    counts = found.sleutel[0] == "TABEL"
    return {
        (one.klasse, one.sleutel[1:] if counts else (one.pgn or "",)) for one in found.verschillen
    }


class Score(NamedTuple):
    """How many faults were planted, how many of them came back, and how much came back."""

    geplant: int
    terug: int
    gevonden: int

    @property
    def precision(self) -> float:
        """The part of what came back that was planted."""
        return self.terug / self.gevonden if self.gevonden else 1.0

    @property
    def recall(self) -> float:
        """The part of what was planted that came back, with its class and row."""
        return self.terug / self.geplant if self.geplant else 1.0


def score(faults: Iterable[Fout], found: Gevonden) -> Score:
    """Return how well the faults came back."""
    planted = {(fault.klasse, fault.merk) for fault in faults}
    return Score(len(planted), len(planted & found), len(found))


def register_of(rows: Iterable[Mapping[str, str]]) -> tuple[Row, ...]:
    """Return the register that agrees with 1B: the tlv's that pupils count with."""
    return tuple(
        {
            "tlv_nummer": row["BESCHIKKINGSNUMMER"],
            "bsn": row["BSN_OWN"],
            "categorie": KORT[row["ONDERSTEUNINGSCATEGORIE"]],
            "begindatum": row["BEGIN_DATUM_TLV"],
            "einddatum": row["EIND_DATUM_TLV"],
        }
        for row in rows
        if row["WIJZE_VAN_BEPALING"] == "TLV"
    )
