"""How psfir's own clients reach the parts of a range, and how a test waits for what takes a moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Event
from typing import Any

from psfir.range.aws.account import connection
from psfir.range.estate import Range
from psfir.range.kubernetes import resources
from psfir.range.launchdarkly.estate import Place
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.launchdarkly import Ask, LaunchDarkly
from psfir.vendors.launchdarkly_sdk import LaunchDarklySdk

SPACE, AGENT, FLAG = "assistants", "support-agent", "support-assistant"
PLACE = Place(SPACE, FLAG)
READ = Ask("GET", f"/api/v2/flags/{SPACE}/{FLAG}")
OFF = Ask(
    "PATCH",
    f"/api/v2/flags/{SPACE}/{FLAG}",
    body={"environmentKey": "production", "instructions": [{"kind": "turnFlagOff"}]},
)
DEPLOYMENT = f"/apis/apps/v1/namespaces/{SPACE}/deployments/{AGENT}"


class Reaching:
    """Clients with the credentials that the range hands out."""

    def __init__(self, estate: Range) -> None:
        self.estate = estate
        self._env = estate.environment()

    @property
    def flags(self) -> LaunchDarkly:
        secrets = {"token": self._env["LAUNCHDARKLY_TOKEN"]}
        return LaunchDarkly(FakeConnection("flags", "launchdarkly", {"url": self._url("launchdarkly")}, secrets))

    @property
    def sdk(self) -> LaunchDarklySdk:
        url = self._url("launchdarkly")
        secrets = {"sdk_key": self._env["LAUNCHDARKLY_SDK_KEY"]}
        return LaunchDarklySdk(FakeConnection("flags", "launchdarkly", {"sdk_url": url, "stream_url": url}, secrets))

    @property
    def cluster(self) -> KubernetesClient:
        return KubernetesClient(FakeConnection("prod", "kubernetes", {"kubeconfig": self._env["KUBECONFIG"]}))

    @property
    def aws(self) -> AwsClient:
        return AwsClient(connection(self._url("aws"), self.estate.cloud.keys))

    def metrics(self, *, within: float = 5) -> Answer:
        """What Prometheus says to the plainest of all questions."""
        client = HttpClient(FakeConnection("metrics", "http", {"url": self._url("metrics")}))
        return client.send(Request("GET", "/api/v1/query?query=timestamp(up)"), within=within)

    def scraped(self) -> float:
        """When Prometheus last looked."""
        return float(json.loads(self.metrics().body)["data"]["result"][0]["value"][1])

    def edge(self, *, within: float = 5) -> dict[str, Any]:
        """What a probe sees."""
        client = HttpClient(FakeConnection("assistant", "http", {"url": self.estate.reach("assistant")[0].url}))
        said: dict[str, Any] = json.loads(client.send(Request("GET", "/assistant/state"), within=within).body)
        return said

    def replicas(self) -> int:
        found: int = self.estate.kubernetes.get(resources.DEPLOYMENTS, AGENT, SPACE)["spec"]["replicas"]
        return found

    def flag(self, *, on: bool) -> None:
        """Somebody at the vendor's switches it."""
        kind = "turnFlagOn" if on else "turnFlagOff"
        self.estate.launchdarkly.estate.edit(PLACE, "production", {"kind": kind})

    @property
    def is_on(self) -> bool:
        return self.estate.launchdarkly.estate.targeting(PLACE, "production")["on"] is True

    def _url(self, part: str) -> str:
        return self.estate.reach(part)[0].url


def until(so: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for it; fail if it does not come."""
    pause = Event()
    for _ in range(round(seconds / 0.05)):
        if so():
            return
        pause.wait(0.05)
    raise AssertionError(f"it was not so after {seconds} s")
