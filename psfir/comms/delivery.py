"""Handing a cleared message to a messenger, once for each recipient, whatever dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event

from psfir.contracts import Clock, Messenger
from psfir.domain.canon import Json
from psfir.domain.message import Cleared, Delivery, Destination, Result
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.records.outbox import Copy, Outbox

WITHIN = 30.0
TRIES = 5
"""How often a copy that the other side puts off is offered."""

BACKOFF = 60.0


@frozen
class Pace:
    """How fast copies go out, and how long one may take. `rate` is copies a second, 0 for as fast as it goes."""

    rate: float = 0.0
    within: float = WITHIN
    tries: int = TRIES


@frozen
class Round:
    """What sending to a list needs beside the list."""

    messenger: Messenger
    cleared: Cleared
    target: Mapping[str, Json]
    clock: Clock
    pace: Pace
    stop: Event
    tell: Callable[[Copy, Delivery], None]


def hand_over(messenger: Messenger, cleared: Cleared, to: Destination, *, within: float = WITHIN) -> Delivery:
    """One copy. Whatever goes wrong is an outcome: what was never sent has failed, what may have been is unknown."""
    try:
        return messenger.send(cleared, to, within=within)
    except Busy as error:
        return Delivery(Result.FAILED, str(error), again=True, after=error.after)
    except Unreachable as error:
        return Delivery(Result.FAILED, str(error), again=True)
    except (Denied, Declined, NoSuchTarget) as error:
        return Delivery(Result.REFUSED, str(error))
    except (NoAnswer, LeverError) as error:
        return Delivery(Result.UNKNOWN, str(error))


def look(messenger: Messenger, cleared: Cleared, to: Destination, *, within: float = WITHIN) -> Delivery | None:
    """Whether a copy that may have gone out did: its delivery, None if surely not, unknown if nobody can tell."""
    if not messenger.about.finds:
        return Delivery(Result.UNKNOWN, f"{messenger.about.name} cannot look for what it sent")
    try:
        return messenger.find(cleared, to, within=within)
    except LeverError as error:
        return Delivery(Result.UNKNOWN, str(error))


def send_all(round_: Round, outbox: Outbox) -> None:
    """Every copy that is still to go, in order. Unknown ones are left alone; `stop` ends it in between."""
    done: tuple[Copy, Delivery] | None = None
    began = round_.clock.elapsed()
    number = 0
    while not round_.stop.is_set():
        copy = outbox.begin(_wall(round_), done=done)
        done = None
        if copy is None:
            if not _wait_for_later(round_, outbox):
                return
            continue
        delivery = _bounded(_one(round_, copy), copy, round_.pace)
        done = (copy, delivery)
        round_.tell(copy, delivery)
        number += 1
        if round_.pace.rate:
            ahead = number / round_.pace.rate - (round_.clock.elapsed() - began)
            if ahead > 0:
                outbox.settle(*done, _wall(round_))
                done = None
                round_.clock.wait(round_.stop, ahead)
    if done:
        outbox.settle(*done, _wall(round_))


def _one(round_: Round, copy: Copy) -> Delivery:
    to = Destination({**round_.target, "address": copy.address}, copy.key, fills=copy.fills)
    return hand_over(round_.messenger, round_.cleared, to, within=round_.pace.within)


def _bounded(delivery: Delivery, copy: Copy, pace: Pace) -> Delivery:
    """What was put off as often as is bearable has failed; else it waits longer each time."""
    if not (delivery.result is Result.FAILED and delivery.again):
        return delivery
    if copy.tries + 1 >= pace.tries:
        return Delivery(Result.FAILED, f"{delivery.says}; tried {copy.tries + 1} times")
    after = delivery.after if delivery.after is not None else BACKOFF * 2**copy.tries
    return Delivery(Result.FAILED, delivery.says, again=True, after=after)


def _wall(round_: Round) -> float:
    """When a copy may be tried again outlives this boot, so it is the wall's time."""
    return round_.clock.now().timestamp()


def _wait_for_later(round_: Round, outbox: Outbox) -> bool:
    """Until the earliest copy that was put off; False if there is none."""
    at = outbox.next_at()
    if at is None:
        return False
    round_.clock.wait(round_.stop, max(at - _wall(round_), 0.01))
    return True
