"""Which prompts stand when, as tables: each is asked in time, of the right person, and taken back when it is met."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from psfir.app.comms_status import Line
from psfir.app.incident_deeds import hand_over, seat
from psfir.app.playbook import checklist
from psfir.domain import instants
from psfir.domain.grown import Grown
from psfir.domain.incident import Incident, Status, Tick
from psfir.domain.message import Audience
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.people import Person, Seat
from psfir.domain.playbook import Playbook, PlaybookStep
from psfir.domain.run import RunFacts, VerdictFacts
from psfir.domain.verdict import Proof, Verdict
from psfir.slackbot.blocks import Page
from psfir.slackbot.prompts import settled, standing
from psfir.slackbot.prompts_kinds import Facts, Prompt
from psfir.slackbot.prompts_view import prompt_message
from tests.app.incident_kit import StandingClock, at_work, lay_out, opened, plan

T0 = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
STEPS = (
    PlaybookStep("look", "Look at it", Seat.OPS_LEAD, 180.0, say="I am looking."),
    PlaybookStep("tell", "Tell support", Seat.COMMS_LEAD, 600.0),
    PlaybookStep("vendor", "Call the vendor", Seat.OPS_LEAD, 240.0),
)
BOOK = Playbook("book", "Book", (PlanCase.HARMFUL_OUTPUT,), date(2026, 11, 1), None, STEPS, "d")
CREW = {Seat.COMMANDER: "alice", Seat.OPS_LEAD: "bob", Seat.COMMS_LEAD: "carol"}


def incident(seats: dict[Seat, str] | None = None, **more: Any) -> Incident:
    seats = CREW if seats is None else seats
    since = dict.fromkeys(seats, instants.write(T0))
    return Incident(
        "INC-1",
        ("assistant",),
        Severity.SEV1,
        None,
        T0,
        "page",
        T0,
        "asserted:dora",
        seats=seats,
        seated_at=since,
        **more,
    )


def facts(minutes: float, of: Incident | None = None, **more: Any) -> Facts:
    one, now = of or incident(), T0 + timedelta(minutes=minutes)
    return Facts(one, now, "book", checklist(BOOK, one, now), owners=("olga",), **more)


def keys(minutes: float, of: Incident | None = None, **more: Any) -> list[str]:
    return [one.key for one in standing(facts(minutes, of, **more))]


def asked(key: str, minutes: float, of: Incident | None = None, **more: Any) -> Prompt:
    return next(one for one in standing(facts(minutes, of, **more)) if one.key.startswith(key))


def ticked(step: str, minutes: float, state: str = "done", reason: str = "") -> Grown[Tick]:
    at = instants.write(T0 + timedelta(minutes=minutes))
    return Grown[Tick]().and_one(Tick("book", step, state, reason, at, "verified:bob"))


def killed(verdict: Verdict | None, *, evidence: bool = True, ended: bool = True) -> dict[str, RunFacts]:
    proof = Proof(5, 0, 4.0, ("a",))
    said = (VerdictFacts("probes", verdict, "", proof, instants.write(T0), 9),) if verdict else ()
    run = RunFacts("run-1", plan().verb, plan(), "asserted:bob", {}, instants.write(T0), verdicts=said)
    kept = ({"sha256": "0"},) if evidence else ()
    return {"run-1": replace(run, evidence=kept, ended={"soaked": True} if ended else None)}


@pytest.mark.parametrize(("minutes", "stands"), [(1.9, False), (2, True), (40, True)])
def test_nobody_commands(minutes: float, stands: bool) -> None:
    """From two minutes on, of whoever declared it and of the system's owner, until somebody sits there."""
    assert ("commander" in keys(minutes, incident({}))) is stands
    assert "commander" not in keys(minutes)
    if stands:
        assert asked("commander", minutes, incident({})).to == ("dora", "olga")
    assert settled(facts(minutes, incident({})), "commander") == ""
    assert settled(facts(minutes), "commander") == "alice is incident commander."
    assert "resolved" in settled(facts(minutes, incident({}, status=Status.RESOLVED)), "commander")


