"""What cannot be measured here, and why: a figure that is missing says so in the report."""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple


class Absent(NamedTuple):
    """A peer that is not on this machine, or not for this size, with the reason."""

    reason: str


def without(*modules: str) -> Absent | None:
    """Return which packages of the extra `bench` are missing, None when all are there."""
    missing = [name for name in modules if find_spec(name) is None]
    if not missing:
        return None
    return Absent(f"without {' and '.join(missing)} (pip install 'kijkglas[bench]')")
