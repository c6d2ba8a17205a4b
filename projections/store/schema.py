"""The tables of the read model (rules.md 5), the same for every engine."""

from __future__ import annotations

from typing import Final, NamedTuple

from projections.store.encoding import KENNISVAK, TIJDVAK

_KNOWN: Final = {
    "bekend_van": int,
    "bekend_tot": int,
    "geopend_door": int,
    "gesloten_door": int,
}

STANDEN: Final[dict[str, type]] = {
    "groep": str,
    "leerling": str,
    "instellingscode": str,
    "volgnummer": str,
    "geldig_van": int,
    "geldig_tot": int,
    "vestigingscode": str,
    "schoolsoort": str,
    "begindatum": int,
    "einddatum": int,
    "soort_verblijf": str,
    "bekostigbaar": int,
    "cluster": int,
    "leerjaar": str,
    "vo_kenmerk": str,
    "swv": str,
    "wijze_van_bepaling": str,
    "ondersteuningscategorie": str,
    "basis": str,
    "beschikkingsnummer": str,
    "telt": int,
    "reden": str,
    **_KNOWN,
    "mede_geopend_door": str,
    "mede_gesloten_door": str,
}
VERLOOP: Final[dict[str, type]] = {
    "groep": str,
    "vestigingscode": str,
    "schoolsoort": str,
    "swv": str,
    "ondersteuningscategorie": str,
    "basis": str,
    "vo_kenmerk": str,
    "telt": int,
    "geldig_van": int,
    "bekend_van": int,
    "verschil": int,
}
CELL: Final = (
    "vestigingscode", "schoolsoort", "swv", "ondersteuningscategorie", "basis", "vo_kenmerk",
    "telt",
)  # fmt: skip
"""What numbers are told apart by."""

TUSSENSTANDEN: Final[dict[str, type]] = {
    **{name: VERLOOP[name] for name in CELL},
    "tijdvak": int,
    "kennisvak": int,
    "verschil": int,
}
TLVS: Final[dict[str, type]] = {
    "groep": str,
    "leerling": str,
    "nummer": str,
    "categorie": str,
    "begindatum": int,
    "laatste_dag": int,
    **_KNOWN,
}
KOPPELINGEN: Final[dict[str, type]] = {
    "groep": str,
    "leerling": str,
    "instellingscode": str,
    "volgnummer": str,
    "nummer": str,
    "door": str,
    **_KNOWN,
}
PERSONEN: Final[dict[str, type]] = {
    "groep": str,
    "leerling": str,
    "pgn_van": str,
    "geboren_in": int,
    **_KNOWN,
}
AFHANKELIJKHEDEN: Final[dict[str, type]] = {"groep": str, "object": int}
AANSLUITINGEN: Final[dict[str, type]] = {
    "vestigingscode": str,
    "sector": str,
    "swv": str,
    "geldig_van": int,
    "geldig_tot": int,
    "bekend_van": int,
    "bekend_tot": int,
}
VESTIGINGEN: Final[dict[str, type]] = {
    "vestigingscode": str,
    "naam": str,
    "gesloten_inrichting": int,
    "residentieel": int,
    "bekend_van": int,
    "bekend_tot": int,
}
SAMENWERKINGSVERBANDEN: Final[dict[str, type]] = {
    "swv": str,
    "naam": str,
    "bekend_van": int,
    "bekend_tot": int,
}
TELLINGEN: Final[dict[str, type]] = {
    "teldatum": int,
    "schoolsoort": str,
    "op": int,
    "bekend_van": int,
    "geopend_door": int,
}

PUPIL_TABLES: Final = {
    "standen": STANDEN,
    "verloop": VERLOOP,
    "tlvs": TLVS,
    "koppelingen": KOPPELINGEN,
    "personen": PERSONEN,
    "afhankelijkheden": AFHANKELIJKHEDEN,
}
"""What is computed per pupil; every row carries its group of streams."""

REFERENCE_TABLES: Final = {
    "aansluitingen": AANSLUITINGEN,
    "vestigingen": VESTIGINGEN,
    "samenwerkingsverbanden": SAMENWERKINGSVERBANDEN,
    "tellingen": TELLINGEN,
}
"""What is computed from reference data: small, replaced as a whole."""


SUM_TABLES: Final = {"tussenstanden": TUSSENSTANDEN}
"""What is summed up of the tables of pupils, by engines that have indexes."""


class Index(NamedTuple):
    """Columns of a table by which rows are found; with `given` only rows that have that column."""

    table: str
    columns: tuple[str, ...]
    given: str | None = None

    def sql(self, name: str) -> str:
        """Return the statement that makes it."""
        where = "" if self.given is None else f" WHERE {self.given} IS NOT NULL"
        return f"CREATE INDEX {name} ON {self.table} ({', '.join(self.columns)}){where}"


