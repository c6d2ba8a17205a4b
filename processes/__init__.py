"""Processes, and how they are stopped: by whom, when, and with whom they started."""
