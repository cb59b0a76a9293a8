"""What projects, environments and flags look like as plain JSON, in the words of the vendor's REST API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import uuid4

from psfir.range.copies import copied
from psfir.range.launchdarkly.refusal import invalid

Plain: TypeAlias = dict[str, Any]

NO_APPROVAL: Plain = {
    "required": False,
    "minNumApprovals": 1,
    "canReviewOwnRequest": False,
    "canApplyDeclinedChanges": False,
    "requiredApprovalTags": [],
    "serviceKind": "launchdarkly",
}


def new_id() -> str:
    return str(uuid4())


def new_environment(key: str, sdk_key: str) -> Plain:
    return {
        "_id": new_id(),
        "key": key,
        "name": key.capitalize(),
        "apiKey": sdk_key,
        "approvalSettings": copied(NO_APPROVAL),
        "tags": [],
    }


def new_flag(key: str, values: Sequence[object], *, environments: Iterable[str], tags: Iterable[str], at: int) -> Plain:
    """Switched off everywhere, as a fresh flag is; `values` are its variations."""
    boolean = list(values) in ([True, False], [False, True])
    return {
        "_id": new_id(),
        "key": key,
        "name": key,
        "kind": "boolean" if boolean else "multivariate",
        "description": "",
        "_version": 1,
        "creationDate": at,
        "archived": False,
        "temporary": False,
        "tags": sorted(tags),
        "variations": [{"_id": new_id(), "value": copied(value), "name": str(value)[:40]} for value in values],
        "environments": {name: new_targeting(name, last=len(values) - 1, at=at) for name in environments},
    }


def new_targeting(environment: str, *, last: int, at: int) -> Plain:
    """What one environment serves of a flag: the first variation to all while on, the last one while off."""
    return {
        "on": False,
        "archived": False,
        "salt": new_id().replace("-", ""),
        "lastModified": at,
        "version": 1,
        "targets": [],
        "contextTargets": [],
        "rules": [],
        "fallthrough": {"variation": 0},
        "offVariation": last,
        "prerequisites": [],
        "trackEvents": False,
        "trackEventsFallthrough": False,
        "_environmentName": environment.capitalize(),
    }


def served(targeting: Plain) -> list[Plain]:
    """Everything in it that names a variation by its index, but for the one served while off."""
    return [targeting["fallthrough"], *targeting["rules"], *targeting["targets"], *targeting["contextTargets"]]


def check_indexes(flag: Plain) -> None:
    """Refuse a flag that would serve a variation it does not have."""
    known = range(len(flag["variations"]))
    for name, targeting in flag["environments"].items():
        used = [index for one in served(targeting) for index in _indexes(one)]
        if targeting.get("offVariation") is not None:
            used.append(targeting["offVariation"])
        if any(index not in known for index in used):
            raise invalid(f"environment {name} names a variation that the flag does not have")


def _indexes(one: Plain) -> list[Any]:
    if "rollout" in one:
        return [weighted.get("variation") for weighted in one["rollout"].get("variations", [])]
    return [one.get("variation")]


def flag_view(flag: Plain, *, only: Iterable[str] | None = None) -> Plain:
    """The flag as GET and PATCH answer it; `only` these environments, or all."""
    shown = copied(flag)
    wanted = set(shown["environments"] if only is None else only)
    shown["environments"] = {name: one for name, one in shown["environments"].items() if name in wanted}
    for targeting in shown["environments"].values():
        targeting["_summary"] = _summary(targeting)
    return shown


def _summary(targeting: Plain) -> Plain:
    counts: dict[str, Plain] = {}

    def of(index: int) -> Plain:
        return counts.setdefault(str(index), {"rules": 0, "nullRules": 0, "targets": 0, "contextTargets": 0})

    for index in _indexes(targeting["fallthrough"]):
        of(index)["isFallthrough"] = True
    for rule in targeting["rules"]:
        for index in _indexes(rule):
            of(index)["rules"] += 1
    for where in ("targets", "contextTargets"):
        for target in targeting[where]:
            of(target["variation"])[where] += len(target["values"])
    if targeting.get("offVariation") is not None:
        of(targeting["offVariation"])["isOff"] = True
    return {"variations": counts, "prerequisites": len(targeting["prerequisites"])}


def ai_config_view(config: Plain) -> Plain:
    """An AI config's targeting: the same thing as a flag's, in other words, and without a switch."""
    shown = flag_view(config)
    environments = {}
    for name, targeting in shown["environments"].items():
        hidden = {"on", "archived", "salt", "prerequisites", "_summary"}
        environments[name] = {
            "enabled": True,
            **{word: found for word, found in targeting.items() if word not in hidden},
        }
    kept = {word: shown[word] for word in ("key", "name", "tags", "variations", "_version")}
    return {**kept, "createdAt": shown["creationDate"], "environments": environments}


def dependents(flags: Mapping[str, Plain], key: str, environment: str) -> list[Plain]:
    """The flags that have this one as a prerequisite there."""
    return [
        flag
        for flag in flags.values()
        if any(one["key"] == key for one in flag["environments"][environment]["prerequisites"])
    ]
