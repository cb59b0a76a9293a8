"""Lambda's Invoke: code of the range's own, run for a function that the account has, and as that function's role.

Which functions there are, as what they run and how much is reserved for them the moto server says; it is asked again
only after a write of Lambda.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Protocol

from psfir.domain.values import frozen
from psfir.errors import NoSuchTarget
from psfir.range.aws.authority import Authority
from psfir.range.aws.gate import Call, Gate
from psfir.range.aws.moto import ACCOUNT
from psfir.range.aws.protocols import Error, refused
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient

_PATH = re.compile(r"/2015-03-31/functions/(?:[^/]*function:)?([^/:]+)(?::[^/]*)?/invocations")
_ACTION = "lambda:InvokeFunction"
_WITHIN = 10.0


@frozen
class Running:
    """One run of a function's code: its name, and what its own role may."""

    function: str
    role: str
    authority: Authority

    def may(self, action: str, resource: str) -> bool:
        return self.authority.may(self.role, action, resource)


class Code(Protocol):
    """What a function does with a payload. An exception is a failed run, which Lambda answers with 200 too."""

    def __call__(self, payload: Any, running: Running, /) -> Any: ...  # noqa: ANN401 - whatever JSON there is


@frozen
class _Made:
    role: str
    reserved: int | None


class Functions:
    """`code` by function's name; what is not in it is left to the moto server."""

    def __init__(self, gate: Gate, authority: Authority, aws: AwsClient | None) -> None:
        self._gate = gate
        self._authority = authority
        self._aws = aws
        self._lock = Lock()
        self._version = 0
        self._known: dict[str, _Made] = {}
        self._running: Counter[str] = Counter()
        self.code: dict[str, Code] = {}

    def takes(self, asked: Asked) -> bool:
        found = _PATH.fullmatch(asked.path)
        return asked.method == "POST" and found is not None and (self._aws is None or found[1] in self.code)

    def answer(self, call: Call) -> Reply:
        found = _PATH.fullmatch(call.asked.path)
        assert found is not None  # noqa: S101 - `takes` said so
        name, arn = found[1], call.arn("lambda", f"function:{found[1]}")
        if denied := self._gate.denied(call, _ACTION, arn):
            return denied
        try:
            made, code = self._made(name), self.code[name]
        except (NoSuchTarget, KeyError):
            return refused(call.asked, Error("ResourceNotFoundException", f"Function not found: {arn}", 404))
        try:
            payload = call.asked.json()
        except ValueError:
            said = "Could not parse request body into json"
            return refused(call.asked, Error("InvalidRequestContentException", said, 400))
        way = call.asked.headers.get("x-amz-invocation-type", "RequestResponse")
        with self._taken(name, made) as free:
            if not free:
                return _throttled()
            if way == "DryRun":
                return Reply(204)
            said_back = _run(code, payload, Running(name, made.role, self._authority))
        return Reply(202) if way == "Event" else said_back

    def forget(self) -> None:
        """Look anew which functions there are."""
        with self._lock:
            self._version += 1
            self._known.clear()

    @contextmanager
    def _taken(self, name: str, made: _Made) -> Iterator[bool]:
        with self._lock:
            free = made.reserved is None or self._running[name] < made.reserved
            self._running[name] += free
        try:
            yield free
        finally:
            with self._lock:
                self._running[name] -= free

    def _made(self, name: str) -> _Made:
        with self._lock:
            version, known = self._version, self._known.get(name)
        if known is not None:
            return known
        if self._aws is None:
            return _Made(f"arn:aws:iam::{ACCOUNT}:role/{name}", None)
        whose = {"FunctionName": name}
        said = self._aws.read("lambda", "GetFunction", whose, within=_WITHIN)
        # Moto leaves a concurrency of 0 out of the former answer.
        kept = self._aws.read("lambda", "GetFunctionConcurrency", whose, within=_WITHIN)
        made = _Made(said["Configuration"]["Role"], kept.get("ReservedConcurrentExecutions"))
        with self._lock:
            if version == self._version:
                self._known[name] = made
        return made


def _run(code: Callable[[Any, Running], Any], payload: Any, running: Running) -> Reply:  # noqa: ANN401 - as Code has it
    version = {"X-Amz-Executed-Version": "$LATEST", "Content-Type": "application/json"}
    try:
        return Reply(200, json.dumps(code(payload, running)).encode(), version)
    except Exception as error:  # noqa: BLE001 - whatever code raises is told to who invoked it, as Lambda does
        said = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
        return Reply(200, json.dumps(said).encode(), {**version, "X-Amz-Function-Error": "Unhandled"})


def _throttled() -> Reply:
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    said = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
    return Reply(429, said, {"x-amzn-ErrorType": "TooManyRequestsException"})
