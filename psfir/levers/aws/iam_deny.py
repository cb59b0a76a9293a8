"""`aws.iam_deny`: takes rights from a role by an explicit deny, which no other policy can outvote.

Revoking a role's sessions stops those that exist: a pod that assumes the role again goes on. An explicit deny is
weighed at each call of each session, old and new, so it is what stops it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import KILLING, RESTORING, WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Drift, NoSuchTarget
from psfir.levers.aws import deny_policy
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.levers.settle import same
from psfir.vendors.aws import AwsClient, Deadline, Identity
from psfir.vendors.shared import shared

_ROLE = "arn:aws:iam::*:role/{role}"
_STANDS = "where a deny of psfir's stands on it already"
_ALTERED = "where somebody had altered psfir's own policy before the kill"


class IamDeny:
    """The state is psfir's own policies on the role, by name: those of other kills stand beside it, untouched."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.iam_deny",
        line="Denies actions to an IAM role, in every session of it.",
        connects=("aws",),
        target=(
            Field("role", FieldType.TEXT, "the role's name, without its path"),
            Field("policy", FieldType.TEXT, "one policy of psfir's own on it; psfir fills it in", required=False),
        ),
        example={
            "lever": "aws.iam_deny",
            "target": {"connection": "aws-prod", "role": "support-agent"},
            "set": {"deny": ["bedrock:InvokeModel*"]},
            "within": "3m",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(
            Field("deny", FieldType.TEXTS, "actions, such as bedrock:InvokeModel*"),
            Field("resources", FieldType.TEXTS, "on which ARNs; default all", required=False, default=["*"]),
        ),
        permissions=(
            Permission("aws", "iam:GetRole", _ROLE),
            Permission("aws", "iam:ListRolePolicies", _ROLE, (Phase.READ, Phase.KILL)),
            Permission("aws", "iam:GetRolePolicy", _ROLE, (Phase.READ,), _STANDS),
            Permission("aws", "iam:GetRolePolicy", _ROLE, WRITING),
            Permission("aws", "iam:PutRolePolicy", _ROLE, KILLING),
            Permission("aws", "iam:PutRolePolicy", _ROLE, RESTORING, _ALTERED),
            Permission("aws", "iam:DeleteRolePolicy", _ROLE, RESTORING),
            SIMULATES,
        ),
        blast_radius="Whoever uses the role, in every region. The deny is weighed at each call, so sessions that have "
        "begun are stopped at their next call, however long they last; a call under way ends as it would. To reach "
        "every service takes up to minutes.",
        undo="Deletes the one policy that psfir has put there, if it is still as psfir left it.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def read(self, target: Target, *, within: float) -> Reading:
        deadline = Deadline(within)
        role = self._role(target, deadline)
        names = [str(target["policy"])] if target.get("policy") else self._names(target, deadline)
        return Reading(self._policies(target, names, deadline), None, deny_policy.notes(role))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        document = deny_policy.document(settings)
        name, what = deny_policy.name(document), deny_policy.denied(document)
        found = reading.state if isinstance(reading.state, Mapping) else {}
        before, after = {key: found[key] for key in (name,) if key in found}, {name: document}
        if same(before, after):
            return NothingToDo(f"the role {target['role']} is denied {what} already", after)
        why = f"the role {target['role']} is denied {what} to {mode.value} it"
        # The policy is part of the target from now on: two kills on one role are two targets, each put back by itself.
        return Change(self.about.name, {**target, "policy": name}, before, after, why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (change.before, change.after), within)

    def verify(self, change: Change, *, within: float) -> Look:
        deadline = Deadline(within)
        names = _names_in(change.before, change.after)
        found = self._policies(change.target, names, deadline)
        if not found:
            self._role(change.target, deadline)
        held = Held.HELD if same(found, change.after) else Held.NOT_HELD
        return Look(held, _says(change.target, found))

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (change.after, change.before), within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead = Ahead(self._aws, within=within)
        credential = ahead.credential()
        there, role = ahead.target(
            lambda left: self._role(target, Deadline(left)), f"the role {target['role']} is there"
        )
        if role is None:
            return [credential, there]
        linked = str(role.get("Path")).startswith(deny_policy.SERVICE_PATH)
        ready = Ready.WOULD_FAIL if linked else Ready.BEWARE
        found = [Finding(Matter.TARGET, ready, note) for note in deny_policy.notes(role)]
        found += _own_feet(ahead.identity, str(target["role"]), settings)
        needs = [Need(one.action, str(role.get("Arn")), one.phases) for one in pulling(self.about.permissions, target)]
        return [credential, there, *found, *ahead.permissions(needs)]

    def _move(self, target: Target, way: tuple[Json, Json], within: float) -> Outcome:
        """From `expected` to `wanted`, looked at right before: IAM itself compares nothing."""
        deadline, (expected, wanted) = Deadline(within), way
        found = self._policies(target, _names_in(expected, wanted), deadline)
        if same(found, wanted):
            if not found:
                self._role(target, deadline)
            return Outcome(Result.ALREADY_SO, _says(target, found), found)
        if not same(found, expected):
            what = f"psfir's policy on the role {target['role']} is not as expected: somebody else has changed it"
            raise Drift(what, expected=expected, found=found, where=self._aws.where)
        self._write(target, wanted if isinstance(wanted, Mapping) else {}, found, deadline)
        return Outcome(Result.CHANGED, _says(target, wanted), wanted)

    def _write(self, target: Target, wanted: Mapping[str, Json], found: Mapping[str, Json], deadline: Deadline) -> None:
        for name, document in wanted.items():
            text = json.dumps(document)
            params = {"RoleName": target["role"], "PolicyName": name, "PolicyDocument": text}
            self._aws.write("iam", "PutRolePolicy", params, within=deadline.left)
        for name in found.keys() - wanted.keys():
            params = {"RoleName": target["role"], "PolicyName": name}
            self._aws.write("iam", "DeleteRolePolicy", params, within=deadline.left)

    def _role(self, target: Target, deadline: Deadline) -> dict[str, Any]:
        said = self._aws.read("iam", "GetRole", {"RoleName": target["role"]}, within=deadline.left)
        role: dict[str, Any] = said["Role"]
        return role

    def _names(self, target: Target, deadline: Deadline) -> list[str]:
        params, found = {"RoleName": target["role"]}, list[str]()
        while True:
            said = self._aws.read("iam", "ListRolePolicies", params, within=deadline.left)
            found += [name for name in said["PolicyNames"] if name.startswith(deny_policy.PREFIX)]
            if not said.get("IsTruncated"):
                return found
            params = {**params, "Marker": said["Marker"]}

    def _policies(self, target: Target, names: Iterable[str], deadline: Deadline) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for name in names:
            params = {"RoleName": target["role"], "PolicyName": name}
            try:
                said = self._aws.read("iam", "GetRolePolicy", params, within=deadline.left)
            except NoSuchTarget:
                continue  # the policy, or the whole role: who needs to tell them apart asks for the role
            found[name] = said["PolicyDocument"]
        return found


def _own_feet(identity: Identity | None, role: str, settings: Mapping[str, Json]) -> list[Finding]:
    """Whether psfir would take from itself what it needs to put it back."""
    own = identity is not None and f":assumed-role/{role}/" in identity.arn
    actions = settings.get("deny")
    actions = actions if isinstance(actions, Sequence) else []
    if not own or not any(str(action).startswith(("iam:", "*")) for action in actions):
        return []
    says = f"psfir's own credential is a session of the role {role}: it could not put this back"
    return [Finding(Matter.CREDENTIAL, Ready.WOULD_FAIL, says, "use another credential for this connection")]


def _names_in(*states: Json) -> list[str]:
    return sorted({str(name) for state in states if isinstance(state, Mapping) for name in state})


def _says(target: Target, state: Json) -> str:
    policies = state if isinstance(state, Mapping) else {}
    what = "; ".join(f"{deny_policy.denied(one)} ({name})" for name, one in sorted(policies.items()))
    return f"the role {target['role']} is denied {what or 'nothing by psfir'}"
