"""A look that is under way beside another: nights are short, and the API server answers several at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def begun(look: Callable[[], T], *, name: str) -> Future[T]:
    """The answer of `look`, which keeps its own deadline, in a thread of its own that keeps no process alive."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(look())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks for the answer
            answer.set_exception(error)

    Thread(target=run, name=f"psfir {name}", daemon=True).start()
    return answer