@pytest.mark.parametrize(
    ("minutes", "level", "loud"), [(4.9, 0, 0), (5, 5, 0), (9.9, 5, 0), (10, 10, 1), (13, 13, 2), (600, 13, 2)]
)
def test_no_verdict_gets_louder(minutes: float, level: int, loud: int) -> None:
    """One at a time, also for an app that was away; each asks more people than the one before."""
    found = [one for one in standing(facts(minutes)) if one.key.startswith("verdict")]
    assert [one.key for one in found] == ([f"verdict:{level}"] if level else [])
    assert all(one.loud == loud and "03:27 UTC" in one.lines[1] for one in found)


def test_louder_asks_more_people() -> None:
    """The commander, then who is at the levers, then everybody and the owner."""
    sizes = [len(dict.fromkeys(asked("verdict", minutes).to)) for minutes in (5, 10, 13)]
    assert sizes == [1, 2, 5]


@pytest.mark.parametrize(
    ("verdict", "stands"),
    [(None, True), (Verdict.PARTIAL, True), (Verdict.UNKNOWN, True), (Verdict.CONTAINED, False)],
)
def test_only_contained_is_quiet(verdict: Verdict | None, stands: bool) -> None:
    """A verdict that is no success is asked about as none at all."""
    assert ("verdict:5" in keys(6, incident(runs=killed(verdict)))) is stands


def test_one_step_at_a_time_to_whose_it_is() -> None:
    """Each person has the first of theirs, with the words to say; done, the next is asked."""
    steps = [one for one in standing(facts(0)) if one.key.startswith("step")]
    assert [(one.key, one.to) for one in steps] == [
        ("step:book:look:bob", ("bob",)),
        ("step:book:tell:carol", ("carol",)),
    ]
    assert steps[0].say == "I am looking."
    assert "step:book:vendor:bob" in keys(1, incident(ticks=ticked("look", 1)))


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(2.9, []), (3, ["due:book:look:bob"]), (5.9, ["due:book:look:bob"]), (6, ["deputy:book:look:bob"])],
)
def test_an_overdue_step_is_nudged_and_goes_upwards(minutes: float, found: list[str]) -> None:
    """To its person at the time, three minutes later to the deputy; never both at once."""
    assert [key for key in keys(minutes) if ":look:" in key and not key.startswith("step")] == found


def test_who_is_above() -> None:
    """The seat's deputy, else the commander, else the owner of the system."""
    crew = {**CREW, Seat.DEPUTY_OPS_LEAD: "deb"}
    assert asked("deputy:book:look", 9, incident(crew)).to == ("deb",)
    assert asked("deputy:book:look", 9).to == ("alice",)
    assert asked("deputy:book:look", 9, incident({Seat.OPS_LEAD: "bob"})).to == ("olga",)


def test_nobody_is_nudged_for_what_just_became_theirs() -> None:
    """However late a step is, its person has two minutes from the step before, or from sitting down."""
    late = incident(ticks=ticked("look", 30))
    assert not [key for key in keys(31, late) if key.startswith("due")]
    assert "due:book:vendor:bob" in keys(32, late)
    sat = replace(
        incident(), seated_at={**incident().seated_at, Seat.OPS_LEAD: instants.write(T0 + timedelta(hours=1))}
    )
    assert "due:book:look:bob" not in keys(61, sat)
    assert "due:book:look:bob" in keys(62, sat)


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (incident(), ""),
        (incident(ticks=ticked("look", 1)), "look: done by bob"),
        (incident(ticks=ticked("look", 1, "skipped", "no access")), "look: skipped by bob: no access"),
        (incident({**CREW, Seat.OPS_LEAD: "deb"}), "look: passed on to deb."),
        (incident(status=Status.FALSE_ALARM), "look: the incident is false alarm."),
    ],
)
def test_a_step_is_taken_back(now: Incident, says: str) -> None:
    """The message under its buttons tells what became of it."""
    for kind in ("step", "due", "deputy"):
        assert settled(facts(2, now), f"{kind}:book:look:bob") == says
    assert "another playbook" in settled(facts(2, now), "step:other:look:bob")
    assert settled(facts(2, now), "verdict:5") == ""


def test_a_step_of_an_empty_seat_is_the_commanders() -> None:
    """It says that nobody sits there; where nobody commands either, it is everybody's."""
    one = asked("step:book:look", 1, incident({Seat.COMMANDER: "alice"}))
    assert one.to == ("alice",)
    assert "which nobody is" in one.lines[1]
    assert asked("step:book:look", 1, incident({})).to == ()


