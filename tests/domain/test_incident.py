"""The incident as a fold: the same from the same entries, however they are handed over, and in no other order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain.approval import Approval
from psfir.domain.entries import Entry
from psfir.domain.fold import extend, fold
from psfir.domain.incident import Incident, Note, Status, Tick
from psfir.domain.kinds import Kind
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.people import Actor, Identity, Seat
from psfir.domain.verdict import Verdict
from psfir.errors import RecordError
from tests.domain.history import AT, INCIDENT, NO_EGRESS, OFF, SYSTEM, History, kill_plan, restore_plan
from tests.domain.parts import read_back


def night() -> History:
    """A whole night: declared, killed with a hitch, ticked, restored by two people, resolved and closed."""
    told = History()
    told.declare(case="data_leakage")
    told.tell(Kind.NOTE, text="It leaks", about="title")
    told.tell(Kind.SEATED, seat="commander", person="alice")
    told.begin("run-1", kill_plan())
    told.approve("alice", kill_plan().digest)
    told.intend("stop", 0, what=OFF)
    told.intend("cut", 0, what=NO_EGRESS)
    told.end("stop", 0, result="unknown")
    told.end("cut", 0, result="changed")
    told.resume()
    told.reread("stop", 0, "changed")
    told.verify("stop", 0)
    told.verify("cut", 0)
    told.conclude("contained")
    told.conclude("contained", "soak")
    told.stop("contained")
    told.tell(Kind.TICKED, playbook="leak", step="call-legal", state="done", reason="")
    told.approve("alice", restore_plan("run-1").digest, of="restore")
    told.approve("bob", restore_plan("run-1").digest, of="restore", glass=True)
    told.restore("run-1")
    told.tell(Kind.RESOLVED, verdict=None)
    told.tell(Kind.CLOSED)
    return told


NIGHT = night().entries


def at(seq: int) -> Incident:
    return fold(NIGHT[:seq])


def test_what_is_known_from_the_first_entry_on() -> None:
    """Who declared what, when, and since when the clock runs."""
    first = at(1)
    assert (first.id, first.systems, first.severity, first.case) == (
        INCIDENT,
        (SYSTEM,),
        Severity.SEV2,
        PlanCase.DATA_LEAKAGE,
    )
    assert first.trigger_at == datetime(2026, 11, 21, 3, 2, tzinfo=UTC)
    assert (first.trigger_source, first.declared_by, first.declared_at) == (
        "pager",
        "asserted:alice",
        AT + timedelta(seconds=1),
    )
    assert (first.open, first.verdict, first.standing, first.running, first.title) == (True, None, (), (), SYSTEM)
    assert first.last_kill() is None


# What is known after each entry: how many changes stand, how many runs go on, and the verdict.
PREFIXES: list[tuple[str, int, int, Verdict | None]] = [
    ("incident.declared", 0, 0, None),
    ("incident.note", 0, 0, None),
    ("incident.seated", 0, 0, None),
    ("plan.drawn", 0, 0, None),
    ("run.started", 0, 1, Verdict.UNKNOWN),
    ("approval.given", 0, 1, Verdict.UNKNOWN),
    ("rung.intended", 1, 1, Verdict.UNKNOWN),
    ("rung.intended", 2, 1, Verdict.UNKNOWN),
    ("rung.ended", 2, 1, Verdict.UNKNOWN),
    ("rung.ended", 2, 1, Verdict.UNKNOWN),
    ("run.resumed", 2, 1, Verdict.UNKNOWN),
    ("rung.reread", 2, 1, Verdict.UNKNOWN),
    ("rung.verified", 2, 1, Verdict.UNKNOWN),
    ("rung.verified", 2, 1, Verdict.UNKNOWN),
    ("verdict.reached", 2, 1, Verdict.CONTAINED),
    ("verdict.reached", 2, 1, Verdict.CONTAINED),
    ("run.ended", 2, 0, Verdict.CONTAINED),
    ("playbook.ticked", 2, 0, Verdict.CONTAINED),
    ("approval.given", 2, 0, Verdict.CONTAINED),
    ("approval.given", 2, 0, Verdict.CONTAINED),
    ("plan.drawn", 2, 0, Verdict.CONTAINED),
    ("run.started", 2, 1, Verdict.CONTAINED),
    ("rung.intended", 2, 1, Verdict.CONTAINED),
    ("rung.ended", 2, 1, Verdict.CONTAINED),
    ("rung.verified", 1, 1, Verdict.CONTAINED),
    ("rung.intended", 1, 1, Verdict.CONTAINED),
    ("rung.ended", 1, 1, Verdict.CONTAINED),
    ("rung.verified", 0, 1, None),
    ("run.ended", 0, 0, None),
    ("incident.resolved", 0, 0, None),
    ("incident.closed", 0, 0, None),
]


def test_what_is_known_after_each_entry() -> None:
    """From an intention on a change may stand, and it does so until it is seen to be back."""
    found = []
    for seq, entry in enumerate(NIGHT, 1):
        now = at(seq)
        found.append((entry.kind, len(now.standing), len(now.running), now.verdict))
        assert now.head == seq
    assert found == PREFIXES


def test_the_end_of_the_night() -> None:
    """All that people did is there, in order."""
    last = at(len(NIGHT))
    assert (last.status, last.open, last.title) == (Status.CLOSED, False, "It leaks")
    assert last.resolved_at == NIGHT[-2].at
    assert last.seats == {Seat.COMMANDER: "alice"}
    assert last.ticks == (Tick("leak", "call-legal", "done", "", NIGHT[17].at, "asserted:alice"),)
    assert [approval.actor.id for approval in last.approvals] == ["alice", "alice", "bob"]
    assert [approval.actor.id for approval in last.broke_glass] == ["bob"]
    assert set(last.plans) == {kill_plan().digest, restore_plan("run-1").digest}
    kill = last.last_kill()
    assert kill is not None
    assert (kill.id, kill.verdict, last.last_kill("another")) == ("run-1", Verdict.CONTAINED, None)


def test_a_fold_is_the_same_each_time_and_step_by_step() -> None:
    """Also from entries that were read back from JSON: another process sees the same incident."""
    again: Incident | None = None
    for entry in NIGHT:
        again = extend(again, Entry.from_json(read_back(entry.to_json())))
        assert again == at(entry.seq)


@settings(max_examples=30)
@given(st.integers(1, len(NIGHT)))
def test_a_fold_may_be_taken_up_anywhere(seq: int) -> None:
    """What was folded so far, extended by the rest, is the whole; and it is not itself changed by that."""
    half = at(seq)
    before = repr(half)
    whole = half
    for entry in NIGHT[seq:]:
        whole = extend(whole, entry)
    assert whole == at(len(NIGHT))
    assert repr(half) == before


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([], "no entries"),
        (NIGHT[1:], "comes before the incident was declared"),
        ([NIGHT[0], NIGHT[2], NIGHT[1]], "the order is wrong"),
        ([NIGHT[0], NIGHT[1], NIGHT[1]], "the order is wrong"),
        ([NIGHT[0], NIGHT[0]], "the order is wrong"),
        ([NIGHT[0], replace(NIGHT[1], incident="INC-2")], "belongs to INC-2"),
        ([*NIGHT[:3], NIGHT[4]], "a plan that was never recorded"),
    ],
    ids=["none", "headless", "swapped", "twice", "declared twice", "another's", "no plan"],
)
def test_entries_that_tell_no_incident(entries: list[Entry], says: str) -> None:
    """A sentence of the record's, which a door can show."""
    with pytest.raises(RecordError, match=says):
        fold(entries)


