"""What drills left in a record."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from psfir.app.session import Session
from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.rehearsal.schedule import RECORDED


def drill(day: date, **more: Any) -> dict[str, Json]:
    """One that counts, on the range, for containment; `more` says what is otherwise."""
    told: dict[str, Json] = {
        "run": f"RUN-{day:%Y%m%d}-k7q2xa",
        "scenario": "kill-switch-fails",
        "scenario_digest": "sha256:s",
        "level": "functional",
        "cut": "",
        "speed": "1",
        "systems": ["support-assistant"],
        "statements": [2],
        "runbooks": {"all-off": "sha256:a"},
        "result": "P",
        "times": {},
        "counts": True,
        "log_digest": "sha256:l",
        "at": f"{day.isoformat()}T10:00:00+00:00",
    }
    return {**told, **more}


class _Later(str):
    """A kind by its word alone."""

    __slots__ = ()

    @property
    def value(self) -> str:
        return str(self)


def left_in_record(session: Session, told: dict[str, Json]) -> None:
    session.record(session.draft("", cast("Kind", _Later(RECORDED)), told))
