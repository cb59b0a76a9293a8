"""Approving a digest: only what is recorded, only by whom it is to be, and by file only with a real signature."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psfir.app.approvals import count, unsigned
from psfir.app.approve import Yes, bring, find, from_file, give, read_file, ready, write, write_unseen
from psfir.app.incident_deeds import close, resolve
from psfir.app.session import Session
from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from psfir.errors import ContentError, Refusal, UsageError
from tests.app.incident_kit import StandingClock, at_work, lay_out, opened, plan, planned, put_back, ran

needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None and not os.environ.get("CI"), reason="ssh-keygen is not installed here"
)
KILL = plan(kill=2)
RESTORE = plan(Verb.RESTORE, containment="run-1")
SIGNED = plan(Verb.RESTORE, containment="run-1", signed=True)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "id_alice"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A workspace, with alice's public key if the test makes her one."""
    made = "key" in request.fixturenames
    keys = (request.getfixturevalue("key").with_suffix(".pub").read_text().strip(),) if made else ()
    return lay_out(tmp_path / "work", keys=keys)


@pytest.fixture
def session(root: Path) -> Session:
    return at_work(root)


def test_a_digest_is_found_by_its_beginning(session: Session) -> None:
    """Eight digits are enough, with or without the name of the hash, in either case."""
    incident = planned(session, opened(session), KILL)
    digits = KILL.digest.removeprefix("sha256:")
    for ref in (digits[:8], digits, KILL.digest, KILL.digest[:20], digits[:12].upper()):
        found = find(session, ref)
        assert (found.incident.id, found.plan.digest) == (incident.id, KILL.digest)
    assert find(session, digits[:8], incident=incident.id[-6:]).incident.id == incident.id


@pytest.mark.parametrize("ref", ["", "abc", "1234567", "sha256:zzzzzzzz", "../../etc", "a" * 65])
def test_what_is_no_digest_is_refused(session: Session, ref: str) -> None:
    """Seven digits could be anything."""
    with pytest.raises(UsageError, match="is not a digest"):
        find(session, ref)


def test_only_what_is_recorded_can_be_approved(session: Session) -> None:
    """A digest that no open incident has, or only one that is over, is refused."""
    incident = planned(session, opened(session), KILL)
    with pytest.raises(Refusal, match="no open incident has a plan"):
        find(session, "0" * 12)
    close(session, resolve(session, incident))
    with pytest.raises(Refusal, match="no open incident has a plan"):
        find(session, KILL.digest)


def test_a_resolved_incident_can_still_be_put_back(session: Session) -> None:
    """Resolved comes before restored as often as not: as long as something stands, its restore can be approved."""
    incident = planned(session, ran(session, opened(session), plan()), RESTORE)
    resolve(session, incident)
    assert find(session, RESTORE.digest).plan == RESTORE
    put_back(session, session.incident(incident.id))
    with pytest.raises(Refusal):
        find(session, RESTORE.digest)


def test_an_ambiguous_beginning_names_both(session: Session) -> None:
    """Nothing is approved that might be something else, nor what bears a digest that is not its own."""
    incident = planned(session, opened(session), KILL)
    other = KILL.digest[:20] + "0" * (len(KILL.digest) - 20)
    session.record(session.draft(incident.id, Kind.PLANNED, {"plan": {**KILL.to_json(), "digest": other}}))
    with pytest.raises(UsageError, match="begins 2 digests") as refused:
        find(session, KILL.digest[:20])
    assert KILL.digest in refused.value.todo
    assert find(session, KILL.digest).plan == KILL
    with pytest.raises(Refusal, match="is not the digest of the plan recorded"):
        find(session, other)


def test_a_yes_is_recorded_with_its_expiry(session: Session) -> None:
    """It lasts as long as the runbook says, and counts."""
    planned(session, opened(session), KILL)
    approval = give(session, find(session, KILL.digest), Yes("it leaks"))
    assert approval.expires - approval.at == timedelta(hours=1)
    assert session.incidents()[0].approvals == (approval,)


def test_the_same_yes_twice_is_refused(session: Session) -> None:
    """Saying it again adds nothing, until it has expired."""
    planned(session, opened(session), KILL)
    give(session, find(session, KILL.digest), Yes())
    with pytest.raises(Refusal, match="alice has said yes already"):
        give(session, find(session, KILL.digest), Yes())
    late = replace(session, clock=StandingClock(session.clock.now() + timedelta(hours=2)))
    give(late, find(late, KILL.digest), Yes())


