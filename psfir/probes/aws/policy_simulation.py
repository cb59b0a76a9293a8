"""`aws.policy_simulation`: what IAM would decide of a role's actions now, by its own simulation.

It says what is written, and not what has reached every service: that takes minutes. And it does not see everything.
An explicit deny in what it sees is final. That nothing allows an action is not: a policy of the resource may. That
something allows it is not either: what it does not see may deny it. What it could not weigh, each sight says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, UsageError
from psfir.probes.aws.simulation_context import entries
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.shared import shared

ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"
_DENIED = "denied"
_ROLE = "arn:aws:iam::*:role/{role}"
_PAGES = 20
_COULD_ALLOW = "a policy of the resource is not weighed, and could allow it"
_BEYOND = "policies of the resource and of sessions, resource control policies"


@frozen
class Decided:
    """What IAM says of one action on one resource; None is what it did not weigh."""

    how: str
    missing: tuple[str, ...]
    bounded: bool | None
    organized: bool | None


class PolicySimulation:
    """A sight for each action on each resource."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="aws.policy_simulation",
        line="Looks at what IAM would decide of a role's actions; not whether that has reached every service.",
        connects=("aws",),
        target=(
            Field("role", FieldType.TEXT, "the role's name, without its path"),
            Field("actions", FieldType.TEXTS, "each by its whole name, such as bedrock:InvokeModel"),
            Field(
                "resources",
                FieldType.TEXTS,
                "on which ARNs; default all, of which only an explicit deny is a denial",
                required=False,
                default=["*"],
            ),
            Field(
                "context",
                FieldType.OBJECT,
                "what keys of conditions are then, such as aws:RequestedRegion: eu-west-1",
                required=False,
            ),
        ),
        example={
            "probe": "aws.policy_simulation",
            "target": {"connection": "aws-prod", "role": "support-agent", "actions": ["bedrock:InvokeModel"]},
            "expect": {"decision": "explicitDeny"},
        },
        expect=(
            Field(
                "decision",
                FieldType.TEXT,
                "explicitDeny, which nothing outvotes; denied, explicitly or because nothing allows it; or allowed",
                choices=(EXPLICIT, _DENIED, ALLOWED),
            ),
        ),
        permissions=(
            Permission("aws", "iam:GetRole", _ROLE),
            Permission("aws", "iam:SimulatePrincipalPolicy", _ROLE),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        wanted = str(expect.get("decision"))
        if wanted not in {EXPLICIT, _DENIED, ALLOWED}:
            raise UsageError(f"expect: decision: {wanted!r} is none", todo="say explicitDeny, denied or allowed")
        actions, resources = _actions(target), _texts(target.get("resources")) or ["*"]
        params = {"ActionNames": actions, "ResourceArns": resources, "ContextEntries": entries(target.get("context"))}
        pairs = [(action, resource) for action in actions for resource in resources]
        deadline = Deadline(within)
        try:
            role = self._aws.read("iam", "GetRole", {"RoleName": target["role"]}, within=deadline.left)["Role"]
            decided = self._decided({**params, "PolicySourceArn": role["Arn"]}, resources, deadline)
        except LeverError as error:
            says = f"{error.what} ({error.todo})" if error.todo else error.what
            return [Sight(_name(*pair), Held.COULD_NOT_TELL, says) for pair in pairs]
        boundary = role.get("PermissionsBoundary") is not None
        return [Sight(_name(*pair), *_judge(decided.get(pair), pair[1], wanted, boundary=boundary)) for pair in pairs]

    def _decided(
        self, params: Mapping[str, Any], resources: Sequence[str], deadline: Deadline
    ) -> dict[tuple[str, str], Decided]:
        found, asked = dict[tuple[str, str], Decided](), dict(params)
        for _ in range(_PAGES):
            said = self._aws.read("iam", "SimulatePrincipalPolicy", asked, within=deadline.left)
            for one in said.get("EvaluationResults", []):
                found.update(_parted(one, resources))
            if not said.get("IsTruncated"):
                break
            asked["Marker"] = said["Marker"]
        return found


def _parted(said: Mapping[str, Any], resources: Sequence[str]) -> Iterator[tuple[tuple[str, str], Decided]]:
    """By resource. Of several the answer as a whole is the decision on none of them."""
    action = str(said.get("EvalActionName"))
    each = said.get("ResourceSpecificResults") or []
    for one in each:
        how = one.get("EvalResourceDecision")
        yield (action, str(one.get("EvalResourceName"))), _decision(str(how), one, said)
    if not each and len(resources) == 1:
        yield (action, resources[0]), _decision(str(said.get("EvalDecision")), said, said)


def _decision(how: str, one: Mapping[str, Any], whole: Mapping[str, Any]) -> Decided:
    boundary = one.get("PermissionsBoundaryDecisionDetail") or whole.get("PermissionsBoundaryDecisionDetail") or {}
    organization = whole.get("OrganizationsDecisionDetail") or {}
    return Decided(
        how,
        tuple(sorted({*one.get("MissingContextValues", []), *whole.get("MissingContextValues", [])})),
        boundary.get("AllowedByPermissionsBoundary"),
        organization.get("AllowedByOrganizations"),
    )


def _judge(found: Decided | None, resource: str, wanted: str, *, boundary: bool) -> tuple[Held, str]:
    if found is None or found.how not in {ALLOWED, IMPLICIT, EXPLICIT}:
        return Held.COULD_NOT_TELL, "IAM's simulation does not say"
    if found.missing:
        keys = ", ".join(found.missing)
        return Held.COULD_NOT_TELL, f"{_WORDS[found.how]}, but it hangs on {keys}: say in context what that is"
    if found.how == IMPLICIT and set(resource) & {"*", "?"}:
        says = "nothing allows it on all of these, and something may on some: name whole ARNs in resources"
        return Held.COULD_NOT_TELL, says
    says = f"{_WORDS[found.how]}{_by(found)}"
    if found.how == EXPLICIT:
        return (Held.NOT_HELD if wanted == ALLOWED else Held.HELD), says
    if found.how == IMPLICIT:
        held = {EXPLICIT: Held.NOT_HELD, _DENIED: Held.HELD, ALLOWED: Held.NOT_HELD}[wanted]
        return held, f"{says}; {_COULD_ALLOW}"
    unseen = _BEYOND + ("" if found.organized is not None else ", service control policies")
    unseen += ", its permissions boundary" if boundary and found.bounded is None else ""
    return (Held.HELD if wanted == ALLOWED else Held.NOT_HELD), f"{says}; not weighed: {unseen}"


_WORDS = {ALLOWED: "allowed", IMPLICIT: "denied, since nothing allows it", EXPLICIT: "denied explicitly"}


def _by(found: Decided) -> str:
    if found.organized is False:
        return ", by a policy of its organization"
    return ", by its permissions boundary" if found.bounded is False else ""


def _name(action: str, resource: str) -> str:
    return action if resource == "*" else f"{action} on {resource}"


def _actions(target: Target) -> list[str]:
    actions = _texts(target.get("actions"))
    for action in actions:
        service, _, name = action.partition(":")
        if not (service and name.isalnum()):
            todo = "name each action whole, such as bedrock:InvokeModel"
            raise UsageError(f"{action!r} is no action that IAM could simulate: it takes no patterns", todo=todo)
    if not actions:
        raise UsageError("aws.policy_simulation is not told which actions", todo="say actions: [bedrock:InvokeModel]")
    return actions


def _texts(said: Json) -> list[str]:
    return [str(one) for one in said] if isinstance(said, Sequence) and not isinstance(said, str) else []