def test_gaps_in_the_numbers_are_other_incidents_entries() -> None:
    """One chain holds many incidents."""
    first, second = NIGHT[0], replace(NIGHT[1], seq=40)
    assert fold([first, second]).head == 40


def test_erased_words_leave_their_place() -> None:
    """Who said something and when stays, the words are gone, and the title falls back to the system."""
    told = History()
    told.declare()
    told.tell(Kind.NOTE, text="Ms Roe called", about="title")
    told.tell(Kind.CLAIMED, name="Eve", reason="it burns", login="root@box")
    told.tell(Kind.NOTE, text="and again", about="note")
    said = told.incident
    assert (said.title, said.claims[0].text, said.claims[0].about) == ("Ms Roe called", "Eve", "it burns")
    gone = fold([replace(entry, data=None, salt=None) if entry.seq in {2, 3} else entry for entry in told.entries])
    assert gone.notes[0] == Note(2, told.entries[1].at, "asserted:alice", "note", None)
    assert gone.notes[1] == said.notes[1]
    assert gone.claims == (Note(3, told.entries[2].at, "asserted:alice", "", None),)
    assert gone.title == SYSTEM


LIVES: dict[str, tuple[list[tuple[Kind, dict[str, str]]], Status, bool, bool]] = {
    "new": ([], Status.OPEN, True, False),
    "resolved": ([(Kind.RESOLVED, {})], Status.RESOLVED, False, True),
    "closed": ([(Kind.RESOLVED, {}), (Kind.CLOSED, {})], Status.CLOSED, False, True),
    "a false alarm": ([(Kind.FALSE_ALARM, {})], Status.FALSE_ALARM, False, False),
    "a false alarm, closed": ([(Kind.FALSE_ALARM, {}), (Kind.CLOSED, {})], Status.CLOSED, False, False),
    "merged": ([(Kind.MERGED, {"into": "INC-2"})], Status.MERGED, False, False),
    "reopened": ([(Kind.RESOLVED, {}), (Kind.CLOSED, {}), (Kind.REOPENED, {})], Status.OPEN, True, False),
    "merged, reopened": ([(Kind.MERGED, {"into": "INC-2"}), (Kind.REOPENED, {})], Status.OPEN, True, False),
    "resolved twice": ([(Kind.RESOLVED, {}), (Kind.REOPENED, {}), (Kind.RESOLVED, {})], Status.RESOLVED, False, True),
}


