"""aws.cloudwatch_logs on moto and a real socket: the newest lines, within bounds, and what is missing is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from time import time
from typing import Any

import pytest

from psfir.captures.aws.cloudwatch_logs import CloudWatchLogs
from psfir.contracts import Captured
from psfir.domain.canon import Json
from psfir.errors import Busy, Denied, NoSuchTarget, Unreachable, UsageError
from psfir.range.faulty import Fault, hang, reset
from psfir.range.front import Front
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection
from tests.levers.aws.moto import KEYS, World, connection, enforced, moto
from tests.levers.aws.moto import reset as empty
from tests.shares import told

GROUP = "/aws/lambda/support-agent"
MIB = 1024 * 1024
THROTTLED = Reply(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})


class Group(World):
    """A log group that is written to `ago` seconds before now."""

    def __init__(self) -> None:
        super().__init__()
        empty()
        self.do("logs", "CreateLogGroup", logGroupName=GROUP)
        for stream in ("one", "two"):
            self.do("logs", "CreateLogStream", logGroupName=GROUP, logStreamName=stream)

    def say(self, *lines: tuple[float, str], stream: str = "one") -> None:
        at = time()
        events = [{"timestamp": round((at - ago) * 1000), "message": said} for ago, said in lines]
        self.do("logs", "PutLogEvents", logGroupName=GROUP, logStreamName=stream, logEvents=events)


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def front(group: Group) -> Iterator[Front]:
    group.say((500, "of long ago"), (1, "of now"))
    with Front(moto()) as front:
        yield front


def take(*, within: float = 20, by: FakeConnection | None = None, **more: Any) -> Captured:
    return CloudWatchLogs(by or connection()).take({"group": GROUP, **more}, within=within)


def kept(by: FakeConnection | None = None, **more: Any) -> list[str]:
    return take(by=by, **more).content.decode().split("\n")


def words(lines: Sequence[str]) -> list[str]:
    return [line.split(" ", 2)[2] for line in lines if not line.startswith("==>")]


def in_share(front: Front, share: float) -> str:
    """What is kept within the least share that gets beyond the first request."""

    def taken(within: float) -> Captured:
        return take(by=connection(front.url), within=within)

    said = told(taken, lambda: front.seen, share=share)
    assert isinstance(said, Captured), said
    return said.content.decode()


def test_every_stream_in_the_order_of_time(group: Group) -> None:
    """With the time and the stream of each line, under a line that says from when to when."""
    group.say((700, "begins"), (3, "ends\n"))
    group.say((20, "is asked"), stream="two")
    group.say((1000, "of before"))
    taken = take()
    head, *lines = taken.content.decode().split("\n")
    assert (taken.name, taken.media_type) == ("aws-lambda-support-agent-logs.txt", "text/plain")
    assert re.fullmatch(rf"==> {GROUP} in eu-west-1, from \S+Z to \S+Z: 3 lines <==", head)
    assert words(lines) == ["begins", "is asked", "ends"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z two is asked", lines[1])


def test_no_line_is_kept_twice(group: Group) -> None:
    """However finely the lines lie on the borders of what is asked for at a time."""
    group.say(*((ago / 2, f"line {ago}") for ago in range(400, 0, -1)))
    assert words(kept(last="5m")) == [f"line {ago}" for ago in range(400, 0, -1)]


def test_only_what_was_asked_for(group: Group) -> None:
    """Some streams, some lines, some minutes."""
    group.say((90, "ERROR of before"), (10, "ERROR here"), (5, "INFO here"))
    group.say((10, "ERROR there"), stream="two")
    assert words(kept(streams=["one"], filter="ERROR", last="1m")) == ["ERROR here"]


def test_nothing_written_is_evidence_too(group: Group) -> None:
    """A group that is silent is said to be."""
    (head,) = kept()
    assert head.endswith(": 0 lines <==")


def test_the_newest_are_kept_and_the_rest_is_said(group: Group) -> None:
    """Six megabytes in a minute: the last four are there, and from when on is told."""
    for number in range(6):
        group.say(*((60 - number * 9 - one / 8, f"{number} {'x' * 130_000}") for one in range(8)))
    head, lost, *lines = kept()
    assert ": 32 lines <==" in head
    assert re.fullmatch(r"==> cut off at 4194304 bytes: nothing before (\S+) was kept <==", lost)
    assert lines[0].split(" ")[0] in lost
    assert [line[:1] for line in words(lines)] == ["2"] * 8 + ["3"] * 8 + ["4"] * 8 + ["5"] * 8
    assert 4 * MIB - 140_000 < sum(len(line) for line in lines) < 4 * MIB


def test_a_page_may_be_empty_and_not_the_last(group: Group) -> None:
    """What follows it is asked for, by the same question and its token."""
    asked: list[Json] = []

    def pages(request: Asked) -> Reply:
        asked.append(request.json())
        page = int(request.json().get("nextToken", "0"))
        events: list[Json] = [{"timestamp": 1000, "message": f"line {page}", "logStreamName": "s"}] if page else []
        return Reply(200, {"events": events, **({"nextToken": str(page + 1)} if page < 2 else {})})

    with Server(pages) as server:
        lines = words(kept(by=connection(server.url), last="5s", filter="x"))
    assert lines == ["line 1", "line 2"]
    assert [one.get("nextToken") for one in asked if isinstance(one, dict)] == [None, "1", "2"]
    assert len({(str(one["startTime"]), str(one["filterPattern"])) for one in asked if isinstance(one, dict)}) == 1


SECRETS = [
    ("started with OPENAI_API_KEY=canary-1234-abcd", "started with OPENAI_API_KEY=(left out)"),
    ("using ASIA1234567890ABCDEF", "using (left out)"),
    (
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=canary0123456789&x=1",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=(left out)&x=1",
    ),
    (f"called with {KEYS['secret_access_key']}", "called with [secret connection aws-prod]"),
    ("prompt_tokens: 12345678", "prompt_tokens: 12345678"),
]


@pytest.mark.parametrize(("said", "expected"), SECRETS)
def test_what_looks_like_a_secret_is_left_out(group: Group, said: str, expected: str) -> None:
    """By its name or its form, and what the connection itself bears; counts stay."""
    group.say((1, said))
    (line,) = words(kept())
    assert line == expected


def test_who_is_throttled_asks_again(front: Front) -> None:
    """As CloudWatch lets few ask at a time; what comes is whole."""
    front.fault(Fault("throttled", reply=THROTTLED), times=2)
    assert words(kept(by=connection(front.url))) == ["of long ago", "of now"]


def test_throttled_for_ever_is_no_evidence(front: Front) -> None:
    """Asked again until there is no time."""
    front.fault(Fault("throttled", reply=THROTTLED))
    with pytest.raises(Busy):
        take(by=connection(front.url), within=1)
    assert len(front.seen) > 1


@pytest.mark.parametrize("fault", [Fault("silent", wire=hang), Fault("reset", wire=reset)], ids=lambda one: one.name)
def test_what_broke_off_is_kept_as_far_as_it_went(front: Front, fault: Fault) -> None:
    """The newest lines, and from where to where there may be others."""
    take(by=connection(front.url))
    front.seen.clear()
    front.fault(fault, when=lambda _: len(front.seen) > 2)
    said = in_share(front, 1.5)
    assert " of now" in said
    assert " of long ago" not in said
    assert re.search(
        r"==> what was written from \S+Z to \S+Z could not be read: .* <==\n==> nor was anything before", said
    )


@pytest.mark.parametrize("fault", [Fault("silent", wire=hang), Fault("reset", wire=reset)], ids=lambda one: one.name)
def test_no_answer_at_all_is_no_evidence(front: Front, fault: Fault) -> None:
    """A text that says only that would pass for one; and it is back in its share."""
    front.fault(fault)
    said = told(lambda share: take(by=connection(front.url), within=share), lambda: front.seen, share=0.4)
    assert isinstance(said, Unreachable), said


def allowed(group: Group, name: str) -> FakeConnection:
    """Somebody with the right that `about` names, on the group of that name alone."""
    (right,) = CloudWatchLogs.about.permissions
    resource = right.resource.replace("{group}", name)
    statement: Json = {"Effect": "Allow", "Action": right.action, "Resource": resource}
    user = f"of-{name.rpartition('/')[2]}"
    return connection(keys=group.user(user, {"Version": "2012-10-17", "Statement": [statement]}))


def test_the_right_to_this_group_is_enough_and_needed(group: Group) -> None:
    """Where it is missing it is named; a group that is not there is told too."""
    group.say((1, "here"))
    enough, other = allowed(group, GROUP), allowed(group, "/aws/lambda/other")
    with enforced():
        assert words(kept(by=enough)) == ["here"]
        with pytest.raises(Denied) as denied:
            take(by=other)
    assert denied.value.todo.startswith("allow logs:FilterLogEvents")
    with pytest.raises(NoSuchTarget, match="log group does not exist"):
        take(group="/aws/lambda/nobody")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({"last": "2d"}, "between a moment and a day"),
        ({"last": "0s"}, "between a moment and a day"),
        ({"last": "soon"}, "last: 'soon' is not a span"),
        ({"group": "arn:aws:logs:eu-west-1:123456789012:log-group:x"}, "not its ARN"),
    ],
)
def test_what_cannot_be_asked_for(target: dict[str, Any], says: str) -> None:
    """A sentence, before anything is asked."""
    with pytest.raises(UsageError, match=says) as refused:
        take(**target)
    assert refused.value.todo or "span" in says
