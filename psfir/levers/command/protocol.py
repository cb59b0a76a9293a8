"""What psfir says to a program, and what it makes of the answer. The page for its author is docs/command.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Busy, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, PsfirError, Unreachable
from psfir.vendors.program import Ended

SCHEMA = "psfir.command/1"
DONE, ALREADY_SO, REFUSED, DENIED, NO_TARGET, LATER, FAILED = 0, 10, 11, 12, 13, 14, 15
TRIMMED = 300


@frozen
class Asked:
    """One call: where it went, by which verb, and whether that may have changed the world."""

    where: str
    program: str
    verb: str
    writes: bool
    clean: Callable[[str], str]

    @property
    def name(self) -> str:
        return f"{self.program} {self.verb}"

    def answer(self, ended: Ended, *, expected: Json = None) -> tuple[int, Mapping[str, Any], str]:
        """Its code, what it says and a line of it. Only 0 and `already so` come back, anything else is an error."""
        words = self._line(ended.err)
        if ended.code is None or ended.code not in _KNOWN:
            raise self._unclear(self._how(ended), words)
        try:
            said = ended.said()
        except (ValueError, RecursionError) as error:
            if ended.code in {DONE, ALREADY_SO}:
                why = "too deep" if isinstance(error, RecursionError) else str(error)
                raise self._unclear(f"its answer is no JSON object: {why}", words) from None
            said = {}
        line = "; ".join(filter(None, (self._line(said.get("says", "")), words)))
        if ended.code in {DONE, ALREADY_SO}:
            return ended.code, said, line
        raise self._no(ended.code, said, line or "it does not say why", expected)

    def _no(self, code: int, said: Mapping[str, Any], line: str, expected: Json) -> PsfirError:
        what = f"{self.name}: {line}"
        if code == REFUSED:
            return Drift(what, expected=expected, found=said.get("state"), where=self.where)
        if code == LATER:
            after = said.get("after")
            seconds = float(after) if isinstance(after, (int, float)) and not isinstance(after, bool) else None
            return Busy(what, after=seconds, where=self.where, todo="try again later, or pull another rung")
        kind, todo = _ERRORS[code]
        return kind(what, where=self.where, todo=todo)

    def _how(self, ended: Ended) -> str:
        if ended.code is None:
            return f"it was ended: {ended.why}"
        if ended.code < 0:
            return f"it was ended by signal {-ended.code}"
        return f"it ended with {ended.code}, which says nothing"

    def _unclear(self, how: str, words: str) -> LeverError:
        what = f"{self.name}: {how}" + (f"; it said: {words}" if words else "")
        if self.writes:
            return NoAnswer(f"{what}; it may have been carried out", where=self.where)
        kind = Unreachable if how.startswith("it was ended") else LeverError
        return kind(what, where=self.where, todo="run it by hand to see why; docs/command.md says how it is called")

    def _line(self, text: object) -> str:
        """One line of it: no secret, no control character, no novel."""
        plain = self.clean(text.decode(errors="replace") if isinstance(text, bytes) else str(text))
        words = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
        return words if len(words) <= TRIMMED else f"{words[: TRIMMED // 2]} … {words[-TRIMMED // 2 :]}"


_ERRORS: Mapping[int, tuple[type[LeverError], str]] = {
    DENIED: (Denied, "give the program's credential what it lacks"),
    NO_TARGET: (NoSuchTarget, "check the target"),
    FAILED: (LeverError, "mend what it says, or pull another rung"),
}
_KNOWN = frozenset({DONE, ALREADY_SO, REFUSED, LATER, *_ERRORS})
