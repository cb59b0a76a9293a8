"""What a flag serves to whom in one environment, as plain state, and the steps from one state to another. All pure.

Strategies are tried in order: the first that lets somebody in decides which variant they get. So one for everyone is
put in front of the others, which stay as they are; taking it away again puts back exactly what there was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from psfir.domain.canon import Json, canonical
from psfir.domain.values import frozen
from psfir.errors import LeverError, Refusal, UsageError
from psfir.vendors.unleash import lets_everyone_in

State: TypeAlias = Mapping[str, Any]

OWN = "put here by psfir"
"""The title of a strategy that a pull adds. Its id is Unleash's to choose, so it is known by title and content."""

_KEPT = ("name", "title", "disabled", "constraints", "parameters", "segments", "variants", "sortOrder")
_EMPTY: Mapping[str, Json] = {
    "title": "",
    "disabled": False,
    "constraints": [],
    "parameters": {},
    "segments": [],
    "variants": [],
    "sortOrder": 0,
}
_WHOLE = 1000
"""The weight of a variant that nobody shares with another."""


class Deed(StrEnum):
    """What one write does."""

    ADD = "added a strategy"
    ON = "switched it on"
    OFF = "switched it off"
    REMOVE = "took a strategy away"


@frozen
class Step:
    """One write, the strategy that it is about, and what the state is after it."""

    deed: Deed
    strategy: State
    after: State


def state_of(here: Mapping[str, Any]) -> State:
    """LeverError for whatever is not of the vendor's own shape: a guess at it could be put back later."""
    enabled, found = here.get("enabled"), here.get("strategies")
    if not isinstance(enabled, bool) or not isinstance(found, list):
        raise _odd("it has no enabled and strategies")
    return {"enabled": enabled, "strategies": [_kept(one) for one in found]}


def own_id(here: Mapping[str, Any], strategy: State) -> str:
    """The id of the strategy of psfir's own that is like this one."""
    for one in here["strategies"]:
        if same(_kept(one), strategy):
            return str(one["id"])
    raise LeverError("the strategy that psfir added is gone", todo="read it again")


def variant_for_all(state: State, flag: str, name: str) -> State:
    """The same, with a strategy in front that gives everyone this variant."""
    return _with_front(state, flag, [{**find(state, name), "weight": _WHOLE, "weightType": "variable"}])


def switched_on(state: State, flag: str) -> State:
    """On; where no strategy would let anybody in, with one for everyone: else Unleash adds one of its own and keeps it.

    That is what it does where there are none, and beside those that are all disabled.
    """
    on = {**state, "enabled": True}
    return on if lets_in(state) else _with_front(on, flag, [])


def find(state: State, name: str) -> dict[str, Json]:
    """The variant of this name; UsageError with all there are if it is none, or two."""
    found = {canonical(one): one for each in state["strategies"] for one in map(_bare, each["variants"])}
    hits = [one for one in found.values() if one.get("name") == name]
    if len(hits) == 1:
        return hits[0]
    how = "is more than one variant: their payloads differ" if hits else "is no variant"
    known = ", ".join(sorted({str(one.get("name")) for one in found.values()})) or "none"
    raise UsageError(f"{name} {how}", todo=f"its strategies have: {known}")


def lets_in(state: State) -> bool:
    """Whether any strategy is not disabled."""
    return any(not one["disabled"] for one in state["strategies"])


def steps(start: State, end: State) -> list[Step]:
    """The writes from one to the other, in an order in which nobody is let in who is in neither of them.

    While a flag is on, its last strategy that is not disabled cannot go: Unleash then switches it off.
    """
    added = [one for one in end["strategies"] if not _among(one, start)]
    removed = [one for one in start["strategies"] if not _among(one, end)]
    if any("id" in one for one in (*added, *removed)):
        raise Refusal("a strategy that is not psfir's own would have to be made or taken away")
    if end["enabled"] and not lets_in(end):
        what = "it was on without any strategy that is not disabled, and switching it on now would add one for everyone"
        raise Refusal(what, todo="put it back by hand in Unleash")
    wanted = [(Deed.ADD, one) for one in added]
    switch = [(Deed.ON if end["enabled"] else Deed.OFF, end)] if start["enabled"] != end["enabled"] else []
    wanted = [*wanted, *switch] if end["enabled"] else [*switch, *wanted]
    return _followed(start, [*wanted, *((Deed.REMOVE, one) for one in removed)])


