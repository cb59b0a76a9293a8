"""Calls to AWS over one connection of psfir.yaml: botocore's models and signatures, psfir's wire, deadlines and errors.

Measured with botocore 1.44, whole process: boto3 167 ms, with one client 245 to 268; botocore's own session 149 ms,
with one client 229 to 235, with a second one 12 more. boto3 adds resources and collections that no lever needs, so it
is botocore, and only once a call is made. All connections share what it reads from its models: 50 to 200 ms for each
further one otherwise. A write is sent once. A call goes where the connection says: AWS_ENDPOINT_URL has no say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from threading import Lock, local
from typing import TYPE_CHECKING, Any

from psfir import __version__
from psfir.contracts import BoundConnection
from psfir.domain.scrub import Scrubber
from psfir.domain.values import frozen
from psfir.errors import NoAnswer, PsfirError, Refusal, Unreachable
from psfir.vendors.aws_credentials import Credentials, Keys
from psfir.vendors.aws_errors import Ask, Teller, Throttled
from psfir.vendors.aws_wire import AwsWire, Raw
from psfir.vendors.http import Deadline
from psfir.vendors.http_messages import Answer
from psfir.vendors.pace import Pace
from psfir.vendors.patience import wait

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.loaders import Loader
    from botocore.session import Session

__all__ = ["Ask", "AwsClient", "Deadline", "Identity", "now"]

PATIENCE = 20.0
"""How long a call that is throttled is sent again and again at most, and no longer than half of what it has."""

_PATIENT = 0.5
_OK = range(200, 300)
_FORM = "application/x-www-form-urlencoded"
"""Who is asked by a form answers in XML; of the others each body is JSON."""
_ERRORS = {"ec2": "Errors"}
"""EC2 has an XML of its own for what it refuses."""
_PAYLOADS = frozenset({("lambda", "Invoke"), ("bedrock-runtime", "InvokeModel")})
"""What these answer with is a function's or a model's own, and any JSON."""
_BYTES = frozenset(
    {
        ("appconfig", "CreateHostedConfigurationVersion"),
        ("appconfig", "GetHostedConfigurationVersion"),
        ("appconfigdata", "GetLatestConfiguration"),
    }
)
"""And these with a configuration, in whatever format it is."""


@frozen
class Identity:
    """Whom AWS takes the credential for."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """aws, aws-cn or aws-us-gov: it stands in every ARN."""
        return self.arn.split(":")[1] if self.arn.count(":") else "aws"


class _Call(local):
    """What the call of this thread has left; botocore hands on nothing that could say so."""

    deadline: Deadline
    ask: Ask


class AwsClient:
    """All calls over one connection of kind aws. Any thread may use it; nothing is loaded before a call."""

    def __init__(self, connection: BoundConnection) -> None:
        settings = connection.settings
        self.where = f"connection {connection.name}"
        self.region = str(settings.get("region", ""))
        self.account = str(settings.get("account") or "")
        longest = settings.get("timeout")
        self._longest = float(longest) if isinstance(longest, int | float) else float("inf")
        self._profile = str(settings["profile"]) if settings.get("profile") else None
        self._endpoint = str(settings["endpoint_url"]) if settings.get("endpoint_url") else None
        self._scrubber = Scrubber()
        self._teller = Teller(self.where, self._scrubber.text)
        self._credentials = Credentials(connection, self._scrubber, self._teller)
        self._wire = AwsWire(connection)
        self._lock = Lock()
        self._session: Session | None = None
        self._clients: dict[str, tuple[str, Any]] = {}
        self._call = _Call()
        self._paces: dict[str, Pace] = {}
        self._owner = ""

    def read(self, service: str, operation: str, params: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """The answer. That none came is no more than Unreachable: it was only to be read."""
        return self._asked(Ask(service, operation, params), Deadline(min(within, self._longest)))

    def write(self, service: str, operation: str, params: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """The answer. Before the first one the account is checked, if the connection names one."""
        deadline = Deadline(min(within, self._longest))
        ask = Ask(service, operation, params, writes=True)
        keys = self._keys(deadline)
        if self.account and self._owner != keys.digest:
            self._check_account(deadline)
            self._owner = keys.digest
        return self._sent(ask, keys, deadline)

    def identity(self, *, within: float) -> Identity:
        """Who the credential at hand is; every credential may ask that."""
        said = self.read("sts", "GetCallerIdentity", {}, within=within)
        return Identity(str(said.get("Account", "")), str(said.get("Arn", "")))

    def clean(self, text: str) -> str:
        """The text without any secret of this connection."""
        return self._scrubber.text(text)

    def _check_account(self, deadline: Deadline) -> None:
        found = self.identity(within=deadline.left)
        if found.account != self.account:
            what = f"the credential belongs to account {found.account}, and the connection names {self.account}"
            raise Refusal(what, where=self.where, todo="use the right profile or keys, or mend account:")

    def _asked(self, ask: Ask, deadline: Deadline) -> dict[str, Any]:
        return self._looked(ask, self._keys(deadline), deadline)

    def _looked(self, ask: Ask, keys: Keys, deadline: Deadline) -> dict[str, Any]:
        try:
            return self._sent(ask, keys, deadline)
        except NoAnswer as error:
            todo = error.todo or "see whether the endpoint answers others, and try again"
            raise Unreachable(f"{error.what}; it was only to be read", where=error.where, todo=todo) from error

    def _sent(self, ask: Ask, keys: Keys, deadline: Deadline) -> dict[str, Any]:
        """Again, and slower, where AWS throttles: what it refuses so was not carried out."""
        pace = self._paces.setdefault(ask.service, Pace())
        patience = Deadline(min(deadline.left * _PATIENT, PATIENCE))
        while True:
            turn = pace.wait(deadline, where=self.where)
            try:
                said = self._once(ask, keys, deadline)
            except Throttled as error:
                pace.refused(turn)
                if not wait(error.after or 0.0, patience):
                    raise
            else:
                pace.answered()
                return said

    def _once(self, ask: Ask, keys: Keys, deadline: Deadline) -> dict[str, Any]:
        from botocore import xform_name  # noqa: PLC0415 - cold start: only a call on AWS needs it

        client = self._client(ask, keys)
        self._call.deadline, self._call.ask = deadline, ask
        try:
            said: dict[str, Any] = getattr(client, xform_name(ask.operation))(**ask.params)
        except PsfirError:
            raise
        except Exception as error:  # noqa: BLE001 - botocore and its plugins raise what they like; the teller knows
            raise self._teller.meaning(error, ask) from None
        return said

    def _keys(self, deadline: Deadline) -> Keys:
        return self._credentials.keys(self._opened(), deadline, self._looked)

    def _opened(self) -> Session:
        from botocore.session import Session  # noqa: PLC0415 - cold start: only a call on AWS needs it

        with self._lock:
            if self._session is None:
                # Keys of the connection's own must not fail over a profile that the environment names.
                alone = {"profile": (None, None, None, None)} if self._credentials.named else None
                session = Session(session_vars=alone, profile=self._profile)
                session.register_component("data_loader", _models())
                self._session = session
            return self._session

    def _client(self, ask: Ask, keys: Keys) -> Any:  # noqa: ANN401 - botocore makes its classes while it runs
        from botocore.config import Config  # noqa: PLC0415 - cold start: only a call on AWS needs it

        session = self._opened()
        with self._lock:  # making one is not safe in several threads, using one is
            known = self._clients.get(ask.service)
            if known and known[0] == keys.digest:
                return known[1]
            config = Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # newer than its stubs
                user_agent_extra=f"psfir/{__version__}",
            )
            try:
                client: Any = session.create_client(
                    ask.service,
                    region_name=self.region,
                    endpoint_url=self._endpoint,
                    aws_access_key_id=keys.access,
                    aws_secret_access_key=keys.secret,
                    aws_session_token=keys.token,
                    config=config,
                )
            except Exception as error:  # noqa: BLE001 - whatever a file of settings can do is told in a sentence
                raise self._teller.meaning(error, Ask(ask.service, ask.operation, {})) from None
            client.meta.events.register("before-send", self._send)
            self._clients[ask.service] = keys.digest, client
            return client

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Called by botocore in place of its own transport."""
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - loaded by now

        ask = self._call.ask
        answer = self._wire.send(request, self._call.deadline, writes=ask.writes)
        why = _foreign(answer, ask, form=_FORM in str(request.headers.get("Content-Type")))
        if why and answer.status in _OK:
            raise self._teller.unreadable(ask, why)
        if why:
            raise self._teller.answered(answer.status, answer.headers, answer.text, ask)
        return AWSResponse(request.url, answer.status, dict(answer.headers), Raw(answer.body))  # type: ignore[arg-type]  # it asks raw for stream() alone


@cache
def _models() -> Loader:
    """What botocore has read of services' models, shared by all connections of this process."""
    from botocore.loaders import Loader  # noqa: PLC0415 - cold start: only a call on AWS needs it

    return Loader()


def now() -> datetime:
    """The time here: with one that is minutes off AWS takes no request at all."""
    return datetime.now(UTC)  # noqa: TID251 - stretches of time are asked of AWS; no share is counted by it


def _foreign(answer: Answer, ask: Ask, *, form: bool) -> str:
    """Why it cannot be the service's own; botocore would read a proxy's page as an answer that says nothing."""
    body = answer.body.strip()
    if form:
        word = f"{ask.operation}Response" if answer.status in _OK else _ERRORS.get(ask.service, "ErrorResponse")
        return "" if f"<{word}".encode() in body and body.endswith(b">") else f"it is no {word}"
    if not body or ((ask.service, ask.operation) in _BYTES and answer.status in _OK):
        return ""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "it is no JSON"
    own = (ask.service, ask.operation) in _PAYLOADS and answer.status in _OK
    return "" if own or isinstance(found, dict) or found is None else "it is no JSON object"