@pytest.mark.parametrize("case", LIVES)
def test_where_an_incident_stands(case: str) -> None:
    """The RCA's clock runs from the last time it was resolved, and from none before it was opened again."""
    deeds, status, is_open, resolved = LIVES[case]
    told = History()
    told.declare()
    for kind, data in deeds:
        told.tell(kind, **data)
    found = told.incident
    assert (found.status, found.open) == (status, is_open)
    last = [entry.at for entry in told.entries if entry.kind == Kind.RESOLVED]
    assert found.resolved_at == (last[-1] if resolved else "")
    assert found.merged_into == ("INC-2" if status is Status.MERGED else "")


def test_what_changes_while_it_is_open() -> None:
    """The newest severity, seat and title count; a system is added once."""
    told = History()
    told.declare()
    told.tell(Kind.SEVERITY, severity="sev1")
    told.tell(Kind.SYSTEM_ADDED, systems=["search", SYSTEM])
    for person in ("alice", "bob"):
        told.tell(Kind.SEATED, seat="scribe", person=person)
        told.tell(Kind.NOTE, text=f"by {person}", about="title")
    found = told.incident
    assert (found.severity, found.systems, found.seats, found.title) == (
        Severity.SEV1,
        (SYSTEM, "search"),
        {Seat.SCRIBE: "bob"},
        "by bob",
    )


def test_what_is_not_known_here_changes_nothing_but_the_head() -> None:
    """Kinds of a newer psfir, entries about the record itself, and those of a run that this incident never began."""
    told = History()
    told.declare()
    before = told.incident
    told.tell(Kind.ABSORBED, spool="spool-1", count=3)
    told.tell(Kind.ERASED, seq=1, why="asked")
    told.tell(Kind.VERDICT, run="run-9", phase="probes", verdict="contained", why="", proof={})
    newer = replace(told.tell(Kind.CLOSED), kind="moon.phase")
    assert fold([*told.entries[:-1], newer]) == replace(before, head=5)


def test_break_glass_stays_in_sight() -> None:
    """Also when the incident is closed."""
    told = History()
    told.declare()
    told.approve("alice", "sha256:00", glass=True)
    told.tell(Kind.RESOLVED)
    told.tell(Kind.CLOSED)
    assert [given_.actor for given_ in told.incident.broke_glass] == [Actor("alice", Identity.ASSERTED, "alice@laptop")]
    assert isinstance(told.incident.broke_glass[0], Approval)
