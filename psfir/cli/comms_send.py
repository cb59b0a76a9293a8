"""`psfir comms send|settle`: a cleared message goes out once; what nobody knows of, a person looks up."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.show import hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.sending import Ready, Sent
    from psfir.domain.message import Delivery
    from psfir.records.outbox import Copy

SHOWN = 12
"""Lines of a list that are named on a screen."""

SEND_EPILOG = """\b
Examples:
  psfir comms send MSG-k7q2xa
  psfir comms send MSG-k7q2xa --to-me      a test copy, to you alone

Exit codes: 0 out, 1 it failed and may be sent again, 2 none such, 3 refused, 4 some of a list were refused, 5 copies
of a list are left, 6 nobody knows whether it, or a copy, went out."""

SETTLE_EPILOG = """\b
Examples:
  psfir comms settle MSG-k7q2xa --sent --reason 'it stands on the status page'
  psfir comms settle MSG-k7q2xa --not-sent --line 17 --reason 'the log of the mail server'
  psfir comms settle MSG-p4xw3e --sent --reason 'filed in the portal, number 4711'

Exit codes: 0 recorded, 2 none such, 3 nothing is unknown."""


@click.command(epilog=SEND_EPILOG)
@click.argument("message", default="")
@click.option("--incident", default="", shell_complete=incidents, help="Else the open one.")
@click.option("--channel", default="", help="Over which channel; default the one it was drafted for.")
@click.option(
    "--rate", type=click.FloatRange(min=0), default=0.0, help="Copies a second to a list; default as it goes."
)
@click.option("--to-me", is_flag=True, help="A test copy to yourself: needs no yes, and counts as nothing.")
@click.option("--yes", is_flag=True, help="Do not show it and ask.")
@common
def send(desk: Desk, *, message: str, incident: str, channel: str, rate: float, to_me: bool, yes: bool) -> int:
    """Send a cleared message once. A try of which nobody knows what became is looked for, never repeated blindly."""
    from psfir.app import messages, own_copy, sending
    from psfir.comms.delivery import Pace, Watch

    table = messages.table(desk.session(reaching=True), incident)
    told = table.message(message)
    if to_me:
        return _own(desk, told.id, own_copy.to_me(table, told, channel=channel))
    prepared = sending.ready(table, told, channel=channel)
    if not yes and not _agrees(desk, prepared):
        return 3
    with _stopping(desk) as stop:
        watch = Watch(stop, _Counter(desk, prepared), lambda seconds: _waiting(desk, seconds))
        sent = sending.send(table, prepared, pace=Pace(rate=rate), watch=watch)
    return _shown(desk, told.id, sent)


@click.command(epilog=SETTLE_EPILOG)
@click.argument("message")
@click.option("--sent/--not-sent", default=None, required=True, help="What you found when you looked.")
@click.option("--line", "lines", type=click.IntRange(min=1), multiple=True, help="Of a list: this line; default all.")
@click.option("--incident", default="", shell_complete=incidents, help="Else the open one.")
@click.option("--channel", default="", help="Over which channel.")
@click.option("--reason", required=True, help="Where you looked.")
@common
def settle(desk: Desk, *, message: str, sent: bool, lines: tuple[int, ...], incident: str, **words: str) -> int:
    """Record what became of a try of which nobody knew, or of what people sent themselves: you have looked."""
    from psfir.app import messages, settling

    table = messages.table(desk.session(), incident)
    told = table.message(message)
    after = settling.settle(table, told, settling.Found(sent, words["reason"], words["channel"], lines))
    desk.result("comms.settle", {"message": told.id, "sent": sent, "channel": after.channel, "unknown": after.unknown})
    desk.say(f"{told.id}, {after.channel}: {after.says}", verbatim=True)
    if after.unknown:
        desk.say(f"next: psfir comms settle {told.id}, for what is still unknown")
    elif after.left or not after.out:
        desk.say(f"next: psfir comms send {told.id}")
    return 0


class _Counter:
    """A line for each twentieth of a list: ten thousand copies are no ten thousand lines."""

    def __init__(self, desk: Desk, prepared: Ready) -> None:
        self._desk = desk
        self._all = prepared.recipients.count if prepared.recipients else 1
        self._done: dict[str, int] = {}
        self._step = max(1, self._all // 20)

    def __call__(self, _copy: Copy, delivery: Delivery) -> None:
        word = "put off" if delivery.again else delivery.result.value.replace("_", " ")
        self._done[word] = self._done.get(word, 0) + 1
        count = sum(self._done.values())
        if count % self._step == 0:
            self._desk.say(f"  {count} of {self._all}: {_counted(self._done)}")


def _waiting(desk: Desk, seconds: float) -> None:
    from psfir.domain.durations import show

    if seconds >= 1:
        desk.warn(f"put off by the other side: trying again in {show(round(seconds))}; ^C leaves it for later")


def _agrees(desk: Desk, prepared: Ready) -> bool:
    message, listed = prepared.cleared.message, prepared.recipients
    desk.say(heading(message.subject))
    for line in message.body.rstrip("\n").split("\n"):
        desk.say(f"  {line}" if line else "")
    people = f"{listed.count} {'person' if listed.count == 1 else 'people'}" if listed else ""
    where = f"in {prepared.told.inventory['file']}" if message.inventory else f"on the list {prepared.channel.list}"
    whom = f"{people} {where}" if listed else message.audience.value
    return desk.ask(f"send {message.id} to {whom} over {prepared.channel.name}?")


def _own(desk: Desk, name: str, delivery: Delivery) -> int:
    """A test copy counts as nothing, so there is nothing to settle."""
    desk.result("comms.send", {"message": name, "delivery": _json(delivery), "counts": {}, "test": True})
    word = delivery.result.value.replace("_", " ")
    desk.say(hanging("test copy", f"{word if delivery.out else loud(word.upper())}: {delivery.says}"))
    return _code(delivery, 0)


def _shown(desk: Desk, name: str, sent: Sent) -> int:
    from psfir.comms.record import LEFT
    from psfir.domain.message import Result

    delivery = sent.delivery
    left = sum(sent.counts.get(state, 0) for state in LEFT)
    counted = {"counts": dict(sent.counts), "left": left, "refused_lines": list(sent.refused)}
    desk.result("comms.send", {"message": name, "delivery": _json(delivery), **counted})
    word = delivery.result.value.replace("_", " ")
    mark = word if delivery.out else loud(word.upper())
    desk.say(hanging(name, f"{mark}: {delivery.says}"))
    if delivery.url:
        desk.say(f"  {delivery.url}", verbatim=True)
    if left:
        desk.say(f"next: psfir comms send {name} goes on with the {left} that {'is' if left == 1 else 'are'} left")
    if sent.refused:
        lines = ", ".join(map(str, sent.refused[:SHOWN])) + (" ..." if len(sent.refused) > SHOWN else "")
        these = f"line {lines} of the list" if len(sent.refused) == 1 else f"lines {lines} of the list"
        desk.say(f"next: reach {these} another way: nobody would take these copies")
    if delivery.result is Result.UNKNOWN:
        desk.say("nobody knows whether it went out: psfir comms status says what to look for")
        desk.say(f"next: look, then psfir comms settle {name} --sent, or --not-sent")
    elif not left and delivery.again:
        desk.say(f"next: psfir comms send {name}")
    return _code(delivery, left, partly=bool(sent.refused))


def _code(delivery: Delivery, left: int, *, partly: bool = False) -> int:
    from psfir.domain.message import Result

    if delivery.result is Result.UNKNOWN:
        return 6
    if left:
        return 5
    if delivery.out:
        return 4 if partly else 0
    return 3 if delivery.result is Result.REFUSED else 1


def _json(delivery: Delivery) -> dict[str, object]:
    return {**vars(delivery), "result": delivery.result.value}


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))


@contextmanager
def _stopping(desk: Desk) -> Iterator[Event]:
    """The first ^C ends it behind the copy that is on its way; the rest stays in the outbox."""
    stop = Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        desk.warn("stopping behind the copy that is on its way; the others stay in the outbox")

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
