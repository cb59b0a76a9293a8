"""An incident that is over, with its analysis published and a captured file that somebody's name stands in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from psfir.app.incident_deeds import close, note, resolve
from psfir.app.session import Session
from psfir.contracts import Captured
from psfir.domain.canon import Json
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from tests.app.incident_kit import NOW, StandingClock, at_work, opened, plan, put_back, ran
from tests.app.legal_kit import emma, with_legal

CANARY = b"canary-4c1b was told of an order"


def legal(root: Path) -> Session:
    """Emma at work in a new workspace, whose clock a test may move: what is due falls due on it."""
    with_legal(root)
    return emma(root, StandingClock())


def at(session: Session, **span: float) -> Session:
    """The same person, later."""
    return emma(session.root, StandingClock(NOW + timedelta(**span)))


def keep(session: Session, incident: Incident, content: bytes = CANARY, run: str = "run-1") -> int:
    """Capture something; the number of its entry."""
    sha256 = session.evidence.keep(incident.id, Captured("chat.json", "application/json", content))
    target: dict[str, Json] = {}
    data: dict[str, Json] = {"run": run, "source": "memory", "target": target, "name": "chat.json", "sha256": sha256}
    return session.record(session.draft(incident.id, Kind.EVIDENCE, {**data, "size": len(content)}))[0].seq


def over(session: Session, *, published: bool = True, closed: bool = True) -> Incident:
    """From trigger to publication, all at one instant, by alice."""
    alice = at_work(session.root)
    incident = ran(alice, opened(alice), plan())
    keep(alice, incident)
    incident = resolve(alice, note(alice, put_back(alice, incident), "canary-4c1b called us"))
    incident = close(alice, incident) if closed else incident
    if published:
        data: dict[str, Json] = {"digest": "sha256:" + "a" * 64, "owner": "alice", "late": 0}
        alice.record(alice.draft(incident.id, Kind.RCA_PUBLISHED, data))
    return alice.incident(incident.id)


def file_of(session: Session, incident: Incident) -> Path:
    """Where its evidence lies."""
    (path,) = (one for one in (session.root / ".psfir" / "evidence" / incident.id).iterdir() if not one.suffix)
    return path
