"""One thing that somebody did in Slack, and what answering it takes: a session of theirs, and a way to tell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psfir.app.session import Session
from psfir.contracts import Clock
from psfir.domain.incident import Incident
from psfir.domain.message import EXERCISE
from psfir.domain.values import frozen
from psfir.errors import Declined, Denied, LeverError, NoSuchTarget, PsfirError, Refusal, UsageError
from psfir.slackbot.blocks import Message, Page, told
from psfir.slackbot.mrkdwn import bold, code, safe
from psfir.slackbot.outgoing import Outgoing
from psfir.vendors.slack_heard import Heard


@frozen
class House:
    """What all talks share. `open_session` takes a member and whether it is for a kill; `spawn` runs long work."""

    out: Outgoing
    open_session: Callable[[str, bool], Session]
    clock: Clock
    spawn: Callable[[Callable[[], None]], None]

    def page(self) -> Page:
        """A new message; a drill's says on top that it is one."""
        return Page(banner=bold(EXERCISE) if self.out.line.exercise else "")


@frozen
class Talk:
    house: House
    heard: Heard

    def session(self, *, killing: bool = False) -> Session:
        """The workspace as this person has it. A kill goes on without the record."""
        return self.house.open_session(self.heard.user, killing)

    @property
    def incident_here(self) -> str:
        """The incident that is worked on where this was said; '' anywhere else."""
        lane = self.house.out.memory.lane_of(self.heard.channel, self.heard.thread)
        return lane if lane.startswith("INC-") else ""

    def incident(self, session: Session, ref: str = "") -> Incident:
        """The one named, else the one of this channel, else the only one open."""
        return session.incident(ref or self.incident_here)

    @property
    def lane(self) -> str:
        """In whose order an answer in public stands."""
        return self.incident_here or f"at:{self.heard.channel}"

    def public(self, key: str, message: Message) -> None:
        """For everybody where it was said, kept until Slack has it."""
        more = {"channel": self.heard.channel, "thread": self.heard.thread} if self.heard.channel else {}
        self.house.out.say(self.lane, key, message, **more)

    def whisper(self, message: Message | str) -> None:
        """For this person alone, once: where the app is not in the channel, in their own room with it."""
        message = self.house.out.marked(told(message) if isinstance(message, str) else message)
        words: Mapping[str, Any] = {**message.words(), "user": self.heard.user, "thread_ts": self.heard.thread}
        out = self.house.out
        try:
            try:
                out.call("chat.postEphemeral", {"channel": self.heard.channel or self.heard.user, **words})
            except (NoSuchTarget, Denied, Declined):
                room = out.line.api.room(self.heard.user, within=5.0)
                out.call("chat.postMessage", {"channel": room, **message.words()})
        except LeverError as error:
            out.warn(f"could not answer {self.heard.user}: {error}")

    def form(self, view: Mapping[str, Any]) -> None:
        """Open a form. Slack allows it for three seconds after the press, and psfir may have been busy."""
        try:
            self.house.out.call("views.open", {"trigger_id": self.heard.trigger, "view": view})
        except Declined as error:
            if "trigger" not in error.what:
                raise
            what = "Slack opens a form only within 3 s of a press, and they are over"
            raise Refusal(what, todo="press once more; nothing was done") from None


def sentence(error: PsfirError) -> str:
    """What went wrong, and what to do, as a person reads it; commands of the terminal stay what they are."""
    problems = getattr(error, "problems", ())
    lines = [safe(str(problem)) for problem in problems[:5]] or [safe(error.what)]
    if error.todo:
        lines.append(f"→ {safe(error.todo)}")
    return "\n".join(lines)


def wrong(usage: str) -> UsageError:
    return UsageError("that is not how it is said", todo=f"/psfir {usage}")


def copied(command: str) -> str:
    return code(command)
