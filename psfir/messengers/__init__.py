"""Whom we can tell: one file a messenger. What all of them hold to is in `outgoing.py`, and nobody sends past it."""
