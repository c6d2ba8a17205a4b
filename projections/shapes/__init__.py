"""Histories of the same shape, folded once and filled in for all (docs/architecture.md)."""
