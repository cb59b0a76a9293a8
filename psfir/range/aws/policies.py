"""What IAM would decide, from the policies of a user or role: as much of it as a look ahead needs.

An explicit deny wins, then an allow, then nothing is allowed; a permissions boundary has to allow it too. A statement
with a condition counts for nothing where a key that it asks for was not given, and that key is named as missing.
Organisations' policies, resources' own and sessions' are not weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from psfir.domain.values import frozen
from psfir.errors import NoSuchTarget
from psfir.range.aws.statement_conditions import Context, like, weighed
from psfir.vendors.aws import AwsClient

WITHIN = 10.0
_NO_CONTEXT: Context = {}


@frozen
class Decided:
    """`how` in IAM's words: allowed, implicitDeny or explicitDeny. `bounded` is what a boundary says."""

    how: str
    missing: tuple[str, ...] = ()
    bounded: bool | None = None


@frozen
class Policies:
    """All that counts for one user or role."""

    own: tuple[Mapping[str, Any], ...]
    boundary: Mapping[str, Any] | None = None

    def decide(self, action: str, resource: str, context: Context = _NO_CONTEXT) -> Decided:
        found = _decide(self.own, action, resource, context)
        if self.boundary is None:
            return found
        within = _decide((self.boundary,), action, resource, context)
        missing = tuple(sorted({*found.missing, *within.missing}))
        how = within.how if found.how == "allowed" else found.how
        return Decided(how, missing, within.how == "allowed")


def policies(aws: AwsClient, arn: str) -> Policies:
    """Of the user or role of that ARN, as the account has them now. NoSuchTarget if there is none."""
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    word = {"user": "User", "role": "Role"}.get(kind)
    if word is None:
        raise NoSuchTarget(f"{arn} is neither a user nor a role")
    name = path.rpartition("/")[2]
    entity = aws.read("iam", f"Get{word}", {f"{word}Name": name}, within=WITHIN)[word]
    own = [*_policies_of(aws, word, name)]
    if word == "User":
        groups = aws.read("iam", "ListGroupsForUser", {"UserName": name}, within=WITHIN)["Groups"]
        own += [one for group in groups for one in _policies_of(aws, "Group", group["GroupName"])]
    boundary = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return Policies(tuple(own), _managed(aws, boundary) if boundary else None)


def _policies_of(aws: AwsClient, word: str, name: str) -> Iterator[Mapping[str, Any]]:
    whose = {f"{word}Name": name}
    for inline in aws.read("iam", f"List{word}Policies", whose, within=WITHIN)["PolicyNames"]:
        said = aws.read("iam", f"Get{word}Policy", {**whose, "PolicyName": inline}, within=WITHIN)
        yield said["PolicyDocument"]
    for attached in aws.read("iam", f"ListAttached{word}Policies", whose, within=WITHIN)["AttachedPolicies"]:
        yield _managed(aws, attached["PolicyArn"])


def _managed(aws: AwsClient, arn: str) -> Mapping[str, Any]:
    version = aws.read("iam", "GetPolicy", {"PolicyArn": arn}, within=WITHIN)["Policy"]["DefaultVersionId"]
    said = aws.read("iam", "GetPolicyVersion", {"PolicyArn": arn, "VersionId": version}, within=WITHIN)
    document: Mapping[str, Any] = said["PolicyVersion"]["Document"]
    return document


def _decide(documents: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Decided:
    effects, missing = set[str](), set[str]()
    for statement in (one for document in documents for one in _listed(document.get("Statement", []))):
        if not _about(statement, action, resource):
            continue
        found = weighed(statement.get("Condition") or {}, context)
        missing.update(found.missing)
        if found.holds and not found.missing:
            effects.add(statement["Effect"])
    how = "explicitDeny" if "Deny" in effects else "allowed" if "Allow" in effects else "implicitDeny"
    return Decided(how, tuple(sorted(missing)))


def _about(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    return _named(statement, "Action", action.lower()) and _named(statement, "Resource", resource)


def _named(statement: Mapping[str, Any], element: str, value: str) -> bool:
    lower = element == "Action"
    if element in statement:
        return any(like(one.lower() if lower else one, value) for one in _listed(statement[element]))
    others = _listed(statement.get(f"Not{element}", []))
    return f"Not{element}" in statement and not any(like(one.lower() if lower else one, value) for one in others)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a policy may have one, or a list of them
    return value if isinstance(value, list) else [value]
