"""The tables of the read model (rules.md 5), the same for every engine."""

from __future__ import annotations

from typing import Final

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

INDEXES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    # Both as-of questions of a dashboard are answered from the index alone.
    "standen_per_swv": (
        "standen",
        (
            "swv",
            "geldig_van",
            "geldig_tot",
            "bekend_van",
            "bekend_tot",
            "telt",
            "schoolsoort",
            "vestigingscode",
            "ondersteuningscategorie",
            "basis",
        ),
    ),
    # Its order is that of a count of the country per vestiging, categorie and basis.
    "standen_per_vestiging": (
        "standen",
        (
            "vestigingscode",
            "ondersteuningscategorie",
            "basis",
            "telt",
            "geldig_van",
            "geldig_tot",
            "bekend_van",
            "bekend_tot",
            "schoolsoort",
            "swv",
            "vo_kenmerk",
        ),
    ),
    "standen_per_leerling": ("standen", ("leerling",)),
    "standen_per_inschrijving": ("standen", ("instellingscode", "volgnummer")),
    "standen_per_groep": ("standen", ("groep",)),
    "tlvs_per_leerling": ("tlvs", ("leerling",)),
    "tlvs_per_nummer": ("tlvs", ("nummer",)),
    "tlvs_per_groep": ("tlvs", ("groep",)),
    "koppelingen_per_leerling": ("koppelingen", ("leerling",)),
    "koppelingen_per_nummer": ("koppelingen", ("nummer",)),
    "koppelingen_per_groep": ("koppelingen", ("groep",)),
    "personen_per_leerling": ("personen", ("leerling",)),
    "personen_per_groep": ("personen", ("groep",)),
    "afhankelijkheden_per_object": ("afhankelijkheden", ("object", "groep")),
    "afhankelijkheden_per_groep": ("afhankelijkheden", ("groep",)),
    "aansluitingen_per_swv": ("aansluitingen", ("swv",)),
    "aansluitingen_per_vestiging": ("aansluitingen", ("vestigingscode",)),
}
