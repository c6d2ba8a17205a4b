"""Tests: what goes in, and what comes out."""
