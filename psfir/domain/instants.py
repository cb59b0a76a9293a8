"""Instants as text: UTC, microseconds, one spelling, so that records sort and compare as text."""

from __future__ import annotations

from datetime import UTC, datetime


def write(at: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds and `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """An instant from ISO 8601; a time without a zone is an error, since at 3 a.m. nobody means UTC by accident."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; add Z or an offset such as +02:00")
    return at.astimezone(UTC)
