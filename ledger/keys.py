"""The key of a ledger: in the environment, else in a file that only the owner can read."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_VARIABLE: Final = "KIJKGLAS_KEY"
KEY_BYTES: Final = 32


class VaultError(Exception):
    """The vault cannot be opened: no key, the wrong key, or a damaged file."""


def new_key_file(path: Path) -> None:
    """Write a fresh random key that only the owner can read; an existing one stays."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> bytes:
    """Return the ledger's key from the environment, else from its file. Raises VaultError."""
    text = os.environ.get(KEY_VARIABLE)
    if text is None:
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise VaultError(
                f"geen sleutel: {path} ontbreekt of is onleesbaar en {KEY_VARIABLE} is niet gezet; "
                "zet de bewaarde sleutel terug"
            ) from None
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(f"de sleutel is geen base64 van {KEY_BYTES} bytes")
    return key


def derived(key: bytes, purpose: bytes) -> bytes:
    """Return the key for one purpose that follows from the key of a ledger."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"kijkglas " + purpose).derive(key)
