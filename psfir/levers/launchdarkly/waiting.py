"""What waits for a flag and could change it, or be made to fail by a change: scheduled changes, approval requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from psfir.levers.launchdarkly.place import FLAG, Place
from psfir.vendors.launchdarkly import Ask, LaunchDarkly, items, under


def waiting_for(api: LaunchDarkly, place: Place, *, within: float) -> list[str]:
    """A line for each; an AI Config has neither."""
    return scheduled(api, place, within=within / 2) + requested(api, place, within=within / 2)


def scheduled(api: LaunchDarkly, place: Place, *, within: float) -> list[str]:
    if place.kind != FLAG:
        return []
    said = api.ask(Ask("GET", f"{place.waiting}/scheduled-changes"), within=within)
    return [f"a change scheduled for {_when(one.get('executionDate'))} ({_does(one)})" for one in items(said)]


def requested(api: LaunchDarkly, place: Place, *, within: float) -> list[str]:
    """Those that nobody has applied or taken back yet."""
    if place.kind != FLAG:
        return []
    said = api.ask(Ask("GET", f"{place.waiting}/approval-requests"), within=within)
    waits = [one for one in items(said) if one.get("status") in {"pending", "scheduled"}]
    return [f"an approval request, {one.get('reviewStatus', 'not reviewed')} ({_does(one)})" for one in waits]


def approvals(api: LaunchDarkly, place: Place, *, within: float) -> Mapping[str, Any] | None:
    """The approval settings of the environment; None if the vendor does not say."""
    path = under("projects", place.project, "environments", place.environment)
    found = api.ask(Ask("GET", path), within=within).body.get("approvalSettings")
    return found if isinstance(found, Mapping) else None


def dependents(api: LaunchDarkly, place: Place, *, within: float) -> list[str]:
    """The keys of the flags that have this one as a prerequisite here: they change with it."""
    path = under("flags", place.project, place.environment, place.key, "dependent-flags")
    said = api.ask(Ask("GET", path, beta=True), within=within)
    return sorted(str(one.get("key")) for one in items(said))


def gates(settings: Mapping[str, Any], tags: object) -> bool:
    """Whether these settings ask for an approval of a flag with these tags."""
    named = settings.get("requiredApprovalTags") or []
    has = tags if isinstance(tags, list) else []
    return settings.get("required") is True and (not named or bool(set(named) & set(has)))


def _does(one: Mapping[str, Any]) -> str:
    found = one.get("instructions")
    kinds = [str(step.get("kind")) for step in found if isinstance(step, Mapping)] if isinstance(found, list) else []
    return ", ".join(kinds) or "what it does is not said"


def _when(millis: object) -> str:
    if not isinstance(millis, int):
        return "a time that is not said"
    try:
        return datetime.fromtimestamp(millis / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return "a time that is no time"
