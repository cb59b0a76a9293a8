"""What an HTTP answer means, decided once: the one table from status to psfir's errors."""

from __future__ import annotations

from collections.abc import Callable

from psfir.domain.canon import Json
from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.vendors.http_messages import Answer, Request

TRIMMED = 200
_NOT_DONE = {301, 307, 308}


@frozen
class Teller:
    """Words errors for one connection. `clean` takes every secret out.

    `credential` names what was sent and by which reference it is known, "" if nothing was. `otherwise` is what else
    there is to do.
    """

    where: str
    credential: str
    clean: Callable[[str], str]
    otherwise: str = "pull another rung"

    def line(self, text: str) -> str:
        """One line of what the other side said: no secret, no control character, no novel."""
        words = " ".join("".join(c if c.isprintable() else " " for c in self.clean(text)).split())
        return words if len(words) <= TRIMMED else words[: TRIMMED - 1] + "…"

    def said(self, request: Request, answer: Answer) -> str:
        """`PUT /x: answered 409 Conflict: <body>`."""
        body = self.line(answer.text)
        status = f"{answer.status} {self.line(answer.reason)}".strip()
        return f"{self.clean(str(request))}: answered {status}" + (f": {body}" if body else "")

    def check(self, request: Request, answer: Answer) -> None:
        """Return if it is a whole 2xx answer, raise what it means otherwise."""
        status = answer.status
        if 200 <= status < 300:  # noqa: PLR2004 - the numbers are HTTP's own
            self.whole(request, answer)
            return
        said = self.said(request, answer)
        if status < 400:  # noqa: PLR2004 - the same
            self._elsewhere(request, answer, said)
        elif status in {401, 403}:
            raise Denied(said, where=self.where, todo=self._right(request, status))
        elif status in {404, 410}:
            raise NoSuchTarget(said, where=self.where, todo="check the path and the url of the connection")
        elif status == 429:  # noqa: PLR2004 - the same
            raise self._busy(said, answer)
        elif status >= 500 or status == 408:  # noqa: PLR2004 - the same
            self._broke(request, answer, said)
        else:
            raise Declined(
                said, where=self.where, todo=f"its answer says what it objects to; mend that, or {self.otherwise}"
            )

    def _busy(self, said: str, answer: Answer) -> Busy:
        after = answer.retry_after
        when = "in a moment" if after is None else f"in {show(after)}"
        return Busy(said, after=after, where=self.where, todo=f"try again {when}, or {self.otherwise}")

    def whole(self, request: Request, answer: Answer) -> None:
        """Half an answer is none."""
        if not answer.broken:
            return
        said = f"{self.clean(str(request))}: the body of its {answer.status} answer cannot be used: {answer.broken}"
        if answer.broken.startswith("it is larger") and not request.writes:
            raise LeverError(said, where=self.where, todo="ask for less")
        raise NoAnswer(said, where=self.where)

    def body(self, request: Request, answer: Answer) -> Json:
        """Its body as JSON, or the error that it is none."""
        try:
            return answer.json()
        except LeverError as error:
            what = f"{self.clean(str(request))}: {self.clean(error.what)}"
            if request.writes:
                raise NoAnswer(f"{what}; it may have been carried out", where=self.where) from None
            raise LeverError(what, where=self.where, todo="check the url of the connection") from None

    def _right(self, request: Request, status: int) -> str:
        right = f"the right to {self.clean(str(request))}"
        if not self.credential:
            return f"no credential was sent; give {self.where} one with {right}"
        if status == 401:  # noqa: PLR2004 - HTTP's own; not known, or run out, and with some also without the right
            return f"renew {self.credential}, or give it {right}"
        return f"{self.credential} needs {right}"

    def _elsewhere(self, request: Request, answer: Answer, said: str) -> None:
        to = self.line(answer.headers.get("location", ""))
        said += f", to {to}" if to else ""
        if request.writes and answer.status not in _NOT_DONE:
            # 302 and 303 are how many a form says that it has done what was asked.
            raise NoAnswer(f"{said}; whether it was done is not said", where=self.where)
        raise Declined(said, where=self.where, todo="name the place itself in the url and path")

    def _broke(self, request: Request, answer: Answer, said: str) -> None:
        if request.writes:
            raise NoAnswer(f"{said}; it may have been carried out", where=self.where)
        raise self._busy(said, answer)


def only_read(error: NoAnswer) -> Unreachable:
    """What silence means where nothing was to be changed: that it may be asked again."""
    todo = "see whether it is up, and try again"
    return Unreachable(f"{error.what}; it was only to be read", where=error.where, todo=todo)
