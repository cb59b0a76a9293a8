"""The range's own door: only with its token, and what goes wrong behind it comes out as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from threading import Event
from urllib.parse import urlsplit

import pytest

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import LeverError, Unreachable, UsageError
from psfir.range.client import RangeClient
from psfir.range.control import Control, Shown
from psfir.range.estate import Range
from psfir.range.faults.order import Order, OrdersRefused
from psfir.range.faults.standing import Faults
from psfir.range.runfile import Run
from psfir.range.traffic import traffic
from tests.range.faults.reaching import AGENT, Reaching

pytestmark = pytest.mark.xdist_group("range")


@frozen
class Door:
    run: Run
    over: Event

    @property
    def client(self) -> RangeClient:
        return RangeClient(self.run)


@pytest.fixture
def door(estate: Range, faults: Faults) -> Iterator[Door]:
    about: dict[str, Json] = {"seed": estate.seed}
    shown = Shown(lambda: about, lambda: traffic(estate), estate.environment, estate.reset)
    over = Event()
    with Control(shown, faults, token="open-sesame", over=over) as control:
        yield Door(Run(control.url, "open-sesame", 1, 0.0), over)


@pytest.mark.parametrize("token", ["", "open-sesam", "open-sesame2", "öffne"])
def test_nobody_gets_in_without_the_token(door: Door, token: str) -> None:
    """Neither to look nor to set a fault."""
    stranger = RangeClient(replace(door.run, token=token))
    for ask in (stranger.status, stranger.environment, stranger.stop, lambda: stranger.begin([Order("clock.skew")])):
        with pytest.raises(LeverError, match="that is not the token"):
            ask()
    assert not door.over.is_set()


def test_what_is_not_there_and_what_cannot_be_read(door: Door) -> None:
    """404, and 400 with what was wrong."""
    for method, path, body, status in (
        ("GET", "/other", "", 404),
        ("POST", "/status", "{}", 404),
        ("POST", "/fault", "{", 400),
        ("POST", "/fault", "{}", 400),
        ("POST", "/fault", '{"orders": [{"fault": "clock.skew", "at": "soon"}]}', 400),
        ("POST", "/heal", "[]", 400),
    ):
        connection = HTTPConnection(urlsplit(door.run.url).netloc, timeout=5)
        connection.request(method, path, body, {"Authorization": f"Bearer {door.run.token}"})
        assert (connection.getresponse().status, path) == (status, path)
        connection.close()


def test_faults_come_and_go_through_it(estate: Range, door: Door) -> None:
    """As they are ordered; the status has them, and the history too."""
    said = door.client.begin([Order("clock.skew", {"by": "1m"}), Order("assistant.drifts", after=60)])
    assert [(one["fault"], one["on"]) for one in said["began"]] == [("clock.skew", True), ("assistant.drifts", False)]
    assert estate.clock.skew == 60
    status = door.client.status()
    assert (status["seed"], [one["fault"] for one in status["faults"]]) == (1, ["clock.skew", "assistant.drifts"])
    assert [one["what"] for one in status["history"]] == ["began", "waits"]
    assert set(status["traffic"]["systems"]) == {"support-assistant"}
    assert door.client.faults()["faults"] == status["faults"]
    assert [one["fault"] for one in door.client.heal("clock.skew")["ended"]] == ["clock.skew"]
    assert [one["fault"] for one in door.client.heal()["ended"]] == ["assistant.drifts"]
    assert door.client.environment() == estate.environment()


def test_a_wrong_order_comes_back_as_its_sentence(door: Door) -> None:
    """With where it is and what to do."""
    with pytest.raises(UsageError) as error:
        door.client.begin([Order("launchdarkly.slow", {"bye": "1s"})])
    assert str(error.value).startswith("launchdarkly.slow: there is no setting 'bye'; did you mean by?")


def test_each_of_several_wrong_orders_comes_back_by_its_number(door: Door) -> None:
    """None of the others has begun."""
    wrong = Order("assistant.drifts", {"system": "nobody"}), Order("wire.latency", {"on": "nowhere"})
    with pytest.raises(OrdersRefused) as error:
        door.client.begin([Order("clock.skew"), wrong[0], Order("launchdarkly.down"), wrong[1]])
    assert {number: one.what[:20] for number, one in error.value.each.items()} == {
        1: "the range has no sys",
        3: "on is one of assista",
    }
    with pytest.raises(OrdersRefused) as error:
        door.client.begin([Order("clock.skew"), Order("kubernetes.undone", {"deployment": "nobody"})])
    assert list(error.value.each) == [1]
    assert door.client.status()["faults"] == []


def test_reset_is_as_it_came_up(door: Door, reaching: Reaching) -> None:
    """Faults are over, and what was changed is as it was, at the same addresses."""
    reaching.flag(on=False)
    door.client.begin([Order("launchdarkly.down"), Order("assistant.drifts", after=60)])
    said = door.client.reset()
    assert {one["fault"] for one in said["ended"]} == {"launchdarkly.down", "assistant.drifts"}
    assert reaching.is_on
    assert door.client.status()["faults"] == []
    assert reaching.edge()["assistant"] == "on"
    assert reaching.aws.read("iam", "GetRole", {"RoleName": AGENT}, within=10)["Role"]["RoleName"] == AGENT


def test_whatever_goes_wrong_behind_the_door_is_answered(
    estate: Range, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its type and its words, but no secret of the range; the door stands, and says so until a reset is whole."""
    token = estate.environment()["LAUNCHDARKLY_TOKEN"]

    def wrong(*_: object, **__: object) -> None:
        raise RuntimeError(f"no room for {token}")

    with monkeypatch.context() as broken:
        broken.setattr(estate.counts, "bins", wrong)
        with pytest.raises(LeverError, match="answered 500: RuntimeError: no room for") as error:
            door.client.traffic()
        assert token not in str(error.value)
    with monkeypatch.context() as broken:
        broken.setattr(estate.metrics, "reset", wrong)
        with pytest.raises(LeverError, match="the range could not be reset: no room for") as error:
            door.client.reset()
        assert error.value.todo == "psfir range down, then up"
        assert token not in str(error.value)
    (told,) = door.client.status()["told"]
    assert told.startswith("the range could not be reset: no room for")
    assert token not in told
    door.client.reset()
    assert door.client.status()["told"] == []


def test_who_waits_for_a_reset_hears_how_far_it_is(estate: Range, faults: Faults) -> None:
    """As long as it takes."""
    heard: list[tuple[str, int, int]] = []
    told: dict[str, Json] = {"what": "assistants ready", "done": 1, "of": 20}

    def slowly() -> None:
        Event().wait(1.2)

    shown = Shown(dict, dict, estate.environment, slowly, coming=lambda: told)
    with Control(shown, faults, token="open-sesame", over=Event()) as control:
        client = RangeClient(Run(control.url, "open-sesame", 1, 0.0))
        assert client.reset(lambda *said: heard.append(said))["ended"] == []
    assert heard[0] == ("assistants ready", 1, 20)


def test_stopping_is_asked_for_and_done_by_whoever_brought_it_up(door: Door) -> None:
    """It is only told so."""
    door.client.stop()
    assert door.over.is_set()
    assert door.client.status()["seed"] == 1


def test_a_door_that_is_gone_is_told() -> None:
    """With what brings a range up."""
    with pytest.raises(Unreachable, match="does not answer"):
        RangeClient(Run("http://127.0.0.1:1", "x", 1, 0.0)).status()
