"""Which prompts stand now: pure, from what is recorded, the playbook and the clock. What nobody asks gets forgotten.

Each has a key. What was asked under it is never asked again, so a text holds nothing that the clock alone would change;
what gets louder is another prompt, and only the loudest of them is asked by an app that was away.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from psfir.app.comms_status import Line
from psfir.domain import instants
from psfir.domain.incident import Incident
from psfir.domain.people import Actor, Seat
from psfir.domain.plan import Verb
from psfir.domain.verdict import Verdict
from psfir.slackbot.card import deadline
from psfir.slackbot.prompts_kinds import Ask, Facts, Prompt, holder, present
from psfir.slackbot.prompts_steps import steps

NO_COMMANDER = timedelta(minutes=2)
NO_VERDICT = (13, 10, 5)
"""Minutes, the loudest first."""

NO_EVIDENCE = timedelta(minutes=10)
HAND_OVER = timedelta(hours=4)
_TIRING = (Seat.COMMANDER, Seat.OPS_LEAD, Seat.COMMS_LEAD)


def standing(facts: Facts) -> tuple[Prompt, ...]:
    """All that stand at this instant, whether they were asked before or not."""
    if not facts.incident.open:
        return tuple(_analysis(facts))
    found = [*_commander(facts), *_verdict(facts), *steps(facts), *_comms(facts)]
    return (*found, *_evidence(facts), *_hand_over(facts))


def settled(facts: Facts, key: str) -> str:
    """What became of a prompt that has buttons; '' as long as it stands, or where there is nothing to take back."""
    kind, *rest = key.split(":")
    if kind == "commander":
        who = facts.incident.seats.get(Seat.COMMANDER, "")
        return f"{who} is incident commander." if who else "" if facts.incident.open else _ended(facts)
    return _settled_step(facts, *rest) if kind in {"step", "due", "deputy"} else ""


def _settled_step(facts: Facts, book: str, step: str, who: str) -> str:
    row = next((row for row in facts.rows if (facts.book, row.step.id) == (book, step)), None)
    if row is None:
        return f"{step}: another playbook is followed now."
    if row.tick:
        because = f": {row.tick.reason}" if row.tick.reason else ""
        return f"{step}: {row.tick.state} by {Actor.parse(row.tick.actor).id or row.tick.actor}{because}"
    if row.run:
        return f"{step}: done by run {row.run.id}."
    if not facts.incident.open:
        return f"{step}: {_ended(facts)}"
    now = holder(facts.incident, row.step.seat)
    return "" if now == who else f"{step}: passed on to {now}."


def _ended(facts: Facts) -> str:
    return f"the incident is {facts.incident.status.value.replace('_', ' ')}."


def _commander(facts: Facts) -> Iterator[Prompt]:
    incident = facts.incident
    if Seat.COMMANDER in incident.seats or facts.now < incident.trigger_at + NO_COMMANDER:
        return
    lines = ("Nobody is incident commander.", "One person decides, and says so; it need not be the one who knows most.")
    say = "I am the incident commander."
    yield Prompt("commander", _callers(facts), lines, say=say, ask=Ask.TAKE, about=incident.id)


def _verdict(facts: Facts) -> Iterator[Prompt]:
    """Until it is contained, or was and is put back: no verdict, and any other, is not success."""
    incident, verdict = facts.incident, facts.incident.verdict
    if verdict is Verdict.CONTAINED or (verdict is None and incident.last_kill() is not None):
        return
    passed = facts.now - incident.trigger_at
    level = next((level for level in NO_VERDICT if passed >= timedelta(minutes=level)), None)
    if level is None:
        return
    loud = len(NO_VERDICT) - 1 - NO_VERDICT.index(level)
    ends = incident.trigger_at + timedelta(seconds=deadline(incident))
    what = "nothing is contained" if verdict is None else f"the verdict is {verdict.value.replace('_', ' ')}"
    lines = [f"T+{level} minutes, and {what}.", f"The time to contain ends at {ends:%H:%M} UTC."]
    if loud:
        lines.append("If in doubt, switch it off: off can be put back.")
    to = (_commanding(facts), *(present(incident, Seat.DEPUTY_COMMANDER, Seat.OPS_LEAD) if loud else ()))
    if loud > 1:
        to = (*to, *incident.seats.values(), *_callers(facts))
    systems = " ".join(incident.systems[:1])
    yield Prompt(f"verdict:{level}", to, tuple(lines), loud=loud, command=f"/psfir kill {systems}")


def _comms(facts: Facts) -> Iterator[Prompt]:
    """What the last message promised, and the first word that is owed."""
    to = present(facts.incident, Seat.COMMS_LEAD) or (_commanding(facts),)
    for line in facts.owed:
        if line.due is not None:
            yield _owed(facts, line, to)


def _owed(facts: Facts, line: Line, to: tuple[str, ...]) -> Prompt:
    assert line.due is not None  # noqa: S101 - the caller looked
    late, who = line.state == "overdue", line.audience.value
    if late:
        to = (*to, *present(facts.incident, Seat.DEPUTY_COMMS_LEAD, Seat.COMMANDER))
    promised = f"the last message promised it for {line.due:%H:%M} UTC" if line.last else f"by {line.due:%H:%M} UTC"
    word = "is overdue" if late else "is due soon"
    what = f"{who}: {'the next' if line.last else 'the first'} word {word}, {promised}."
    command = f"psfir comms draft {facts.incident.id} --audience {who}"
    key = f"comms:{who}:{instants.write(line.due)}:{line.state}"
    return Prompt(key, to, (what,), loud=int(late), command=command)


def _evidence(facts: Facts) -> Iterator[Prompt]:
    incident = facts.incident
    kills = [run for run in incident.runs.values() if run.verb is Verb.KILL]
    if any(run.evidence for run in kills):
        return
    if not any(run.ended for run in kills) and facts.now < incident.trigger_at + NO_EVIDENCE:
        return
    lines = ("No evidence was captured.", "Logs and transcripts go: save them now, and note what lies where.")
    to = present(incident, Seat.SCRIBE, Seat.OPS_LEAD)[:1] or (_commanding(facts),)
    yield Prompt("evidence", to, lines, command=f"/psfir note {incident.id} TEXT")


def _hand_over(facts: Facts) -> Iterator[Prompt]:
    incident = facts.incident
    for seat in _TIRING:
        who, at = incident.seats.get(seat, ""), incident.seated_at.get(seat, "")
        times = (facts.now - instants.read(at)) // HAND_OVER if at else 0
        if who and times >= 1:
            word, hours = seat.value.replace("_", " "), int(times * HAND_OVER / timedelta(hours=1))
            lines = (f"{who} has been {word} for {hours} hours.", "Hand over to somebody rested, with what is open.")
            command = f"/psfir role {incident.id} {seat.value} PERSON"
            key = f"hand-over:{seat.value}:{who}:{at}:{times}"
            yield Prompt(key, (who,), lines, loud=int(times > 1), command=command)


def _analysis(facts: Facts) -> Iterator[Prompt]:
    if facts.ownerless:
        lines = ("The written analysis has no owner yet.", "Name one now: its clock runs since this was resolved.")
        command = f"psfir rca new {facts.incident.id} --owner PERSON"
        to = (_commanding(facts), *facts.owners)
        yield Prompt(f"analysis:{facts.incident.resolved_at}", to, lines, command=command)


def _commanding(facts: Facts) -> str:
    """Who is asked where a seat has nobody: the commander, else whoever declared it."""
    return holder(facts.incident, Seat.COMMANDER) or _declarer(facts.incident)


def _callers(facts: Facts) -> tuple[str, ...]:
    return (_declarer(facts.incident), *facts.owners)


def _declarer(incident: Incident) -> str:
    return Actor.parse(incident.declared_by).id
