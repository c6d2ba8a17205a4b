"""Secrets of a vault: bytes encrypted under a key, bound to the pupil that they are about."""

from __future__ import annotations

import os
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.keys import VaultError

NONCE_BYTES: Final = 12


def bound_to(stream: UUID, name: str) -> bytes:
    """Return what a secret is bound to, so that it cannot be moved to another pupil."""
    return stream.bytes + name.encode()


def close_secret(cipher: AESGCM, clear: bytes, bound: bytes) -> bytes:
    """Return bytes encrypted, under a random nonce that stands before them."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound)


def open_raw(cipher: AESGCM, secret: bytes, bound: bytes) -> bytes:
    """Return the bytes of a secret. Raises InvalidTag."""
    return cipher.decrypt(secret[:NONCE_BYTES], secret[NONCE_BYTES:], bound)


def open_secret(cipher: AESGCM, secret: bytes, bound: bytes) -> bytes:
    """Return the bytes of a secret. Raises VaultError when it was damaged."""
    try:
        return open_raw(cipher, secret, bound)
    except InvalidTag as error:
        raise VaultError("een versleuteld gegeven in het grootboek is beschadigd") from error
