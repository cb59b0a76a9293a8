"""The http probe over real sockets: several replicas, and what may and may not pass for contained."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from time import perf_counter
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import UsageError
from psfir.probes.http import HttpProbe
from psfir.testing import FakeConnection
from psfir.testing.waiting import GRACE
from tests.shares import at_some_share
from tests.vendors.http_stand_in import KEY, MIB, TOKEN, Fault, Say, StandIn, close, drip, hang, raw

HEALTH = {"connection": "assistant", "path": "/health"}
OFF: dict[str, Json] = {"json": {"assistant": "off"}}
ON, HELD, UNTOLD = Held.NOT_HELD, Held.HELD, Held.COULD_NOT_TELL


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn({"assistant": "off", "deep": {"replies": [0, "none"]}}) as stand:
        yield stand


def look(stand: StandIn, expect: dict[str, Json], within: float = 10.0, **target: Json) -> Sight:
    (sight,) = HttpProbe(stand.connection()).look({**HEALTH, **target}, expect, within=within)
    return sight


ANSWERS: list[tuple[Fault | None, dict[str, Any], Held, str]] = [
    (None, OFF, HELD, 'answered 200, assistant is "off"'),
    (None, {"json": {"assistant": "on"}}, ON, 'answered 200, assistant is "off", not "on"'),
    (None, {"json": {"/deep/replies/0": 0}}, HELD, "answered 200, /deep/replies/0 is 0"),
    (None, {"json": {"/deep/replies/0": False}}, ON, "answered 200, /deep/replies/0 is 0, not false"),
    (None, {"json": {"assistent": "off"}}, ON, "answered 200, without assistent"),
    (None, {"status": 200}, HELD, "answered 200"),
    (None, {"status": [503, 404]}, ON, "answered 200, not 404, 503"),
    (None, {"text": '"assistant": "off"'}, HELD, "answered 200"),
    (None, {"text": "I am sorry"}, ON, "answered 200, without the text 'I am sorry'"),
    (None, {"not_text": "hello"}, HELD, "answered 200"),
    (None, {"not_text": "off"}, ON, "answered 200, with the text 'off'"),
    (None, {"header": {"content-type": "application/json; charset=utf-8"}}, HELD, "answered 200"),
    (None, {"header": {"X-Mode": "off"}}, ON, "answered 200, without header x-mode"),
    (Say(200, headers={"X-Mode": "on"}), {"header": {"X-Mode": "off"}}, ON, "header x-mode is 'on', not 'off'"),
    (Say(200, b"<html>off</html>"), OFF, ON, "its answer is not JSON"),
    (Say(503, b'{"assistant": "off"}'), {"status": 503, **OFF}, HELD, 'answered 503, assistant is "off"'),
    (Say(404), {"status": 404}, HELD, "answered 404"),
    (Say(404), OFF, ON, "answered 404, not 2xx"),
    (Say(404), {"not_text": "hello"}, ON, "answered 404, not 2xx"),
    # Bodies that nobody can read, or that say nothing, prove nothing either.
    (
        Say(200, gzip.compress(b"answering"), {"Content-Encoding": "gzip"}),
        {"not_text": "answering"},
        UNTOLD,
        "packed as gzip",
    ),
    (Say(200, b"\xff\xfe", {"Content-Type": "text/plain"}), {"not_text": "answering"}, UNTOLD, "no text in utf-8"),
    (
        Say(200, "answering".encode("utf-16"), {"Content-Type": "text/plain; charset=utf-16"}),
        {"not_text": "answering"},
        ON,
        "",
    ),
    (Say(200, b"off", {"Content-Type": "text/plain; charset=x-odd"}), {"text": "off"}, UNTOLD, "no text in x-odd"),
    (Say(200, "answering".encode("utf-16-le")), {"not_text": "answering"}, UNTOLD, "holds zeros"),
    (
        Say(200, b"answering!", {"Content-Type": "text/plain; charset=utf-16"}),
        {"not_text": "answering"},
        ON,
        "with the text 'answering'",
    ),
    (
        Say(200, b"answering", {"Content-Type": "text/plain; charset=undefined"}),
        {"not_text": "answering"},
        UNTOLD,
        "no text in undefined",
    ),
    (
        Say(200, b"answering", {"Content-Type": "text/plain; charset=idna"}),
        {"not_text": "answering"},
        ON,
        "with the text 'answering'",
    ),
    (Say(200, b""), {"not_text": "answering"}, UNTOLD, "said nothing"),
    (Say(200, b"\xef\xbb\xbf\n"), {"not_text": "answering"}, UNTOLD, "said nothing"),
    (Say(200, b" "), {"not_text": "answering"}, UNTOLD, "said nothing"),
    (Say(200, b'{"assistant": "on", "assistant": "off"}'), OFF, ON, "stands in it twice"),
    # Answers by which nobody looked: an error page without the text is no proof that it is off.
    (Say(500), {"not_text": "hello"}, UNTOLD, "answered 500, not 2xx"),
    (Say(502), {"status": 503}, UNTOLD, "answered 502, not 503"),
    (Say(503, b'{"assistant": "off"}'), OFF, UNTOLD, "answered 503, not 2xx"),
    (Say(401), {"not_text": "hello"}, UNTOLD, "answered 401, not 2xx"),
    (Say(403), {"status": 200}, UNTOLD, "answered 403, not 200"),
    (Say(403), {"status": 403}, HELD, "answered 403"),
    (Say(429), OFF, UNTOLD, "answered 429, not 2xx"),
    (close, OFF, UNTOLD, "no answer"),
    (hang, {"not_text": "hello"}, UNTOLD, "no answer in time"),
    (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), {"not_text": "hello"}, UNTOLD, "in time"),
    (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"), {"not_text": "hello"}, UNTOLD, "missing"),
    (Say(200, b"x" * (MIB + 1)), {"not_text": "hello"}, UNTOLD, "larger than"),
    (Say(302, headers={"Location": "http://login.test/"}), {"not_text": "hello"}, UNTOLD, "not listed"),
    (Say(302, headers={"Location": "http://login.test/"}), {"status": 302}, HELD, "answered 302"),
]


@pytest.mark.parametrize(("fault", "expect", "held", "says"), ANSWERS)
def test_what_an_answer_shows(stand: StandIn, fault: Fault | None, expect: Any, held: Held, says: str) -> None:  # noqa: ANN401 - any expect block
    """An answer that does not match is not_held; no answer, or one by which nobody looked, could not tell."""
    if fault:
        stand.always["GET"] = fault
    sight = look(stand, expect, within=0.3 if "in time" in says else 10.0)
    assert sight.held is held, sight
    assert says in sight.says
    assert sight.replica == stand.url


def test_a_head_request(stand: StandIn) -> None:
    """HEAD sees status and headers; to find a text in it is refused."""
    assert look(stand, {"status": 200}, method="HEAD").held is HELD
    assert stand.seen[0].method == "HEAD"
    with pytest.raises(UsageError, match="no body"):
        look(stand, {"not_text": "hello"}, method="HEAD")


def test_unreachable_is_a_refused_connection(stand: StandIn) -> None:
    """Refused is held, an answer of any kind is not, silence could not tell."""
    gone: dict[str, Json] = {"unreachable": True}
    assert look(stand, gone) == Sight(stand.url, ON, "answered 200, so it can be reached")
    stand.always["GET"] = Say(503)
    assert look(stand, gone).held is ON
    stand.always["GET"] = hang
    assert look(stand, gone, within=0.2).held is UNTOLD
    stand.always["GET"] = close
    assert look(stand, gone).held is UNTOLD
    stand.__exit__()
    assert look(stand, gone) == Sight(stand.url, HELD, "the connection was refused")
    assert look(stand, OFF) == Sight(stand.url, UNTOLD, "the connection was refused")


def test_every_replica_is_a_sight(stand: StandIn) -> None:
    """One of five still serves, one hangs, one is gone: each is seen by itself, in order, none waits for another."""
    with ExitStack() as stack:
        stands = [stack.enter_context(StandIn({"assistant": "off"})) for _ in range(5)]
        stands[1].document = {"assistant": "on"}
        stands[2].always["GET"] = hang
        stands[3].__exit__()
        urls = [each.url for each in stands]
        probe = HttpProbe(stand.connection(replicas=urls))

        def check(share: float) -> None:
            begun = perf_counter()
            sights = probe.look({**HEALTH, "replicas": "all"}, OFF, within=share)
            assert perf_counter() - begun < share + GRACE
            assert [sight.replica for sight in sights] == urls
            assert [sight.held for sight in sights] == [HELD, ON, UNTOLD, UNTOLD, HELD]

        at_some_share(check, first=0.4)
    assert stand.seen == []


def test_replicas_side_by_side(stand: StandIn) -> None:
    """Twenty replicas that take a while take that while once."""
    with ExitStack() as stack:
        slow = [stack.enter_context(StandIn({"assistant": "off"})) for _ in range(20)]
        for each in slow:
            each.always["GET"] = lambda handler: (handler.stand.released.wait(0.3), handler.tell())[1]  # type: ignore[func-returns-value]  # waits, then tells
        begun = perf_counter()
        sights = HttpProbe(stand.connection(replicas=[each.url for each in slow])).look(HEALTH, OFF, within=20)
        assert perf_counter() - begun < 0.3 + GRACE < 20 * 0.3
    assert {sight.held for sight in sights} == {HELD}
    assert len(sights) == 20


def test_a_look_that_hangs_before_it_asks(stand: StandIn) -> None:
    """A keyring that waits for somebody's password holds up no look: what it held up could not tell."""

    class Locked(FakeConnection):
        def secret(self, name: str) -> str | None:
            stand.released.wait(10)
            return None

    connection = Locked("assistant", "http", {"url": stand.url, "replicas": [stand.url, f"{stand.url}/second"]})
    begun = perf_counter()
    sights = HttpProbe(connection).look(HEALTH, OFF, within=0.2)
    assert perf_counter() - begun < 0.2 + GRACE
    assert [(sight.held, sight.says) for sight in sights] == [(UNTOLD, "no answer in time")] * 2