def test_a_forged_yes_blocks_nobody(root: Path) -> None:
    """Alice as bob, from her own login: refused with the way out; bob's own yes counts even where one was recorded."""
    alice, forger, bob = at_work(root), at_work(root, "bob", login="alice@box"), at_work(root, "bob")
    planned(alice, ran(alice, opened(alice), plan()), RESTORE)
    give(alice, find(alice, RESTORE.digest), Yes())
    with pytest.raises(Refusal, match="came from the same login as alice's") as refused:
        give(forger, find(forger, RESTORE.digest), Yes())
    assert refused.value.todo == f"psfir approve {RESTORE.digest.removeprefix('sha256:')[:12]} --sign KEY"
    assert len(alice.incidents()[0].approvals) == 1
    forged = unsigned(forger, RESTORE).to_json()
    forger.record(forger.draft(alice.incidents()[0].id, Kind.APPROVED, {"approval": forged}))
    assert not count(alice, alice.incidents()[0], plan=RESTORE).enough
    give(bob, find(bob, RESTORE.digest), Yes())
    assert count(alice, alice.incidents()[0], plan=RESTORE).enough


@pytest.mark.parametrize(("me", "says"), [("dora", "dora may not approve restore"), ("", "psfir does not know you")])
def test_approving_needs_the_right(root: Path, me: str, says: str) -> None:
    """Who may not, or is unknown, records nothing."""
    planned(at_work(root), opened(at_work(root)), RESTORE)
    session = at_work(root, me)
    with pytest.raises(Refusal, match=says):
        give(session, find(session, RESTORE.digest), Yes())
    assert session.incidents()[0].approvals == ()


def test_breaking_the_glass_needs_right_and_reason(root: Path) -> None:
    """Both are asked before anybody is shown a prompt."""
    with pytest.raises(UsageError, match="needs a reason"):
        ready(at_work(root), Verb.RESTORE, Yes(break_glass=True))
    with pytest.raises(Refusal, match="carol may not break glass"):
        ready(at_work(root, "carol"), Verb.RESTORE, Yes("alone", break_glass=True))


def test_broken_glass_stays_in_the_headline(session: Session) -> None:
    """The approval is enough alone, and the incident says so from then on."""
    planned(session, opened(session), RESTORE)
    give(session, find(session, RESTORE.digest), Yes("alone here", break_glass=True))
    incident = session.incidents()[0]
    assert count(session, incident, plan=RESTORE).enough
    assert [one.reason for one in incident.broke_glass] == ["alone here"]


def test_an_unsigned_yes_where_a_signed_one_is_asked_is_refused(session: Session) -> None:
    """It would not count, so it is not recorded as if it did; the cure is named."""
    planned(session, opened(session), SIGNED)
    with pytest.raises(Refusal, match="is not signed") as refused:
        give(session, find(session, SIGNED.digest), Yes())
    assert "--sign" in refused.value.todo


@needs_ssh
def test_a_signed_yes_makes_its_person_verified(session: Session, key: Path) -> None:
    """The signature is checked against psfir.yaml and again at every count."""
    planned(session, opened(session), SIGNED)
    approval = give(session, find(session, SIGNED.digest), Yes(key=key))
    assert approval.actor.identity.value == "verified"
    assert count(session, session.incidents()[0], plan=SIGNED).counted == (approval,)


@needs_ssh
def test_a_key_psfir_yaml_does_not_list_is_refused(session: Session, key: Path, tmp_path: Path) -> None:
    """Signing with another key records nothing and says where the key belongs."""
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    planned(session, opened(session), RESTORE)
    with pytest.raises(Refusal) as refused:
        give(session, find(session, RESTORE.digest), Yes(key=other))
    assert "ssh_keys" in refused.value.todo
    assert session.incidents()[0].approvals == ()


@needs_ssh
def test_a_signed_yes_travels_in_a_file(session: Session, root: Path, key: Path, tmp_path: Path) -> None:
    """Written by one, recorded by another: the signer's yes, whoever brings it, and only once."""
    planned(session, opened(session), SIGNED)
    out = tmp_path / "yes.json"
    write(session, find(session, SIGNED.digest), Yes("go", key=key), out)
    assert session.incidents()[0].approvals == ()
    bob = at_work(root, "bob")
    _, approval = bring(bob, out)
    assert (approval.actor.id, approval.actor.identity.value, approval.reason) == ("alice", "verified", "go")
    assert len(count(bob, bob.incidents()[0], plan=SIGNED).counted) == 1
    with pytest.raises(Refusal, match="has said yes already"):
        bring(bob, out)


