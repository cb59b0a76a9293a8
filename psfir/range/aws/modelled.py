"""What every stand-in of our own for a control plane of AWS shares: the model, the gate, and errors as AWS words them.

A stand-in has a method for each operation it knows, by botocore's name for it. What is not there goes on to moto.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from threading import RLock
from typing import Any, ClassVar

from psfir.range.aws.gate import Call, Gate
from psfir.range.aws.protocols import Error, refused
from psfir.range.aws.sessions import credential
from psfir.range.clock import RangeClock
from psfir.range.server import Asked, Reply
from psfir.vendors.aws_model import JsonService

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class No(Exception):
    """The service refuses, by a code of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Modelled(ABC):
    """One service. The account's keys that are no root's may do what their policies say, on each resource of a call."""

    service: ClassVar[str]

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._model: JsonService | None = None

    @abstractmethod
    def handlers(self) -> Mapping[str, Handler]:
        """By operation."""

    def resources(self, operation: str, params: Mapping[str, Any]) -> Iterable[str]:
        """What IAM asks the caller's policies about, each as the end of an ARN; "*" is for all there is."""
        del operation, params
        return ("*",)

    def action(self, operation: str) -> str:
        return f"{self._known().signing}:{operation}"

    def takes(self, asked: Asked) -> bool:
        """Nothing is loaded for what was signed for somebody else."""
        signed = credential(asked)
        if signed is None or signed.service != self._signed:
            return False
        return self._known().operation(asked) in self.handlers()

    def answer(self, call: Call) -> Reply:
        model = self._known()
        try:
            request = model.asked(call.asked)
        except ValueError:
            return refused(call.asked, Error("SerializationException", "it is no such request", 400))
        assert request is not None  # noqa: S101 - `takes` said so
        for end in self.resources(request.operation, request.params):
            resource = end if end == "*" else call.arn(model.signing, end)
            if denied := self._gate.denied(call, self.action(request.operation), resource):
                return denied
        try:
            said = model.answer(request.operation, self.handlers()[request.operation](request.params))
        except No as error:
            status = model.status(request.operation, error.code)
            return refused(call.asked, Error(error.code, str(error), status))
        return Reply(said.status, said.body, said.headers)

    @property
    def _signed(self) -> str:
        return self.service.removesuffix("data").partition("-")[0]

    def _known(self) -> JsonService:
        self._model = self._model or JsonService(self.service)
        return self._model


class Keeping(Modelled):
    """One that keeps what it was told, under its lock and by the range's clock, until it is reset."""

    def __init__(self, gate: Gate, clock: RangeClock) -> None:
        super().__init__(gate)
        self._clock = clock
        self.lock = RLock()
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self._skipped = 0.0
            self.begin()

    @abstractmethod
    def begin(self) -> None:
        """As it is in a new account."""

    @property
    def now(self) -> float:
        return self._clock.now() + self._skipped

    def pass_by(self, *, minutes: float = 0.0, seconds: float = 0.0) -> None:
        """Time goes by for this service alone."""
        with self.lock:
            self._skipped += minutes * 60 + seconds