def test_replicas_by_list_get_no_credential(stand: StandIn) -> None:
    """A runbook may name urls that the connection does not: they are looked at without its secrets, each once."""
    with StandIn({"assistant": "off"}) as other:
        sights = HttpProbe(stand.connection()).look(
            {**HEALTH, "replicas": [stand.url, other.url, other.url, "nonsense"]}, OFF, within=10
        )
        assert [sight.held for sight in sights] == [HELD, HELD, UNTOLD]
        assert "Authorization" in stand.seen[0].headers
        assert "Authorization" not in other.seen[0].headers


def test_no_replica_is_never_held(stand: StandIn) -> None:
    """An empty list proves nothing."""
    for connection, target in (
        (stand.connection(), {**HEALTH, "replicas": []}),
        (stand.connection(replicas=[]), {**HEALTH, "replicas": "all"}),
    ):
        sights = HttpProbe(connection).look(target, {"unreachable": True}, within=10)
        assert [sight.held for sight in sights] == [UNTOLD]


def test_each_look_is_a_new_connection(stand: StandIn) -> None:
    """A kept connection would stay with the replica that a balancer once chose."""
    probe = HttpProbe(stand.connection())
    for _ in range(3):
        probe.look(HEALTH, OFF, within=10)
    assert stand.connections == 3


