"""The stand-in as one server: REST, triggers, stream, polling and events behind one address."""

from __future__ import annotations

from psfir.range.launchdarkly import rest, sdk, triggers
from psfir.range.launchdarkly.estate import Estate
from psfir.range.served import Served
from psfir.range.server import Asked, Reply


class LaunchDarkly(Served):
    """`url` serves for the REST API and for all three addresses of an SDK; `estate` is what it serves."""

    def __init__(self, estate: Estate | None = None, *, port: int = 0) -> None:
        self.estate = estate or Estate()
        super().__init__(port=port)

    def stop(self) -> None:
        sdk.hang_up(self.estate)
        super().stop()

    def reset(self, estate: Estate | None = None) -> Estate:
        """From here on a fresh estate is served, or this one; whoever listens to the old one is hung up on.

        Give one that is laid out already where SDKs are to come back: an SDK that meets a key which is not there yet
        never asks again.
        """
        old, self.estate = self.estate, estate or self.estate.fresh()
        sdk.hang_up(old)
        return self.estate

    def _handle(self, asked: Asked) -> Reply:
        if asked.path in sdk.PATHS:
            return sdk.answer(self.estate, asked)
        if asked.path.startswith(triggers.HOOK):
            return triggers.fire(self.estate, asked)
        return rest.answer(self.estate, asked)
