"""From what a source says holds to the events that make it so (events.md 2)."""
