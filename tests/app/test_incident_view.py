"""What is said of an incident: the headline keeps what is loud for ever, the summary is short, the JSON is whole."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.approve import Yes, find, give
from psfir.app.incident import Declared, declare
from psfir.app.incident_deeds import close, hand_over, note, resolve
from psfir.app.incident_view import (
    clock,
    entry_json,
    flags,
    headline,
    pull_line,
    run_line,
    summary,
    timeline,
    to_json,
    verdict_words,
)
from psfir.app.session import Session
from psfir.domain.canon import Json, canonical
from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from tests.app.incident_kit import NOW, at_work, lay_out, opened, plan, planned, put_back, ran


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path))


def test_broken_glass_and_claims_never_leave_the_headline(session: Session, tmp_path: Path) -> None:
    """Also after all is put back and the incident is closed."""
    nobody = at_work(tmp_path, "")
    words = Declared(reason="it leaks", claimed_name="Eve\x1b[2J")
    incident = declare(nobody, ["support-assistant"], words=words, killing=True)
    incident = ran(session, incident, plan())
    restore = plan(Verb.RESTORE, containment="run-1")
    planned(session, incident, restore)
    give(session, find(session, restore.digest), Yes("alone", break_glass=True))
    incident = close(session, resolve(session, put_back(session, session.incident(incident.id))))
    assert flags(incident) == ("BREAK-GLASS by alice", "UNVERIFIED: Eve [2J")
    assert headline(incident).endswith("CLOSED  support-assistant  BREAK-GLASS by alice  UNVERIFIED: Eve [2J")


def test_the_clock_counts_from_the_trigger_and_stops_when_resolved(session: Session) -> None:
    """Declared late, it is late; resolved, it stands still; before the trigger it is zero."""
    incident = opened(session, trigger_at=NOW - timedelta(minutes=4, seconds=9))
    assert clock(incident, NOW) == "04:09"
    assert clock(incident, NOW + timedelta(hours=1)) == "1:04:09"
    assert clock(resolve(session, incident), NOW + timedelta(hours=9)) == "04:09"
    assert clock(incident, NOW - timedelta(days=1)) == "00:00"


def test_the_summary_is_enough_to_take_over_with(session: Session) -> None:
    """Verdict, seats, what stands and the last note, each on one line."""
    incident = hand_over(session, ran(session, opened(session, title="Refunds"), plan()), to="bob")
    incident = note(session, incident, "vendor\nis on it")
    lines = summary(session, incident).splitlines()
    assert lines[0] == f"{incident.id}  sev2  OPEN  Refunds"
    assert "Verdict: CONTAINED" in lines
    assert "Seats: commander bob" in lines
    assert "  - stop, rung 1: memory.switch connection=estate, switch=support-assistant" in lines
    assert lines[-2] == "Last note (03:12Z, asserted:alice): vendor is on it"
    assert incident.id in lines[-1]


def test_a_pull_nobody_is_sure_of_is_marked(session: Session) -> None:
    """What may have been changed is not shown as if it had been."""
    incident = ran(session, opened(session), plan())
    pull = incident.standing[0]
    assert "UNKNOWN" not in pull_line(pull)
    change = pull.facts.change
    assert change is not None
    request: dict[str, Json] = {"method": "PUT", "path": "/flags/a", "body": {"on": False}}
    target: dict[str, Json] = {
        "connection": "gateway",
        "apply": request,
        "read": {"pointer": "/on"},
        "ids": [1],
        "n": 2,
        "x": None,
    }
    whole = replace(pull, facts=replace(pull.facts, change=replace(change, target={**target, "all": True})))
    assert pull_line(whole).endswith("memory.switch connection=gateway, apply=PUT /flags/a, n=2, all=true")
    assert "outcome UNKNOWN" in pull_line(replace(pull, facts=replace(pull.facts, outcome=None)))


def test_a_run_says_its_verdict_and_its_proof(session: Session) -> None:
    """A verdict never stands without how much was seen."""
    incident = ran(session, opened(session), plan())
    says = "run-1  kill support-assistant  CONTAINED  5 probe answers from 1 replica over 4s"
    assert run_line(incident.runs["run-1"]) == says
    back = put_back(session, incident).runs["back-run-1"]
    assert run_line(back) == "back-run-1  restore support-assistant  restored"


def test_the_json_is_plain_and_whole(session: Session) -> None:
    """Every part of it can be written canonically, and its keys do not change unseen."""
    shown = to_json(ran(session, opened(session), plan()), NOW)
    assert canonical(shown)
    assert sorted(shown) == sorted(
        [
            *("id", "title", "status", "severity", "case", "systems", "flags", "break_glass", "unverified", "trigger"),
            *("seconds_since_trigger", "declared", "resolved_at", "merged_into", "seats", "verdict", "standing"),
            *("runs", "plans", "approvals", "analysis"),
        ]
    )


def test_the_timeline_has_time_actor_and_sentence(session: Session) -> None:
    """One line an entry, in UTC."""
    incident = note(session, opened(session), "hm")
    entries = list(session.journal.read(incident.id))
    assert timeline(entries)[-1] == "2026-11-21T03:12:00Z  asserted:alice            note: hm"
    assert entry_json(entries[-1]) == {
        "seq": entries[-1].seq,
        "at": "2026-11-21T03:12:00.000000Z",
        "actor": "asserted:alice",
        "channel": "cli",
        "kind": "incident.note",
        "line": "note: hm",
    }


def test_what_was_put_back_is_not_said_never_to_have_been_contained(session: Session) -> None:
    """Nothing contained is said of an incident without a kill; the verdict itself is none in both."""
    incident = opened(session)
    assert verdict_words(incident) == "nothing contained"
    incident = ran(session, incident, plan())
    assert verdict_words(incident) == "CONTAINED"
    incident = put_back(session, incident)
    assert verdict_words(incident) == "contained, then restored"
    assert "Verdict: contained, then restored" in summary(session, incident)
    assert to_json(incident, NOW)["verdict"] is None
    again = ran(session, incident, plan(after="slow"), "run-2", verdict="not_contained")
    assert verdict_words(again) == "NOT CONTAINED"


def test_a_kill_that_still_looks_has_no_verdict_yet(session: Session) -> None:
    """Unknown is what the probes came to, not what they have not come to; another system's bad news stays said."""
    incident = ran(session, opened(session), plan())
    search = plan(system="search")
    planned(session, incident, search)
    words: dict[str, Json] = {"run": "run-2", "verb": "kill", "plan": search.digest, "system": "search", "age": 0.0}
    session.record(session.draft(incident.id, Kind.RUN_STARTED, words))
    incident = session.incident(incident.id)
    assert verdict_words(incident) == "no verdict yet"
    assert to_json(incident, NOW)["verdict"] == "unknown"
    ran(session, incident, plan(after="less"), "run-3", verdict="unknown")
    assert verdict_words(session.incident(incident.id)) == "UNKNOWN"
    ran(session, incident, plan(after="slow"), "run-4", verdict="not_contained")
    assert verdict_words(session.incident(incident.id)) == "NOT CONTAINED"
