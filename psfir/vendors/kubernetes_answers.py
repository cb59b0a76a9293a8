"""What the API server's answers and the wire's failures mean, decided once for every Kubernetes lever."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable

_SHOWN = 300
_ELSE = "check the cluster's address in the kubeconfig: something else may be answering there"


class Conflict(Declined):
    """Somebody changed it since it was read, or owns a field of it (`fields`: who says so, and where)."""

    def __init__(self, what: str, *, fields: Sequence[str] = (), where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo)
        self.fields = tuple(fields)


class Invalid(Declined):
    """The server understood it and finds it wrong: a failed `test` of a JSON Patch is one of these."""


_GONE = (NoSuchTarget, "check namespace, kind and name, and the context of the kubeconfig")
_MEANINGS: Mapping[int, tuple[type[LeverError], str]] = {
    401: (Denied, "the credential of the kubeconfig is not accepted: renew it"),
    403: (Denied, "give the credential what the sentence names"),
    404: _GONE,
    410: _GONE,
    422: (Invalid, "read it again, or mend the setting"),
}


@frozen
class Said:
    """One answer, whole. `status` is the number, `body` what was said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The object it holds; LeverError if it holds none: whoever answers `{"status": "ok"}` is no API server."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise LeverError(f"the answer is no JSON: {error}", todo=_ELSE) from None
        if not (isinstance(found, dict) and isinstance(found.get("kind"), str) and _is_map(found.get("metadata"))):
            raise LeverError("the answer is no object of Kubernetes", todo=_ELSE)
        return found

    def items(self) -> list[dict[str, Any]]:
        """What a list holds; LeverError if it is none. A page without items is not an empty list."""
        items = self.json().get("items")
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise LeverError("the answer is no list of Kubernetes", todo=_ELSE)
        return items


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


@frozen
class Teller:
    """Words the errors of one request. `clean` takes secrets out of what the other side said."""

    request: str
    where: str
    writes: bool
    clean: Callable[[str], str]

    def check(self, said: Said) -> None:
        """Return if it went well, raise what it means otherwise."""
        if 200 <= said.status < 300:  # noqa: PLR2004 - the numbers are HTTP's own
            return
        status = _status(said)
        words = self._line(str(status.get("message") or said.body.decode(errors="replace")))
        raise self._meaning(said, status, f"{self.request}: answered {said.status}: {words}")

    def _meaning(self, said: Said, status: Mapping[str, Any], what: str) -> LeverError:
        where, code = self.where, said.status
        if code >= 500 or code == 408:  # noqa: PLR2004 - the same
            if self.writes:
                return NoAnswer(f"{what}; it may have been carried out", where=where, todo="read it again")
            return Busy(what, after=_after(said), where=where, todo="the server cannot answer just now")
        if code == 429:  # noqa: PLR2004 - the same
            return Busy(what, after=_after(said), where=where, todo="the server asks to come back later")
        if code == 409:  # noqa: PLR2004 - the same
            return Conflict(what, fields=_owners(status), where=where, todo="read it again")
        kind, todo = _MEANINGS.get(code, (Declined, "see what the server says"))
        return kind(what, where=where, todo=todo)

    def lost(self, error: Exception, *, sent: bool) -> LeverError:
        """No answer at all. `sent` says whether the request may have left."""
        what = f"{self.request}: {self._line(_first_words(error))}"
        if not sent:
            return Unreachable(what, where=self.where, todo="check the cluster's address, the network and the VPN")
        if self.writes:
            return NoAnswer(f"{what}; it may have been carried out", where=self.where, todo="read it again")
        return Unreachable(f"{what}; it was only to be read", where=self.where, todo="try again, or another way in")

    def _line(self, text: str) -> str:
        words = " ".join("".join(c if c.isprintable() else " " for c in self.clean(text)).split())
        return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _status(said: Said) -> Mapping[str, Any]:
    try:
        found = json.loads(said.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _owners(status: Mapping[str, Any]) -> list[str]:
    details = status.get("details")
    causes = details.get("causes", []) if isinstance(details, dict) else []
    return [f"{cause.get('field', '')}: {cause.get('message', '')}" for cause in causes if isinstance(cause, dict)]


def _after(said: Said) -> float | None:
    try:
        return float(said.headers.get("retry-after", ""))
    except ValueError:
        return None


def _first_words(error: Exception) -> str:
    """What went wrong, without the pool and the object's address that urllib3 puts before it."""
    return f"{type(error).__name__}: {str(error).rpartition('>: ')[2] or error}"
