"""The key of a ledger: in the environment, else in a file that only the owner can read."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.failing import reason

KEY_VARIABLE: Final = "KIJKGLAS_KEY"
KEY_FILE_VARIABLE: Final = "KIJKGLAS_KEY_FILE"
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
            text = path.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise VaultError(
                f"geen sleutel: {path}: {reason(error)}; {KEY_VARIABLE} is niet gezet; "
                "zet de bewaarde sleutel terug"
            ) from None
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(
            f"{key_source(path)} is geen base64 van {KEY_BYTES} bytes; geef de sleutel die 'init' "
            "maakte en die u bewaarde"
        )
    return key


def key_source(path: Path) -> str:
    """Return what a user calls the key, by where `read_key` finds it."""
    if KEY_VARIABLE in os.environ:
        return f"de sleutel in {KEY_VARIABLE}"
    named = os.environ.get(KEY_FILE_VARIABLE)
    why = f" (van {KEY_FILE_VARIABLE})" if named and Path(named) == path else ""
    return f"de sleutel in {path}{why}"


def derived(key: bytes, purpose: bytes) -> bytes:
    """Return the key for one purpose that follows from the key of a ledger."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"kijkglas " + purpose).derive(key)
