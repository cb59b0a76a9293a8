"""Handing a cleared message to a messenger, once for each recipient, whatever dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event

from psfir.contracts import Clock, Messenger
from psfir.domain.canon import Json
from psfir.domain.message import Cleared, Delivery, Destination, Result
from psfir.domain.values import frozen, remade
from psfir.errors import LeverError, PsfirError, Refusal
from psfir.records.outbox import Copy

WITHIN = 30.0
TRIES = 5
"""How often a copy that the other side puts off is offered."""

BACKOFF = 60.0
PATIENCE = 300.0
"""Seconds that somebody at the keyboard is kept waiting for another try of the one copy of a message."""


@frozen
class Pace:
    """How fast copies go out, and how long one may take. `rate` is copies a second, 0 for as fast as it goes."""

    rate: float = 0.0
    within: float = WITHIN
    tries: int = TRIES
    backoff: float = BACKOFF


@frozen
class Watch:
    """Who looks on: `stop` ends it between two copies, `tell` hears of each one, `wait` how long nothing happens."""

    stop: Event
    tell: Callable[[Copy, Delivery], None] = lambda _copy, _delivery: None
    wait: Callable[[float], None] = lambda _seconds: None


@frozen
class Round:
    """What sending to a list needs beside the list. `thread` says what an address got before, to go on with."""

    messenger: Messenger
    cleared: Cleared
    target: Mapping[str, Json]
    clock: Clock
    pace: Pace
    watch: Watch
    thread: Callable[[str], str] = lambda _address: ""


def hand_over(messenger: Messenger, cleared: Cleared, to: Destination, *, within: float = WITHIN) -> Delivery:
    """One copy. A messenger that raises where it should answer has not said whether it went out."""
    try:
        return messenger.send(cleared, to, within=within)
    except Refusal as error:
        return Delivery(Result.REFUSED, str(error))
    except PsfirError as error:
        return Delivery(Result.UNKNOWN, str(error))


def look(messenger: Messenger, cleared: Cleared, to: Destination, *, within: float = WITHIN) -> Delivery | None:
    """Whether a copy that may have gone out did: its delivery, None if surely not, unknown if nobody can tell."""
    if not messenger.about.finds:
        return Delivery(Result.UNKNOWN, f"{messenger.about.name} cannot look for what it sent")
    try:
        return messenger.find(cleared, to, within=within)
    except LeverError as error:
        return Delivery(Result.UNKNOWN, str(error))


def send_one(round_: Round, to: Destination) -> Delivery:
    """The one copy of a message that is posted: offered again while it is put off, looked for if no answer came."""
    for tries in range(round_.pace.tries):
        delivery = hand_over(round_.messenger, round_.cleared, to, within=round_.pace.within)
        if delivery.result is Result.UNKNOWN and round_.messenger.about.finds:
            found = look(round_.messenger, round_.cleared, to, within=round_.pace.within)
            return found if found and found.out else delivery
        delivery = bounded(delivery, tries, round_.pace)
        after = delivery.after or 0.0
        if not delivery.again or after > PATIENCE:
            return delivery
        pause(round_, after)
        if round_.watch.stop.is_set():
            return delivery
    return delivery


def bounded(delivery: Delivery, tries: int, pace: Pace) -> Delivery:
    """What was put off as often as is bearable has failed; else it waits longer each time. `tries` came before."""
    if not (delivery.result is Result.FAILED and delivery.again):
        return delivery
    if tries + 1 >= pace.tries:
        return remade(delivery, says=f"{delivery.says}; tried {tries + 1} times", again=False, after=None)
    after = delivery.after if delivery.after is not None else pace.backoff * 2**tries
    return remade(delivery, after=after)


def pause(round_: Round, seconds: float) -> None:
    """Wait, and say so; whoever stops it does not wait."""
    round_.watch.wait(seconds)
    round_.clock.wait(round_.watch.stop, seconds)
