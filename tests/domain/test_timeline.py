"""The timeline's sentences: one for every kind of entry, on one line, whatever was typed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from psfir.domain.entries import GENESIS, Draft, Entry, seal
from psfir.domain.kinds import Kind
from psfir.domain.timeline import line, proof
from psfir.domain.wording import plain, short

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
DIGEST = "sha256:" + "ab12" * 16
PLAN = {
    "verb": "kill",
    "runbook": {"id": "assistant-off", "system": "support-assistant"},
    "rungs": [{}, {}],
    "digest": DIGEST,
}
YES = {
    "digest": DIGEST,
    "of": "kill",
    "person": "alice",
    "identity": "verified",
    "signature": "-----BEGIN",
    "break_glass": False,
    "reason": "it leaks",
}
PROOF = {"answers": 10, "untold": 0, "over": 5.04, "replicas": ["a", "b"], "soaked": 240.0}
RUNG = {"run": "run-1", "step": "stop", "rung": 0}

SAYS: dict[Kind, tuple[dict[str, Any], str]] = {
    Kind.DECLARED: (
        {
            "systems": ["a", "b"],
            "severity": "sev1",
            "case": "data_leakage",
            "trigger": {"at": "2026-11-21T03:02:00.000000Z", "source": "pager"},
        },
        "declared sev1, data leakage for a, b; trigger at 2026-11-21T03:02:00Z (pager)",
    ),
    Kind.SYSTEM_ADDED: ({"systems": ["c"]}, "also about c"),
    Kind.NOTE: ({"text": "hm", "about": "note"}, "note: hm"),
    Kind.CLAIMED: (
        {"name": "Eve", "reason": "it burns", "login": "root@box"},
        "UNVERIFIED: calls themselves 'Eve' (login root@box), because: it burns",
    ),
    Kind.SEATED: ({"seat": "comms_lead", "person": "carol"}, "comms lead is carol"),
    Kind.SEVERITY: ({"severity": "sev3"}, "severity is sev3"),
    Kind.RESOLVED: (
        {"verdict": "partial", "anyway": True},
        "resolved ANYWAY; verdict partial; the RCA clock begins",
    ),
    Kind.CLOSED: ({"anyway": True}, "closed ANYWAY, with changes still standing"),
    Kind.REOPENED: ({}, "opened again"),
    Kind.FALSE_ALARM: ({}, "called a false alarm"),
    Kind.MERGED: ({"into": "INC-2"}, "merged into INC-2"),
    Kind.HANDED_OVER: ({"to": "bob", "seat": "commander"}, "commander handed over to bob"),
    Kind.PLANNED: ({"plan": PLAN}, "planned to kill support-assistant by assistant-off, 2 rungs, ab12ab12ab12"),
    Kind.APPROVED: ({"approval": YES}, "alice (verified, signed) said yes to kill ab12ab12ab12: it leaks"),
    Kind.RUN_STARTED: (
        {"run": "run-1", "verb": "kill", "system": "a", "age": 61.2},
        "run run-1: kill of a began, 1m1s after the trigger",
    ),
    Kind.RUN_RESUMED: (
        {"run": "run-1", "age": 90.0, "certain": False},
        "run run-1 was taken up again, 1m30s after the trigger, its clock uncertain (another boot)",
    ),
    Kind.RUN_ENDED: (
        {"run": "run-1", "verdict": "not_contained", "soaked": False, "why": "stopped by a person"},
        "run run-1 ended: not contained: stopped by a person",
    ),
    Kind.EVIDENCE: (
        {"name": "logs.txt", "source": "http.get", "size": 12, "sha256": "ab12" * 16},
        "evidence kept: logs.txt from http.get, 12 bytes, ab12ab12ab12",
    ),
    Kind.NO_EVIDENCE: ({"source": "http", "why": "timed out"}, "NO evidence from http: timed out"),
    Kind.INTENDED: (
        {**RUNG, "attempt": 2, "change": {"lever": "memory.switch", "why": "on -> off"}},
        "about to pull memory.switch, stop, rung 1 (try 2): on -> off",
    ),
    Kind.ENDED: ({**RUNG, "result": "already_so", "says": "it is off"}, "stop, rung 1: already so, it is off"),
    Kind.VERIFIED: ({**RUNG, "held": "not_held", "says": "it is on"}, "stop, rung 1: not held, it is on"),
    Kind.LATE: (
        {**RUNG, "result": "changed", "says": "landed"},
        "stop, rung 1 answered after it was given up: changed, landed",
    ),
    Kind.REREAD: ({**RUNG, "result": "changed", "says": "landed"}, "stop, rung 1 read again: changed, landed"),
    Kind.HANDED: (
        {**RUNG, "runner": "eu", "state": "given_up", "says": "nobody"},
        "stop, rung 1, runner eu: given up, nobody",
    ),
    Kind.SEEN: (
        {"probe": "health", "sights": [{"replica": "a", "held": "could_not_tell", "says": "no answer"}]},
        "probe health: a could not tell, no answer",
    ),
    Kind.VERDICT: (
        {"run": "run-1", "phase": "soak", "verdict": "not_contained", "why": "a is back", "proof": PROOF},
        "verdict of run run-1 (soak): NOT CONTAINED, 10 probe answers from 2 replicas over 5s, soaked 4m; a is back",
    ),
    Kind.SOAKING: ({"seconds": 240.0}, "soaking for 4m: watching whether it turns itself back on"),
    Kind.TICKED: (
        {"playbook": "p", "step": "s", "state": "skipped", "reason": "nobody there"},
        "playbook p, step s: skipped: nobody there",
    ),
    Kind.INSTANT: ({"fact": "classified_major", "at": None}, "classified major: TAKEN BACK"),
    Kind.CLOCK_OPENED: (
        {"clock": "gdpr-33-1", "digest": "sha256:" + "a" * 64},
        "clock gdpr-33-1 opened (aaaaaaaaaaaa)",
    ),
    Kind.CLOCK_ASIDE: ({"clock": "gdpr-33-1"}, "clock gdpr-33-1 SET ASIDE"),
    Kind.CLOCK_DELAYED: (
        {"clock": "hipaa-404", "until": "2026-12-31T12:00:00.000000Z", "document": "letter.pdf"},
        "clock hipaa-404 delayed until 2026-12-31T12:00Z by letter.pdf",
    ),
    Kind.CLOCK_SUBMITTED: (
        {"clock": "gdpr-33-1", "at": "2026-11-21T03:12:00.000000Z", "receipt": "A-1", "update": False},
        "clock gdpr-33-1: submitted at 2026-11-21T03:12Z, receipt A-1",
    ),
    Kind.ACKNOWLEDGED: (
        {"runbook": "purge", "evidence": ["sha256:a", "sha256:b"]},
        "runbook purge may alter the system: 2 pieces kept before",
    ),
    Kind.DRAFTED: (
        {
            "message": {
                "id": "MSG-1",
                "audience": "public",
                "phase": "follow_up",
                "supersedes": "MSG-0",
                "subject": "Problems",
            },
            "digest": "sha256:" + "a" * 64,
            "class": "edited",
        },
        "drafted MSG-1 (public follow up, edited), in place of MSG-0, aaaaaaaaaaaa: Problems",
    ),
    Kind.WITHDRAWN: ({"message": "MSG-1", "why": "wrong"}, "MSG-1 was withdrawn: wrong"),
    Kind.SENDING: (
        {"message": "MSG-1", "channel": "mail", "attempt": 2, "recipients": 3, "list": "sha256:b"},
        "about to send MSG-1 over mail to 3 people (try 2)",
    ),
    Kind.SENT: (
        {"message": "MSG-1", "channel": "page", "attempt": 1, "result": "unknown", "says": "no answer"},
        "MSG-1 over page: UNKNOWN, no answer",
    ),
    Kind.RCA_SUBMITTED: (
        {"digest": DIGEST, "owner": "finn"},
        "the written analysis was handed to its reviewers, ab12ab12ab12",
    ),
    Kind.RCA_PUBLISHED: (
        {"digest": DIGEST, "owner": "finn", "late": 2},
        "the written analysis was published, ab12ab12ab12, 2 business days late",
    ),
    Kind.CADENCE: (
        {"audience": "public", "every": 900.0, "why": "many ask"},
        "public is promised a message every 15m: many ask",
    ),
    Kind.REMEDIATION_ADDED: (
        {"type": "prevent", "priority": "p1", "factor": "F1", "owner": "", "due": "2026-12-19"},
        "remediation added for F1: prevent, p1, owner nobody yet, due 2026-12-19",
    ),
    Kind.REMEDIATION_TAKEN: ({"item": "R1", "owner": "bob", "due": "2026-12-19"}, "R1: owner bob, due 2026-12-19"),
    Kind.REMEDIATION_BLOCKED: ({"item": "R1"}, "R1 is blocked"),
    Kind.REMEDIATION_DONE: ({"item": "R1"}, "R1 is done, and waits for somebody else to verify it"),
    Kind.REMEDIATION_VERIFIED: (
        {"item": "R1", "evidence": ["[entry 3]"], "approval": {"person": "dora"}},
        "R1 was verified by dora",
    ),
    Kind.REMEDIATION_ACCEPTED: (
        {"item": "R1", "approval": {"person": "dora", "expires": "2027-01-01T00:00:00.000000Z", "reason": "rare"}},
        "R1: RISK ACCEPTED by dora until 2027-01-01T00:00Z: rare",
    ),
    Kind.REMEDIATION_REOPENED: (
        {"item": "R1", "same_as": "INC-2/F1"},
        "R1 is OPEN AGAIN, the same factor as INC-2/F1",
    ),
    Kind.REMEDIATION_EXPORTING: (
        {"item": "R1", "to": "tickets", "act": "create", "attempt": 2},
        "about to create R1 in tickets (try 2)",
    ),
    Kind.REMEDIATION_EXPORTED: (
        {"item": "R1", "to": "tickets", "result": "unknown", "ref": "#7", "says": "no answer"},
        "R1 to tickets as #7: UNKNOWN, no answer",
    ),
    Kind.ABSORBED: ({"spool": "x.jsonl", "count": 3}, "merged 3 entries spooled in x.jsonl while the record was away"),
    Kind.ERASED: ({"seq": 7, "why": "asked by the person"}, "the words of entry 7 were erased: asked by the person"),
    Kind.HOLD_PLACED: ({"hold": "smith"}, "LEGAL HOLD smith: nothing of it is erased or discarded"),
    Kind.HOLD_RELEASED: ({"hold": "smith"}, "legal hold smith was released"),
    Kind.DISCARDED: (
        {"thing": "evidence", "name": "log", "sha256": DIGEST, "size": 9, "why": "30 days are over", "request": "R-1"},
        "evidence log, 9 bytes, ab12ab12ab12, was discarded: 30 days are over (request R-1)",
    ),
    Kind.DRILL_RECORDED: (
        {"run": "RUN-1", "scenario": "refund-policy", "level": "tabletop", "result": "S", "counts": False},
        "drill refund-policy (tabletop) came to S, practice and no evidence",
    ),
    Kind.MIGRATED: ({"from": 1, "to": 2, "copy": "r.bak"}, "record brought from format 1 to 2; copy kept at r.bak"),
}


def entry(kind: Kind, data: dict[str, Any]) -> Entry:
    return seal(Draft(AT, "INC-1", "asserted:alice", "cli", kind, data), seq=1, prev=GENESIS, salt="s")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_entry_has_its_sentence(kind: Kind) -> None:
    """No entry is shown as raw data: each kind of the catalogue has a sentence of its own."""
    data, says = SAYS[kind]
    assert line(entry(kind, data)) == says


def test_a_restore_is_told_as_one() -> None:
    """Putting back does not read as pulling, and its run counts from no trigger."""
    restored = {"run": "run-2", "verb": "restore", "system": "a", "age": 0.0}
    assert line(entry(Kind.RUN_STARTED, restored)) == "run run-2: restore of a began"
    data = {**SAYS[Kind.INTENDED][0], "act": "restore", "attempt": 1}
    assert line(entry(Kind.INTENDED, data)) == "about to put back memory.switch, stop, rung 1"


def test_what_came_of_a_later_try_names_the_try() -> None:
    """Two ends of one rung can be told apart; the first try goes without saying."""
    data = {**RUNG, "attempt": 2, "result": "failed", "says": "timed out"}
    assert line(entry(Kind.ENDED, data)) == "stop, rung 1 (try 2): failed, timed out"
    assert line(entry(Kind.ENDED, {**data, "attempt": 1})) == "stop, rung 1: failed, timed out"


def test_break_glass_is_loud_in_words() -> None:
    """A break-glass approval says so at the start of its line."""
    loud = {**YES, "break_glass": True, "identity": "asserted", "signature": ""}
    assert line(entry(Kind.APPROVED, {"approval": loud})).startswith("BREAK-GLASS: alice (asserted) said yes")


def test_an_unknown_approver_is_called_so() -> None:
    """A yes without a name is shown as one."""
    nobody = {**YES, "person": "", "identity": "unverified", "signature": "", "reason": ""}
    assert (
        line(entry(Kind.APPROVED, {"approval": nobody}))
        == "an unknown person (unverified) said yes to kill ab12ab12ab12"
    )


def test_erased_words_leave_a_line() -> None:
    """What was erased is still seen to have been there, and an unverified claim stays loud."""
    note, claim = entry(Kind.NOTE, SAYS[Kind.NOTE][0]), entry(Kind.CLAIMED, SAYS[Kind.CLAIMED][0])
    assert line(Entry(**{**vars(note), "data": None, "salt": None})) == "note (erased)"
    assert line(Entry(**{**vars(claim), "data": None, "salt": None})) == "UNVERIFIED claim (erased)"


def test_a_newer_kind_is_shown_by_its_name() -> None:
    """An entry that a newer psfir wrote breaks nothing."""
    newer = Entry(**{**vars(entry(Kind.CLOSED, {})), "kind": "comms.sent"})
    assert line(newer) == "comms.sent (a newer psfir wrote this)"


def test_nothing_typed_reaches_the_terminal_as_a_command() -> None:
    """Escape sequences, line ends and text direction marks in a note are gone, so that a line stays one line."""
    nasty = "off\x1b[2J\nINC-1 resolved\r\x07\u202etxet"
    said = line(entry(Kind.NOTE, {"text": nasty, "about": "note"}))
    assert said == "note: off [2J INC-1 resolved txet"
    assert plain("a\u0000b\tc") == "a b c"


def test_a_proof_counts_what_could_not_be_told() -> None:
    """Looks that could not tell are said, and one answer is not answers."""
    few = {"answers": 1, "untold": 4, "over": 0.0, "replicas": ["a"], "soaked": 0.0}
    assert proof(few) == "1 probe answer from 1 replica over 0s, 4 looks could not tell"


def test_a_short_digest_is_a_prefix() -> None:
    """What is shown of a digest is its beginning, which approve takes."""
    assert short(DIGEST) == "ab12ab12ab12"
