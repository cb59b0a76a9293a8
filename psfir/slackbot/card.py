"""The situation card of an incident and its channel's topic: pure, from the facts and the time alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psfir.app.incident_view import clock, flags, stands, verdict_words
from psfir.domain import durations
from psfir.domain.change import Result
from psfir.domain.incident import Incident
from psfir.domain.message import EXERCISE
from psfir.domain.people import Person, Seat
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.tally import MANY
from psfir.domain.values import frozen
from psfir.domain.wording import some
from psfir.slackbot.blocks import Button, Message, Page
from psfir.slackbot.mrkdwn import bold, code, cut, person, safe

TOPIC = 250
DEADLINE = 900.0
"""What counts where no runbook has run yet: PSF's fifteen minutes."""

_SHOWN = (Seat.COMMANDER, Seat.OPS_LEAD, Seat.COMMS_LEAD, Seat.SCRIBE)
_AMBER, _RED = 0.5, 0.8
_MARK = {"changed": "done", "already_so": "done before", "refused": "REFUSED", "failed": "FAILED", "unknown": "UNKNOWN"}


@frozen
class Shown:
    """What the card is drawn from, beside the incident. `next` are commands and what each is for."""

    now: datetime
    people: Mapping[str, Person]
    next: Sequence[tuple[str, str]] = ()
    exercise: bool = False


def card(incident: Incident, shown: Shown) -> Message:
    """What somebody who comes in needs, the most urgent first; on a phone it is one screen."""
    page = Page(banner=bold(EXERCISE) if shown.exercise else "")
    page.head(f"{incident.severity.value.upper()} {_plain(incident.title)}")
    status = incident.status.value.replace("_", " ")
    top = [
        f"{bold('Verdict')} {bold(safe(verdict_words(incident)))}   {bold('Status')} {status}",
        f"{bold('Clock')} {clock_words(incident, shown.now)}",
        f"{bold('Systems')} {safe(some(incident.systems, 8))}",
    ]
    top += [bold(safe(flag)) for flag in flags(incident)]
    page.lines(top)
    page.lines(_seats(incident, shown.people))
    running = [line for run in incident.running for line in _run(run)]
    page.lines([bold("Running"), *(running or ["nothing runs"])])
    standing = stands(incident)
    if standing:
        page.lines([bold("Still standing"), *(f"• {safe(line)}" for line in standing)])
    if shown.next:
        page.lines([bold("Next"), *(f"• {safe(what)}: {code(command)}" for command, what in shown.next)])
    page.note([f"{incident.id}, triggered {incident.trigger_at:%Y-%m-%d %H:%M} UTC. What is recorded shows here."])
    return page.buttons(_buttons(incident)).message()


def topic(incident: Incident, now: datetime, *, exercise: bool = False) -> str:
    """Severity, verdict and clock. It has no seconds: Slack lets a topic be set a few times a minute."""
    banner = "EXERCISE " if exercise else ""
    status = "" if incident.open else f" {incident.status.value.replace('_', ' ')}"
    at = f"triggered {incident.trigger_at:%H:%M} UTC"
    first = f"{banner}{incident.severity.value.upper()}{status} | {verdict_words(incident)}"
    return cut(f"{first} | {at}, {colour(incident, now)} | {_plain(incident.title)}", TOPIC)


def clock_words(incident: Incident, now: datetime) -> str:
    """T+ and what is left, with a word for the colour."""
    age = f"T+{clock(incident, now)}"
    word = colour(incident, now)
    if word in {"STOPPED", "GREEN, contained"}:
        return f"{age}  {word}"
    left = deadline(incident) - (now - incident.trigger_at).total_seconds()
    rest = f"{durations.clock(left)} left" if left >= 0 else f"{durations.clock(-left)} OVER"
    return f"{age}, {rest} of {durations.show(deadline(incident))}  {bold(word)}"


def colour(incident: Incident, now: datetime) -> str:
    """In a word, since not everybody sees a colour."""
    if not incident.open:
        return "STOPPED"
    if incident.verdict is not None and incident.verdict.value == "contained":
        return "GREEN, contained"
    used = (now - incident.trigger_at).total_seconds() / deadline(incident)
    if used >= 1:
        return "RED, too late"
    return "RED" if used >= _RED else "AMBER" if used >= _AMBER else "GREEN"


def deadline(incident: Incident) -> float:
    """Seconds from the trigger until it is to be contained."""
    kills = [run.plan.runbook.deadline for run in incident.runs.values() if run.verb is Verb.KILL]
    return min(kills, default=DEADLINE)


def _seats(incident: Incident, people: Mapping[str, Person]) -> list[str]:
    def who(seat: Seat) -> str:
        name = incident.seats.get(seat, "")
        if not name:
            return "NOBODY" if seat is Seat.COMMANDER else "nobody"
        known = people.get(name)
        return person(known.slack if known else "", known.name if known else name)

    deputies = [seat for seat in incident.seats if seat not in _SHOWN]
    return ["   ".join(f"{bold(seat.value.replace('_', ' '))} {who(seat)}" for seat in (*_SHOWN, *deputies))]


def _run(run: RunFacts) -> list[str]:
    book = run.plan.runbook
    head = f"{run.verb.value} {safe(book.system)} by {safe(run.actor)}: {len(run.rungs)} of {len(run.plan.rungs)} rungs"
    held = {sight for seen in run.seen.values() for sight, _ in seen.values()}
    probes = f"; probes say {', '.join(sorted(one.value.replace('_', ' ') for one in held))}" if held else ""
    soak = f"; soaking {durations.show(run.soaking)}" if run.soaking and run.verdicts else ""
    if len(run.plan.rungs) > MANY:
        return [head + probes + soak]
    return [head + probes + soak, *(_rung(planned.step, planned.index, run) for planned in run.plan.rungs)]


def _rung(step: str, index: int, run: RunFacts) -> str:
    facts = run.rungs.get((step, index))
    state = "waits"
    if facts is not None:
        state = _word(facts.outcome.result) if facts.outcome else "is being pulled"
        state += ", held" if facts.held else ""
    return f"    {safe(step)}, rung {index + 1}: {state}"


def _word(result: Result) -> str:
    return _MARK.get(result.value, result.value)


def _buttons(incident: Incident) -> list[Button]:
    return [Button("psfir.status", "Refresh", incident.id)]


def _plain(text: str) -> str:
    """For where Slack reads no format: a header, a topic. It still makes links there, and mentions of a topic's."""
    return safe(text).replace("&lt;", "\u2039").replace("&gt;", "\u203a").replace("&amp;", "&")
