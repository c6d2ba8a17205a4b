"""Signals: what is odd about enrolments and tlv's, with who should act (rules.md 10)."""
