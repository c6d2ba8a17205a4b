"""What the name of a file of DUO tells: samenwerkingsverband and day (outputs-and-rules.md 3.1).

Seen: `<base>_PO0001_01_02_2024.csv`, and the same with spaces. Pure.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from ledger.codes import normalise_swv
from ledger.intake.readers import About
from ledger.times import TimeFormatError, parse_date

_SWV: Final = r"(?<![A-Za-z])(?P<swv>(?:PO|VO)[ _-]?[0-9]{2}[-._ ]?[0-9]{2})(?![0-9])"
_DAY: Final = r"(?P<d>[0-9]{1,2})[-_ ](?P<m>[0-9]{1,2})[-_ ](?P<j>[0-9]{4})(?![0-9])"
_SWV_AND_DAY: Final = re.compile(f"{_SWV}(?:[-_ ]+{_DAY})?", re.IGNORECASE)


def named(naam: str) -> About:
    """Return what the name of a file says it is about; None for what it leaves out.

    The day is the teldatum in the dashboards and another day in the kijkglazen.
    """
    found = _SWV_AND_DAY.search(naam)
    if found is None:
        return About()
    swv = normalise_swv(found["swv"].replace("_", " "))
    return About(swv, _day(f"{found['d']}-{found['m']}-{found['j']}"))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except TimeFormatError:
        return None
