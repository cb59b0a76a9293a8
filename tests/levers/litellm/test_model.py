"""What litellm.model makes of lists of models that differ from replica to replica, and of models it cannot block."""

from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Ready
from psfir.errors import Drift, LeverError, NoSuchTarget, Refusal
from psfir.levers.litellm.model import Model
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.litellm.server import LiteLLM
from psfir.range.server import Reply
from tests.levers.litellm.gateway import MODEL, connection

TARGET = {"connection": "llm-gateway", "model": MODEL}


@pytest.fixture
def gateway() -> Iterator[LiteLLM]:
    with LiteLLM(replicas=3) as made:
        made.add_model(MODEL, "support")
        made.add_model("from-a-file", "support", stored=False)
        yield made


def lever(gateway: LiteLLM) -> Model:
    return Model(connection(gateway.url, gateway.places()))


def planned(one: Model) -> Change:
    change = one.plan(TARGET, one.read(TARGET, within=10), Mode.DEGRADE, {"blocked": True})
    assert isinstance(change, Change)
    return change


def test_each_replica_has_a_list_of_its_own_trap_7(gateway: LiteLLM) -> None:
    """One that has not looked at the database again still serves the model, and that is what is read there."""
    one = lever(gateway)
    change = planned(one)
    gateway.models[MODEL]["model_info"]["blocked"] = True
    gateway.refresh(0)
    assert one.verify(change, within=10).says == f"model {MODEL} is blocked on 1 of 3 replicas"
    assert one.apply(change, within=10).result is Result.CHANGED
    assert not any(gateway.offers(number, MODEL) for number in range(3))
    assert one.verify(change, within=10).held is Held.HELD
    assert one.restore(change, within=10).result is Result.CHANGED
    assert all(gateway.offers(number, MODEL) for number in range(3))


def test_a_model_of_a_file_is_refused_before_anything_is_tried(gateway: LiteLLM) -> None:
    """LiteLLM blocks only what is in its database: a plan says so tonight, and not the pull at three."""
    with pytest.raises(Refusal, match="stands in a file of LiteLLM's") as raised:
        lever(gateway).read({**TARGET, "model": "from-a-file"}, within=10)
    assert "block the keys" in raised.value.todo


def test_a_model_that_is_none(gateway: LiteLLM) -> None:
    """LiteLLM words that as a 400, which is no target all the same."""
    with pytest.raises(NoSuchTarget, match="not found on litellm proxy"):
        lever(gateway).read({**TARGET, "model": "nobody"}, within=10)


def test_a_replica_that_has_not_heard_of_it_yet_is_told_too(gateway: LiteLLM) -> None:
    """A new model reaches one replica after the other: those that lack it cannot tell, and spare nobody else."""
    del gateway._replicas[2].models[MODEL]  # noqa: SLF001 - as before it looks at the database again
    one = lever(gateway)
    change = planned(one)
    assert "1 cannot tell" in change.why
    assert one.verify(change, within=10).held is Held.NOT_HELD
    assert one.apply(change, within=10).result is Result.CHANGED
    assert one.verify(change, within=10).held is Held.HELD
    assert one.restore(change, within=10).result is Result.CHANGED
    assert all(gateway.offers(number, MODEL) for number in range(3))
    assert one.restore(change, within=10).result is Result.ALREADY_SO


def test_an_older_litellm_is_told_apart(gateway: LiteLLM) -> None:
    """One that says nothing about blocking has no call for it either."""
    for number in range(3):
        del gateway._replicas[number].models[MODEL]["model_info"]["blocked"]  # noqa: SLF001 - as an older one answers
    with pytest.raises(Refusal, match="this LiteLLM cannot block a model"):
        lever(gateway).read(TARGET, within=10)


def test_a_new_name_since_is_drift(gateway: LiteLLM) -> None:
    """Somebody has given the deployment another name: it is not put back in under that."""
    one = lever(gateway)
    change = planned(one)
    one.apply(change, within=10)
    gateway.models[MODEL]["model_name"] = "support-old"
    for number in range(3):
        gateway.refresh(number)
    with pytest.raises(Drift) as raised:
        one.restore(change, within=10)
    assert raised.value.todo == "name differ"
    assert not any(gateway.offers(number, MODEL) for number in range(3))


def test_another_number_of_replicas_since_is_drift(gateway: LiteLLM) -> None:
    """A change of three replicas says nothing about a gateway of two."""
    change = planned(lever(gateway))
    with pytest.raises(Drift, match="or the list of replicas"):
        Model(connection(gateway.url, gateway.places()[:2])).apply(change, within=10)


def test_a_look_beforehand_names_who_is_away(gateway: LiteLLM) -> None:
    """It blocks nothing, and says which replica cannot tell."""
    away = "http://127.0.0.1:1"
    found = Model(connection(gateway.url, [*gateway.places(), away])).check(TARGET, {"blocked": True}, within=10)
    assert f"{away} cannot tell" in [one.says for one in found if one.ready is Ready.BEWARE]
    assert gateway.effects == 0


def test_an_answer_without_a_model_is_no_state(gateway: LiteLLM) -> None:
    with Front(gateway.url) as front:
        front.fault(Fault("empty", reply=Reply(200, {"data": []})))
        with pytest.raises(LeverError, match="its answer has no model"):
            Model(connection(front.url, [])).read(TARGET, within=10)
