"""Why a count changed: from the rectangles and their causes alone (rules.md 8)."""
