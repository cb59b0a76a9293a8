"""What AWS and botocore mean by their errors, decided once. Which word a service uses for the same thing differs.

No service is trusted to use one code: the status counts too, and where a code is a number with XML behind it (SQS), the
XML is looked into.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, PsfirError, UsageError

_SHOWN = 300
_BAD_KEYS = frozenset(
    {
        *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
        *("InvalidSignatureException", "ExpiredToken", "ExpiredTokenException", "MissingAuthenticationToken"),
        *("MissingAuthenticationTokenException", "IncompleteSignature", "RequestExpired", "AuthFailure"),
        "OptInRequired",
    }
)
_ANOTHER_TIME = ("Signature expired", "Signature not yet current")
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
_THROTTLED = frozenset(
    {
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
        *("TooManyRequestsException", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete"),
    }
)
_BUSY = frozenset(
    {
        # Another change of the same thing is under way: nothing was done, and a moment later it can be.
        *("ConcurrentModification", "ConcurrentModificationException", "ConcurrentUpdateException"),
        *("EntityTemporarilyUnmodifiable", "ResourceConflictException", "UpdateInProgressException"),
        *("WAFOptimisticLockException", "WAFUnavailableEntityException"),
        *("ResourceInUseException", "ResourceContention", "ScalingActivityInProgress", "TooManyUpdates"),
    }
)
_BUSY_OF = frozenset(
    {
        *(("appconfig", "ConflictException"), ("bedrock", "ConflictException")),
        ("lambda", "PreconditionFailedException"),
    }
)
"""Of other services these mean what no waiting changes, such as that something is of that name already."""
_MISSING = frozenset(
    {
        *(
            "NoSuchEntity",
            "NoSuchEntityException",
            "ResourceNotFoundException",
            "NotFoundException",
            "ResourceNotFound",
        ),
        *("ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"),
        "WAFNonexistentItemException",
        *("RuleNotFound", "ListenerNotFound", "TargetGroupNotFound"),
        *("ObjectNotFoundException", "ParameterNotFound", "QueueDoesNotExist"),
        "AWS.SimpleQueueService.NonExistentQueue",
    }
)
_MISSING_END = ".NotFound"
"""EC2 has a code for each kind of thing, such as InvalidGroup.NotFound."""
_CREDENTIALS = frozenset(
    {
        *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ConfigNotFound"),
        *("ConfigParseError", "InvalidConfigError", "UnknownCredentialError", "InfiniteLoopConfigError"),
        *("TokenRetrievalError", "SSOError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "ProfileNotFound"),
        "MetadataRetrievalError",
    }
)
_ACTIONS_OF = {"elbv2": "elasticloadbalancing"}
"""What policies call a service that botocore calls otherwise."""
_ACTION = re.compile(r"perform:? ([a-z0-9-]+:[A-Za-z0-9]+)(?: on resource:? (\S+))?")
_XML = re.compile(r"<(Code|Message)>([^<]*)</")


class Throttled(Busy):
    """Too many calls to this service for now. This one was not carried out."""


@frozen
class Ask:
    """One call, such as iam PutRolePolicy. `writes` says whether it changes something there."""

    service: str
    operation: str
    params: Mapping[str, Json]
    writes: bool = False

    @property
    def action(self) -> str:
        """What a policy must allow: of most services each operation bears its action's name."""
        if self.service.startswith("apigateway"):
            return f"apigateway:{'GET' if self.operation.startswith('Get') else 'PATCH'}"
        return f"{_ACTIONS_OF.get(self.service, self.service)}:{self.operation}"

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"


