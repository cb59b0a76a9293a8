"""The doubles do what a test tells them, and otherwise keep their socket's word."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from psfir.contracts import Capture, Clock, Evidence, Journal, Leases, Lever, Probe
from psfir.domain.change import Change, Held, Result
from psfir.domain.entries import Draft
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.errors import Drift, NoAnswer, RecordError, Unreachable
from psfir.testing import (
    FakeCapture,
    FakeConnection,
    FakeLever,
    FakeProbe,
    Fault,
    Harness,
    LeverContract,
    MemoryEvidence,
    MemoryJournal,
    MemoryLeases,
    SettableClock,
)

TARGET = {"connection": "fake", "switch": "a"}


def change(lever: FakeLever) -> Change:
    planned = lever.plan(TARGET, lever.read(TARGET, within=1.0), Mode.DISABLE, {"on": False})
    assert isinstance(planned, Change)
    return planned


def draft(text: str = "hello", incident: str = "INC-1") -> Draft:
    return Draft(SettableClock().now(), incident, "asserted:ana", "test", Kind.NOTE, {"text": text, "about": "note"})


class TestFakeLeverKeepsTheContract(LeverContract):
    """A double that broke the contract would teach the engine's tests wrong things."""

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return FakeHarness()

    def test_no_call_outlasts_its_share(self, harness: Harness) -> None:
        """The one promise it breaks on purpose: it hangs for as long as the test wants."""

    def test_planning_is_pure_and_stable(self, harness: Harness) -> None:
        """The same change each time, with the world untouched."""
        assert isinstance(harness, FakeHarness)
        assert change(harness.one) == change(harness.one)
        assert harness.writes() == 0


class FakeHarness(Harness):
    def __init__(self) -> None:
        self.target, self.settings = TARGET, {"on": False}
        self.one = FakeLever({"on": True})

    def lever(self) -> FakeLever:
        return self.one

    def writes(self) -> int:
        return len(self.one.writes)

    def disturb(self) -> None:
        self.one.put(on="dimmed")

    def lose_answer(self) -> None:
        self.one.script("apply", Fault.LOST)

    def hang(self) -> None:
        raise NotImplementedError


def test_the_doubles_fit_their_sockets() -> None:
    """Each double can be handed to whatever asks for the Protocol (mypy checks it), and is there at run time."""
    clock: Clock = SettableClock()
    lever: Lever = FakeLever({})
    probe: Probe = FakeProbe(dict)
    capture: Capture = FakeCapture()
    journal: Journal = MemoryJournal()
    leases: Leases = MemoryLeases(clock)
    evidence: Evidence = MemoryEvidence()
    assert all((clock, lever, probe, capture, journal, leases, evidence))


def test_a_lie_changes_nothing() -> None:
    """A lever told to lie says changed, and verify tells the truth."""
    lever = FakeLever({"on": True})
    lever.script("apply", Fault.LIE)
    planned = change(lever)
    assert lever.apply(planned, within=1.0).result is Result.CHANGED
    assert lever.writes == []
    assert lever.verify(planned, within=1.0).held is Held.NOT_HELD


def test_a_scripted_error_is_raised_once() -> None:
    """A step is for one call; the next goes well."""
    lever = FakeLever({"on": True})
    lever.script("apply", Unreachable("no route"))
    planned = change(lever)
    with pytest.raises(Unreachable, match="no route"):
        lever.apply(planned, within=1.0)
    assert lever.apply(planned, within=1.0).result is Result.CHANGED


@pytest.mark.parametrize(("fault", "writes"), [(Fault.HANG, 0), (Fault.LATE, 1)])
def test_waiting_calls_wait_for_their_release(fault: Fault, writes: int) -> None:
    """HANG gives up undone and LATE does it after all, both only once they are let go, whatever `within` says."""
    lever = FakeLever({"on": True})
    planned, ended = change(lever), Event()
    lever.script("apply", fault)

    def pull() -> None:
        try:
            lever.apply(planned, within=0.01)
        except NoAnswer:
            pass
        finally:
            ended.set()

    Thread(target=pull, daemon=True).start()
    assert not ended.wait(0.1)
    assert lever.writes == []
    lever.release()
    assert ended.wait(5.0)
    assert len(lever.writes) == writes


def test_drift_shows_both() -> None:
    """A refusal carries what was expected and what was found."""
    lever = FakeLever({"on": True})
    planned = change(lever)
    lever.put(on="dimmed")
    with pytest.raises(Drift) as refused:
        lever.apply(planned, within=1.0)
    assert (refused.value.expected, refused.value.found) == ({"on": True}, {"on": "dimmed"})