_NUMBERS: Final = (
    "vestigingscode", "ondersteuningscategorie", "basis", "telt", "geldig_van", "bekend_van",
    "verschil", "schoolsoort", "swv", "vo_kenmerk",
)  # fmt: skip
_SUMMED: Final = (
    "vestigingscode", "ondersteuningscategorie", "basis", "telt", "schoolsoort", "swv",
    "vo_kenmerk",
)  # fmt: skip
_OWN: Final = (
    "telt", "geldig_van", "bekend_van", "schoolsoort", "vestigingscode",
    "ondersteuningscategorie", "basis", "verschil",
)  # fmt: skip
_VAKKEN: Final = ("tijdvak", "kennisvak", "verschil")
# Questions are mostly about a teldatum of late: few rows end after it, most began before it.
_BOUNDS: Final = ("geldig_tot", "geldig_van", "bekend_van", "bekend_tot")

SUM_INDEXES: Final = {
    # Sums of a cell follow one another, whatever is asked: by vestigingen, by the
    # samenwerkingsverband that answers, or of a whole country per vestiging, categorie and basis.
    "tussenstanden_per_vestiging": Index(
        "tussenstanden",
        ("vestigingscode", "telt", "schoolsoort", "swv", "vo_kenmerk", "ondersteuningscategorie",
         "basis", *_VAKKEN),
    ),
    "tussenstanden_per_swv": Index(
        "tussenstanden",
        ("swv", "telt", "schoolsoort", "vestigingscode", "ondersteuningscategorie", "basis",
         *_VAKKEN),
        given="swv",
    ),
    "tussenstanden_per_categorie": Index(
        "tussenstanden",
        ("vestigingscode", "ondersteuningscategorie", "basis", "telt", *_VAKKEN, "schoolsoort",
         "swv", "vo_kenmerk"),
    ),
}  # fmt: skip
"""Those of the sums: made last, when the others have served to sum up."""

INDEXES: Final = {
    # Which rows are in a count, and of whom, is answered from the index alone. For most
    # enrolments of the country no samenwerkingsverband answers: those are not in it.
    "standen_per_swv": Index(
        "standen",
        ("swv", *_BOUNDS, "telt", "schoolsoort", "vestigingscode", "ondersteuningscategorie",
         "basis", "groep", "leerling", "instellingscode", "volgnummer"),
        given="swv",
    ),
    "standen_per_vestiging": Index("standen", ("vestigingscode", *_BOUNDS)),
    "standen_per_leerling": Index("standen", ("leerling",)),
    "standen_per_inschrijving": Index("standen", ("volgnummer", "instellingscode")),
    "standen_per_groep": Index("standen", ("groep",)),
    # All questions for numbers are answered from indexes alone. Where a whole country is asked
    # their order is that of a count per vestiging, categorie and basis. That by tijdvak is
    # also in the order in which all is summed up (`projections/store/tussenstanden.py`).
    "verloop_per_tijdvak": Index(
        "verloop", (TIJDVAK, *_SUMMED, KENNISVAK, "geldig_van", "bekend_van", "verschil")
    ),
    "verloop_per_kennisvak": Index("verloop", (KENNISVAK, *_NUMBERS)),
    "verloop_per_swv_en_tijdvak": Index("verloop", ("swv", TIJDVAK, *_OWN), given="swv"),
    "verloop_per_swv_en_kennisvak": Index("verloop", ("swv", KENNISVAK, *_OWN), given="swv"),
    "verloop_per_groep": Index("verloop", ("groep",)),
    "tlvs_per_leerling": Index("tlvs", ("leerling",)),
    "tlvs_per_nummer": Index("tlvs", ("nummer",)),
    "tlvs_per_groep": Index("tlvs", ("groep",)),
    "koppelingen_per_leerling": Index("koppelingen", ("leerling",)),
    "koppelingen_per_nummer": Index("koppelingen", ("nummer",)),
    "koppelingen_per_groep": Index("koppelingen", ("groep",)),
    "personen_per_leerling": Index("personen", ("leerling",)),
    "personen_per_groep": Index("personen", ("groep",)),
    "afhankelijkheden_per_object": Index("afhankelijkheden", ("object", "groep")),
    "afhankelijkheden_per_groep": Index("afhankelijkheden", ("groep",)),
    "aansluitingen_per_swv": Index("aansluitingen", ("swv",)),
    "aansluitingen_per_vestiging": Index("aansluitingen", ("vestigingscode",)),
}  # fmt: skip
