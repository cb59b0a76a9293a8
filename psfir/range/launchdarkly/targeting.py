"""What semantic instructions do to individual targets and rules, where `_id`s of variations become indexes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from psfir.range.copies import copied
from psfir.range.launchdarkly.refusal import invalid
from psfir.range.launchdarkly.shapes import Plain, new_id

ALL = 100_000
Targets: TypeAlias = dict[tuple[str, int], list[str]]


def need(instruction: Plain, name: str, kind: type) -> Any:  # noqa: ANN401 - of the kind asked for
    """What the instruction has under this name, or 400."""
    found = instruction.get(name)
    if not isinstance(found, kind):
        raise invalid(f"instruction {instruction.get('kind')!r} needs {name}")
    return found


def index_of(flag: Plain, variation_id: object) -> int:
    for index, variation in enumerate(flag["variations"]):
        if variation["_id"] == variation_id:
            return index
    raise invalid(f"variation {variation_id!r} does not exist on {flag['key']}; a patch names variations by their _id")


def serve(flag: Plain, instruction: Plain) -> Plain:
    """`variation`, or `rollout` where the instruction has weights."""
    if "rolloutWeights" not in instruction:
        return {"variation": index_of(flag, need(instruction, "variationId", str))}
    weights = need(instruction, "rolloutWeights", dict)
    if any(not isinstance(weight, int) or weight < 0 for weight in weights.values()) or sum(weights.values()) != ALL:
        raise invalid("rolloutWeights are thousandths of a percent and add up to 100000")
    parts = sorted((index_of(flag, variation_id), weight) for variation_id, weight in weights.items())
    rollout: Plain = {
        "variations": [{"variation": index, "weight": weight} for index, weight in parts],
        "contextKind": instruction.get("rolloutContextKind", "user"),
    }
    if "rolloutBucketBy" in instruction:
        rollout["bucketBy"] = instruction["rolloutBucketBy"]
    return {"rollout": rollout}


def new_rule(flag: Plain, instruction: Plain) -> Plain:
    clauses = [
        {"_id": new_id(), "contextKind": "user", "negate": False, **copied(clause)}
        for clause in need(instruction, "clauses", list)
    ]
    if any(not {"attribute", "op", "values"} <= clause.keys() for clause in clauses):
        raise invalid("a clause needs attribute, op and values")
    rule = {"_id": new_id(), **serve(flag, instruction), "clauses": clauses}
    rule["trackEvents"] = bool(instruction.get("trackEvents", False))
    if "description" in instruction:
        rule["description"] = instruction["description"]
    return rule


def read_targets(targeting: Plain) -> Targets:
    """Who gets which variation by name, of every kind of context."""
    found: Targets = {}
    for target in (*targeting["targets"], *targeting["contextTargets"]):
        if target["values"]:
            at = (target.get("contextKind", "user"), target["variation"])
            found.setdefault(at, []).extend(target["values"])
    return found


def write_targets(targeting: Plain, targets: Targets) -> None:
    """Users stand in `targets`, all else in `contextTargets`, which holds a place, empty, for each entry of users."""
    seen: set[tuple[str, str]] = set()
    for (kind, _), values in targets.items():
        if not seen.isdisjoint((kind, value) for value in values):
            raise invalid("a context key is a target of more than one variation")
        seen.update((kind, value) for value in values)
    users: list[Plain] = []
    others: list[Plain] = []
    for (kind, variation), values in sorted(targets.items()):
        if not values:
            continue
        entry = {"values": values, "variation": variation, "contextKind": kind}
        (users if kind == "user" else others).append(entry)
    targeting["targets"] = users
    targeting["contextTargets"] = [*({**entry, "values": []} for entry in users), *others]


def target_of(flag: Plain, instruction: Plain) -> tuple[tuple[str, int], list[str]]:
    at = (instruction.get("contextKind", "user"), index_of(flag, need(instruction, "variationId", str)))
    return at, list(dict.fromkeys(need(instruction, "values", list)))


def prerequisite_of(flag: Plain, instruction: Plain, others: Iterable[Plain]) -> Plain:
    key = need(instruction, "key", str)
    for other in others:
        if other["key"] == key and key != flag["key"]:
            return {"key": key, "variation": index_of(other, need(instruction, "variationId", str))}
    raise invalid(f"prerequisite {key} is no other flag of this project")
