"""The range's own door, for the commands that look at it and set it faults: loopback only, and only with its token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hmac import compare_digest
from threading import Event
from typing import Any, Self

from psfir.domain.canon import Json
from psfir.domain.scrub import Scrubber
from psfir.domain.values import frozen
from psfir.errors import PsfirError, UsageError
from psfir.range.faults.order import OrdersRefused, order_from
from psfir.range.faults.standing import Faults
from psfir.range.server import Asked, Reply, Server

Told = Callable[[], Mapping[str, Json]]

_ANEW = "this is a fault of the range; psfir range down, then up"
_SECRET = ("TOKEN", "KEY", "TRIGGER", "SECRET", "PASSWORD")


@frozen
class Shown:
    """What the door has to tell, and what it can do besides faults: each is asked when somebody knocks.

    `about` is what stays the same, `traffic` what customers get now, `environment` what points others at the range,
    `coming` how far it is while it is made anew.
    """

    about: Told
    traffic: Told
    environment: Callable[[], Mapping[str, str]]
    reset: Callable[[], None]
    coming: Told = dict


class Control:
    """Sets `over` when it is asked to end the range, which whoever brought it up then does."""

    def __init__(self, shown: Shown, faults: Faults, *, token: str, over: Event) -> None:
        self._shown = shown
        self._faults = faults
        self._token = token
        self._over = over
        self._scrubber = _knowing(token, shown.environment())
        self._server = Server(self._handle)
        self._routes: Mapping[str, Callable[[Any], Mapping[str, Json]]] = {
            "GET /status": lambda _: self.status(),
            "GET /env": lambda _: {"env": dict(shown.environment())},
            "GET /traffic": lambda _: shown.traffic(),
            "GET /faults": lambda _: self._standing(),
            "GET /coming": lambda _: shown.coming(),
            "POST /fault": self._begin,
            "POST /heal": self._heal,
            "POST /reset": self._reset,
            "POST /stop": self._stop,
        }

    @property
    def url(self) -> str:
        return self._server.url

    def _handle(self, asked: Asked) -> Reply:
        shown = asked.headers.get("authorization", "").encode()
        if not compare_digest(shown, f"Bearer {self._token}".encode()):
            return Reply(401, {"error": {"what": "that is not the token of this range", "where": "", "todo": ""}})
        route = self._routes.get(f"{asked.method} {asked.path}")
        if route is None:
            return Reply(404, {"error": {"what": f"there is no {asked.path} here", "where": "", "todo": ""}})
        try:
            with _reading(asked.path):
                body = asked.json() if asked.writes else None
            return Reply(200, dict(route(body)))
        except UsageError as error:
            return self._wrong(400, error)
        except PsfirError as error:
            return self._wrong(500, error)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it is
            return self._wrong(500, PsfirError(f"{type(error).__name__}: {error}", where=asked.path, todo=_ANEW))

    def _wrong(self, status: int, error: PsfirError) -> Reply:
        said = {"what": error.what, "where": error.where, "todo": error.todo}
        told: dict[str, Json] = {"error": {name: self._scrubber.text(text) for name, text in said.items()}}
        return Reply(status, {**told, **({"orders": error.to_json()} if isinstance(error, OrdersRefused) else {})})

    def status(self) -> dict[str, Json]:
        """All that there is to say now."""
        now: dict[str, Json] = {"uptime": round(self._faults.elapsed, 1), "traffic": dict(self._shown.traffic())}
        about = self._shown.about()
        told = about.get("told")
        now["told"] = [*(told if isinstance(told, list) else []), *map(self._scrubber.text, self._faults.notes)]
        return {**about, **now, **self._standing()}

    def _standing(self) -> Mapping[str, Json]:
        return {
            "faults": [one.to_json() for one in self._faults.standing],
            "history": [one.to_json() for one in self._faults.history],
        }

    def _begin(self, body: Mapping[str, Any]) -> Mapping[str, Json]:
        with _reading("/fault"):
            orders = [order_from(one) for one in body["orders"]]
        began = self._faults.begin(*orders)
        return {"began": [one.to_json() for one in began]}

    def _heal(self, body: Mapping[str, Any]) -> Mapping[str, Json]:
        with _reading("/heal"):
            name = str(body.get("fault") or "")
        return {"ended": [one.to_json() for one in self._faults.heal(name)]}

    def _reset(self, _: object) -> Mapping[str, Json]:
        """The faults first: what they hold on to is about to be made anew."""
        begun = self._faults.elapsed
        ended = self._faults.heal()
        self._shown.reset()
        return {"ended": [one.to_json() for one in ended], "took": round(self._faults.elapsed - begun, 4)}

    def _stop(self, _: object) -> Mapping[str, Json]:
        self._over.set()
        return {}

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


@contextmanager
def _reading(where: str) -> Iterator[None]:
    """UsageError for what is not as it should be in what was sent."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UsageError(f"that cannot be read: {error!r}", where=where) from error


def _knowing(token: str, environment: Mapping[str, str]) -> Scrubber:
    scrubber = Scrubber()
    scrubber.learn(token, "token")
    for name, value in environment.items():
        if any(word in name for word in _SECRET):
            with suppress(ValueError):  # it cannot be told from ordinary words, so it is none that could be kept out
                scrubber.learn(value, name)
    return scrubber
