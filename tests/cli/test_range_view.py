"""What the range says in a terminal: what to type next, and a line a second that is no longer than there is room."""

from __future__ import annotations

from typing import Any

import pytest
from click import unstyle

from psfir.cli.range_view import come_up, happened, page, rates, second

KEY = "/state/range/workspace/.psfir/ben.key"
TRAFFIC = {"answers": 4.0, "prepared": 0.0, "refused": 0.0, "harmful": 1.5, "tool_calls": 2.0}


def said(*faults: str, **more: Any) -> dict[str, Any]:
    standing: list[dict[str, Any]] = [
        {"fault": name, "on": True, "set": {}, "begins": 5.0, "ends": None} for name in faults
    ]
    own: dict[str, Any] = {"own_systems": [], "second": {"person": "ben", "key": KEY}}
    about = {
        "uptime": 64.2,
        "systems": ["support-assistant"],
        "parts": {},
        "told": [],
        "guesses": [],
        "seed": 1,
        "pid": 7,
    }
    return {**about, "workspace": "/w", "traffic": TRAFFIC, "faults": standing, **own, **more}


def lines(*told: str) -> list[str]:
    return [unstyle(line).strip() for line in told]


def test_what_to_type_next_on_the_ranges_own_workspace() -> None:
    """Who to be, what to kill, and how somebody else says yes; in this very shell if it is in the background."""
    told = lines(*come_up(said(), 1.0, detached=True))
    assert told[1:] == [
        "in this shell, and any other:",
        'eval "$(psfir range env)"',
        "export PSFIR_ME=ada",
        "psfir kill support-assistant",
        f"PSFIR_ME=ben psfir approve DIGEST --sign {KEY}   # a second yes, as to a restore",
        "psfir range fault",
    ]
    assert "in another shell:" in lines(*come_up(said(), 1.0))


def test_what_to_type_next_on_a_teams_own() -> None:
    """One of its own systems, by people of its own; the customers are still those of the reference system."""
    own = said(own_systems=["triage", "search"], second=None)
    told = lines(*come_up(own, 1.0))
    assert told[1:] == [
        "the customers that are counted, of the reference system support-assistant",
        "in another shell:",
        'eval "$(psfir range env)"',
        "psfir kill triage",
        "psfir range fault",
    ]
    assert any(
        line.endswith("2.0 tool calls/s, of the reference system support-assistant") for line in lines(*page(own))
    )


def test_who_gets_no_answer_is_not_counted_as_answered() -> None:
    """Prepared texts and those who were turned away are told apart, where there are any."""
    traffic = {"answers": 12.0, "prepared": 3.0, "refused": 8.5, "harmful": 0.0, "tool_calls": 0.0}
    told = unstyle(rates(traffic))
    assert told == "0.5 answers/s, 3.0 prepared/s, 8.5 turned away/s, 0.0 harmful/s, 0.0 tool calls/s"


def test_what_is_a_fact_is_not_told_as_a_guess() -> None:
    """Only of what had to be guessed is it not sure."""
    gone, guess = "AWS is gone: its process ended", "claims-bot is taken for claims"
    shown = lines(*page(said(told=[gone, guess], guesses=[guess])))
    assert any(line.startswith("beware") and line.endswith(gone) for line in shown)
    assert any(line.startswith("not sure") and line.endswith(guess) for line in shown)


def test_faults_come_first_in_the_line_of_a_second() -> None:
    """As wide as it wants where there is room."""
    assert unstyle(second(said())) == "T+01:04  no faults; 4.0 answers/s, 1.5 harmful/s, 2.0 tool calls/s"
    told = unstyle(second(said("clock.skew", "launchdarkly.down")))
    assert told.startswith("T+01:04  faults: clock.skew, launchdarkly.down; 4.0 answers/s")


@pytest.mark.parametrize("room", range(39, 90))
def test_the_line_of_a_second_is_no_longer_than_the_terminal(room: int) -> None:
    """Names of faults are whole or, where they do not fit, counted; what customers get is what is cut."""
    for names in ((), ("clock.skew",), ("assistant.promises_refund", "launchdarkly.down", "wire.latency")):
        told = unstyle(second(said(*names), room))
        assert len(told) <= room
        assert f"faults: {', '.join(names)}" in told or f"faults: {len(names)}" in told or not names
        assert "no faults" in told or names


def test_what_becomes_of_a_fault_is_a_line_of_its_own() -> None:
    """When, which, what, and what there is to say."""
    one = {"t": 61.4, "what": "began", "fault": "clock.skew", "set": {}, "says": "for 30s"}
    assert unstyle(happened(one)) == "T+01:01  clock.skew began: for 30s"
    assert (
        unstyle(happened({"t": 91.4, "what": "ended", "fault": "clock.skew", "set": {}})) == "T+01:31  clock.skew ended"
    )


def test_when_a_fault_began_stands_on_the_page() -> None:
    """Counted from when the range came up."""
    assert "clock.skew is on since T+5s" in lines(*page(said("clock.skew")))
