"""A client of the official LaunchDarkly SDK that leaves no socket behind.

Of a stream that is refused the SDK keeps the answer, with its socket, until the garbage collector finds both: an
application whose key is wrong, or whose vendor is down, gathers them with each try.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ldclient import Config, LDClient

_OK = 200


def opened(config: Config, *, start_wait: float = 0) -> LDClient:
    """It listens from now on, and has waited so many seconds for its flags."""
    from ldclient import LDClient  # noqa: PLC0415 - 140 ms, and only where flags are looked at as applications do

    _closing_what_is_refused()
    return LDClient(config, start_wait=start_wait)


@cache
def _closing_what_is_refused() -> None:
    """Once in a process: every pool of connections that the SDK makes from now on."""
    from ldclient.impl.http import HTTPFactory  # noqa: PLC0415 - as above

    made = HTTPFactory.create_pool_manager

    @wraps(made)
    def create(self: HTTPFactory, *about: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the SDK hands over
        pool = made(self, *about, **more)  # type: ignore[no-untyped-call]  # the SDK's own
        pool.request = _closing(pool.request)
        return pool

    HTTPFactory.create_pool_manager = create  # type: ignore[method-assign]  # that is the point


def _closing(request: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(request)
    def asked(*about: Any, **more: Any) -> Any:  # noqa: ANN401 - as above
        answer = request(*about, **more)
        if more.get("preload_content") is False and answer.status != _OK:
            answer.close()  # its status and headers are all that the SDK looks at
        return answer

    return asked
