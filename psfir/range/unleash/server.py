"""The stand-in as one server: admin, client and frontend API behind one address."""

from __future__ import annotations

from psfir.range.served import Served
from psfir.range.server import Asked, Reply
from psfir.range.unleash import admin, consumers
from psfir.range.unleash.estate import Estate
from psfir.range.unleash.refusal import Refused, missing


class Unleash(Served):
    """`url` is what a connection says; `estate` is what it serves."""

    def __init__(self, estate: Estate | None = None, *, port: int = 0) -> None:
        self.estate = estate or Estate()
        super().__init__(port=port)

    def _handle(self, asked: Asked) -> Reply:
        try:
            return self._answer(asked)
        except Refused as refused:
            return refused.reply

    def _answer(self, asked: Asked) -> Reply:
        if asked.path.startswith(admin.ROOT + "/"):
            return admin.answer(self.estate, asked)
        if asked.path == consumers.FRONTEND or asked.path.startswith(consumers.CLIENT):
            return consumers.answer(self.estate, asked)
        if asked.path == "/health":
            return Reply(body={"health": "GOOD"})
        raise missing(f"The path you were looking for ({asked.path}) is not available.")
