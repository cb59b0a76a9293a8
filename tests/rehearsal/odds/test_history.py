"""What a record tells of a team's own times, entry by entry."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from psfir.domain import instants
from psfir.domain.entries import VERSION, Entry
from psfir.domain.kinds import Kind
from psfir.rehearsal.odds.history import History, history

START = datetime(2026, 3, 3, 3, 12, tzinfo=UTC)


def entry(after: float, kind: Kind, incident: str = "INC-1", **data: Any) -> Entry:
    at = instants.write(START + timedelta(seconds=after))
    digests = dict.fromkeys(("digest", "prev", "hash"), "sha256:0")
    return Entry(
        v=VERSION, seq=1, at=at, incident=incident, actor="asserted:ada", channel="cli", kind=kind.value, data=data,
        salt="", **digests,
    )  # fmt: skip


def declared(after: float, trigger: float, incident: str = "INC-1") -> Entry:
    at = instants.write(START + timedelta(seconds=trigger))
    return entry(after, Kind.DECLARED, incident, trigger={"at": at, "source": "alert"})


def book(probe: str, kill: int) -> Mapping[str, Any]:
    return {"approval": {"kill": kill}, "verify": [{"probe": probe, "every": 2.0, "times": 3}]}


def drawn(after: float, verb: str = "kill", probe: str = "http", kill: int = 1, digest: str = "d") -> Entry:
    return entry(after, Kind.PLANNED, plan={"verb": verb, "digest": digest, "runbook": book(probe, kill)})


def started(after: float, verb: str = "kill", run: str = "r", digest: str = "d") -> Entry:
    return entry(after, Kind.RUN_STARTED, run=run, verb=verb, plan=digest)


def rung(kind: Kind, after: float, **data: Any) -> Entry:
    return entry(after, kind, **{"run": "r", "step": "s", "rung": 0, **data})


def intended(after: float, **data: Any) -> Entry:
    return rung(Kind.INTENDED, after, change={"lever": "x.y"}, **data)


def verdict(after: float, said: str = "contained", phase: str = "probes") -> Entry:
    return entry(after, Kind.VERDICT, run="r", phase=phase, verdict=said)


WHOLE = [
    declared(0, -240),
    drawn(100, kill=2),
    started(160),
    intended(161),
    rung(Kind.ENDED, 163, result="changed"),
    rung(Kind.VERIFIED, 168, held="held"),
    verdict(180),
    verdict(420, phase="soak"),
]


def test_a_whole_kill_tells_of_people_levers_and_probes() -> None:
    """From the trigger on: declared, decided, agreed by two, pulled and proven, settled before the looks."""
    assert history(WHOLE) == History(
        declared=(240.0,),
        decided=(100.0,),
        agreed=(60.0,),
        pulls={"x.y": (7.0,)},
        tries={"x.y": (0, 1)},
        settled={False: (8.0,)},
    )


def test_one_yes_is_no_further_yes() -> None:
    """Where a single person kills, what lies between plan and run is nobody's answer."""
    assert history([declared(0, 0), drawn(100), started(160)]).agreed == ()


@pytest.mark.parametrize("result", ["failed", "refused", "unknown"])
def test_a_pull_that_came_to_nothing_counts_against_its_lever(result: str) -> None:
    """Its seconds count nowhere: how long failing takes is another matter."""
    found = history([drawn(0), started(1), intended(2), rung(Kind.ENDED, 9, result=result)])
    assert found.tries == {"x.y": (1, 1)}
    assert found.pulls == {}


def test_a_pull_that_did_not_hold_failed() -> None:
    """Whatever the vendor said."""
    pulls = [intended(2), rung(Kind.ENDED, 3, result="changed"), rung(Kind.VERIFIED, 9, held="not_held")]
    assert history([drawn(0), started(1), *pulls]).tries == {"x.y": (1, 1)}


def test_each_try_counts() -> None:
    """A second try that holds does not take the first one back."""
    first = [intended(2), rung(Kind.ENDED, 4, result="failed")]
    again = [intended(5), rung(Kind.ENDED, 6, result="changed"), rung(Kind.VERIFIED, 8, held="held")]
    found = history([drawn(0), started(1), *first, *again])
    assert (found.tries, found.pulls) == ({"x.y": (1, 2)}, {"x.y": (3.0,)})


def test_a_restore_tells_nothing() -> None:
    """Putting back is no containment: neither its plan nor its pulls are."""
    pulls = [intended(2), rung(Kind.ENDED, 3, result="changed"), rung(Kind.VERIFIED, 4, held="held"), verdict(9)]
    assert history([declared(0, 0), drawn(1, verb="restore"), started(1, verb="restore"), *pulls]) == History()


def test_only_what_was_contained_tells_how_long_probes_take() -> None:
    """A metric is told apart: it sees an effect later."""
    assert history([drawn(0), started(1), verdict(30, said="partial")]).settled == {}
    assert history([drawn(0, probe="prometheus"), started(1), verdict(65)]).settled == {True: (60.0,)}
    assert history([drawn(0), started(1), verdict(2)]).settled == {False: (0.0,)}


def test_the_second_kill_of_an_incident_decides_nothing_new() -> None:
    """Only the first one follows from the declaration."""
    found = history([declared(0, 0), drawn(100), drawn(900, digest="e")])
    assert found.decided == (100.0,)


def test_incidents_are_kept_apart() -> None:
    found = history([declared(0, -60), declared(10, -20, "INC-2"), drawn(100)])
    assert (found.declared, found.decided) == ((60.0, 30.0), (100.0,))


def test_a_run_whose_plan_was_erased_is_passed_over() -> None:
    assert history([started(1), intended(2), rung(Kind.VERIFIED, 4, held="held"), verdict(9)]) == History()
