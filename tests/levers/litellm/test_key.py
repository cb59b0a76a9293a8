"""What litellm.key makes of replicas that each remember for themselves, and of keys that are none."""

from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held, NothingToDo, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Denied, Drift, NoAnswer, NoSuchTarget, Refusal, UsageError
from psfir.levers.litellm.key import Key
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.litellm.server import LiteLLM, digest
from psfir.range.server import LOOPBACK, Asked, Reply
from psfir.testing import FakeConnection
from tests.levers.litellm.gateway import KEY, connection

TARGET = {"connection": "llm-gateway", "key": digest(KEY)}


@pytest.fixture
def gateway() -> Iterator[LiteLLM]:
    with LiteLLM(replicas=3) as made:
        made.add_key(KEY, alias="support-assistant", models=["support"])
        yield made


def lever(gateway: LiteLLM, *, tried: bool = True) -> Key:
    return Key(connection(gateway.url, gateway.places(), tried=tried))


def planned(one: Key) -> Change:
    change = one.plan(TARGET, one.read(TARGET, within=10), Mode.DISABLE, {"blocked": True})
    assert isinstance(change, Change)
    return change


def test_a_200_means_that_one_replica_knows_trap_7(gateway: LiteLLM) -> None:
    """Blocked through one replica, two others go on: that is read, is not held, and a pull gets the rest."""
    one = lever(gateway)
    change = planned(one)
    one._keys.api.post(0, "/key/block", {"key": digest(KEY)}, within=10)  # noqa: SLF001 - as somebody's script would
    assert [gateway.takes(number, KEY) for number in range(3)] == [False, True, True]
    assert one.read(TARGET, within=10).state["blocked"] == [True, False, False]  # type: ignore[call-overload,index]  # a mapping
    look = one.verify(change, within=10)
    assert (look.held, look.says) == (Held.NOT_HELD, f"key {digest(KEY)[:12]} is blocked on 1 of 3 replicas")
    assert one.apply(change, within=10).result is Result.CHANGED
    assert not any(gateway.takes(number, KEY) for number in range(3))
    assert one.verify(change, within=10).held is Held.HELD


def test_without_the_key_several_replicas_cannot_be_told(gateway: LiteLLM) -> None:
    """The database says blocked for all of them at once, whatever each remembers: that proves nothing."""
    one = lever(gateway, tried=False)
    change = planned(one)
    assert "cannot be read" in one.read(TARGET, within=10).notes[0]
    assert one.apply(change, within=10).result is Result.CHANGED
    look = one.verify(change, within=10)
    assert look.held is Held.COULD_NOT_TELL
    assert "give the connection the key itself" in look.says
    assert not any(gateway.takes(number, KEY) for number in range(3)), "each replica was told all the same"


def test_a_replica_that_is_away_does_not_spare_the_others(gateway: LiteLLM) -> None:
    """Those that serve are blocked. What the one does that cannot tell is not known, and is said so."""
    places = [*gateway.places()[:2], f"http://{LOOPBACK}:1"]
    one = Key(connection(gateway.url, places))
    change = planned(one)
    assert "1 cannot tell" in change.why
    with pytest.raises(NoAnswer, match="2 of 3 replicas know"):
        one.apply(change, within=10)
    assert [gateway.takes(number, KEY) for number in range(2)] == [False, False]
    assert one.verify(change, within=10).held is Held.COULD_NOT_TELL


def test_a_restore_lets_it_through_everywhere_or_is_refused(gateway: LiteLLM) -> None:
    """Only if all replicas let it through before, and nobody has changed the key since: their change stands."""
    one = lever(gateway)
    change = planned(one)
    one.apply(change, within=10)
    gateway.keys[digest(KEY)]["expires"] = "2026-12-01T00:00:00Z"
    with pytest.raises(Drift, match="somebody else has changed it") as raised:
        one.restore(change, within=10)
    assert raised.value.todo == "expires differ"
    gateway.keys[digest(KEY)]["expires"] = None
    assert one.restore(change, within=10).result is Result.CHANGED
    assert all(gateway.takes(number, KEY) for number in range(3))
    one._keys.api.post(0, "/key/block", {"key": digest(KEY)}, within=10)  # noqa: SLF001 - as somebody's script would
    half = planned(one)
    one.apply(half, within=10)
    with pytest.raises(Refusal, match="blocked on 1 of 3 replicas before"):
        one.restore(half, within=10)


