"""A PATCH of a flag or of an AI config's targeting: read, allowed, applied all or none, kept."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.domain.values import frozen
from psfir.range.copies import copied
from psfir.range.launchdarkly import json_patch, semantic
from psfir.range.launchdarkly.access import BYPASS, Token
from psfir.range.launchdarkly.call import Call
from psfir.range.launchdarkly.estate import Estate, Place
from psfir.range.launchdarkly.refusal import Refused, conflict, invalid
from psfir.range.launchdarkly.shapes import Plain

MODEL = "launchdarkly.semanticpatch"


@frozen
class Draft:
    """What a request would make of it, not kept yet; `environments` are those it touches."""

    after: Plain
    actions: frozenset[str]
    environments: frozenset[str]
    comment: str


def patch(call: Call, place: Place) -> Plain:
    """The thing as it is afterwards, or as it would be with `dryRun=true`."""
    estate = call.estate
    with estate.lock:
        draft = _read(call, place)
        gate(estate, call.token, place, draft.actions, draft.environments)
        if not call.says("ignoreConflicts"):
            _pending(estate, place, draft.environments)
        if call.says("dryRun"):
            return draft.after
        keep(estate, place, draft, by=call.token)
        return estate.thing(place)


def keep(estate: Estate, place: Place, draft: Draft, *, by: Token) -> None:
    """Save it as one write; 409 where it clashes."""
    if estate.clashes:
        estate.clashes -= 1
        raise conflict("clashes with another request in progress, try again")
    if estate.save(place, draft.after, by=by, comment=draft.comment):
        estate.writes += 1


def gate(estate: Estate, token: Token, place: Place, actions: frozenset[str], environments: frozenset[str]) -> None:
    """401 without the permission, 405 where an approval is required first."""
    for environment in environments or {"*"}:
        token.needs(actions, place.resource(environment))
    for environment in environments:
        if approval_needed(estate, place, environment) and not token.may(BYPASS, place.resource(environment)):
            action = min(actions, default="updateOn")
            raise Refused(405, "method_not_allowed", f"Updates require approval: action {action!r} not allowed")


def approval_needed(estate: Estate, place: Place, environment: str) -> bool:
    settings = estate.environment(place.project, environment)["approvalSettings"]
    tags = set(settings["requiredApprovalTags"])
    return settings["required"] and (not tags or not tags.isdisjoint(estate.thing(place)["tags"]))


def draft_of(estate: Estate, place: Place, environment: str | None, instructions: Sequence[Plain]) -> Draft:
    """A semantic patch, tried on a copy."""
    if place.kind == "ai_configs" and any(_kind(one) not in semantic.AI_KINDS for one in instructions):
        raise invalid("an AI config's targeting has no such instruction")
    actions = semantic.actions_of(instructions)
    if environment is not None:
        estate.environment(place.project, environment)
    if place.kind == "ai_configs":
        actions = {"updateAIConfigTargeting"}
    after = copied(estate.thing(place))
    try:
        semantic.apply(after, environment, instructions, estate.project(place.project)["flags"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise invalid(f"the instructions cannot be read: {error!r}") from error
    touched = frozenset({environment} if environment and semantic.needs_environment(instructions) else ())
    return Draft(after, frozenset(actions), touched, "")


def _read(call: Call, place: Place) -> Draft:
    kind = call.asked.headers.get("content-type", "")
    body = call.body()
    if MODEL not in kind.replace(" ", "").partition("domain-model=")[2]:
        return _json_patch(call, place, body)
    if not isinstance(body, dict) or not isinstance(body.get("instructions"), list):
        raise Refused(422, "unprocessable_entity", "A semantic patch is an object with instructions")
    environment = body.get("environmentKey")
    if environment is not None:
        call.estate.environment(place.project, str(environment))
    draft = draft_of(call.estate, place, environment, body["instructions"])
    return Draft(draft.after, draft.actions, draft.environments, str(body.get("comment", "")))


def _json_patch(call: Call, place: Place, body: object) -> Draft:
    operations = body.get("patch") if isinstance(body, dict) else body
    comment = str(body.get("comment", "")) if isinstance(body, dict) else ""
    if place.kind == "ai_configs" or not isinstance(operations, list):
        raise invalid("the body was read as a JSON Patch and is none")
    before = call.estate.thing(place)
    after = copied(before)
    try:
        json_patch.apply(after, operations, unlike=call.estate.failed_test)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise invalid(f"the patch leaves a flag that cannot be read: {error!r}") from error
    actions, touched = json_patch.actions_between(before, after)
    return Draft(after, frozenset(actions), frozenset(touched), comment)


def _pending(estate: Estate, place: Place, environments: frozenset[str]) -> None:
    waiting = [
        *(one for one in estate.scheduled if one["place"] == place),
        *(one for one in estate.approvals if one["place"] == place and one["status"] == "pending"),
    ]
    if any(one["environment"] in environments for one in waiting):
        raise invalid(
            "a pending scheduled change or approval request would fail; ignoreConflicts=true applies it anyway"
        )


def _kind(instruction: object) -> object:
    return instruction.get("kind") if isinstance(instruction, dict) else None
