"""Instants as text: UTC, microseconds, one spelling, so that records sort and compare as text."""

from __future__ import annotations

from datetime import UTC, datetime


def write(at: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds and `Z`."""
    return _utc(at, repr(at)).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read(text: str) -> datetime:
    """An instant from ISO 8601; a time without a zone is an error, since at 3 a.m. nobody means UTC by accident."""
    return _utc(datetime.fromisoformat(text), repr(text))


def _utc(at: datetime, shown: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{shown} has no time zone; add Z or an offset such as +02:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{shown} lies outside the years 1 to 9999 in UTC") from None
