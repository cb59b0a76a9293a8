"""What people ask of many items: which are late, how old they are, and which factor came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.review.remediation_item import RemediationItem, State

_DAY = 86_400


@frozen
class Repeat:
    """A factor that stands in more than one incident: where, and every item that answers it."""

    spots: tuple[str, ...]
    key: tuple[str, ...]
    items: tuple[RemediationItem, ...]


@frozen
class Report:
    """What stands at one instant. Ages are in days since an item was added, of those that are not closed."""

    at: datetime
    total: int
    states: Mapping[str, int]
    overdue: tuple[RemediationItem, ...]
    run_out: tuple[RemediationItem, ...]
    repeats: tuple[Repeat, ...]
    oldest: int
    middle: float
    owners: Mapping[str, tuple[int, int]]
    systems: Mapping[str, tuple[int, int]]


def age(item: RemediationItem, at: datetime) -> int:
    """Whole days since it was added."""
    return max(0, int((at - item.added.at).total_seconds() // _DAY))


def late(item: RemediationItem, at: datetime) -> int:
    """Whole days since it was due."""
    return max(0, int((at - item.due_at).total_seconds() // _DAY)) + 1 if item.overdue(at) else 0


def ageing(items: Iterable[RemediationItem], at: datetime) -> list[RemediationItem]:
    """What is not closed, the oldest first."""
    return sorted((one for one in items if not one.closed(at)), key=lambda one: (one.added.at, one.ref))


def repeats(items: Iterable[RemediationItem], spots: Mapping[str, tuple[str, ...]] | None = None) -> list[Repeat]:
    """Factors that are the same: of one kind with the same tags, or said to be one. `spots`: further ones, by place."""
    listed = [one for one in items if one.spot]
    keys = {**(spots or {}), **{one.spot: one.key for one in listed}}
    leader = {spot: spot for spot in (*keys, *(one.same_as for one in listed if one.same_as))}

    def first(spot: str) -> str:
        while leader[spot] != spot:
            spot = leader[spot]
        return spot

    known: dict[tuple[str, ...], str] = {}
    for spot, key in sorted(keys.items()):
        if key:
            leader[first(spot)] = first(known.setdefault(key, spot))
    for one in listed:
        if one.same_as:
            leader[first(one.spot)] = first(one.same_as)
    groups: dict[str, list[str]] = {}
    for spot in leader:
        groups.setdefault(first(spot), []).append(spot)
    return [_repeat(sorted(group), keys, listed) for _, group in sorted(groups.items()) if _many(group)]


def _many(spots: Iterable[str]) -> bool:
    return len({spot.partition("/")[0] for spot in spots}) > 1


def _repeat(group: Sequence[str], keys: Mapping[str, tuple[str, ...]], listed: Iterable[RemediationItem]) -> Repeat:
    key = next((keys[spot] for spot in group if keys.get(spot)), ())
    return Repeat(tuple(group), key, tuple(one for one in listed if one.spot in group))


def came_back(found: Iterable[Repeat], spots: Collection[str]) -> list[tuple[RemediationItem, str]]:
    """Items that were closed elsewhere while their factor stands in one of these places: each with that place."""
    back = []
    for one in found:
        here = [spot for spot in one.spots if spot in spots]
        if here:
            where = here[0].partition("/")[0]
            closed = (item for item in one.items if item.incident != where)
            back += [(item, here[0]) for item in closed if item.state in {State.VERIFIED, State.ACCEPTED}]
    return back


def report(
    items: Sequence[RemediationItem],
    at: datetime,
    *,
    systems: Mapping[str, Sequence[str]],
    spots: Mapping[str, tuple[str, ...]] | None = None,
) -> Report:
    """`systems` are those of each incident, `spots` factors without an item, by place."""
    standing = ageing(items, at)
    ages = [age(one, at) for one in standing]
    owners = [(one.owner or "nobody", one) for one in standing]
    by_system = [(name, one) for one in standing for name in systems.get(one.incident, ())]
    return Report(
        at=at,
        total=len(items),
        states={state.value: sum(one.at(at) is state for one in items) for state in State},
        overdue=tuple(sorted((one for one in standing if one.overdue(at)), key=lambda one: (one.due_at, one.ref))),
        run_out=tuple(one for one in standing if one.run_out(at)),
        repeats=tuple(repeats(items, spots)),
        oldest=max(ages, default=0),
        middle=median(ages) if ages else 0,
        owners=_counted(owners, at),
        systems=_counted(by_system, at),
    )


def _counted(named: Sequence[tuple[str, RemediationItem]], at: datetime) -> dict[str, tuple[int, int]]:
    """By name: how many stand, and how many of them are overdue."""
    stand = Counter(name for name, _ in named)
    overdue = Counter(name for name, one in named if one.overdue(at))
    return {name: (stand[name], overdue[name]) for name in sorted(stand)}


def to_json(item: RemediationItem, at: datetime) -> dict[str, Json]:
    """One item as programs read it."""
    return {
        "ref": item.ref,
        "incident": item.incident,
        "item": item.id,
        "title": item.title,
        "type": item.type.value,
        "priority": item.priority.value,
        "factor": item.factor,
        "factor_key": list(item.key),
        "same_as": item.same_as,
        "owner": item.owner,
        "verifier": item.verifier,
        "due": item.due.isoformat(),
        "state": item.at(at).value,
        "overdue": item.overdue(at),
        "days_late": late(item, at),
        "age_days": age(item, at),
        "verify": item.verify,
        "verified_by": item.verified.by.id if item.verified else "",
        "evidence": list(evidence(item)),
        "risk_until": item.risk.expires.isoformat() if item.risk else "",
        "reopened": len(item.reopened),
        "tracker": item.tracker,
        "exports": {name: {"ref": one.ref, "url": one.url} for name, one in item.exports.items()},
    }


def evidence(item: RemediationItem) -> tuple[str, ...]:
    """All that was named to show that it is done, and that it helps."""
    return tuple(one for did in (item.done, item.verified) if did for one in did.evidence)
