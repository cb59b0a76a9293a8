"""The AWS of the range: a moto server, and before it what moto lacks. So far that is IAM's policy simulation.

It is asked as AWS is and answers in IAM's own protocol; the policies it weighs are those that the moto behind it has.
Everything else is handed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import loads
from typing import Any, Self

from psfir.errors import NoSuchTarget
from psfir.range.aws.policies import Policies, policies
from psfir.range.faulty import Faulty
from psfir.range.front import handed_on
from psfir.range.server import Asked, Reply, Server, Wire
from psfir.vendors.aws import AwsClient
from psfir.vendors.aws_query import QueryService

_SIMULATE = "SimulatePrincipalPolicy"
_XML = {"Content-Type": "text/xml"}


class AwsRange:
    """Stands before the moto server at `upstream`; `aws` is a client of that moto which may read IAM.

    With `simulates` off, asking for a simulation is denied, as it is to most credentials.
    """

    def __init__(self, upstream: str, aws: AwsClient, *, simulates: bool = True) -> None:
        self._aws = aws
        self._upstream = upstream
        self._iam = QueryService("iam")
        self.faults = Faulty(self._handle)
        self._server = Server(self.faults, stopped=self.faults.stopped)
        self.simulates = simulates

    @property
    def url(self) -> str:
        return self._server.url

    def _handle(self, asked: Asked) -> Reply | Wire:
        request = self._iam.asked(asked.body) if asked.method == "POST" else None
        if request is None or request.operation != _SIMULATE:
            return handed_on(asked, self._upstream)
        if not self.simulates:
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

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def _results(of: Policies, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    results = []
    for resource in params.get("ResourceArns") or ["*"]:
        for action in params["ActionNames"]:
            decided = of.decide(action, resource)
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decided.how,
                    "MissingContextValues": list(decided.missing),
                }
            )
    return results
