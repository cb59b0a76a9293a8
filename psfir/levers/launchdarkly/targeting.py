"""What a flag serves to whom, as plain state, and the instructions that make one state of another. All of it is pure.

The vendor's state names variations by index and its patches by `_id`. A rule keeps its `_id` when only what it serves
is changed, so rules are changed one by one and never replaced: then restoring puts back the very same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from psfir.domain.canon import Json, canonical
from psfir.errors import Refusal
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
    """The state of one environment; `switch` is for flags: an AI Config has none, and its values are prompts."""
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


def _check(state: State) -> None:
    """Every index it has leads to a variation; LeverError otherwise."""
    served = [state["fallthrough"], *state["rules"], *state["targets"]]
    indexes = [one["variation"] for one in served if "rollout" not in one]
    indexes += [part.get("variation") for one in served if "rollout" in one for part in one["rollout"]["variations"]]
    for index in (*indexes, *([] if state["off"] is None else [state["off"]])):
        at(state["variations"], index)


def _serves(one: Mapping[str, Any]) -> dict[str, Json]:
    rollout = one.get("rollout")
    if not isinstance(rollout, Mapping):
        return {"variation": one.get("variation")}
    plain = {key: value for key, value in rollout.items() if value is not None and value != ""}
    return {"rollout": {"contextKind": "user", **plain, "variations": _mappings(rollout.get("variations"))}}


def _other(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What decides whom a rule is for. Its `_id` is needed to name it; the vendor's other own notes are not."""
    return {
        key: value for key, value in rule.items() if key not in _SERVES and (key == "_id" or not key.startswith("_"))
    }


def _targets(here: Mapping[str, Any]) -> list[Json]:
    """Both of the vendor's lists as one. Their order means nothing, and an entry without a key is a place holder."""
    keys: dict[tuple[str, int], set[str]] = {}
    for entry in (*_mappings(here.get("targets")), *_mappings(here.get("contextTargets"))):
        if entry.get("values"):
            at_ = (str(entry.get("contextKind") or "user"), int(entry["variation"]))
            keys.setdefault(at_, set()).update(map(str, entry["values"]))
    return [{"kind": kind, "variation": index, "values": sorted(keys[kind, index])} for kind, index in sorted(keys)]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [_mapping(one) for one in value] if isinstance(value, list) else []