@needs_ssh
def test_a_file_is_written_where_no_record_has_the_plan(
    session: Session, root: Path, key: Path, tmp_path: Path
) -> None:
    """On a machine of one's own only psfir.yaml and the whole digest are needed."""
    out = tmp_path / "yes.json"
    with pytest.raises(UsageError, match="whole digest"):
        write_unseen(session, SIGNED.digest[:20], Verb.RESTORE, yes=Yes(key=key), out=out)
    write_unseen(session, SIGNED.digest, Verb.RESTORE, yes=Yes(key=key), out=out)
    with pytest.raises(Refusal, match="no open incident"):
        bring(session, out)
    planned(session, opened(session), SIGNED)
    assert bring(at_work(root, "bob"), out)[1].actor.id == "alice"


@needs_ssh
def test_an_altered_file_is_refused(session: Session, key: Path, tmp_path: Path) -> None:
    """Every word of the statement is covered: change one and the signature no longer holds."""
    planned(session, planned(session, opened(session), SIGNED), KILL)
    out = tmp_path / "yes.json"
    write(session, find(session, SIGNED.digest), Yes("go", key=key), out)
    good = json.loads(out.read_text())
    changes: dict[str, Any] = {
        "digest": KILL.digest,
        "of": "kill",
        "person": "bob",
        "expires": "2026-11-21T04:13:00.000000Z",
        "break_glass": True,
        "reason": "other",
    }
    for name, value in changes.items():
        out.write_text(json.dumps({**good, "approval": {**good["approval"], name: value}}))
        with pytest.raises(Refusal, match=r"signature|no usable SSH key"):
            bring(session, out)
    assert session.incidents()[0].approvals == ()


@needs_ssh
def test_a_file_that_is_too_late_is_refused(session: Session, key: Path, tmp_path: Path) -> None:
    """It is not recorded, and says whom to ask."""
    planned(session, opened(session), SIGNED)
    out = tmp_path / "yes.json"
    write(session, find(session, SIGNED.digest), Yes(key=key), out)
    late = replace(session, clock=StandingClock(session.clock.now() + timedelta(hours=1)))
    with pytest.raises(Refusal, match="expired at") as refused:
        bring(late, out)
    assert "alice" in refused.value.todo


@needs_ssh
def test_a_file_is_never_written_over(session: Session, key: Path, tmp_path: Path) -> None:
    """What is there may be somebody else's yes."""
    planned(session, opened(session), RESTORE)
    out = tmp_path / "yes.json"
    out.write_text("theirs")
    with pytest.raises(UsageError, match="cannot be written"):
        write(session, find(session, RESTORE.digest), Yes(key=key), out)
    assert out.read_text() == "theirs"


def test_an_unsigned_yes_does_not_travel(session: Session, tmp_path: Path) -> None:
    """Neither is one written nor taken."""
    planned(session, opened(session), RESTORE)
    out = tmp_path / "yes.json"
    with pytest.raises(UsageError, match="has to be signed"):
        write(session, find(session, RESTORE.digest), Yes(), out)
    approval = give(session, find(session, RESTORE.digest), Yes())
    out.write_text(json.dumps({"schema": "psfir.approval/1", "approval": approval.to_json()}))
    with pytest.raises(Refusal, match="bears no signature"):
        from_file(session, out)


GOOD = {
    "digest": KILL.digest,
    "of": "kill",
    "person": "alice",
    "at": "2026-11-21T03:12:00.000000Z",
    "expires": "2026-11-21T04:12:00.000000Z",
    "break_glass": False,
    "reason": "",
    "signature": "x",
}


def test_a_file_cannot_say_how_sure_anybody_is(tmp_path: Path) -> None:
    """Identity and login come from the signature, whatever the file claims."""
    file = tmp_path / "yes.json"
    claims = {**GOOD, "identity": "verified", "login": "root@box"}
    file.write_text(json.dumps({"schema": "psfir.approval/1", "approval": claims}))
    actor = read_file(file).actor
    assert (actor.identity.value, actor.login) == ("asserted", "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 50_000,
        b"{" + b" " * 70_000 + b"}",
        json.dumps({"schema": "psfir.runbook/1"}).encode(),
        json.dumps({"schema": "psfir.approval/1"}).encode(),
        json.dumps({"schema": "psfir.approval/1", "approval": []}).encode(),
        *(
            json.dumps({"schema": "psfir.approval/1", "approval": {**GOOD, name: bad}}).encode()
            for name, bad in [
                ("digest", 7),
                ("of", "delete"),
                ("at", "yesterday"),
                ("at", "0001-01-01T00:00:00+14:00"),
                ("expires", None),
                ("break_glass", "yes"),
                ("reason", "\ud800"),
            ]
        ),
    ],
)
def test_rubbish_in_a_file_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    """Whatever mail brings, it ends in what is wrong with the file."""
    file = tmp_path / "yes.json"
    file.write_bytes(content)
    with pytest.raises(ContentError, match=r"yes\.json"):
        read_file(file)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """So is a folder."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_file(path)
