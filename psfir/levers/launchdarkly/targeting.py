"""What a flag serves to whom, as plain state, and the instructions that make one state of another. All of it is pure.

The vendor's state names variations by index and its patches by `_id`. A rule keeps its `_id` when only what it serves
is changed, so rules are changed one by one and never replaced: then restoring puts back the very same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from psfir.domain.canon import Json, canonical
from psfir.errors import LeverError, Refusal
from psfir.levers.launchdarkly.variations import at, kept, word

State: TypeAlias = Mapping[str, Any]

PARTS = {
    "fallthrough": "updateFallthrough",
    "rules": "updateRules",
    "targets": "updateTargets",
    "off": "updateOffVariation",
    "on": "updateOn",
}
"""The parts of a state that can be written, and the role action that each needs."""

_SERVES = ("variation", "rollout")
_SAYABLE = {"variations", "contextKind", "bucketBy"}


def state_of(thing: Mapping[str, Any], here: Mapping[str, Any], *, switch: bool) -> State:
    """The state of one environment; `switch` is for flags: an AI Config has none, and its values are prompts.

    LeverError for whatever in the answer is not of the vendor's own shape: a guess at it could be put back later.
    """
    switched: dict[str, Json] = {"on": here.get("on") is True} if switch else {}
    state: State = {
        **switched,
        "off": here.get("offVariation"),
        "fallthrough": _serves(_mapping(here.get("fallthrough"))),
        "rules": [{**_other(rule), **_serves(rule)} for rule in _mappings(here.get("rules"))],
        "targets": _targets(here),
        "variations": kept(thing.get("variations"), whole=switch),
    }
    _check(state)
    return state


def everyone(state: State, index: int) -> State:
    """The same, with one variation for all: by fallthrough, by every rule, and to nobody by name."""
    one = {"variation": index}
    rules = [{**_other(rule), **one} for rule in state["rules"]]
    return {**state, "fallthrough": one, "rules": rules, "targets": []}


def served(state: State) -> Json:
    """What everybody gets, where that is one thing; else all that decides who gets what."""
    if state.get("on") is False:
        return {"off": None if state["off"] is None else _content(state, state["off"])}
    serving = [state["fallthrough"], *state["rules"], *state["targets"]]
    indexes = {one.get("variation") for one in serving}
    return {"all": _content(state, indexes.pop())} if len(indexes) == 1 and None not in indexes else dict(state)


def differing(old: State, new: State) -> tuple[str, ...]:
    return tuple(part for part in PARTS if part in old and not same(old[part], new.get(part)))


def instructions(state: State, parts: Iterable[str]) -> list[Json]:
    """What makes these parts as they are in `state`; Refusal for what no instruction can say."""
    found: list[Json] = []
    for part in parts:
        found += _INSTRUCT[part](state)
    return found


def same(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)


def words(state: State) -> str:
    """What it serves, in a line."""
    if state.get("on") is False:
        return f"is off and serves {off_word(state)}"
    serves = state["fallthrough"]
    to_all = word(state["variations"], serves["variation"]) if "variation" in serves else "a rollout"
    more = [_count(state[part], part) for part in ("rules", "targets") if state[part]]
    beside = f", beside {' and '.join(more)}" if more else ""
    return f"{'is on and ' if 'on' in state else ''}serves {to_all}{beside}"


def _count(things: list[Json], word_: str) -> str:
    return f"{len(things)} {word_.removesuffix('s') if len(things) == 1 else word_}"


def off_word(state: State) -> str:
    return "whatever its code says" if state["off"] is None else word(state["variations"], state["off"])


def _fallthrough(state: State) -> list[Json]:
    return [{"kind": "updateFallthroughVariationOrRollout", **_said(state, state["fallthrough"])}]


def _rules(state: State) -> list[Json]:
    kind = "updateRuleVariationOrRollout"
    return [{"kind": kind, "ruleId": rule["_id"], **_said(state, rule)} for rule in state["rules"]]


def _all_targets(state: State) -> list[Json]:
    variations = state["variations"]
    named: list[Json] = [
        {
            "contextKind": target["kind"],
            "variationId": at(variations, target["variation"])["id"],
            "values": target["values"],
        }
        for target in state["targets"]
    ]
    return [{"kind": "replaceTargets", "targets": named}]


def _off(state: State) -> list[Json]:
    if state["off"] is None:
        todo = "take it away by hand in LaunchDarkly, then restore again"
        raise Refusal("there was no off variation, and no instruction takes one away", todo=todo)
    return [{"kind": "updateOffVariation", "variationId": at(state["variations"], state["off"])["id"]}]


def _on(state: State) -> list[Json]:
    return [{"kind": "turnFlagOn" if state["on"] else "turnFlagOff"}]


_INSTRUCT = {"fallthrough": _fallthrough, "rules": _rules, "targets": _all_targets, "off": _off, "on": _on}


def _said(state: State, serves: Mapping[str, Any]) -> dict[str, Json]:
    """How an instruction names what is served."""
    if "rollout" not in serves:
        return {"variationId": at(state["variations"], serves["variation"])["id"]}
    rollout = serves["rollout"]
    weighted = rollout["variations"]
    beyond = set(rollout) - _SAYABLE or {key for one in weighted for key in one} - {"variation", "weight"}
    if beyond:
        todo = "put it back by hand in LaunchDarkly"
        raise Refusal(f"a rollout has {', '.join(sorted(beyond))}, which no instruction can say", todo=todo)
    weights = {at(state["variations"], one["variation"])["id"]: one["weight"] for one in weighted}
    said: dict[str, Json] = {"rolloutWeights": weights, "rolloutContextKind": rollout["contextKind"]}
    return {**said, "rolloutBucketBy": rollout["bucketBy"]} if "bucketBy" in rollout else said


def _content(state: State, index: object) -> Json:
    """What an application gets; how the variation is called nobody is served."""
    one = at(state["variations"], index)
    return {key: one[key] for key in ("value", "digest") if key in one}


def _check(state: State) -> None:
    """Every index it has leads to a variation, and every share of a rollout has its weight."""
    serving = [state["fallthrough"], *state["rules"], *state["targets"]]
    parts = [part for one in serving if "rollout" in one for part in one["rollout"]["variations"]]
    indexes = [one["variation"] for one in serving if "rollout" not in one] + [part.get("variation") for part in parts]
    for index in (*indexes, *([] if state["off"] is None else [state["off"]])):
        at(state["variations"], index)
    if not all(type(part.get("weight")) is int for part in parts):
        raise _odd("a rollout has a share without a weight")


def _serves(one: Mapping[str, Any]) -> dict[str, Json]:
    rollout = one.get("rollout")
    if rollout is None:
        return {"variation": one.get("variation")}
    plain = {key: value for key, value in _mapping(rollout).items() if value is not None and value != ""}
    return {"rollout": {"contextKind": "user", **plain, "variations": _mappings(plain.get("variations"))}}


def _other(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What decides whom a rule is for. Its `_id` is needed to name it; the vendor's other own notes are not."""
    if not isinstance(rule.get("_id"), str):
        raise _odd("a rule has no _id")
    return {
        key: value for key, value in rule.items() if key not in _SERVES and (key == "_id" or not key.startswith("_"))
    }


def _targets(here: Mapping[str, Any]) -> list[Json]:
    """Both of the vendor's lists as one. Their order means nothing, and an entry without a key is a place holder."""
    keys: dict[tuple[str, int], set[str]] = {}
    for entry in (*_mappings(here.get("targets")), *_mappings(here.get("contextTargets"))):
        index, values = entry.get("variation"), entry.get("values")
        if not values:
            continue
        if type(index) is not int or not isinstance(values, list):
            raise _odd("a target is no list of keys with the index of a variation")
        keys.setdefault((str(entry.get("contextKind") or "user"), index), set()).update(map(str, values))
    return [{"kind": kind, "variation": index, "values": sorted(keys[kind, index])} for kind, index in sorted(keys)]


def _mapping(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _odd(f"there is {type(value).__name__} where an object belongs")
    return value


def _mappings(value: object) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _odd(f"there is {type(value).__name__} where a list belongs")
    return [_mapping(one) for one in value]


def _odd(says: str) -> LeverError:
    """The vendor answered, and not what its API describes."""
    return LeverError(f"its answer cannot be understood: {says}", todo="check the url of the connection")
