"""The log of a drill in sentences, for whoever leads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from psfir.domain import durations
from psfir.domain.wording import plain
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.log import LogEntry, LogKind
from psfir.rehearsal.score import score
from psfir.rehearsal.state import DrillState, Stage
from psfir.rehearsal.step import coming
from psfir.rehearsal.words import Met


def clock(at: int) -> str:
    """T+05:00."""
    return f"T+{durations.clock(at / SECOND)}"


def line(state: DrillState, entry: LogEntry) -> str:
    """One line, whatever somebody typed. `state` is that behind the entry."""
    at = entry.data.get("at", state.clock.at(entry.real))
    return plain(f"{clock(at)}  {_SAYS[entry.kind](state, entry)}")


def page(state: DrillState, at: int) -> Iterator[str]:
    """Where it stands: the clock, what comes next, who has what, and each expectation that somebody was asked for."""
    how = "running" if state.clock.running else "standing still"
    yield f"{clock(at)} of {durations.show(state.scenario.duration)}, {how}, at speed {state.clock.speed}"
    for inject, due in coming(state)[:5]:
        held = ", held" if state.injects[inject.id].stage is Stage.HELD else ""
        when = clock(due) if due is not None else "by hand, or after something"
        yield f"  next   {inject.id}: {when}, for {', '.join(inject.shown.to) or 'all'}{held}"
    for role in state.scenario.roles:
        yield f"  role   {role}: {', '.join(state.joined.get(role, ())) or 'nobody'}"
    for name, one in state.expectations.items():
        if one.met is not Met.UNASKED:
            until = f", due {clock(one.due)}" if one.met is Met.PENDING and one.due is not None else ""
            yield f"  expect {name}: {one.met.value}{until}{f', {one.says}' if one.says else ''}"


def ending(state: DrillState) -> Iterator[str]:
    """What it came to, and what that shows."""
    came = score(state)
    yield f"over: {state.over}"
    rating = came.rating.value if came.rating else "none: nothing was asked for"
    yield f"rating {rating}, {came.whole.percent} % of what was asked for"
    yield f"a {state.scenario.level.value} drill shows {came.shows}"
    yield from (f"capped: {cap.expectation}, {cap.says}" for cap in came.caps)
    yield from (f"practice and no evidence: {why}" for why in came.practice)


def _of(word: str, name: str) -> Callable[[DrillState, LogEntry], str]:
    def say(_: DrillState, entry: LogEntry) -> str:
        why = entry.data.get("says") or entry.data.get("why") or ""
        late = " TOO LATE" if entry.data.get("late") else ""
        return f"{word}{late} {entry.data[name]}{f': {why}' if why else ''}"

    return say


def _fault(word: str) -> Callable[[DrillState, LogEntry], str]:
    return lambda state, entry: f"{word} {state.scenario.faults[entry.data['fault']].fault}"


def _fired(state: DrillState, entry: LogEntry) -> str:
    inject = state.scenario.inject(entry.data["inject"])
    why = f" ({entry.data['why']})" if entry.data.get("why") else ""
    return (
        f"INJECT {inject.id} to {', '.join(inject.shown.to) or 'all'}: {inject.shown.title or inject.shown.body}{why}"
    )


def _hint(state: DrillState, entry: LogEntry) -> str:
    name, number = entry.data["inject"], entry.data["number"]
    return f"hint {number} of {name}: {state.scenario.inject(name).guide.hints[number - 1]}"


_SAYS: Mapping[LogKind, Callable[[DrillState, LogEntry], str]] = {
    LogKind.STARTED: lambda _, entry: f"{entry.data['scenario']} began, led by {entry.by}",
    LogKind.TAKEN_UP: lambda _, entry: f"taken up again by {entry.by}",
    LogKind.ENDED: lambda _, entry: f"over: {entry.data['why']}",
    LogKind.ABORTED: lambda _, entry: f"ABORTED by {entry.by}: {entry.data['why']}",
    LogKind.PAUSED: lambda _, entry: f"the clock stands still {entry.data['why']}".rstrip(),
    LogKind.RESUMED: lambda _, __: "the clock goes on",
    LogKind.SPEED: lambda _, entry: f"speed {entry.data['speed']}",
    LogKind.FIRED: _fired,
    LogKind.SKIPPED: _of("skipped", "inject"),
    LogKind.HELD: _of("held", "inject"),
    LogKind.RELEASED: _of("released", "inject"),
    LogKind.ADDED: lambda _, entry: (
        f"INJECT of your own to {', '.join(entry.data['to']) or 'all'}: {entry.data['body']}"
    ),
    LogKind.HINT: _hint,
    LogKind.MET: _of("MET", "expectation"),
    LogKind.PARTIAL: _of("partly met", "expectation"),
    LogKind.MISSED: _of("MISSED", "expectation"),
    LogKind.WAIVED: _of("waived", "expectation"),
    LogKind.ANSWERED: lambda _, entry: f"{entry.by} ({entry.data['role']}) answered {', '.join(entry.data['choice'])}",
    LogKind.OBSERVED: lambda _, entry: f"noted {entry.data['rating']} ({entry.data['axis']}): {entry.data['text']}",
    LogKind.JOINED: lambda _, entry: f"{entry.data['person']} is {entry.data['role']}",
    LogKind.ACKNOWLEDGED: lambda _, entry: f"{entry.by} has read message {entry.data['inject']}",
    LogKind.FAULT_BEGAN: _fault("fault began:"),
    LogKind.FAULT_ENDED: _fault("fault ended:"),
}


def shown(said: Mapping[str, Any]) -> str:
    """A message as players read it, of what `Delivered.to_json` gives."""
    to = ", ".join(said["to"]) or "all"
    head = f"[{said['number']}] {clock(said['at'])}  {said['via']} from {said['from'] or 'somebody'} to {to}"
    lines = [head, *([said["title"]] if said["title"] else []), *str(said["body"]).splitlines()]
    lines += [f"attached: {name}" for name in said["attachments"]]
    if "poll" in said:
        lines += [f"  {number}. {option}" for number, option in enumerate(said["poll"]["options"], start=1)]
        lines.append(f"answer {said['number']} NUMBER")
    return "\n".join(plain(one) for one in lines)