def test_a_probe_sees_each_replica() -> None:
    """One sight a replica; one of two that has not followed does not hold."""
    probe = FakeProbe(lambda: {"r1": {"on": False}, "r2": {"on": True}})
    sights = probe.look(TARGET, {"state": {"on": False}}, within=1.0)
    assert [(sight.replica, sight.held) for sight in sights] == [("r1", Held.HELD), ("r2", Held.NOT_HELD)]
    probe.script(Fault.LIE, NoAnswer("away"))
    assert {sight.held for sight in probe.look(TARGET, {"state": {"on": False}}, within=1.0)} == {Held.HELD}
    with pytest.raises(NoAnswer):
        probe.look(TARGET, {"state": {"on": False}}, within=1.0)


def test_evidence_is_found_by_its_digest() -> None:
    """What a capture took is kept under incident and digest."""
    evidence, capture = MemoryEvidence(), FakeCapture(b"abc")
    digest = evidence.keep("INC-1", capture.take(TARGET, within=1.0))
    assert digest.startswith("sha256:ba7816bf")
    assert evidence.kept["INC-1", digest].content == b"abc"


def test_a_connection_shows_no_secret() -> None:
    """Neither its repr nor its references hold the value."""
    connection = FakeConnection(secrets={"token": "s3cret-canary"})
    assert connection.secret("token") == "s3cret-canary"
    assert connection.secret("other") is None
    assert "s3cret" not in repr(connection) + str(connection.refs)


def test_the_journal_is_a_chain() -> None:
    """Entries are sealed one on the other, by many threads at once, and read by incident."""
    journal = MemoryJournal()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: journal.append([draft(str(n)), draft(str(n), "INC-2")]), range(50)))
    assert journal.flaw() is None
    assert journal.heads()[0] == 100
    assert len(list(journal.read("INC-2", after=50))) == 25
    assert journal.kinds() == [Kind.NOTE] * 100


def test_a_broken_journal_keeps_nothing() -> None:
    """All drafts or none: also where the second of two is no JSON."""
    journal = MemoryJournal()
    bad = Draft(draft().at, "INC-1", "asserted:ana", "test", Kind.SEVERITY, {"severity": float("nan")})
    with pytest.raises(RecordError):
        journal.append([draft(), bad])
    journal.broken = "disk full"
    with pytest.raises(RecordError, match="disk full"):
        journal.append([draft()])
    assert journal.heads()[0] == 0


def test_what_was_handed_in_may_change_afterwards() -> None:
    """The record keeps what it was told then."""
    journal, data = MemoryJournal(), {"text": "then", "about": "note"}
    journal.append([Draft(draft().at, "INC-1", "asserted:ana", "test", Kind.NOTE, data)])
    data["text"] = "now"
    assert journal.flaw() is None
    assert [entry.data["text"] for entry in journal.read() if entry.data] == ["then"]


def test_following_gives_what_comes() -> None:
    """`follow` gives what is there and then each further entry, until it is stopped."""
    journal, stop = MemoryJournal(), Event()
    seen: list[int] = []
    journal.append([draft("first"), draft("second")])

    def follow() -> None:
        seen.extend(entry.seq for entry in journal.follow(1, stop=stop, incident="INC-1"))

    thread = Thread(target=follow)
    thread.start()
    journal.append([draft("other", "INC-2"), draft("third")])
    while 4 not in seen:
        if not thread.is_alive():
            break
        sleep(0.01)
        stop.set()
    thread.join(5.0)
    assert seen == [2, 4]


def test_a_lease_ends_with_its_holder() -> None:
    """Renewed it stays; not renewed for its time it is free, and the former holder cannot renew it."""
    clock = SettableClock()
    leases = MemoryLeases(clock)
    assert leases.acquire("run", "a", ttl=5.0)
    assert not leases.acquire("run", "b", ttl=5.0)
    clock.advance(4.0)
    assert leases.renew("run", "a")
    clock.advance(4.0)
    assert leases.holder("run", ttl=5.0) == "a"
    clock.advance(2.0)
    assert leases.holder("run", ttl=5.0) is None
    assert leases.acquire("run", "b", ttl=5.0)
    assert not leases.renew("run", "a")
    leases.release("run", "a")
    assert leases.holder("run", ttl=5.0) == "b"
    leases.release("run", "b")
    assert leases.holder("run", ttl=5.0) is None
