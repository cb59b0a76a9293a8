"""kubernetes.describe on a real socket: how a workload, its pods and their events stand, without values."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from psfir.captures.kubernetes.describe import DescribeCapture
from psfir.contracts import Captured
from psfir.domain.canon import Json
from psfir.errors import NoSuchTarget, Unreachable
from psfir.range.faulty import Fault, hang
from psfir.range.kubernetes import layouts
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.resources import Obj
from psfir.range.server import Asked, Reply
from psfir.testing import FakeConnection
from tests.probes.kubernetes_cluster import Scene, scene
from tests.shares import at_some_share

TARGET: dict[str, Json] = {"namespace": "default", "deployment": "agent"}
CANARY = "canary-1234-abcd"


def agent() -> Obj:
    made = layouts.deployment(env={"API_KEY": CANARY, "MODEL": f"large-{CANARY}"})
    made["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"env": CANARY}),
        "example.com/webhook-token": CANARY,
        "example.com/team": "assistants",
    }
    (container,) = made["spec"]["template"]["spec"]["containers"]
    container["env"].append({"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}})
    container["args"] = ["--api-key", CANARY, f"--db-password={CANARY}", "--model", "large"]
    header = {"name": "Authorization", "value": CANARY}
    container["livenessProbe"] = {"httpGet": {"path": "/", "port": 80, "httpHeaders": [header]}}
    return made


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        made.cluster.put(agent(), layouts.deployment("other", replicas=1))
        made.cluster.settle()
        yield made


def take(at: Scene, *, within: float = 10, by: FakeConnection | None = None, **more: Json) -> Captured:
    return DescribeCapture(by or at.connection()).take({**TARGET, **more}, within=within)


def kept(at: Scene, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(take(at, **more).content)
    return found


def test_the_workload_its_pods_and_their_events(at: Scene) -> None:
    """As JSON; nothing of the neighbours'."""
    taken = take(at)
    assert (taken.name, taken.media_type) == ("agent-describe.json", "application/json")
    found = json.loads(taken.content)
    assert found["workload"]["status"]["readyReplicas"] == 3
    assert len(found["pods"]) == 3
    about = {event["involvedObject"]["name"] for event in found["events"]}
    assert any(name.startswith("agent") for name in about)
    assert not any(name.startswith("other") for name in about)


def test_no_value_is_kept(at: Scene) -> None:
    """Not of variables, headers, options or annotations, not even in the copy that kubectl leaves; names are."""
    taken = take(at)
    assert CANARY not in taken.content.decode()
    (container,) = json.loads(taken.content)["workload"]["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [
        {"name": "API_KEY", "value": "(left out)"},
        {"name": "MODEL", "value": "(left out)"},
        {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ]
    assert container["args"] == ["--api-key", "(left out)", "--db-password=(left out)", "--model", "large"]
    assert kept(at)["workload"]["metadata"]["annotations"]["example.com/team"] == "assistants"
    assert "managedFields" not in taken.content.decode()


def test_secrets_are_never_asked_for(at: Scene) -> None:
    """Whoever captures needs no right to read them."""
    take(at)
    assert not any("secrets" in asked.path for asked in at.front.seen)


@pytest.mark.parametrize(("what", "other"), [("pods", "events"), ("events", "pods")])
def test_what_hangs_keeps_nothing_else_waiting(at: Scene, what: str, other: str) -> None:
    """It is said in its place, and all is back before the share is over: else nothing would be kept."""
    take(at)
    at.front.fault(Fault("silent", wire=hang), when=lambda asked: asked.path.endswith(f"/{what}"))

    def check(share: float) -> None:
        begun = monotonic()
        found = kept(at, within=share)
        assert monotonic() - begun < share
        assert found[what].startswith("could not be read: ")
        assert found[other]

    at_some_share(check, first=1.0)


def test_what_may_not_be_read_is_said(at: Scene) -> None:
    """The rest is kept all the same."""
    by = at.limited(Rule(("get",), ("deployments",), ("apps",)), Rule(("list",), ("pods",)))
    found = kept(at, by=by)
    assert 'cannot list resource "events"' in found["events"]
    assert len(found["pods"]) == 3


def test_it_is_bounded(at: Scene) -> None:
    """Half of what is too long goes until it fits, of events the older half; how many went is said."""

    def many(answer: Reply) -> Reply:
        events: list[Json] = [
            {"involvedObject": {"name": "agent"}, "lastTimestamp": f"2026-01-01T00:{n:04}Z", "message": "x" * 20_000}
            for n in reversed(range(300))
        ]
        return Reply(200, {"kind": "EventList", "metadata": {}, "items": events}, answer.headers)

    def events(asked: Asked) -> bool:
        return asked.path.endswith("/events")

    at.front.fault(Fault("many", spoil=many), when=events)
    taken = take(at)
    found = json.loads(taken.content)
    assert len(taken.content) <= 2 * 1024 * 1024
    assert found["left_out"] == {"events": 200 - len(found["events"]), "pods": 0}
    assert found["events"][-1]["lastTimestamp"] == "2026-01-01T00:0299Z"
    assert len(found["pods"]) == 3


def test_without_the_workload_there_is_no_evidence(at: Scene) -> None:
    """It is not there, or nobody answers."""
    with pytest.raises(NoSuchTarget):
        take(at, deployment="agnet")
    at.front.fault(Fault("silent", wire=hang))
    with pytest.raises(Unreachable):
        take(at, within=0.5)
