"""What every messenger holds to, in one place: what may leave at all, and what an error means for one copy.

A messenger says how a copy is posted and how it is looked for. Whether it may go out is decided here, before it is
asked: `send` and `find` are final, so that none can go past it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, final

from psfir.contracts import Messenger
from psfir.domain.about import Field, FieldType, MessengerAbout
from psfir.domain.canon import Json, digest_bytes
from psfir.domain.message import EXERCISE, Cleared, Delivery, Destination, Message, Result, Written
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Refusal, Unreachable

ADDRESS = "address"
"""The field of a target that names one person. A messenger without it cannot send a copy to oneself."""

_HOLDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINES = re.compile(r"[\t\n]")


@frozen
class Copy:
    """One copy that may go out: what it says, and where to. `digest` is its message's."""

    cleared: Cleared
    to: Destination
    written: Written
    digest: str

    @property
    def message(self) -> Message:
        return self.cleared.message

    @property
    def mark(self) -> str:
        """Names this copy of this text, the same for each try of it: 64 hexadecimal digits."""
        return digest_bytes(f"{self.digest}\n{self.to.key}".encode()).removeprefix("sha256:")

    def text(self, name: str) -> str:
        """What its target says there, '' if nothing."""
        value = self.to.target.get(name)
        return value if isinstance(value, str) else ""

    def asked(self, kind: str) -> Mapping[str, Json]:
        """What the message asks of this kind of channel: under its name, as in a template, or of this one alone."""
        found = self.message.provider.get(kind)
        return found if isinstance(found, Mapping) else self.message.provider


class Outgoing(ABC, Messenger):
    """A messenger's constructor takes a connection and nothing else that it could not do without."""

    about: ClassVar[MessengerAbout]

    @final
    def send(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery:
        try:
            return self.post(self._copy(cleared, to), within=within)
        except NoAnswer as error:
            says = f"{error}; it may have gone out, and is not sent again by itself"
            return Delivery(Result.UNKNOWN, says)
        except Busy as error:
            return Delivery(Result.FAILED, str(error), again=True, after=error.after)
        except Unreachable as error:
            return Delivery(Result.FAILED, str(error), again=True, away=True)
        except (Denied, NoSuchTarget, Declined, Refusal) as error:
            return Delivery(Result.REFUSED, str(error))
        except LeverError as error:
            return Delivery(Result.FAILED, str(error))

    @final
    def find(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery | None:
        try:
            return self.look(self._copy(cleared, to), within=within)
        except NoAnswer:
            raise
        except (LeverError, Refusal) as error:
            raise NoAnswer(
                f"whether it is there cannot be told: {error.what}", where=error.where, todo=error.todo
            ) from error

    @abstractmethod
    def post(self, copy: Copy, *, within: float) -> Delivery:
        """Once. Raises Unreachable or Busy only if it was surely not taken, NoAnswer if nobody can know."""

    @abstractmethod
    def look(self, copy: Copy, *, within: float) -> Delivery | None:
        """Its delivery, or None if it surely is not there. It only looks."""

    def _copy(self, cleared: Cleared, to: Destination) -> Copy:
        """Refusal, in a sentence, for what must not go out."""
        if type(cleared) is not Cleared:
            raise TypeError(f"a messenger takes what is cleared, and not a {type(cleared).__name__}")
        digest = cleared.message.digest  # as it is now: its maker may still hold a mapping that is part of it
        if any(approval.digest != digest for approval in cleared.approvals):
            raise Refusal("it is no longer what was approved", todo="approve this very text")
        try:
            copy = Copy(cleared, to, cleared.written(to.fills), digest)
        except ValueError as error:
            raise Refusal(f"it is not whole: {error}", todo="fill what is empty") from None
        _readable(copy.written)
        _live(copy)
        self._fits(copy)
        self._only_there(copy)
        return copy

    def _fits(self, copy: Copy) -> None:
        about, target = self.about, copy.to.target
        missing = [
            one.name for one in (*about.settings, *about.target) if one.required and target.get(one.name) is None
        ]
        if missing:
            todo = "say it with set: of the channel in psfir.yaml"
            raise Refusal(f"{about.name} is not told {' and '.join(missing)}", todo=todo)
        if about.longest and len(copy.written.body) > about.longest:
            what = f"the text has {len(copy.written.body)} characters, and {about.name} takes {about.longest}"
            raise Refusal(what, todo="shorten it")

    def _only_there(self, copy: Copy) -> None:
        if not copy.cleared.only_to:
            return
        if ADDRESS not in {one.name for one in self.about.target}:
            what = f"a copy for oneself cannot go by {self.about.name}: more people would read it"
            raise Refusal(what, todo="send it by e-mail or Slack")
        if copy.text(ADDRESS) != copy.cleared.only_to:
            raise Refusal("a copy for oneself goes to oneself and nowhere else", todo="send it to your own address")


def address(line: str, *, required: bool) -> Field:
    """The field that makes a messenger one that can write to one person alone."""
    return Field(ADDRESS, FieldType.TEXT, line, required=required)


def _readable(written: Written) -> None:
    """What could end a header, move a cursor or hide a line never leaves, whatever filled it in."""
    if _HOLDS.search(written.subject) or _LINES.search(written.subject):
        raise Refusal("its subject is not one line of plain text", todo="take out what breaks it")
    if _HOLDS.search(written.body):
        raise Refusal("its text holds a control character", todo="take it out, or whatever filled it in")


def _live(copy: Copy) -> None:
    """A drill's text never reaches anybody, also where the mark is broken over two lines or comes from a slot."""
    text = " ".join(f"{copy.written.subject} {copy.written.body}".upper().split())
    if copy.message.exercise or EXERCISE in text:
        raise Refusal("it is the text of an exercise, and this channel is a live one", todo="send it in the drill")
