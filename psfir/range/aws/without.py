"""AWS's control plane where there is no moto server: roles can be assumed, and everything else says what is missing."""

from __future__ import annotations

from datetime import UTC, datetime

from psfir.range.aws.gate import UNKNOWN
from psfir.range.aws.protocols import Error, form, refused
from psfir.range.aws.sessions import Sessions
from psfir.range.clock import RangeClock
from psfir.range.server import Asked, Reply
from psfir.vendors.aws_query import QueryService

_MISSING = Error(
    "ServiceUnavailableException",
    "the AWS of the range needs pip install 'psfir[range]' for this: without it there is no account behind",
    503,
    query="ServiceUnavailable",
)
_NO_ROLE = Error("ValidationError", "RoleArn must be said", 400)
_XML = {"Content-Type": "text/xml"}
_HOUR = 3600.0


class Without:
    def __init__(self, sessions: Sessions, clock: RangeClock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._sts: QueryService | None = None

    def answer(self, asked: Asked) -> Reply:
        sent = form(asked)
        if sent.get("Action") != "AssumeRole":
            return refused(asked, _MISSING)
        if self._sessions.who(asked) is None:
            return refused(asked, UNKNOWN)
        if not sent.get("RoleArn"):
            return refused(asked, _NO_ROLE)
        self._sts = self._sts or QueryService("sts")
        issued = self._sessions.issue(sent)
        until = datetime.fromtimestamp(self._clock.now() + _HOUR, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"AccessKeyId": issued.key, "SecretAccessKey": issued.secret, "SessionToken": issued.token}
        user = {"AssumedRoleId": f"AROA:{issued.key}", "Arn": issued.arn}
        result = {"Credentials": {**keys, "Expiration": until}, "AssumedRoleUser": user}
        return Reply(200, self._sts.answer("AssumeRole", result), _XML)
