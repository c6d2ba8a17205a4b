"""The write side: events, their store, the vault and the pure state of one pupil."""
