"""What a switch of the estate was, is and will be: pure steps on the plain JSON that the estate's file holds.

Each landing stands in a switch's `history` with its instant, also one that is still to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json, canonical
from psfir.domain.near import near

FAULTS = ("hang", "fail", "refuse", "slow", "lie", "land_late", "revert_after", "stuck", "on")
CONTROLLER, SOMEBODY = "a controller", "somebody else"
_HISTORY_KEPT = 200
_WRITES_KEPT = 2000


def new_switch(about: Mapping[str, Any], at: float) -> dict[str, Any]:
    """A switch as it begins: {state, replicas: number or names, lag, faults, version}, only `state` has to be there."""
    replicas = about.get("replicas", 0)
    names = [f"r{n + 1}" for n in range(replicas)] if isinstance(replicas, int) else list(replicas)
    state = dict(about["state"])
    return {
        "history": [{"at": at, "state": state, "version": int(about.get("version", 1)), "by": ""}],
        "replicas": names or ["one"],
        "lag": float(about.get("lag", 0.0)),
        "faults": checked(about.get("faults", {})),
        "wanted": state,
        "stuck_state": state,
    }


def checked(faults: Mapping[str, Json]) -> dict[str, Json]:
    """ValueError for a fault that no estate has."""
    for fault in faults:
        if fault not in FAULTS:
            raise ValueError(f"{fault!r} is no fault of an estate: {near(fault, FAULTS)}")
    return dict(faults)


def at(switch: Mapping[str, Any], now: float) -> dict[str, Any]:
    """What the switch is at an instant: of what had landed by then, the newest landing."""
    history: Sequence[dict[str, Any]] = switch["history"]
    landed = [entry for entry in history if entry["at"] <= now]
    return max(landed, key=_order) if landed else history[0]


def served(switch: Mapping[str, Any], now: float) -> dict[str, Mapping[str, Json]]:
    """What each replica does at an instant: it follows after the lag, or is stuck."""
    follows = at(switch, now - switch["lag"])["state"]
    stuck = switch["faults"].get("stuck", ())
    return {name: switch["stuck_state"] if name in stuck else follows for name in switch["replicas"]}


def land(switch: dict[str, Any], when: float, state: Mapping[str, Json], by: str = "") -> None:
    """Let a state land at an instant, now or later."""
    history: list[dict[str, Any]] = switch["history"]
    version = max(entry["version"] for entry in history) + 1
    history.append({"at": when, "state": dict(state), "version": version, "by": by})
    history.sort(key=_order)
    del history[:-_HISTORY_KEPT]


def write(switch: dict[str, Any], now: float, state: Mapping[str, Json]) -> None:
    """Let a write land as the switch's faults have it; a controller that wants another state puts that back."""
    faults = switch["faults"]
    when = now + float(faults.get("land_late", 0.0))
    # A controller looks again from here on: what it meant to put back before is out of date.
    switch["history"] = [e for e in switch["history"] if e["by"] != CONTROLLER or e["at"] <= now]
    land(switch, when, state)
    if "revert_after" in faults and canonical(state) != canonical(switch["wanted"]):
        land(switch, when + float(faults["revert_after"]), switch["wanted"], by=CONTROLLER)


def set_faults(switch: dict[str, Any], now: float, faults: Mapping[str, Json]) -> None:
    """Add faults, None takes one away. A controller wants, and a stuck replica keeps, what is so when it begins."""
    merged = {key: value for key, value in {**switch["faults"], **faults}.items() if value is not None}
    switch["faults"] = checked(merged)
    if faults.get("revert_after") is not None:
        switch["wanted"] = at(switch, now)["state"]
    if faults.get("stuck") is not None:
        switch["stuck_state"] = at(switch, now - switch["lag"])["state"]


def log(data: dict[str, Any], name: str, state: Mapping[str, Json], became: str) -> None:
    """Note one write that was asked for, with what became of it."""
    data["writes"].append({"at": data["touched"], "switch": name, "state": dict(state), "became": became})
    del data["writes"][:-_WRITES_KEPT]


def settle(data: dict[str, Any], now: float) -> None:
    """For a file of an earlier boot, whose instants mean nothing any more: all that was under way then is over."""
    data["touched"] = now
    for switch in data["switches"].values():
        last: dict[str, Any] = max(switch["history"], key=_order)
        switch["history"] = [{**last, "at": now - switch["lag"]}]


def _order(entry: dict[str, Any]) -> tuple[float, int]:
    return entry["at"], entry["version"]
