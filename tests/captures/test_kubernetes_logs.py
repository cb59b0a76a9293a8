"""kubernetes.logs on a real socket: what pods said, within bounds, and without what looks like a secret."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from psfir.captures.kubernetes.logs import LogsCapture
from psfir.contracts import Captured
from psfir.domain.canon import Json
from psfir.errors import Denied, NoSuchTarget, Unreachable
from psfir.range.faulty import Fault, hang
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import Rule
from psfir.range.server import Asked
from psfir.testing import FakeConnection
from tests.probes.kubernetes_cluster import Scene, scene
from tests.shares import at_some_share

TARGET: dict[str, Json] = {"namespace": "default", "deployment": "agent"}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path, replicas=3) as made:
        for name in names(made):
            made.cluster.say("default", name, [f"{name} begins", f"{name} calls a tool"])
        yield made


def names(at: Scene) -> list[str]:
    return sorted(pod["metadata"]["name"] for pod in at.cluster.pods())


def take(at: Scene, *, within: float = 10, by: FakeConnection | None = None, **more: Json) -> Captured:
    return LogsCapture(by or at.connection()).take({**TARGET, **more}, within=within)


def kept(at: Scene, *, lines: int = 2000) -> str:
    return take(at, lines=lines).content.decode()


def test_every_pods_last_words(at: Scene) -> None:
    """By pod and container, in one text."""
    taken = take(at)
    assert (taken.name, taken.media_type) == ("agent-logs.txt", "text/plain")
    for name in names(at):
        assert f"==> {name} agent <==\n{name} begins\n{name} calls a tool\n" in taken.content.decode()


def test_only_the_last_lines(at: Scene) -> None:
    """As many as the target says."""
    said = kept(at, lines=1)
    assert "calls a tool" in said
    assert "begins" not in said


def test_a_pod_that_hangs_keeps_no_other_waiting(at: Scene) -> None:
    """It is said among the others, and all is back before the share is over: else nothing would be kept."""
    slow, *others = names(at)
    take(at)

    def theirs(asked: Asked) -> bool:
        return f"/pods/{slow}/log" in asked.path

    at.front.fault(Fault("silent", wire=hang), when=theirs)

    def check(share: float) -> None:
        begun = monotonic()
        said = take(at, within=share).content.decode()
        assert monotonic() - begun < share
        assert f"==> {slow} agent <==\n(could not be read: " in said
        assert all(f"{name} calls a tool" in said for name in others)

    at_some_share(check, first=1.0)


def test_no_pod_that_answers_is_no_evidence(at: Scene) -> None:
    """A text of nothing but errors would pass for one."""
    take(at)
    at.front.fault(Fault("silent", wire=hang), when=lambda asked: asked.path.endswith("/log"))
    with pytest.raises(Unreachable):
        take(at, within=0.5)


def test_no_container_says_more_than_its_share(at: Scene) -> None:
    """It is cut, and that it was is said."""
    loud = names(at)[0]
    at.cluster.say("default", loud, ["x" * 1000] * 500)
    said = kept(at)
    assert len(said) < 256 * 1024 + 1000
    assert "cut off at 262144 bytes" in said


def test_no_more_than_so_many_pods(at: Scene) -> None:
    """The others are counted."""
    at.cluster.edit(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": 23}})
    at.cluster.settle()
    said = kept(at)
    assert said.count(" agent <==") == 20
    assert said.endswith("==> and 3 more pods, whose words were not kept <==")


SECRETS = [
    ("started with OPENAI_API_KEY=canary-1234-abcd and more", "started with OPENAI_API_KEY=(left out) and more"),
    ('{"password": "canary-1234", "user": "me"}', '{"password": "(left out)", "user": "me"}'),
    ("Authorization: Bearer canary.12.abcdef", "Authorization: (left out)"),
    ("using sk-canary1234567890abcdef now", "using (left out) now"),
    ("AKIA1234567890ABCDEF", "(left out)"),
    ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0 tail", "(left out) tail"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIcanary\n-----END RSA PRIVATE KEY-----\nnext", "(left out)\nnext"),
    ("prompt_tokens: 12345678 total_tokens=99", "prompt_tokens: 12345678 total_tokens=99"),
    ("the secret of a good answer is brevity", "the secret of a good answer is brevity"),
]


@pytest.mark.parametrize(("said", "expected"), SECRETS)
def test_what_looks_like_a_secret_is_left_out(at: Scene, said: str, expected: str) -> None:
    """By its name or its form. Counts of tokens, and words, stay."""
    at.cluster.say("default", names(at)[0], said.split("\n"))
    text = kept(at)
    assert f"calls a tool\n{expected}\n" in text
    assert "canary" not in text


def test_long_lines_cost_no_time(at: Scene) -> None:
    """However they are made up: what is looked for is bounded."""
    for name, line in zip(names(at), ("tokensecret" * 20000, "eyJ" * 70000, "sk-" * 70000), strict=True):
        at.cluster.say("default", name, [line])
    begun = monotonic()
    kept(at)
    assert monotonic() - begun < 5


def test_what_cannot_be_had_is_an_error(at: Scene) -> None:
    """No such workload, none of its pods, or no right to read them."""
    with pytest.raises(NoSuchTarget):
        take(at, deployment="agnet")
    apps, pods = Rule(("get",), ("deployments",), ("apps",)), Rule(("list",), ("pods",))
    with pytest.raises(Denied, match="pods/log"):
        take(at, by=at.limited(apps, pods))
    at.cluster.edit(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": 0}})
    at.cluster.settle()
    with pytest.raises(NoSuchTarget, match="no pods whose words"):
        take(at)
