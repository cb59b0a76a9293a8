"""The AWS of the range: a moto server, and before it what moto lacks.

That is IAM's policy simulation, IAM's delay, and the data plane: Bedrock, Lambda's code and DynamoDB's items, each for
a role's session whose policies allow it. It is asked as AWS is and answers in AWS's own protocols, and decides by the
policies that the moto behind it has. Everything else is handed on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import count
from typing import Self

from psfir.errors import LeverError
from psfir.range.aws.account import ROOT, Account
from psfir.range.aws.appconfig import AppConfig
from psfir.range.aws.appconfig_data import AppConfigData
from psfir.range.aws.authority import Authority
from psfir.range.aws.bedrock import Bedrock, Models, no_models
from psfir.range.aws.functions import Functions
from psfir.range.aws.gate import Call, Gate
from psfir.range.aws.guardrails import Guardrails
from psfir.range.aws.items import Items
from psfir.range.aws.protocols import Error, form, refused
from psfir.range.aws.sagemaker import Invocations, SageMaker
from psfir.range.aws.sessions import Sessions, credential
from psfir.range.aws.simulation import Simulation
from psfir.range.aws.without import Without
from psfir.range.clock import RangeClock
from psfir.range.faulty import Faulty
from psfir.range.front import handed_on
from psfir.range.server import Asked, Reply, Server, Wire
from psfir.vendors.aws import AwsClient

_LOOKS = ("Get", "List", "Simulate", "Generate")
_READS = (*_LOOKS, "Describe", "AssumeRole")


class AwsRange:
    """Stands before the moto server at `upstream`; `aws` is a client of that moto which may read IAM and Lambda.

    Without them it is the data plane alone, in which every session may do everything. `root` are the keys that may do
    everything anyway. With `simulates` off, asking for a simulation is denied, as it is to most credentials.
    """

    def __init__(
        self,
        upstream: str | None = None,
        aws: AwsClient | None = None,
        *,
        simulates: bool = True,
        root: Mapping[str, str] = ROOT,
        clock: RangeClock | None = None,
        models: Models = no_models,
    ) -> None:
        self._upstream = upstream
        self.root = root
        self.sessions = Sessions(root["access_key_id"])
        self.authority = Authority(aws)
        clock = clock or RangeClock()
        self._gate = Gate(self.sessions, self.authority, clock)
        self.guardrails = Guardrails(self._gate, clock)
        self.bedrock = Bedrock(self._gate, models, self.guardrails)
        self.functions = Functions(self._gate, self.authority, aws)
        self.items = Items(self._gate)
        self.appconfig = AppConfig(self._gate, clock)
        self.sagemaker = SageMaker(self._gate, clock)
        self._served = AppConfigData(self._gate, self.appconfig)
        self._invocations = Invocations(self._gate, self.sagemaker)
        own = (self.appconfig, self._served, self.sagemaker, self._invocations, self.guardrails)
        self._parts = (self.bedrock, self.functions, self.items, *own)
        self.account = Account(aws, self._changed, self.sessions)
        self.simulation = Simulation(aws) if aws else None
        self.simulates = simulates
        self._counted = count(1)
        self.writes = 0
        """Another number after each call that may have changed the account: until then, what was read is still so."""
        self._without = Without(self.sessions, clock)
        self.faults = Faulty(self._handle)
        self._server = Server(self.faults, stopped=self.faults.stopped)

    @property
    def url(self) -> str:
        return self._server.url

    def reset(self, kept: Collection[str] = ()) -> None:
        """No table or delay is left, and nothing that was known of the account; models and code stay.

        Nor is any session, but those whose keys are `kept`.
        """
        self.sessions.reset(kept)
        self.items.reset()
        self.appconfig.reset()
        self.sagemaker.reset()
        self.guardrails.reset()
        self._served.reset()
        self.authority.reset()
        self.functions.forget()

    def _changed(self) -> None:
        self.writes = next(self._counted)
        self.authority.forget()
        self.functions.forget()

    def _handle(self, asked: Asked) -> Reply | Wire:
        if late := self._gate.late(asked):
            return late
        try:
            return self._data(asked) or self._control(asked)
        except LeverError as error:
            return refused(asked, Error("ServiceUnavailableException", error.what, 503, "ServiceUnavailable"))

    def _data(self, asked: Asked) -> Reply | None:
        for part in self._parts:
            if part.takes(asked):
                call = self._gate.admitted(asked)
                return part.answer(call) if isinstance(call, Call) else call
        return None

    def _control(self, asked: Asked) -> Reply:
        if self._upstream is None:
            return self._without.answer(asked)
        sent, signed = form(asked), credential(asked)
        action, service = sent.get("Action", ""), signed.service if signed else ""
        if self.simulation and (request := self.simulation.request(asked)):
            return self.simulation.answer(request, may=self.simulates)
        if service == "iam" and not action.startswith(_LOOKS):
            with self.authority.writing(sent.get("RoleName", "")):
                reply = handed_on(asked, self._upstream)
        else:
            reply = handed_on(asked, self._upstream)
        if service == "lambda" and asked.writes:
            self.functions.forget()
        if not _reads(asked, action):
            self.writes = next(self._counted)
        if reply.status == 200:  # noqa: PLR2004 - the number is HTTP's own
            self.sessions.learn(sent, reply.raw)
        return reply

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def _reads(asked: Asked, action: str) -> bool:
    """Services name what is asked in a form or a header; those that do neither by the method."""
    operation = action or asked.headers.get("x-amz-target", "").rpartition(".")[2]
    return operation.startswith(_READS) if operation else not asked.writes