@pytest.mark.parametrize("said", [KEY, digest(KEY)[:-1], digest(KEY).upper()])
def test_a_key_itself_stands_in_no_runbook(gateway: LiteLLM, said: str) -> None:
    """Only its hash is taken; what stood there instead is not repeated."""
    with pytest.raises(UsageError, match="no hash of a virtual key") as raised:
        lever(gateway).read({**TARGET, "key": said}, within=10)
    assert said not in f"{raised.value!r} {raised.value}"


def test_a_key_that_is_none_any_more(gateway: LiteLLM) -> None:
    """Unknown and deleted ones are no target; LiteLLM goes on telling of the deleted."""
    with pytest.raises(NoSuchTarget, match="Key not found") as raised:
        lever(gateway).read({**TARGET, "key": digest("sk-another")}, within=10)
    assert raised.value.todo.startswith("look it up in the gateway")
    gateway.keys[digest(KEY)]["status"] = "deleted"
    with pytest.raises(NoSuchTarget, match="is deleted"):
        lever(gateway).read(TARGET, within=10)


def test_who_is_no_admin_is_told_so(gateway: LiteLLM) -> None:
    """The virtual key in the place of the admin's: denied, with the reference that it came by, and without itself."""
    one = Key(FakeConnection("llm-gateway", "litellm", {"url": gateway.url}, {"token": KEY}))
    with pytest.raises(Denied, match="Only proxy admins") as raised:
        one.read(TARGET, within=10)
    assert "env:TOKEN" in raised.value.todo
    assert KEY not in f"{raised.value!r} {raised.value}"


def test_what_a_look_beforehand_says(gateway: LiteLLM) -> None:
    """Nothing is blocked by it; what cannot be told, or is not named, is said with its cure."""
    found = lever(gateway).check(TARGET, {"blocked": True}, within=10)
    assert [(one.matter, one.ready) for one in found] == [
        (Matter.TARGET, Ready.READY),
        (Matter.PERMISSION, Ready.BEWARE),
    ]
    bare = Key(connection(gateway.url, [], tried=False)).check(TARGET, {"blocked": True}, within=10)
    cures = {one.todo for one in bare}
    assert {"name the replicas of the connection", "say key: in the connection"} <= cures
    assert gateway.effects == 0


def test_an_answer_of_another_make_is_no_state(gateway: LiteLLM) -> None:
    """A page that answers in the gateway's place says nothing about a key; neither does a trial that breaks."""
    with Front(gateway.url) as front:
        one = Key(connection(front.url, []))
        front.fault(Fault("odd", reply=Reply(200, ["on"])), when=_asks("/key/info"), times=1)
        with pytest.raises(Exception, match="its answer is no mapping"):
            one.read(TARGET, within=10)
        front.fault(Fault("bare", reply=Reply(200, {})), when=_asks("/key/info"), times=1)
        with pytest.raises(Exception, match="its answer has no info"):
            one.read(TARGET, within=10)
        front.fault(Fault("broken", reply=Reply(500, {})), when=_asks("/v1/models"), times=1)
        reading = one.read(TARGET, within=10)
    assert isinstance(reading.state, dict)
    assert reading.state["blocked"] == [False], "then the database's word stands"
    blocked = one.plan(TARGET, reading, Mode.DISABLE, {"blocked": True})
    assert not isinstance(blocked, NothingToDo)


def _asks(path: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a picker of requests
    def when(asked: Asked) -> bool:
        return asked.path == path

    return when
