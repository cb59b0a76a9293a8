"""What the record supports, and what it does not."""

from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app import incident_deeds as deeds
from psfir.app.session import Session
from psfir.comms.facts import Scene, facts, mode, unsupported
from psfir.comms.known_facts import RECORD
from psfir.comms.record import Talk, talk
from psfir.domain.incident import Incident
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Mode
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out, opened, plan, put_back, ran


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path), clock=StandingClock(NOW + timedelta(minutes=7)))


def scene(session: Session, incident: Incident) -> Scene:
    found = talk(session.journal.read(incident.id))
    return Scene(incident, found, session.workspace.systems, session.clock.now(), Audience.PUBLIC)


def test_every_fact_that_templates_may_name_is_worked_out(session: Session) -> None:
    """And none that they may not; what is not known says why."""
    found = facts(scene(session, opened(session)))
    assert set(found) == set(RECORD)
    assert all(fact.known or fact.why for fact in found.values())


def test_from_trigger_to_resolution(session: Session) -> None:
    """Each instant is the record's; containment counts from its first proof."""
    incident = opened(session, trigger_at=NOW)
    assert facts(scene(session, incident))["contained_at"].why == "no probe has proven a containment"
    incident = ran(session, incident, plan())
    found = facts(scene(session, incident))
    assert found["since"].value == "2026-11-21 03:12 UTC"
    assert found["contained_at"].value == "2026-11-21 03:19 UTC"
    assert found["time_to_contain"].value == "7 min"
    assert found["restored_at"].value is None
    assert found["systems"].value == ["Support assistant"]
    assert mode(incident) is Mode.DISABLE
    incident = put_back(session, incident)
    incident = deeds.resolve(session, incident)
    found = facts(scene(session, incident))
    assert found["restored_at"].value == "2026-11-21 03:19 UTC"
    assert found["resolved_at"].value == "2026-11-21 03:19 UTC"


def test_what_is_not_known_yet_comes_from_notes(session: Session) -> None:
    """In the words that were typed."""
    incident = deeds.note(session, opened(session), "how many answers went out", about="not_known")
    assert facts(scene(session, incident))["not_known"].value == ["how many answers went out"]


@pytest.mark.parametrize("verdict", ["partial", "not_contained", "unknown"])
def test_contained_is_said_only_when_proven(session: Session, verdict: str) -> None:
    """No other verdict will do, nor none at all; and nothing is resolved by it."""
    incident = opened(session)
    assert "nothing is contained" in unsupported(incident, Phase.CONTAINED)
    incident = ran(session, incident, plan(), verdict=verdict)
    assert verdict.replace("_", " ") in unsupported(incident, Phase.CONTAINED)
    assert mode(incident) is None
    incident = deeds.resolve(session, incident, anyway="the vendor did it")
    assert verdict.replace("_", " ") in unsupported(incident, Phase.RESOLVED)


def test_each_phase_needs_what_it_says(session: Session) -> None:
    """Monitoring a restore, resolved a resolution, findings the same."""
    incident = ran(session, opened(session), plan())
    assert unsupported(incident, Phase.CONTAINED) == ""
    assert "no restore" in unsupported(incident, Phase.MONITORING)
    assert "the incident is open" in unsupported(incident, Phase.RESOLVED)
    assert "after the incident is resolved" in unsupported(incident, Phase.FOLLOW_UP)
    incident = put_back(session, incident)
    assert unsupported(incident, Phase.MONITORING) == ""
    assert unsupported(incident, Phase.CONTAINED) != ""
    incident = deeds.resolve(session, incident)
    assert [unsupported(incident, one) for one in (Phase.RESOLVED, Phase.FOLLOW_UP, Phase.HOLDING, Phase.PROGRESS)] == [
        ""
    ] * 4


def test_an_empty_record_is_an_empty_talk(session: Session) -> None:
    """Entries that are not about messages are passed over."""
    incident = ran(session, opened(session), plan())
    assert talk(session.journal.read(incident.id)) == Talk()
