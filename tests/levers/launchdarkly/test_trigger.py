"""launchdarkly.trigger: its secret, its two ways of reading, and what it cannot put back."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.errors import Busy, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, PsfirError, Refusal, Unreachable
from psfir.levers.launchdarkly.trigger import FlagTrigger
from psfir.range.faulty import Fault, hang, reset
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.testing import FakeConnection
from psfir.vendors.launchdarkly import ApprovalNeeded
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, PROJECT, TARGET
from tests.levers.launchdarkly.stage_trigger import TriggerStage, trigger_path
from tests.vendors.sdk_leftovers import IGNORED, sdk_swept

__all__ = ["sdk_swept"]


@pytest.fixture
def stage() -> Iterator[TriggerStage]:
    with TriggerStage() as stage:
        yield stage


def with_sdk_key(stage: TriggerStage, sdk_url: str = "") -> FakeConnection:
    """What an on-call person has who was given a trigger and an SDK key, and no token."""
    url = stage.upstream
    settings = {"url": url, "sdk_url": sdk_url or url, "stream_url": sdk_url or url}
    secrets = {"sdk_key": stage.account.sdk_key, "trigger": f"{url}{stage.path}"}
    return FakeConnection("flags", "launchdarkly", settings, secrets)


def planned(lever: FlagTrigger) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), Mode.DISABLE, {"on": False})
    assert isinstance(change, Change)
    return change


def test_without_a_token_the_flag_is_read_as_an_application_sees_it(stage: TriggerStage) -> None:
    """The SDK key is enough to plan, to pull and to verify; the same state as REST gives."""
    lever = FlagTrigger(with_sdk_key(stage))
    change = planned(lever)
    assert change.before == FlagTrigger(stage.connection(stage.upstream)).read(TARGET, within=5).state
    assert lever.apply(change, within=5).result is Result.CHANGED
    assert lever.verify(change, within=5).held is Held.HELD
    assert stage.pulled()


@pytest.mark.parametrize("trouble", ["denied", "starved", "away"])
def test_a_token_that_is_of_no_use_holds_up_no_trigger(stage: TriggerStage, trouble: str) -> None:
    """The token is revoked, the account's limit used up, or REST away: with the SDK key the trigger is still pulled."""
    connection = with_sdk_key(stage)
    token = "api-revoked-long-ago" if trouble == "denied" else stage.account.token
    settings = {**connection.settings, "url": "http://127.0.0.1:9" if trouble == "away" else stage.upstream}
    lever = FlagTrigger(FakeConnection("flags", "launchdarkly", settings, {**connection.secrets, "token": token}))
    if trouble == "starved":
        stage.account.estate.meter.starve(60)
    change = planned(lever)
    assert lever.apply(change, within=5).result is Result.CHANGED
    assert lever.verify(change, within=5).held is Held.HELD


def test_without_a_token_restore_says_what_it_needs(stage: TriggerStage) -> None:
    """A trigger goes one way: the refusal names the token and the action, and the plan said so before."""
    lever = FlagTrigger(with_sdk_key(stage))
    assert "restoring it needs a token, and the connection has none" in lever.read(TARGET, within=5).notes
    change = planned(lever)
    lever.apply(change, within=5)
    with pytest.raises(Refusal, match="a trigger cannot put flag support-assistant") as refused:
        lever.restore(change, within=5)
    assert "a token with updateOn" in refused.value.todo
    assert stage.pulled()


def test_with_neither_token_nor_sdk_key_nothing_is_pulled(stage: TriggerStage) -> None:
    """What cannot be read before and after is not pulled: its outcome could never be known."""
    secrets = {"trigger": f"{stage.upstream}{stage.path}"}
    lever = FlagTrigger(FakeConnection("flags", "launchdarkly", {"url": stage.upstream}, secrets))
    with pytest.raises(Denied, match="there is neither token nor SDK key"):
        lever.read(TARGET, within=5)


@IGNORED
@pytest.mark.usefixtures("sdk_swept")
def test_the_wrong_sdk_key_is_denied(stage: TriggerStage) -> None:
    """An SDK key that is not accepted is said as that, soon, and not as a flag that is off."""
    connection = with_sdk_key(stage)
    connection.secrets["sdk_key"] = "sdk-wrong-wrong"  # type: ignore[index]  # it is a dict
    with pytest.raises(Denied, match="the SDK key was answered with 401"):
        FlagTrigger(connection).read(TARGET, within=5)


def test_a_flag_that_no_sdk_gets_is_no_such_target(stage: TriggerStage) -> None:
    """A key that is misspelt is not a flag that is off."""
    with pytest.raises(NoSuchTarget, match="no flag suport-assistant"):
        FlagTrigger(with_sdk_key(stage)).read({**TARGET, "flag": "suport-assistant"}, within=5)


def test_an_sdk_without_data_is_unreachable_and_not_off(stage: TriggerStage) -> None:
    """A stream that hangs gives no reading."""
    with Front(stage.upstream) as front:
        front.fault(Fault("hang", wire=hang))
        with pytest.raises(Unreachable, match="got no flags in time"):
            FlagTrigger(with_sdk_key(stage, front.url)).read(TARGET, within=0.6)


def test_a_trigger_that_does_another_thing_is_found_out(stage: TriggerStage) -> None:
    """A trigger that switches on was answered with 200: the flag is still on, so nothing is claimed."""
    stage.path = trigger_path(stage.account, "turnFlagOn")
    lever = FlagTrigger(stage.connection(stage.upstream))
    with pytest.raises(NoAnswer, match="it may do another thing"):
        lever.apply(planned(lever), within=5)


