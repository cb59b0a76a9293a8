"""The playbook as prompts: to each person the first step of theirs that is left; once overdue, loudly, then upwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from psfir.app.playbook import Row
from psfir.domain import instants
from psfir.slackbot.prompts_kinds import Ask, Facts, Prompt, above, holder, seat_of

GRACE = timedelta(minutes=2)
"""Nobody is nudged sooner after a step became theirs, however late it is by then."""

UPWARDS = timedelta(minutes=3)
"""From the nudge to the deputy."""


def steps(facts: Facts) -> Iterator[Prompt]:
    asked: set[str] = set()
    for row in facts.rows:
        who = holder(facts.incident, row.step.seat)
        if row.left and who not in asked:
            asked.add(who)
            yield from _step(facts, row, who)


def _step(facts: Facts, row: Row, who: str) -> Iterator[Prompt]:
    step, seat = row.step, row.step.seat.value.replace("_", " ")
    about = f"{facts.incident.id} {facts.book} {step.id}"
    due = facts.incident.trigger_at + timedelta(seconds=step.due)
    held = facts.incident.seats.get(step.seat)
    whose = f"{seat}, due {due:%H:%M} UTC" if held else f"{seat}, which nobody is, due {due:%H:%M} UTC"
    name = f"{facts.book}:{step.id}:{who}"
    to = (who,) if who else ()
    yield Prompt(f"step:{name}", to, (step.text, whose), say=step.say, ask=Ask.STEP, about=about)
    nudge = max(due, _theirs_since(facts, row, who) + GRACE)
    if facts.now >= nudge + UPWARDS:
        lines = (f"Still not done, and due since {due:%H:%M} UTC: {step.text}", f"It is the {seat}'s.")
        yield Prompt(f"deputy:{name}", above(facts, step.seat), lines, 2, step.say, ask=Ask.STEP, about=about)
    elif facts.now >= nudge:
        late = (f"Due since {due:%H:%M} UTC: {step.text}",)
        yield Prompt(f"due:{name}", to, late, 1, step.say, ask=Ask.STEP, about=about)


def _theirs_since(facts: Facts, row: Row, who: str) -> datetime:
    """Since it was declared, since they sit there, or since they did the step before."""
    incident = facts.incident
    moments = [incident.declared_at]
    if at := incident.seated_at.get(seat_of(incident, row.step.seat)):
        moments.append(instants.read(at))
    own = [one for one in facts.rows if holder(incident, one.step.seat) == who]
    done = [one.tick or one.run for one in own]
    return max([*moments, *(instants.read(one.at) for one in done if one)])