def served(state: State) -> Any:  # noqa: ANN401 - JSON of three shapes
    """What everybody gets, where that is one thing; else all that decides who gets what."""
    if not state["enabled"]:
        return {"off": True}
    first = next((one for one in state["strategies"] if not one["disabled"]), None)
    if first is None or not lets_everyone_in(first):
        return dict(state)
    if not first["variants"]:
        return {"all": True}
    return {"all": _bare(first["variants"][0])} if len(first["variants"]) == 1 else dict(state)


def differing(one: State, other: State) -> str:
    return " and ".join(part for part in ("enabled", "strategies") if not same(one[part], other[part]))


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 - any JSON
    return canonical(one) == canonical(other)


def words(state: State) -> str:
    """What it serves, in a line."""
    gives = served(state)
    if not state["enabled"]:
        return "is off"
    if gives.get("all") is True:
        return "is on for everyone"
    if "all" in gives:
        return f"is on and serves variant {gives['all'].get('name')} to everyone"
    count = len([one for one in state["strategies"] if not one["disabled"]])
    return f"is on by {count} {'strategy' if count == 1 else 'strategies'}"


def _with_front(state: State, flag: str, variants: Sequence[Mapping[str, Any]]) -> State:
    front = min((one["sortOrder"] for one in state["strategies"]), default=1) - 1
    own = {
        **_EMPTY,
        "name": "flexibleRollout",
        "title": OWN,
        "parameters": {"groupId": flag, "rollout": "100", "stickiness": "default"},
        "variants": list(variants),
        "sortOrder": front,
    }
    return {**state, "strategies": [own, *state["strategies"]]}


def _followed(start: State, wanted: Sequence[tuple[Deed, State]]) -> list[Step]:
    found, now = [], dict(start)
    for deed, thing in wanted:
        if deed is Deed.ADD:
            now = {**now, "strategies": _sorted([*now["strategies"], thing])}
        elif deed is Deed.REMOVE:
            now = {**now, "strategies": [one for one in now["strategies"] if not same(one, thing)]}
        else:
            now = {**now, "enabled": deed is Deed.ON}
        found.append(Step(deed, thing, now))
    return found


def _sorted(strategies: list[Any]) -> list[Any]:
    return sorted(strategies, key=lambda one: one["sortOrder"])


def _among(strategy: State, state: State) -> bool:
    return any(same(strategy, one) for one in state["strategies"])


def _kept(strategy: object) -> dict[str, Json]:
    if not isinstance(strategy, Mapping) or not isinstance(strategy.get("id"), str) or "name" not in strategy:
        raise _odd("a strategy has no id and name")
    kept = {name: strategy.get(name) for name in _KEPT}
    found = {name: _EMPTY.get(name) if value is None else value for name, value in kept.items()}
    variants = found["variants"]
    if not all(isinstance(found[name], list) for name in ("constraints", "segments")) or not isinstance(variants, list):
        raise _odd("a strategy has something else than lists of constraints, segments and variants")
    if type(found["sortOrder"]) is not int or not all(isinstance(one, Mapping) for one in variants):
        raise _odd("a strategy has no place in their order, or a variant that is no object")
    return found if found["title"] == OWN else {"id": strategy["id"], **found}


def _bare(variant: Mapping[str, Any]) -> dict[str, Json]:
    """A variant without its share."""
    return {name: value for name, value in variant.items() if name not in {"weight", "weightType"}}


def _odd(says: str) -> LeverError:
    """The vendor answered, and not what its API describes."""
    return LeverError(f"its answer cannot be understood: {says}", todo="check the url of the connection")
