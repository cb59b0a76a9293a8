"""Before anything of the data plane is done: is the request of now, whose is it, and may they."""

from __future__ import annotations

from calendar import timegm
from time import gmtime, strftime, strptime

from psfir.domain.values import frozen
from psfir.range.aws.authority import Authority
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.aws.protocols import Error, refused
from psfir.range.aws.sessions import Caller, Sessions, credential
from psfir.range.clock import RangeClock
from psfir.range.server import Asked, Reply

_FORMAT = "%Y%m%dT%H%M%SZ"
_TOLERATED = 300.0
_WHY = {
    "explicitDeny": "with an explicit deny in an identity-based policy",
    "implicitDeny": "because no identity-based policy allows the {action} action",
}
_UNSIGNED = Error(
    "MissingAuthenticationTokenException", "Missing Authentication Token", query="MissingAuthenticationToken"
)
UNKNOWN = Error(
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
    query="InvalidClientTokenId",
)


@frozen
class Call:
    """One request whose caller is known."""

    asked: Asked
    caller: Caller
    region: str = REGION

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{rest}"


class Gate:
    """Every handler of the data plane asks it first."""

    def __init__(self, sessions: Sessions, authority: Authority, clock: RangeClock) -> None:
        self._sessions = sessions
        self._authority = authority
        self._clock = clock

    def late(self, asked: Asked) -> Reply | None:
        """The refusal, if it was signed at another time than AWS has."""
        signed = asked.headers.get("x-amz-date", "")
        try:
            at = timegm(strptime(signed, _FORMAT))
        except ValueError:
            return None
        now = self._clock.now()
        if abs(now - at) <= _TOLERATED:
            return None
        edge = strftime(_FORMAT, gmtime(now - _TOLERATED if at < now else now + _TOLERATED))
        found = strftime(_FORMAT, gmtime(now))
        said = (
            f"Signature expired: {signed} is now earlier than {edge} ({found} - 5 min.)"
            if at < now
            else f"Signature not yet current: {signed} is still later than {edge} ({found} + 5 min.)"
        )
        return refused(asked, Error("InvalidSignatureException", said, query="SignatureDoesNotMatch"))

    def admitted(self, asked: Asked) -> Call | Reply:
        """The call, or the refusal of a caller whom nobody knows."""
        signed = credential(asked)
        if signed is None:
            return refused(asked, _UNSIGNED)
        caller = self._sessions.who(asked)
        return Call(asked, caller, signed.region) if caller else refused(asked, UNKNOWN)

    def denied(self, call: Call, action: str, resource: str) -> Reply | None:
        """The refusal, if the caller may not."""
        if not call.caller.principal:
            return None
        how = self._authority.decide(call.caller.principal, action, resource).how
        if how == "allowed":
            return None
        what = f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {resource}"
        said = f"{what} {_WHY[how].format(action=action)}"
        return refused(call.asked, Error("AccessDeniedException", said, query="AccessDenied"))