def test_a_trigger_that_needs_an_approval_is_refused_trap_1(stage: TriggerStage) -> None:
    """Should the vendor hold triggers to approvals too, that is a refusal like any other 405."""
    stage.account.estate.require_approval(PROJECT, ENVIRONMENT)
    stage.account.estate.triggers_need_approval = True
    lever = FlagTrigger(stage.connection(stage.upstream))
    with pytest.raises(ApprovalNeeded):
        lever.apply(planned(lever), within=5)


def test_a_trigger_past_an_approval(stage: TriggerStage) -> None:
    """Should it not, the trigger pulls where the token is refused."""
    stage.account.estate.require_approval(PROJECT, ENVIRONMENT)
    lever = FlagTrigger(stage.connection(stage.upstream))
    assert lever.apply(planned(lever), within=5).result is Result.CHANGED


def test_somebody_else_before_restore_trap_19(stage: TriggerStage) -> None:
    """What off would serve was changed by somebody else: restore refuses."""
    lever = FlagTrigger(stage.connection(stage.upstream))
    change = planned(lever)
    lever.apply(change, within=5)
    stage.disturb()
    with pytest.raises(Drift):
        lever.restore(change, within=5)


def test_the_off_variation_is_itself_the_ai_trap_3(stage: TriggerStage) -> None:
    """Both ways of reading show an off variation that is a yes, and one that is missing."""
    stage.disturb()
    for connection in (stage.connection(stage.upstream), with_sdk_key(stage)):
        notes = FlagTrigger(connection).read(TARGET, within=5).notes
        assert "switched off it serves true: the off variation is itself a yes" in notes
    stage.account.estate.thing(stage.account.flag)["environments"][ENVIRONMENT]["offVariation"] = None
    notes = FlagTrigger(stage.connection(stage.upstream)).read(TARGET, within=5).notes
    assert "applications get the default in their own code" in notes[0]


def _posts(asked: Asked) -> bool:
    return asked.method == "POST"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (None, NoSuchTarget),
        (Fault("echo", spoil=lambda _: Reply(400, b"PATH")), LeverError),
        (Fault("hang", wire=hang), NoAnswer),
        (Fault("reset", wire=reset), NoAnswer),
        (Fault("503", reply=Reply(503, b"away")), NoAnswer),
        (Fault("429", reply=Reply(429, b"later")), Busy),
        (Fault("elsewhere", reply=Reply(308, b"", {"Location": "PATH"})), LeverError),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_the_url_stays_secret(stage: TriggerStage, fault: Fault | None, error: type[PsfirError]) -> None:
    """Whatever becomes of the POST: no part of the URL is in the error, its traceback or its cause."""
    with Front(stage.upstream) as front:
        lever = FlagTrigger(stage.connection(front.url))
        change = planned(lever)
        if fault is None:
            stage.account.estate.triggers.clear()
        else:
            says = {"Location": stage.path} if fault.name == "elsewhere" else {}
            reply = Reply(fault.reply.status, stage.path.encode(), says) if fault.reply else None
            echo = (lambda _: Reply(400, stage.path.encode())) if fault.spoil else None
            front.fault(Fault(fault.name, reply=reply, wire=fault.wire, spoil=echo), when=_posts)
        with pytest.raises(error) as raised:
            lever.apply(change, within=1)
    told = "".join(traceback.format_exception(raised.value))
    assert not [step for step in stage.path.split("/")[3:] if step in told]


@pytest.mark.parametrize("quoted", ["{path}?{query}", "{query}", "key is Zq%2F7xK2mP", "Zq/7xK2mP", "s1gn", "sig=s1gn"])
def test_the_urls_query_stays_secret(stage: TriggerStage, quoted: str) -> None:
    """A server that quotes what it was asked, whole or a value of it, shows nothing of what stands behind the ?."""
    query = "key=Zq%2F7xK2mP&sig=s1gn"
    said = quoted.format(path=stage.path, query=query)
    with Front(stage.upstream) as front:
        connection = stage.connection(front.url)
        secrets = {**connection.secrets, "trigger": f"{front.url}{stage.path}?{query}"}
        lever = FlagTrigger(FakeConnection("flags", "launchdarkly", connection.settings, secrets))
        change = planned(lever)
        front.fault(Fault("echo", reply=Reply(400, f"no: {said}".encode())), when=_posts)
        with pytest.raises(LeverError, match="no: ") as raised:
            lever.apply(change, within=2)
    told = "".join(traceback.format_exception(raised.value))
    assert not [piece for piece in ("Zq%2F7xK2mP", "Zq/7xK2mP", "s1gn") if piece in told]


@pytest.mark.parametrize(
    ("url", "says"),
    [("", "has no trigger"), ("not a url", "is no URL"), ("https://host", "is no URL"), ("https://[x/y", "is no URL")],
)
def test_what_is_no_trigger_url_is_said_and_not_shown(stage: TriggerStage, url: str, says: str) -> None:
    """A secret that is missing, or is something else, is a sentence without the secret."""
    secrets = {"trigger": url} if url else {}
    connection = FakeConnection(
        "flags", "launchdarkly", {"url": stage.upstream}, {"token": stage.account.token, **secrets}
    )
    lever = FlagTrigger(connection)
    with pytest.raises(Denied, match=says) as denied:
        lever.apply(planned(lever), within=5)
    assert not url or url not in str(denied.value)
