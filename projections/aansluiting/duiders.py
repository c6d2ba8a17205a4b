"""What makes the differences of each pair (rules.md 9, Pairs): a module is loaded when needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from projections.aansluiting import namen

if TYPE_CHECKING:
    from projections.aansluiting.aansluiten import Duider

_HERE: Final = "projections.aansluiting"
_OF_1B: Final = ("duiden", "duid_1b")
_DUIDERS: Final = {
    namen.A_GROOTBOEK: ("verschillen_1a", "duid_1a"),
    namen.A_DOWNLOADS: ("verschillen_1a", "duid_1a"),
    namen.A_B: ("verschillen_1a", "duid_1a"),
    namen.REGISTER_B: ("verschillen_register", "duid_register"),
    namen.REGISTER_GROOTBOEK: ("verschillen_register", "duid_register"),
    namen.OFB_KIJKGLAS: ("verschillen_ofb", "duid_ofb"),
}


def duider_van(naam: str) -> Duider:
    """Return what makes the differences of the pair with this name; those of 1B by default."""
    module, function = _DUIDERS.get(naam, _OF_1B)
    return cast("Duider", getattr(import_module(f"{_HERE}.{module}"), function))
