"""launchdarkly.evaluation with the official SDK on the receiving end: what may and may not pass for contained."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from subprocess import run
from time import perf_counter

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import Refusal, UsageError
from psfir.levers.launchdarkly.flag import Flag
from psfir.probes.launchdarkly import LaunchDarklyEvaluation
from psfir.range.faulty import Fault, hang
from psfir.range.front import Front
from psfir.testing import FakeConnection
from psfir.testing.waiting import GRACE
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, KEY, SMALL, Account, planned
from tests.vendors.sdk_leftovers import IGNORED, sdk_swept

__all__ = ["sdk_swept"]


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", "small", "off")) as account:
        yield account


def connection(account: Account, url: str = "", **secrets: str) -> FakeConnection:
    url = url or account.server.url
    return FakeConnection(
        "flags", "launchdarkly", {"sdk_url": url, "stream_url": url}, {"sdk_key": account.sdk_key, **secrets}
    )


def look(account: Account, value: Json, *, within: float = 20, url: str = "", **target: Json) -> Sight:
    probe = LaunchDarklyEvaluation(connection(account, url))
    (sight,) = probe.look({"flag": KEY, "context": "ann", **target}, {"value": value}, within=within)
    return sight


def test_what_a_new_consumer_sees_and_how_soon(account: Account) -> None:
    """On it is not held, off it is; the sight says value, reason and how long the client took to get there."""
    sight = look(account, "off")
    assert (sight.replica, sight.held) == ("a new consumer", Held.NOT_HELD)
    assert 'it was served "large" (variation 0, FALLTHROUGH), 0.' in sight.says
    assert sight.says.endswith('s after it started, not "off"')
    account.edit({"kind": "turnFlagOff"})
    sight = look(account, "off")
    assert sight.held is Held.HELD
    assert '"off" (variation 2, OFF)' in sight.says


CONTEXTS: list[Json] = ["ann", "stranger", {"kind": "tenant", "key": "acme"}, {"key": "x", "country": "de"}]


@pytest.mark.parametrize("context", CONTEXTS, ids=["a target", "anyone", "a tenant", "a rule"])
def test_degraded_is_degraded_for_everyone_trap_4(account: Account, context: Json) -> None:
    """After the lever the official SDK serves the variation to targets, tenants, those a rule picks, and all others."""
    account.crowd()
    lever = Flag(account.connection())
    lever.apply(planned(lever, SMALL), within=5)
    assert look(account, "small", context=context).held is Held.HELD


def test_a_fallthrough_alone_is_seen_not_to_reach_a_target_trap_4(account: Account) -> None:
    """What somebody who is named still gets is what the probe sees."""
    account.crowd()
    account.edit({"kind": "updateFallthroughVariationOrRollout", "variationId": account.ids[1]})
    assert look(account, "small", context="stranger").held is Held.HELD
    sight = look(account, "small", context="ann")
    assert sight.held is Held.NOT_HELD
    assert "TARGET_MATCH" in sight.says


def test_an_off_variation_that_is_the_ai_is_seen_trap_3(account: Account) -> None:
    """The flag is off and the AI is served: not held."""
    account.edit({"kind": "updateOffVariation", "variationId": account.ids[0]}, {"kind": "turnFlagOff"})
    assert look(account, "off").held is Held.NOT_HELD


def test_off_without_an_off_variation_needs_the_default_trap_3(account: Account) -> None:
    """What the code then serves nobody can tell from here, unless the target says what it is."""
    account.edit({"kind": "turnFlagOff"})
    account.estate.thing(account.flag)["environments"][ENVIRONMENT]["offVariation"] = None
    sight = look(account, "off")
    assert sight.held is Held.COULD_NOT_TELL
    assert "the target does not say what that is" in sight.says
    assert look(account, "off", default="off").held is Held.HELD
    assert look(account, "off", default="large").held is Held.NOT_HELD


def test_a_flag_that_is_not_there_proves_nothing_trap_17(account: Account) -> None:
    """A misspelt flag serves the default to everyone: that is no proof of anything, even if the default is right."""
    sight = look(account, "off", flag="suport-assistant", default="off")
    assert sight.held is Held.COULD_NOT_TELL
    assert "FLAG_NOT_FOUND" in sight.says


def test_a_client_without_data_could_not_tell_trap_17(account: Account) -> None:
    """With the vendor away the SDK serves the default: could not tell, within the share."""
    with Front(account.server.url) as front:
        front.fault(Fault("hang", wire=hang))
        begun = perf_counter()
        sight = look(account, "off", within=0.7, url=front.url, default="off")
        assert perf_counter() - begun < 0.7 + GRACE
    assert sight.held is Held.COULD_NOT_TELL
    assert "got no flags in time" in sight.says


def test_a_vendor_that_is_down_could_not_tell_trap_17(account: Account) -> None:
    """A connection that is refused is no flag that is off."""
    sight = look(account, "off", within=0.7, url="http://127.0.0.1:9", default="off")
    assert sight.held is Held.COULD_NOT_TELL


@IGNORED
@pytest.mark.usefixtures("sdk_swept")
def test_a_refused_key_could_not_tell_trap_17(account: Account) -> None:
    """An SDK key that is not accepted is said, and the key is not shown."""
    account.sdk_key = "sdk-wrong-wrong"
    sight = look(account, "off", default="off")
    assert sight.held is Held.COULD_NOT_TELL
    assert "answered with 401" in sight.says
    assert "wrong-wrong" not in sight.says


def test_without_a_key_could_not_tell(account: Account) -> None:
    """A connection without an SDK key could not tell; the REST token is never sent in its place."""
    lever = LaunchDarklyEvaluation(FakeConnection("flags", "launchdarkly", {}, {"token": account.token}))
    (sight,) = lever.look({"flag": KEY, "context": "ann"}, {"value": False}, within=2)
    assert (sight.held, sight.says) == (Held.COULD_NOT_TELL, "it has no SDK key")


@pytest.mark.parametrize(
    ("served", "expected", "held"),
    [
        (True, 1, Held.NOT_HELD),
        (0, False, Held.NOT_HELD),
        ({"a": [1]}, {"a": [1.0]}, Held.HELD),
        (None, None, Held.HELD),
    ],
)
def test_values_are_compared_as_json(served: Json, expected: Json, held: Held) -> None:
    """True is not 1; one number is the same however it is spelled."""
    with Account((served, "other")) as account:
        assert look(account, expected).held is held


@pytest.mark.parametrize(
    ("target", "expect"),
    [({"context": "ann"}, {}), ({"context": ""}, {"value": 1}), ({"context": {"kind": "kind"}}, {"value": 1})],
)
def test_what_cannot_be_asked_is_a_sentence(account: Account, target: dict[str, Json], expect: dict[str, Json]) -> None:
    """Without an expectation, or with a context that is none, nothing is looked at."""
    with pytest.raises(UsageError):
        LaunchDarklyEvaluation(connection(account)).look({"flag": KEY, **target}, expect, within=5)


def test_a_key_is_not_sent_unencrypted_to_another_machine() -> None:
    """Plain http to anywhere but this machine is refused unless the connection allows it."""
    settings: dict[str, Json] = {"stream_url": "http://stream.example.com"}
    with pytest.raises(Refusal, match="http is not encrypted"):
        LaunchDarklyEvaluation(FakeConnection("flags", "launchdarkly", settings, {"sdk_key": "sdk-1234"}))
    allowed = {**settings, "plain_http": True, "sdk_url": "http://localhost:9"}
    LaunchDarklyEvaluation(FakeConnection("flags", "launchdarkly", allowed))


def test_the_sdk_is_loaded_by_a_look_alone() -> None:
    """Neither the lever nor the probe imports the SDK, nor any other vendor's: cold start is a promise."""
    names = "psfir.levers.launchdarkly.flag, psfir.levers.launchdarkly.trigger, psfir.probes.launchdarkly"
    code = f"import sys, {names}; print({{'ldclient', 'kubernetes', 'boto3'}} & set(sys.modules))"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "set()\n"