@pytest.mark.parametrize(
    ("minutes", "runs", "stands"),
    [
        (9, {}, False),
        (10, {}, True),
        (1, killed(Verdict.CONTAINED, evidence=False), True),
        (1, killed(None, evidence=False, ended=False), False),
        (60, killed(Verdict.CONTAINED), False),
    ],
)
def test_no_evidence(minutes: float, runs: dict[str, RunFacts], stands: bool) -> None:
    """Once a kill has ended without any, or ten minutes have gone without a kill."""
    assert ("evidence" in keys(minutes, incident(runs=runs))) is stands


@pytest.mark.parametrize("state", ["soon", "overdue"])
def test_the_next_word_that_is_owed(state: str) -> None:
    """Before it is due, and once more and louder after; by what was promised, so that the next promise is its own."""
    due = T0 + timedelta(minutes=30)
    one = asked("comms", 31, owed=(Line(Audience.CUSTOMERS, None, None, due, state, 0),))
    assert (one.key.endswith(state), one.to[0], one.loud) == (True, "carol", int(state == "overdue"))
    assert instants.write(due) in one.key
    assert one.command == "psfir comms draft INC-1 --audience customers"
    assert ("alice" in one.to) is (state == "overdue")


@pytest.mark.parametrize(("hours", "times"), [(3.9, 0), (4, 1), (7.9, 1), (8, 2)])
def test_hand_over(hours: float, times: int) -> None:
    """Of who has sat for four hours, and again for each four more; who sat down later is not asked."""
    later = {**incident().seated_at, Seat.OPS_LEAD: instants.write(T0 + timedelta(hours=7))}
    found = [key for key in keys(hours * 60, replace(incident(), seated_at=later)) if key.startswith("hand-over")]
    assert {key.rpartition(":")[2] for key in found} == ({str(times)} if times else set())
    assert not any("ops_lead" in key for key in found)


def test_the_owner_of_the_analysis_is_asked_for_at_the_end() -> None:
    """And nothing else is: what was open is over."""
    over = incident(status=Status.RESOLVED, resolved_at="2026-11-21T05:00:00.000000Z")
    (one,) = standing(facts(200, over, ownerless=True))
    assert one.to == ("alice", "olga")
    assert standing(facts(200, over)) == ()


@pytest.mark.parametrize("minutes", [5, 14, 500])
def test_a_text_does_not_change_with_the_clock(minutes: float) -> None:
    """Else a message would be edited for as long as it stands."""
    for one in standing(facts(minutes)):
        again = [other for other in standing(facts(minutes + 0.7)) if other.key == one.key]
        assert again in ([one], [])


def test_how_a_prompt_reads() -> None:
    """Who is meant is mentioned once; words of a playbook mention nobody; how loud it is stands in a word."""
    people = {"bob": Person("bob", "Bob", slack="U0BOB")}
    step = replace(asked("step:book:look", 0), lines=("<!channel> look",), to=("bob", "bob", "nemo"), loud=2)
    message = prompt_message(Page(), step, people)
    assert message.text.startswith("URGENT\n<@U0BOB> nemo *&lt;!channel")
    assert "*Say* I am looking." in message.text
    assert [one["text"]["text"] for one in message.blocks[-1]["elements"]] == ["Done", "Skip with reason", "Need help"]
    taking = prompt_message(Page(), asked("commander", 3, incident({})), people)
    assert [one["text"]["text"] for one in taking.blocks[-1]["elements"]] == ["I take it"]
    assert prompt_message(Page(), asked("verdict", 6), people).blocks[-1]["type"] == "section"


def test_since_when_somebody_sits_there(tmp_path: Path) -> None:
    """Saying it once more changes nothing; somebody else begins anew."""
    session = at_work(lay_out(tmp_path))
    one = seat(session, opened(session), seat=Seat.COMMANDER, person="alice")
    later = replace(session, clock=StandingClock(T0 + timedelta(hours=3)))
    again = seat(later, one, seat=Seat.COMMANDER, person="alice")
    assert again.seated_at == one.seated_at
    handed = hand_over(later, again, to="bob")
    assert instants.read(handed.seated_at[Seat.COMMANDER]) == T0 + timedelta(hours=3)
    assert later.incident(one.id).seated_at == handed.seated_at
