"""The read model in a database: its schema, what is written to it, what is asked of it."""