def test_no_secret_is_in_a_sight(stand: StandIn) -> None:
    """A feature that echoes the credential does not get it into what is recorded."""
    echo = json.dumps({"assistant": f"{TOKEN} {KEY}"}).encode()
    stand.always["GET"] = Say(200, echo, {"X-Mode": TOKEN})
    expects: list[dict[str, Json]] = [OFF, {"header": {"X-Mode": "off"}}, {"text": "x"}]
    for expect in expects:
        says = look(stand, expect).says
        assert TOKEN not in says
        assert KEY not in says


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({}, "expect nothing"),
        ({"json": {}}, "json needs"),
        ({"json": "off"}, "json needs"),
        ({"json": {"/~9": 1}}, "no JSON pointer"),
        ({"unreachable": False}, "expect nothing"),
        ({"unreachable": True, "status": 503}, "stands alone"),
        ({"status": []}, "expect nothing"),
        ({"status": "503"}, "not one status"),
        ({"status": True}, "not one status"),
        ({"status": [200, 42]}, "not one status"),
        ({"text": ""}, "text needs"),
        ({"not_text": ["a"]}, "not_text needs"),
        ({"header": {}}, "header needs"),
        ({"body": "x"}, "no key 'body'"),
    ],
)
def test_expecting_nothing_is_an_error(stand: StandIn, expect: dict[str, Json], says: str) -> None:
    """A probe that could not fail is refused with a sentence, before anything is asked."""
    with pytest.raises(UsageError, match=says):
        look(stand, expect)
    assert stand.seen == []


@pytest.mark.parametrize("target", [{"method": "POST"}, {"path": "health"}, {"path": 1}, {"replicas": "some"}])
def test_a_target_that_is_none(stand: StandIn, target: dict[str, Json]) -> None:
    """A probe only looks, at a path, at replicas it knows how to find."""
    with pytest.raises(UsageError):
        HttpProbe(stand.connection()).look({**HEALTH, **target}, OFF, within=10)
    assert stand.seen == []


def test_a_server_that_takes_no_connection() -> None:
    """A full queue is silence, not a refusal."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        probe = HttpProbe(FakeConnection("a", "http", {"url": url}))
        for _ in range(3):
            (sight,) = probe.look(HEALTH, {"unreachable": True}, within=0.1)
            assert sight.held is UNTOLD
