"""The small pools random histories draw from, so that coincidences are common."""

from __future__ import annotations

from datetime import date, timedelta

Pool = tuple[str, ...]

BSNS: Pool = ("123456782", "111222333", "210000004")
ONDERWIJSNUMMERS: Pool = ("100000004", "100000041", "101222331")
SECOND_ONDERWIJSNUMMERS: Pool = ("101500021", "101500033", "101500045")
GEBOORTEDATUMS: Pool = ("2012-02-01", "2012-02-02", "2012-02-29", "2014-06-15")

INSTELLINGEN: Pool = ("12QN", "14YY", "16EI")
VESTIGINGEN: Pool = ("12QN00", "12QN01", "14YY00", "14YY01", "16EI00")
SWVS: dict[str, Pool] = {"PO": ("PO2304", "PO2202"), "VO": ("VO2305", "VO2203")}
PC4S: Pool = ("7511", "7601", "8011")
PC4_WITHOUT_SWV = "3197"

# Moments in the order they came; two of them are one instant in two spellings.
MOMENTS: Pool = (
    "2023-08-15",
    "2023-09-20T09:30:00+02:00",
    "2024-01-20",
    "2024-02-10",
    "2024-02-09T23:00:00Z",
    "2024-02-29T23:59:59+01:00",
    "2024-03-01",
    "2024-03-04T08:00:00Z",
    "2024-09-05",
    "2024-10-20T12:00:00+02:00",
    "2025-02-12",
    "2025-03-04",
)
EARLY_MOMENTS: Pool = MOMENTS[:2]

# Days that matter: school years, both teldata, and what lies around them.
FIRST_DAY = "2023-06-01"
BEGINS: Pool = ("2023-08-01", "2023-09-01", "2023-10-01", "2024-01-08", "2024-02-01", "2024-08-01")
ENDS: Pool = ("2024-01-20", "2024-01-31", "2024-02-01", "2024-02-09", "2024-07-31", "2025-01-31")
TURNS: Pool = ("2023-10-02", "2024-01-01", "2024-01-31", "2024-02-01", "2024-02-02", "2024-09-01")
TELDATA: Pool = ("2024-02-01", "2025-02-01", "2023-10-01", "2024-10-01")
TLV_BEGINS: Pool = ("2022-08-01", "2023-08-01", "2024-01-01", "2024-02-01", "2024-08-01")
TLV_ENDS: Pool = ("2024-07-31", "2025-07-31", "2026-07-31", "2024-01-31", "2024-02-01")
GAPS: tuple[int, ...] = (0, 1, 27, 28, 29, 0, 10, 28, 60, -1, -40)
LENGTHS: tuple[int, ...] = (180, 60, 30, 364, 1, 0)
SHIFTS: tuple[int, ...] = (1, -1, 7, -7, 28, -28, 90)

# Per kind of school a first letter of the volgnummer, so that a key never changes its sector.
FAMILIES: dict[str, Pool] = {"P": ("SO", "SO", "SBO"), "V": ("VSO",), "B": ("BO",), "W": ("VO",)}
FAMILY_WEIGHTS: Pool = ("P", "P", "P", "P", "V", "V", "V", "B", "B", "W", "W")
SECTORS: dict[str, str] = {"P": "PO", "V": "VO"}

VERBLIJVEN: Pool = ("IJH", "IGZ", "IJG", "GJI", "JJI")
CATEGORIEEN: Pool = ("LAAG", "MIDDEN", "HOOG")
VO_KENMERKEN: Pool = ("nieuwkomer", "vavo", "lwoo", "pro")
WIJZEN: Pool = ("TLV", "Woonplaats leerling", "Vorige inschrijving")
BRONNEN: Pool = ("school", "duo", "swv")


def shifted(day: str, days: int) -> str:
    """Return the day that lies a number of days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
