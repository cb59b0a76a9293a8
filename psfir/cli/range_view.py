"""How the range looks in a terminal: its page, its faults, and the line that tells of one second."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from click import unstyle

from psfir.app.demo import FIRST
from psfir.cli.desk import Desk
from psfir.cli.show import columns, dim, hanging, heading, loud
from psfir.domain import durations

_EVAL = 'eval "$(psfir range env)"'
_CALM, _GAP = "no faults", "; "
UNSET = 'eval "$(psfir range env --unset)"'


def page(said: Mapping[str, Any]) -> Iterator[str]:
    """All of it: who, where, what goes wrong, what customers get."""
    yield heading(f"the range is up, since {durations.show(round(said['uptime']))}")
    yield hanging("systems", ", ".join(said["systems"]) or "none")
    yield hanging("seed", str(said["seed"]))
    yield hanging("process", str(said["pid"]))
    yield hanging("workspace", said["workspace"])
    yield from places(said)
    yield from unmade(said)
    yield hanging("customers", f"{rates(said['traffic'])}{_whose(said)}")
    yield from wrong(said["faults"])


def places(said: Mapping[str, Any]) -> Iterator[str]:
    """What is where."""
    yield from columns(list(said["parts"].items()))


def unmade(said: Mapping[str, Any]) -> Iterator[str]:
    """What the range could not make, what is wrong with it, and what it had to guess: the last it cannot be sure of."""
    for one in said["told"]:
        yield hanging("not sure" if one in said["guesses"] else "beware", one)


def come_up(said: Mapping[str, Any], took: float, *, detached: bool = False) -> Iterator[str]:
    """What somebody needs who has just brought it up."""
    yield heading(f"the range is up, after {took:.1f} s: {', '.join(said['systems']) or 'no system'}")
    yield from places(said)
    yield from unmade(said)
    yield from wrong(said["faults"])
    if said["own_systems"]:
        yield f"the customers that are counted{_whose(said)}"
    yield "in this shell, and any other:" if detached else "in another shell:"
    for line in _next(said):
        yield f"  {line}"


def _next(said: Mapping[str, Any]) -> Iterator[str]:
    """To copy. What psfir.yaml of a team names is its own; the range's own workspace has made-up people to be."""
    yield _EVAL
    if not said["own_systems"]:
        yield f"export PSFIR_ME={FIRST}"
    yield f"psfir kill {(said['own_systems'] or said['systems'])[0]}"
    if said["second"]:
        who, key = said["second"]["person"], quote(said["second"]["key"])
        yield f"PSFIR_ME={who} psfir approve DIGEST --sign {key}   # a second yes, as to a restore"
    yield "psfir range fault"


def _whose(said: Mapping[str, Any]) -> str:
    """On a team's own range its customers are still those of the reference system, which nothing of the team's ends."""
    return f", of the reference system {', '.join(said['systems'])}" if said["own_systems"] else ""


def wrong(faults: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in faults:
        yield hanging("", standing(one))


def standing(one: Mapping[str, Any]) -> str:
    """A fault that is on, or waits."""
    settings = "".join(f" {name}={_shown(value)}" for name, value in one["set"].items() if value != "")
    if not one["on"]:
        return f"{one['fault']} waits for T+{durations.show(round(one['begins'], 1))}{dim(settings)}"
    until = "" if one["ends"] is None else f" until T+{durations.show(round(one['ends'], 1))}"
    since = f" since T+{durations.show(round(one['begins'], 1))}"
    return f"{loud(one['fault'])} is on{since}{until}{dim(settings)}"


def happened(one: Mapping[str, Any]) -> str:
    """What has just become of a fault."""
    says = f": {one['says']}" if one.get("says") else ""
    return f"T+{durations.clock(one['t'])}  {loud(one['fault'])} {one['what']}{says}"


def rates(traffic: Mapping[str, Any]) -> str:
    """Who is turned away, or gets a prepared text, has not had an answer of the model's."""
    harmful = f"{traffic['harmful']:.1f} harmful/s"
    asked, prepared, refused = (traffic[name] for name in ("answers", "prepared", "refused"))
    seen = [f"{max(0.0, asked - prepared - refused):.1f} answers/s"]
    seen += [f"{prepared:.1f} prepared/s"] if prepared else []
    seen += [f"{refused:.1f} turned away/s"] if refused else []
    seen += [loud(harmful) if traffic["harmful"] else harmful]
    return ", ".join([*seen, f"{traffic['tool_calls']:.1f} tool calls/s"])


def second(said: Mapping[str, Any], room: int = 0) -> str:
    """One line for now, no longer than there is room. The faults come first and whole, else only how many they are."""
    on = [one["fault"] for one in said["faults"] if one["on"]]
    stamp, listed, rest = f"T+{durations.clock(said['uptime'])}  ", "faults: " + ", ".join(on), rates(said["traffic"])
    if room and len(stamp) + len(listed) > room:
        listed = f"faults: {len(on)}"
    left = room - len(stamp) - len(listed if on else _CALM) - len(_GAP)
    if room and len(unstyle(rest)) > left:
        rest = unstyle(rest)[: max(left, 0)]
    return f"{stamp}{loud(listed) if on else dim(_CALM)}{_GAP if rest else ''}{rest}"


def listing(desk: Desk) -> int:
    """Every fault, and what is on, if a range is up."""
    from psfir.app.range import NoRange, catalogue, find

    known = catalogue()
    none: NoRange | None = None
    try:
        now: list[dict[str, Any]] | None = find(desk.workspace, os.environ, desk.warn).client.faults()["faults"]
    except NoRange as error:
        now, none = None, error
    desk.result("range.fault.list", {"known": known, "up": now is not None, "faults": now or []})
    names = {one["fault"] for one in now or () if one["on"]}
    for line in columns([(_state(one["name"], names), f"{one['line']}{dim(_settings(one))}") for one in known]):
        desk.say(line)
    for line in wrong(now or ()):
        desk.say(line)
    if none is not None:
        desk.say(f"{none.what}: {none.todo}")
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
