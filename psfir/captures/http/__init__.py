"""Captures over plain HTTP: one file a capture."""
