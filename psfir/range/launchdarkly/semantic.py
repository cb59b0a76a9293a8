"""Semantic patches: instructions that say what is wanted, applied all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.launchdarkly.refusal import invalid, missing
from psfir.range.launchdarkly.shapes import Plain
from psfir.range.launchdarkly.targeting import (
    index_of,
    need,
    new_rule,
    prerequisite_of,
    read_targets,
    serve,
    target_of,
    write_targets,
)


@frozen
class Edit:
    """A copy of a flag that may be changed, the environment that is meant, and the flags beside it."""

    flag: Plain
    here: Plain
    flags: Mapping[str, Plain]


Do: TypeAlias = Callable[[Edit, Plain], None]


def actions_of(instructions: Sequence[Plain]) -> set[str]:
    """The role actions they need; 400 where one is of no kind that there is."""
    if not instructions:
        raise invalid("instructions may not be empty")
    return {_known(instruction)[0] for instruction in instructions}


def needs_environment(instructions: Sequence[Plain]) -> bool:
    return any(_known(instruction)[1] not in _OF_THE_FLAG for instruction in instructions)


def apply(flag: Plain, environment: str | None, instructions: Sequence[Plain], flags: Mapping[str, Plain]) -> None:
    """Change `flag`, which is the caller's to throw away when one of them is refused."""
    if environment is not None and environment not in flag["environments"]:
        raise missing(f"environment {environment}")
    if environment is None and needs_environment(instructions):
        raise invalid("these instructions need environmentKey")
    edit = Edit(flag, flag["environments"][environment] if environment else {}, flags)
    for instruction in instructions:
        _known(instruction)[1](edit, instruction)


def _known(instruction: object) -> tuple[str, Do]:
    kind = instruction.get("kind") if isinstance(instruction, dict) else None
    if kind not in KINDS:
        raise invalid(f"unknown instruction kind {kind!r}")
    return KINDS[kind]


def _turn(*, on: bool) -> Do:
    def do(edit: Edit, _instruction: Plain) -> None:
        edit.here["on"] = on

    return do


def _fallthrough(edit: Edit, instruction: Plain) -> None:
    edit.here["fallthrough"] = serve(edit.flag, instruction)


def _off_variation(edit: Edit, instruction: Plain) -> None:
    edit.here["offVariation"] = index_of(edit.flag, need(instruction, "variationId", str))


def _add_rule(edit: Edit, instruction: Plain) -> None:
    before = instruction.get("beforeRuleId")
    at = len(edit.here["rules"]) if before is None else edit.here["rules"].index(_rule(edit, before))
    edit.here["rules"].insert(at, new_rule(edit.flag, instruction))


def _remove_rule(edit: Edit, instruction: Plain) -> None:
    gone = need(instruction, "ruleId", str)
    edit.here["rules"] = [rule for rule in edit.here["rules"] if rule["_id"] != gone]


def _replace_rules(edit: Edit, instruction: Plain) -> None:
    edit.here["rules"] = [new_rule(edit.flag, {"kind": "rule", **rule}) for rule in need(instruction, "rules", list)]


def _reorder_rules(edit: Edit, instruction: Plain) -> None:
    wanted = need(instruction, "ruleIds", list)
    if sorted(wanted) != sorted(rule["_id"] for rule in edit.here["rules"]):
        raise invalid("ruleIds are not the rules of this flag")
    edit.here["rules"] = [_rule(edit, rule_id) for rule_id in wanted]


def _serve_by_rule(edit: Edit, instruction: Plain) -> None:
    rule = _rule(edit, need(instruction, "ruleId", str))
    rule.pop("variation", None)
    rule.pop("rollout", None)
    rule.update(serve(edit.flag, instruction))


def _rule(edit: Edit, rule_id: str) -> Plain:
    for rule in edit.here["rules"]:
        if rule["_id"] == rule_id:
            found: Plain = rule
            return found
    raise invalid(f"rule {rule_id} does not exist")


def _add_targets(edit: Edit, instruction: Plain) -> None:
    targets = read_targets(edit.here)
    at, values = target_of(edit.flag, instruction)
    targets[at] = list(dict.fromkeys([*targets.get(at, []), *values]))
    write_targets(edit.here, targets)


