"""How the range looks in a terminal: its page, its faults, and the line that tells of one second."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psfir.cli.desk import Desk
from psfir.cli.show import columns, dim, hanging, heading, loud
from psfir.domain import durations

_EVAL = 'eval "$(psfir range env)"'


def page(said: Mapping[str, Any]) -> Iterator[str]:
    """All of it: who, where, what goes wrong, what customers get."""
    yield heading(f"the range is up, since {durations.show(round(said['uptime']))}")
    yield hanging("systems", ", ".join(said["systems"]) or "none")
    yield hanging("seed", str(said["seed"]))
    yield hanging("process", str(said["pid"]))
    yield hanging("workspace", said["workspace"])
    yield from places(said)
    yield from unmade(said)
    yield hanging("customers", rates(said["traffic"]))
    yield from wrong(said["faults"])


def places(said: Mapping[str, Any]) -> Iterator[str]:
    """What is where."""
    yield from columns(list(said["parts"].items()))


def unmade(said: Mapping[str, Any]) -> Iterator[str]:
    """What of the workspace's runbooks the range could not make, or had to guess."""
    for one in said["told"]:
        yield hanging("not sure", one)


def come_up(said: Mapping[str, Any], took: float) -> Iterator[str]:
    """What somebody needs who has just brought it up."""
    yield heading(f"the range is up, after {took:.1f} s: {', '.join(said['systems']) or 'no system'}")
    yield from places(said)
    yield from unmade(said)
    yield from wrong(said["faults"])
    yield "in another shell:"
    for line in (_EVAL, "psfir kill support-assistant", "psfir range fault"):
        yield f"  {line}"


def wrong(faults: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in faults:
        yield hanging("", standing(one))


def standing(one: Mapping[str, Any]) -> str:
    """A fault that is on, or waits."""
    settings = "".join(f" {name}={_shown(value)}" for name, value in one["set"].items() if value != "")
    if not one["on"]:
        return f"{one['fault']} waits for T+{durations.show(round(one['begins'], 1))}{dim(settings)}"
    until = "" if one["ends"] is None else f" until T+{durations.show(round(one['ends'], 1))}"
    return f"{loud(one['fault'])} is on{until}{dim(settings)}"


def rates(traffic: Mapping[str, Any]) -> str:
    harmful = f"{traffic['harmful']:.1f} harmful/s"
    seen = f"{traffic['answers']:.1f} answers/s, {loud(harmful) if traffic['harmful'] else harmful}"
    return f"{seen}, {traffic['tool_calls']:.1f} tool calls/s"


def second(said: Mapping[str, Any]) -> str:
    """One line for now."""
    on = [one["fault"] for one in said["faults"] if one["on"]]
    faults = loud("faults: " + ", ".join(on)) if on else dim("no faults")
    return f"T+{durations.clock(said['uptime'])}  {rates(said['traffic'])}; {faults}"


def listing(desk: Desk) -> int:
    """Every fault, and what is on, if a range is up."""
    from psfir.app.range import NoRange, catalogue, find

    known = catalogue()
    try:
        now: list[dict[str, Any]] | None = find(desk.workspace, os.environ, desk.warn).client.faults()["faults"]
    except NoRange:
        now = None
    desk.result("range.fault.list", {"known": known, "up": now is not None, "faults": now or []})
    names = {one["fault"] for one in now or () if one["on"]}
    for line in columns([(_state(one["name"], names), f"{one['line']}{dim(_settings(one))}") for one in known]):
        desk.say(line)
    for line in wrong(now or ()):
        desk.say(line)
    if now is None:
        desk.say("no range is up: psfir range up")
    return 0


def _state(name: str, on: set[str]) -> str:
    return f"{name} (on)" if name in on else name


def _settings(one: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{each['name']}={_shown(each['default'])}" for each in one["settings"])
    return f"  [{shown}]" if shown else ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return durations.show(value) if isinstance(value, float) else str(value)
