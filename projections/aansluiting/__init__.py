"""Reconciliation: two sides that should say the same, and why they do not (rules.md 9)."""