def _remove_targets(edit: Edit, instruction: Plain) -> None:
    targets = read_targets(edit.here)
    at, values = target_of(edit.flag, instruction)
    targets[at] = [value for value in targets.get(at, []) if value not in values]
    write_targets(edit.here, targets)


def _replace_targets(edit: Edit, instruction: Plain) -> None:
    named = [target_of(edit.flag, {"kind": "target", **one}) for one in need(instruction, "targets", list)]
    if len({at for at, _ in named}) != len(named):
        raise invalid("targets name a variation twice for one kind of context")
    write_targets(edit.here, dict(named))


def _clear_targets(edit: Edit, instruction: Plain) -> None:
    variation = index_of(edit.flag, need(instruction, "variationId", str))
    targets = read_targets(edit.here)
    write_targets(edit.here, {at: values for at, values in targets.items() if at[1] != variation})


def _add_prerequisite(edit: Edit, instruction: Plain) -> None:
    _replace_prerequisite(edit, prerequisite_of(edit.flag, instruction, edit.flags.values()))


def _update_prerequisite(edit: Edit, instruction: Plain) -> None:
    if not any(one["key"] == instruction.get("key") for one in edit.here["prerequisites"]):
        raise invalid(f"prerequisite {instruction.get('key')} does not exist")
    _add_prerequisite(edit, instruction)


def _remove_prerequisite(edit: Edit, instruction: Plain) -> None:
    gone = need(instruction, "key", str)
    edit.here["prerequisites"] = [one for one in edit.here["prerequisites"] if one["key"] != gone]


def _replace_prerequisites(edit: Edit, instruction: Plain) -> None:
    named = need(instruction, "prerequisites", list)
    found = [prerequisite_of(edit.flag, {"kind": "prerequisite", **one}, edit.flags.values()) for one in named]
    edit.here["prerequisites"] = found


def _replace_prerequisite(edit: Edit, prerequisite: Plain) -> None:
    kept = [one for one in edit.here["prerequisites"] if one["key"] != prerequisite["key"]]
    edit.here["prerequisites"] = [*kept, prerequisite]


def _add_tags(edit: Edit, instruction: Plain) -> None:
    edit.flag["tags"] = sorted({*edit.flag["tags"], *need(instruction, "values", list)})


def _remove_tags(edit: Edit, instruction: Plain) -> None:
    edit.flag["tags"] = sorted({*edit.flag["tags"]} - {*need(instruction, "values", list)})


def _archive(edit: Edit, _instruction: Plain) -> None:
    edit.flag["archived"] = True


def _unarchive(edit: Edit, _instruction: Plain) -> None:
    edit.flag["archived"] = False


_OF_THE_FLAG = {_add_tags, _remove_tags, _archive, _unarchive}
KINDS: dict[object, tuple[str, Do]] = {
    "turnFlagOn": ("updateOn", _turn(on=True)),
    "turnFlagOff": ("updateOn", _turn(on=False)),
    "updateFallthroughVariationOrRollout": ("updateFallthrough", _fallthrough),
    "updateOffVariation": ("updateOffVariation", _off_variation),
    "addRule": ("updateRules", _add_rule),
    "removeRule": ("updateRules", _remove_rule),
    "replaceRules": ("updateRules", _replace_rules),
    "reorderRules": ("updateRules", _reorder_rules),
    "updateRuleVariationOrRollout": ("updateRules", _serve_by_rule),
    "addTargets": ("updateTargets", _add_targets),
    "removeTargets": ("updateTargets", _remove_targets),
    "replaceTargets": ("updateTargets", _replace_targets),
    "clearTargets": ("updateTargets", _clear_targets),
    "addPrerequisite": ("updatePrerequisites", _add_prerequisite),
    "updatePrerequisite": ("updatePrerequisites", _update_prerequisite),
    "removePrerequisite": ("updatePrerequisites", _remove_prerequisite),
    "replacePrerequisites": ("updatePrerequisites", _replace_prerequisites),
    "addTags": ("updateTags", _add_tags),
    "removeTags": ("updateTags", _remove_tags),
    "archiveFlag": ("updateGlobalArchived", _archive),
    "restoreFlag": ("updateGlobalArchived", _unarchive),
}
# An AI config has no switch, no prerequisites and is not archived this way.
AI_KINDS = {
    kind
    for kind, (action, _) in KINDS.items()
    if action in {"updateFallthrough", "updateOffVariation", "updateRules", "updateTargets"}
}
