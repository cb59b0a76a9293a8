"""What can be found out beforehand about a rung on AWS: who the credential is, and whether its policies suffice.

IAM's policy simulation answers without trying. It sees the policies of the credential's own user or role; where it may
not be asked, or cannot tell, that is said: what could not be found out is never ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from psfir.contracts import Target
from psfir.domain.about import LOOKING, RESTORING, Permission, Phase
from psfir.domain.needs import Use, needs
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.values import frozen
from psfir.errors import Denied, NoSuchTarget, PsfirError, Refusal, UsageError
from psfir.vendors.aws import AwsClient, Deadline, Identity

T = TypeVar("T")
_FAILS = (Denied, NoSuchTarget, Refusal, UsageError)
_PAGES = 20

AHEAD = "where psfir lever check is to say beforehand what IAM would deny"
SIMULATES = Permission("aws", "iam:SimulatePrincipalPolicy", "*", (Phase.READ,), AHEAD)
"""What `Ahead.permissions` asks with. Whose policies they are is not known before somebody is at work."""


@frozen
class Need:
    """One action on one resource, as an ARN or *, and when it is needed."""

    action: str
    resource: str
    phases: tuple[Phase, ...] = LOOKING


def pulling(permissions: Iterable[Permission], target: Target) -> list[Permission]:
    """Those of them that a pull of that target or its restore takes: all others a look ahead tries out by itself."""
    written = [one for one in permissions if {*one.phases} - {Phase.READ}]
    return [one for one in written if not one.of or target.get(one.of)]


class Ahead:
    """One look ahead, within one deadline. It only reads."""

    def __init__(self, aws: AwsClient, *, within: float) -> None:
        self._aws = aws
        self._deadline = Deadline(within)
        self.identity: Identity | None = None

    def credential(self) -> Finding:
        """Whom AWS takes it for, and whether that is the account that the connection names."""
        try:
            self.identity = found = self._aws.identity(within=self._deadline.left)
        except PsfirError as error:
            return _finding(Matter.CREDENTIAL, error)
        if self._aws.account and self._aws.account != found.account:
            says = f"{found.arn} belongs to account {found.account}, and the connection names {self._aws.account}"
            return Finding(Matter.CREDENTIAL, Ready.WOULD_FAIL, says, "use the right profile or keys, or mend account:")
        return Finding(Matter.CREDENTIAL, Ready.READY, f"AWS takes it for {found.arn}")

    def target(self, read: Callable[[float], T], says: str) -> tuple[Finding, T | None]:
        """Whether it is there, and what was read. `says` is what to say if so."""
        try:
            found = read(self._deadline.left)
        except PsfirError as error:
            matter = Matter.PERMISSION if isinstance(error, Denied) else Matter.TARGET
            return _finding(matter, error), None
        return Finding(Matter.TARGET, Ready.READY, says), found

    def needs(self, use: Use) -> list[Need]:
        """Each right that a pull of this target or its restore takes, on what it names, here."""
        found = [one for one in needs(use) if {*one.permission.phases} - {Phase.READ}]
        return [Need(one.permission.action, self._here(one.resource), one.permission.phases) for one in found]

    def _here(self, resource: str) -> str:
        """In this region and account; of several things of a kind, some one."""
        if self.identity is None or not resource.startswith("arn:"):
            return resource
        head, _, service, region, account, rest = resource.split(":", 5)
        place = self._aws.region if region == "*" else region, self.identity.account if account == "*" else account
        return ":".join((head, self.identity.partition, service, *place, rest.replace("*", "1")))

    def permissions(self, needs: Iterable[Need]) -> list[Finding]:
        """What IAM itself says of each action, without doing it."""
        if self.identity is None:
            says = "what it may do cannot be told without knowing whose it is"
            return [Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, says)]
        if self.identity.arn.endswith(":root"):
            says = "it is the root user of its account, which may do everything"
            return [Finding(Matter.PERMISSION, Ready.BEWARE, says, "use a role that may do no more than it needs")]
        wanted = tuple(needs)
        by_resource: dict[str, list[str]] = {}
        for need in wanted:
            asked = by_resource.setdefault(need.resource, [])
            asked += [need.action] if need.action not in asked else []
        try:
            principal = self._principal(self.identity)
            decided = [one for on, actions in by_resource.items() for one in self._simulated(principal, (on, actions))]
        except PsfirError as error:
            todo = error.todo if isinstance(error, Denied) else ""
            says = f"what it may do cannot be told: {error.what}"
            return [Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, says, todo)]
        return _decisions(decided, wanted)

    def _principal(self, identity: Identity) -> str:
        """The user or role whose policies count. A session's ARN leaves out its role's path, which IAM wants."""
        kind, _, rest = identity.arn.split(":", 5)[-1].partition("/")
        if kind != "assumed-role":
            return identity.arn
        name = rest.partition("/")[0]
        try:
            role = self._aws.read("iam", "GetRole", {"RoleName": name}, within=self._deadline.left)
            return str(role["Role"]["Arn"])
        except (Denied, NoSuchTarget, KeyError):
            return f"arn:{identity.partition}:iam::{identity.account}:role/{name}"

    def _simulated(self, principal: str, wanted: tuple[str, list[str]]) -> list[Mapping[str, Any]]:
        resource, actions = wanted
        params = {"PolicySourceArn": principal, "ActionNames": actions, "ResourceArns": [resource]}
        found: list[Mapping[str, Any]] = []
        for _ in range(_PAGES):
            said = self._aws.read("iam", "SimulatePrincipalPolicy", params, within=self._deadline.left)
            found += said.get("EvaluationResults", [])
            if not said.get("IsTruncated"):
                break
            params["Marker"] = said["Marker"]
        return found


def _decisions(decided: Iterable[Mapping[str, Any]], needs: Sequence[Need]) -> list[Finding]:
    """What only putting back needs is in nobody's way tonight: another credential may be kept for that."""
    wanted = {need.action for need in needs}
    killing = {need.action for need in needs if need.phases != RESTORING}
    allowed, denied, unclear = set[str](), set[str](), set[str]()
    for one in decided:
        action = str(one.get("EvalActionName"))
        if one.get("EvalDecision") == "allowed":
            allowed.add(action)
        elif one.get("MissingContextValues"):
            unclear.add(action)
        else:
            denied.add(action)
    unclear |= wanted - allowed - denied
    found = []
    if first := ", ".join(sorted(denied & killing)):
        todo = f"allow {first} to the credential of this connection"
        found.append(Finding(Matter.PERMISSION, Ready.WOULD_FAIL, f"IAM would deny {first}", todo))
    if later := ", ".join(sorted(denied - killing)):
        says = f"IAM would deny {later}, which putting it back needs"
        found.append(Finding(Matter.PERMISSION, Ready.BEWARE, says, "restore with a credential that may"))
    if unclear - denied:
        says = f"IAM does not say whether {', '.join(sorted(unclear - denied))} is allowed: it hangs on a condition"
        found.append(Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, says, "look at the conditions of its policies"))
    if not found:
        found.append(Finding(Matter.PERMISSION, Ready.READY, f"IAM allows {', '.join(sorted(allowed))}"))
    return found


def _finding(matter: Matter, error: PsfirError) -> Finding:
    ready = Ready.WOULD_FAIL if isinstance(error, _FAILS) else Ready.COULD_NOT_TELL
    return Finding(matter, ready, error.what, error.todo)
