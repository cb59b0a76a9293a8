"""IAM's policy simulation, which the moto server lacks, over the policies that it has."""

from __future__ import annotations

from collections.abc import Mapping
from json import loads
from typing import Any

from psfir.errors import NoSuchTarget
from psfir.range.aws.policies import Decided, Policies, policies
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient
from psfir.vendors.aws_query import Asked as Request
from psfir.vendors.aws_query import QueryService

_SIMULATE = "SimulatePrincipalPolicy"
_XML = {"Content-Type": "text/xml"}
_ALL = "*"
_ORDER = ("allowed", "implicitDeny", "explicitDeny")


class Simulation:
    """`aws` is a client of the moto behind which may read IAM."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws
        self._iam = QueryService("iam")

    def request(self, asked: Asked) -> Request | None:
        """None if no simulation was asked for."""
        request = self._iam.asked(asked.body) if asked.method == "POST" and _SIMULATE.encode() in asked.body else None
        return request if request and request.operation == _SIMULATE else None

    def answer(self, request: Request, *, may: bool) -> Reply:
        if not may:
            return self._error(403, "AccessDenied", f"User: you is not authorized to perform: iam:{_SIMULATE}")
        try:
            of = policies(self._aws, str(request.params["PolicySourceArn"]))
        except NoSuchTarget as error:
            return self._error(404, "NoSuchEntity", error.what)
        more = tuple(loads(text) for text in request.params.get("PolicyInputList", ()))
        results = _results(Policies(of.own + more, of.boundary), request.params)
        result = {"EvaluationResults": results, "IsTruncated": False}
        return Reply(200, self._iam.answer(_SIMULATE, result), _XML)

    def _error(self, status: int, code: str, message: str) -> Reply:
        return Reply(status, self._iam.error(code, message), _XML)


def _results(of: Policies, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One of each action; where resources are named, what is decided of each stands below it, as with IAM itself."""
    context = {one["ContextKeyName"].lower(): one["ContextKeyValues"] for one in params.get("ContextEntries", ())}
    resources = params.get("ResourceArns") or [_ALL]
    return [
        _result(action, {one: of.decide(action, one, context) for one in resources}) for action in params["ActionNames"]
    ]


def _result(action: str, each: Mapping[str, Decided]) -> dict[str, Any]:
    worst = max(each.values(), key=lambda one: _ORDER.index(one.how))
    result = {
        "EvalActionName": action,
        # Of one resource among several it says nothing, and IAM has the pattern of its ARN here.
        "EvalResourceName": _ALL,
        "EvalDecision": worst.how,
        "MissingContextValues": sorted({key for one in each.values() for key in one.missing}),
        **_boundary(worst),
    }
    if list(each) == [_ALL]:
        return result
    specific = [
        {
            "EvalResourceName": resource,
            "EvalResourceDecision": one.how,
            "MissingContextValues": list(one.missing),
            **_boundary(one),
        }
        for resource, one in each.items()
    ]
    return {**result, "ResourceSpecificResults": specific}


def _boundary(decided: Decided) -> dict[str, Any]:
    if decided.bounded is None:
        return {}
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": decided.bounded}}
