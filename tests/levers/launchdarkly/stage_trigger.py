"""The stage of `launchdarkly.trigger`: a flag with a trigger that switches it off, and a token to read it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self
from urllib.parse import urlsplit

from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.levers.launchdarkly.trigger import FlagTrigger
from psfir.range.server import Reply
from psfir.testing import FakeConnection
from psfir.testing.stage import Stage
from psfir.vendors.launchdarkly import Ask, LaunchDarkly, under
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, KEY, PROJECT, Account

TRIGGERS = under("flags", PROJECT, KEY, "triggers", ENVIRONMENT)


def trigger_path(account: Account, kind: str = "turnFlagOff") -> str:
    """Of a new trigger, made as a person would through the API."""
    body: Json = {"integrationKey": "generic-trigger", "instructions": [{"kind": kind}]}
    made = LaunchDarkly(account.connection()).ask(Ask("POST", TRIGGERS, body=body), within=5).body
    return urlsplit(str(made["triggerURL"])).path


class TriggerStage(Stage):
    """Off by the trigger, back on through the flag's own API."""

    name = "launchdarkly.trigger"
    target = FlagTrigger.about.example["target"]  # type: ignore[assignment]  # the example's target is a mapping
    settings: Mapping[str, Json] = {"on": False}

    def __init__(self) -> None:
        self.account = Account()
        self.path = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.account.token, self.path)

    @property
    def upstream(self) -> str:
        return self.account.server.url

    def saying(self, status: int) -> Reply:
        """Neither place is ever sent the other's secret, so none is repeated here."""
        return Reply(status, {"code": f"error_{status}", "message": "no"})

    def connection(self, url: str, **secrets: str) -> FakeConnection:
        return self.account.connection(url, trigger=f"{url}{self.path}", **secrets)

    def lever(self, url: str) -> Lever:
        return FlagTrigger(self.connection(url))

    def pulled(self) -> bool:
        return self.account.here()["on"] is False

    def writes(self) -> int:
        return self.account.estate.writes

    def disturb(self) -> None:
        """Another off variation: what the pull would come to is not what was planned."""
        self.account.edit({"kind": "updateOffVariation", "variationId": self.account.ids[0]})

    def __enter__(self) -> Self:
        self.account.__enter__()
        self.path = trigger_path(self.account)
        return self

    def __exit__(self, *_: object) -> None:
        self.account.__exit__()


STAGES: tuple[type[Stage], ...] = (TriggerStage,)
