"""Reading what users have: one module per source."""