@frozen
class Teller:
    """Words the errors of one connection's calls. `clean` takes every secret out."""

    where: str
    clean: Callable[[str], str]

    def meaning(self, error: Exception, ask: Ask) -> PsfirError:
        """The error of psfir that stands for whatever a call through botocore raised."""
        response = getattr(error, "response", None)
        if isinstance(response, Mapping):
            return self._said(response, ask)
        kind = type(error).__name__
        words = f"{ask}: {kind}: {self._line(str(error))}"
        if kind in _CREDENTIALS:
            return self.no_credentials(error)
        if kind in {"ParamValidationError", "MissingParametersError", "ValidationError"}:
            return UsageError(words, where=self.where, todo="check the rung's target and set")
        if ask.writes:
            # The parser choked, or worse: by then the request may have been carried out.
            return NoAnswer(f"{words}; it may have been carried out", where=self.where)
        return LeverError(words, where=self.where, todo="check region and endpoint_url of this connection")

    def no_credentials(self, error: Exception) -> Denied:
        todo = "name a profile or keys in psfir.yaml, or sign in (aws sso login)"
        words = self._line(str(error)) or type(error).__name__
        return Denied(f"no credentials for AWS: {words}", where=self.where, todo=todo)

    def unreadable(self, ask: Ask, why: str) -> LeverError:
        """A 2xx whose body is not what the service answers: perhaps a proxy's page."""
        words = f"{ask}: its answer is not one of AWS: {why}"
        if ask.writes:
            return NoAnswer(f"{words}; it may have been carried out", where=self.where)
        return LeverError(words, where=self.where, todo="check region, endpoint_url and what stands in between")

    def answered(self, status: int, headers: Mapping[str, str], body: str, ask: Ask) -> LeverError:
        """An error of whoever stands in between: its body is none of the service's own."""
        metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers}
        return self._said({"Error": {"Message": body}, "ResponseMetadata": metadata}, ask)

    def _said(self, response: Mapping[str, Any], ask: Ask) -> LeverError:
        status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
        code, message = _code(response.get("Error") or {})
        words = f"{ask}: answered {status} {self._line(code)}".rstrip()
        if message:
            words += f": {self._line(message)}"
        if code in _THROTTLED or status == 429:  # noqa: PLR2004 - the numbers are HTTP's own
            return Throttled(words, after=_after(response), where=self.where, todo="AWS asks to come back later")
        if code in _BUSY or (ask.service, code) in _BUSY_OF:
            return Busy(words, after=_after(response), where=self.where, todo="AWS asks to come back later")
        if status >= 500 or status == 408:  # noqa: PLR2004 - the same
            if ask.writes:
                return NoAnswer(f"{words}; it may have been carried out", where=self.where)
            return Busy(words, after=_after(response), where=self.where, todo="AWS is in trouble itself: try again")
        return self._refused(status, code, message, (words, ask))

    def _refused(self, status: int, code: str, message: str, said: tuple[str, Ask]) -> LeverError:
        words, ask = said
        if code in _MISSING or code.endswith(_MISSING_END) or status == 404:  # noqa: PLR2004 - the same
            todo = "check the name, and region and account of this connection"
            return NoSuchTarget(words, where=self.where, todo=todo)
        if code in _BAD_KEYS:
            todo = "the keys of this connection are wrong, expired or of another account: renew them"
            if message.startswith(_ANOTHER_TIME):
                todo = "the clock here and that of AWS are minutes apart: set the clock of this machine right"
            return Denied(words, where=self.where, todo=todo)
        if code in _DENIED or status in {401, 403}:
            return Denied(words, where=self.where, todo=self._allow(message, ask))
        return Declined(words, where=self.where, todo="AWS says what it objects to: mend that in the rung or in AWS")

    def _allow(self, message: str, ask: Ask) -> str:
        named = _ACTION.search(message)
        action = named.group(1) if named else ask.action
        on = f" on {self._line(named.group(2))}" if named and named.group(2) else ""
        if "explicit deny" in message:
            return f"a policy denies {action}{on} explicitly, which no other policy can allow: use another credential"
        return f"allow {action}{on} to the credential of this connection"

    def _line(self, text: str) -> str:
        words = " ".join("".join(c if c.isprintable() else " " for c in self.clean(text)).split())
        return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _code(error: Mapping[str, Any]) -> tuple[str, str]:
    """SQS denies with the status as its code and the XML of another protocol as its message."""
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    if "<" in message and (inside := dict(_XML.findall(message))):
        code, message = inside.get("Code", code), inside.get("Message", message)
    # Some services put a namespace before the code, or a URL behind it.
    return code.rpartition("#")[2].partition(":")[0], message


def _after(response: Mapping[str, Any]) -> float | None:
    text = str(response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", ""))
    return float(text[:9]) if text.isascii() and text.isdigit() else None
