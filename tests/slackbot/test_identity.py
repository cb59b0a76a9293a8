"""Who somebody is in Slack: verified by Slack, named by psfir.yaml, and one person however many names they have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.approvals import count, own_yes
from psfir.app.identity import by_slack
from psfir.app.incident import Declared, declare
from psfir.app.kill import Order, press
from psfir.app.session import Door, Session, open_session
from psfir.domain.approval import Approval
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor, Deed, Identity
from psfir.errors import ContentError, Refusal
from psfir.loading.workspace import load_workspace
from tests.app.incident_kit import StandingClock, at_work, lay_out, opened, plan, planned

SLACK = "slack:\n  connection: chat\n  home: C0HOME\n"
CHAT = "  chat: {kind: slack, token: env:SLACK_TOKEN}\n"


def workspace(root: Path) -> Path:
    lay_out(root)
    file = root / "psfir.yaml"
    text = file.read_text().replace("{name: Alice,", "{name: Alice, slack: U0ALICE,")
    file.write_text(text.replace("{name: Bob,", "{name: Bob, slack: U0BOB,"))
    return root


def in_slack(root: Path, member: str) -> Session:
    door = Door(env={"HOME": str(root)}, channel="slack", strangers=False)
    session = open_session(door, workspace=root, who=lambda team: by_slack(team, member))
    return replace(session, clock=StandingClock())


def test_slack_vouches_for_a_person_of_psfir_yaml(tmp_path: Path) -> None:
    """The record names them as verified, and the door they came by."""
    session = in_slack(workspace(tmp_path), "U0ALICE")
    incident = opened(session)
    assert incident.declared_by == "verified:alice"
    assert next(session.journal.read(incident.id)).channel == "slack"


def test_somebody_unmapped_can_read_and_nothing_else(tmp_path: Path) -> None:
    """Not even kill, which anybody may at a keyboard: whoever is in a Slack channel is not at the machine."""
    stranger = in_slack(workspace(tmp_path), "U0NOBODY")
    assert list(stranger.incidents()) == []
    for deed in Deed:
        with pytest.raises(Refusal, match="can read and do nothing else"):
            stranger.need(deed)
    with pytest.raises(Refusal, match="U0NOBODY"):
        press(stranger, [plan()], Order(words=Declared(claimed_name="Eve", reason="for fun")))
    with pytest.raises(Refusal):
        declare(stranger, ["search"], words=Declared(claimed_name="Eve", reason="for fun"), killing=True)
    assert list(stranger.journal.read()) == []


def test_a_yes_from_slack_counts_without_a_key(tmp_path: Path) -> None:
    """Two people's are two, and the same person's at the keyboard adds nothing to theirs in Slack."""
    root = workspace(tmp_path)
    alice, bob, typing = in_slack(root, "U0ALICE"), in_slack(root, "U0BOB"), at_work(root)
    rule = plan(kill=2)
    incident = planned(alice, opened(alice), rule)
    for session in (alice, typing):
        if draft := own_yes(session, incident, rule):
            session.record(draft)
        incident = session.incident(incident.id)
    assert len(count(alice, incident, plan=rule).counted) == 1
    last = own_yes(bob, incident, rule)
    assert last is not None
    bob.record(last)
    assert count(alice, bob.incident(incident.id), plan=rule).enough


def test_a_yes_by_a_member_who_is_that_person_no_longer_does_not_count(tmp_path: Path) -> None:
    """The member id is looked up again whenever yeses are counted."""
    session = in_slack(workspace(tmp_path), "U0ALICE")
    rule = plan(kill=2)
    incident = planned(session, opened(session), rule)
    now = session.clock.now()
    for member in ("U0OTHER", ""):
        actor = Actor("alice", Identity.VERIFIED, f"slack:{member}")
        yes = Approval(rule.digest, "kill", actor, now, now + timedelta(minutes=5))
        session.record(session.draft(incident.id, Kind.APPROVED, {"approval": yes.to_json()}))
    standing = count(session, session.incident(incident.id), plan=rule)
    # Of kills one yes counts from whoever pressed first; it vouches for nobody, and a second one is refused.
    assert len(standing.counted) <= 1
    assert "verified and bears no signature" in str([why for _, why in standing.ignored])


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("{name: Bob,", "{name: Bob, slack: U0ALICE,", "alice's member id already"),
        ("  connection: chat", "  connection: nowhere", "there is no connection"),
        ("  connection: chat", "  connection: estate", "of kind memory, not slack"),
        ("  home: C0HOME", "  home: C0HOME\n  exercise: {connection: chat, home: C1DRILL}", "an app of their own"),
        ("  home: C0HOME", "  home: incidents", "a channel's id"),
    ],
)
def test_what_is_wrong_in_psfir_yaml_is_said(tmp_path: Path, before: str, after: str, says: str) -> None:
    """One member id is one person's; the app's connection is of its kind, and drills have another one."""
    file = lay_out(tmp_path) / "psfir.yaml"
    text = file.read_text().replace("{name: Alice,", "{name: Alice, slack: U0ALICE,")
    text = text.replace("systems:\n", f"{CHAT}systems:\n") + SLACK
    file.write_text(text)
    found = load_workspace(file).slack
    assert found is not None
    assert found.live.home == "C0HOME"
    file.write_text(text.replace(before, after))
    with pytest.raises(ContentError, match=says):
        load_workspace(file)
