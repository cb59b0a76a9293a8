"""The commands' side of the range's own door."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from psfir.domain.canon import Json
from psfir.errors import LeverError, Unreachable, UsageError
from psfir.range.assistant.crew import Heard
from psfir.range.faults.order import Order, refused_from
from psfir.range.runfile import Run

WITHIN = 10.0
ANEW_WITHIN = 300.0
"""A hundred systems are made anew in less than a minute, on a machine that does nothing else."""
_GLANCE = 0.5
_REFUSED = 400


class RangeClient:
    """Asks the range that `run` is about. Unreachable if it does not answer."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def status(self) -> dict[str, Any]:
        return self._ask("GET", "/status")

    def environment(self) -> dict[str, str]:
        return {str(name): str(value) for name, value in self._ask("GET", "/env")["env"].items()}

    def traffic(self) -> dict[str, Any]:
        return self._ask("GET", "/traffic")

    def faults(self) -> dict[str, Any]:
        return self._ask("GET", "/faults")

    def begin(self, orders: Sequence[Order]) -> dict[str, Any]:
        """All of them or none."""
        return self._ask("POST", "/fault", {"orders": [order.to_json() for order in orders]})

    def heal(self, name: str = "") -> dict[str, Any]:
        return self._ask("POST", "/heal", {"fault": name})

    def reset(self, coming: Heard | None = None) -> dict[str, Any]:
        """`coming` is told how far it is, where it takes longer than a moment."""
        over = Event()
        watch = Thread(target=self._watch, args=(over, coming), daemon=True)
        watch.start()
        try:
            return self._ask("POST", "/reset", {}, within=ANEW_WITHIN)
        finally:
            over.set()
            watch.join()

    def _watch(self, over: Event, coming: Heard | None) -> None:
        while coming is not None and not over.wait(_GLANCE):
            with suppress(LeverError):  # who made it anew hears of that
                if said := self._ask("GET", "/coming"):
                    coming(said["what"], said["done"], said["of"])

    def stop(self) -> None:
        """Whether it ends is to be seen by its lock: it may be gone before its answer is whole."""
        with suppress(Unreachable):
            self._ask("POST", "/stop", {})

    def _ask(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, *, within: float = WITHIN
    ) -> dict[str, Any]:
        where = f"the range at {self.run.url}"
        connection = HTTPConnection(urlsplit(self.run.url).netloc, timeout=within)
        try:
            headers = {"Authorization": f"Bearer {self.run.token}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            what = f"does not answer: {type(error).__name__}"
            raise Unreachable(what, where=where, todo="psfir range up brings one up") from None
        finally:
            connection.close()
        if answer.status == _REFUSED and said.get("orders"):
            raise refused_from(said["orders"])
        if answer.status == _REFUSED:
            raise UsageError(**said["error"])
        if answer.status > _REFUSED:
            wrong = said["error"]
            raise LeverError(f"answered {answer.status}: {wrong['what']}", where=where, todo=wrong["todo"])
        return said
