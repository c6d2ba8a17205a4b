"""What a fact is, and whose: of a pupil, of reference data, or of the log itself."""

from __future__ import annotations

import msgspec


class Fact(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """What a source reported: past tense, immutable, mended only by another fact."""


class PupilFact(Fact, frozen=True, kw_only=True):
    """A fact about one pupil; the feed names the pupil by PGN, the store by pupil id."""


class LogFact(Fact, frozen=True, kw_only=True):
    """A fact about the log itself, booked by the ledger on any stream."""


class ReferenceFact(Fact, frozen=True, kw_only=True):
    """A fact about a vestiging, a samenwerkingsverband, a postcode area or a count."""
