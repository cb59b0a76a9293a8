"""What is wrong with many systems, by its cause: one cause is one, whatever each system's own names and times are."""

from __future__ import annotations

import pytest

from psfir.domain.change import Change
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.run import RunFacts
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step
from psfir.domain.tally import Trouble, troubles
from tests.domain.history import History

PROBE = ProbeUse("effect", "http", {}, {})


def failing(says: str, *systems: str) -> list[RunFacts]:
    """A run each, whose only rung failed with these words; `{}` is the system's path."""
    history = History()
    history.declare(*systems)
    for system in systems:
        path = f"/features/{system}-flag"
        rung = Rung("http.request", {"connection": "gate", "read": {"path": path}}, {"value": False}, 30.0)
        book = Runbook(f"{system}-off", "Off", system, Mode.DISABLE, (Step("stop", (rung,)),), (PROBE,))
        change = Change(rung.lever, rung.target, True, False, "turned off")
        plan = Plan(Verb.KILL, book, (PlannedRung("stop", 0, rung, change=change),))
        history.begin(f"run-{system}", plan)
        history.intend("stop", 0, what=change)
        ended = {"step": "stop", "rung": 0, "attempt": 1, "result": "failed", "found": None, "took": 0.5}
        history.of_run(Kind.ENDED, **ended, says=says.format(path, len(history.entries)))
    return list(history.incident.runs.values())


@pytest.mark.parametrize(
    "says",
    [
        "answered 403 Forbidden (give gate the right to PUT {0})",
        "the rate limit is used up for {1}.5s: nothing was sent",
        "it did not answer in 1m{1}s",
    ],
)
def test_names_and_times_make_no_other_cause(says: str) -> None:
    """It is said once, in the words of the first, with all whom it is true of."""
    (one,) = troubles(failing(says, "search", "summary", "support"))
    assert one.systems == ("search", "summary", "support")
    assert one.what.startswith("http.request via gate failed: ")
    assert one.words(2).startswith("search, summary and 1 more: http.request via gate failed: ")


def test_what_is_another_cause_stays_another() -> None:
    """The most frequent first."""
    runs = [*failing("answered 403", "search"), *failing("answered 500", "summary", "support")]
    found = [(one.what, one.systems) for one in troubles(runs)]
    assert found == [
        ("http.request via gate failed: answered 500", ("summary", "support")),
        ("http.request via gate failed: answered 403", ("search",)),
    ]


def test_a_short_name_hides_no_part_of_a_word() -> None:
    """A system called `on` leaves the words as they are."""
    (one,) = troubles(failing("no connection", "on"))
    assert isinstance(one, Trouble)
    assert one.like == "http.request via gate failed: no connection"
