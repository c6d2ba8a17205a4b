"""What the pairs beside those of 1B are called (rules.md 9, Pairs): the value of `Paar.naam`."""

from __future__ import annotations

from typing import Final

A_GROOTBOEK: Final = "1A tegen grootboek"
A_DOWNLOADS: Final = "twee downloads van 1A"
A_B: Final = "1A tegen 1B"
REGISTER_B: Final = "tlv-register tegen 1B"
REGISTER_GROOTBOEK: Final = "tlv-register tegen grootboek"
OFB_KIJKGLAS: Final = "Ofb tegen kijkglas 1"
