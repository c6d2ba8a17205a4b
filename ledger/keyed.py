"""A keyed hash (HMAC-SHA-256, RFC 2104) of many short texts under one key.

The standard library prepares the key for every text anew; here it is prepared once, which
halves the time. The outcome is that of `hmac.digest(key, content, "sha256")`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_BLOCK: Final = 64
"""Bytes of a block of SHA-256, to which RFC 2104 fills up the key."""


class KeyedHash:
    """HMAC-SHA-256 under a key of at most 64 bytes."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        assert len(key) <= _BLOCK, "longer keys are hashed first, and ours are not longer"
        full = key.ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in full))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in full))

    def digest(self, content: bytes) -> bytes:
        """Return the 32 bytes of the keyed hash of a text."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()
