"""The ways in which a text can stand in bytes: for a search that has to find nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

PUPIL_ID = re.compile(rb"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
"""The hex of a random id (UUID version 4), as the read model and the log have it."""


def forms(text: str, in_text: str | None = None) -> list[bytes]:
    """Return the ways a text can stand in a file, without being compressed or encrypted."""
    clear = text.encode()
    forms = [(in_text or text).encode(), clear.hex().encode(), clear.hex().upper().encode()]
    forms += [text.encode("utf-16-le"), text.encode("utf-16-be")]
    if len(clear) >= 8:
        forms += _base64_cores(clear)
    return forms


def _base64_cores(clear: bytes) -> Iterator[bytes]:
    """Yield the part of the base64 of a text that does not depend on what stands around it."""
    for shift in range(3):
        first = -(-shift * 8 // 6) + (1 if shift else 0)
        whole = base64.b64encode(b"\0" * shift + clear + b"\0" * 3)
        last = (shift + len(clear)) * 8 // 6
        core = whole[first:last]
        assert len(core) >= 8
        yield core
