"""The official LaunchDarkly SDK, unmodified, sees what is set on the stand-in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from ldclient import Context, LDClient

from psfir.range.launchdarkly import sdk
from psfir.range.launchdarkly.estate import Place
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.range.server import Asked
from tests.range.launchdarkly_account import FLAG, Account, account, listening

ANYONE = Context.create("somebody")


@pytest.fixture
def shop() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


@contextmanager
def told(client: LDClient) -> Iterator[Event]:
    """Set as soon as the SDK has a change."""
    heard = Event()

    def listener(_change: object) -> None:
        heard.set()

    client.flag_tracker.add_listener(listener)
    yield heard
    client.flag_tracker.remove_listener(listener)


def seen(client: LDClient, context: Context = ANYONE, key: str = "ai-summary") -> object:
    return client.variation(key, context, "code default")


def test_a_change_reaches_a_streaming_sdk_in_200_ms(shop: Account) -> None:
    """From the answer of the PATCH on; the wait ends early when the change is there."""
    with listening(shop) as client, told(client) as heard:
        assert seen(client) is True
        assert shop.patch({"kind": "turnFlagOff"}).status == 200
        assert heard.wait(0.2)
        assert seen(client) is False


def test_a_polling_sdk_sees_the_same(shop: Account) -> None:
    """Each new one; the SDK polls no more often than every 30 s."""
    with listening(shop, stream=False) as client:
        assert seen(client) is True
    shop.patch({"kind": "turnFlagOff"})
    with listening(shop, stream=False) as client:
        assert seen(client) is False


def test_a_poll_of_what_is_known_is_not_sent_again(shop: Account) -> None:
    """304 for the same tag, until something changes."""
    first = shop.ask("GET", "/sdk/latest-all", token=shop.sdk_key)
    tag = {"if_none_match": first.headers["ETag"]}
    assert shop.ask("GET", "/sdk/latest-all", token=shop.sdk_key, **tag).status == 304
    shop.patch({"kind": "turnFlagOff"})
    assert shop.ask("GET", "/sdk/latest-all", token=shop.sdk_key, **tag).status == 200


@pytest.mark.parametrize("path", ["/all", "/sdk/latest-all"])
def test_an_unknown_sdk_key_gets_401(shop: Account, path: str) -> None:
    """And an access token is no SDK key."""
    assert shop.ask("GET", path, token="sdk-unknown").status == 401
    assert shop.ask("GET", path).status == 401


def test_a_client_with_an_unknown_key_has_only_code_defaults(shop: Account) -> None:
    """It cannot tell; the stand-in gives it nothing to tell from."""
    with listening(shop, sdk_key="sdk-unknown", start_wait=0.2) as client:
        assert not client.is_initialized()
        assert seen(client) == "code default"


def test_each_environment_has_its_own_key(shop: Account) -> None:
    """What is turned off in test stays on in production."""
    shop.patch({"kind": "turnFlagOff"}, environment="test")
    with listening(shop) as client:
        assert seen(client) is True
        assert client.variation_detail("ai-summary", ANYONE, None).reason["kind"] == "FALLTHROUGH"


def test_a_stream_tells_nothing_of_other_environments(shop: Account) -> None:
    """What changed in test came first, and only the later change in production was told."""
    other = shop.estate.add_flag("shop", "other")
    with listening(shop) as client, told(client) as heard:
        shop.patch({"kind": "turnFlagOff"}, environment="test")
        shop.estate.edit(other, "production", {"kind": "turnFlagOff"})
        assert heard.wait(2)
        assert (seen(client, key="other"), seen(client)) == (False, True)


def test_off_with_an_off_variation_of_true_serves_true(shop: Account) -> None:
    """The switch alone says nothing about what is served."""
    shop.patch({"kind": "turnFlagOff"}, {"kind": "updateOffVariation", "variationId": shop.variation(0)})
    with listening(shop) as client:
        detail = client.variation_detail("ai-summary", ANYONE, "code default")
        assert (detail.value, detail.reason["kind"]) == (True, "OFF")


def test_off_without_an_off_variation_serves_the_code_default(shop: Account) -> None:
    """No variation index, and whatever the application wrote down."""
    removal = [{"op": "remove", "path": "/environments/production/offVariation"}]
    assert shop.ask("PATCH", FLAG, removal).status == 200
    shop.patch({"kind": "turnFlagOff"})
    with listening(shop) as client:
        detail = client.variation_detail("ai-summary", ANYONE, "code default")
        assert (detail.value, detail.variation_index, detail.reason["kind"]) == ("code default", None, "OFF")


def test_targets_and_rules_outlive_another_fallthrough(shop: Account) -> None:
    """Who is named, by user key, by device or by a rule, goes on with the old variation until that is replaced."""
    yes, no = shop.variation(0), shop.variation(1)
    clause = {"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"]}
    shop.patch(
        {"kind": "addTargets", "variationId": yes, "values": ["ada"]},
        {"kind": "addTargets", "variationId": yes, "contextKind": "device", "values": ["kiosk"]},
        {"kind": "addRule", "variationId": yes, "clauses": [clause]},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": no},
    )
    named = [
        Context.create("ada"),
        Context.create("kiosk", "device"),
        Context.builder("x").set("plan", "gold").build(),
    ]
    with listening(shop) as client, told(client) as heard:
        assert [seen(client, one) for one in (*named, ANYONE)] == [True, True, True, False]
        shop.patch({"kind": "replaceTargets", "targets": []}, {"kind": "replaceRules", "rules": []})
        assert heard.wait(2)
        assert [seen(client, one) for one in (*named, ANYONE)] == [False, False, False, False]


def test_rollout_weights_share_users_out(shop: Account) -> None:
    """A quarter here, three quarters there, by the SDK's own hash."""
    weights = {shop.variation(0): 25_000, shop.variation(1): 75_000}
    shop.patch({"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": weights})
    with listening(shop) as client:
        on = sum(seen(client, Context.create(f"user-{number}")) is True for number in range(400))
    assert 50 < on < 150


def test_a_flag_with_this_one_as_prerequisite_changes_too(shop: Account) -> None:
    """It serves its own off variation, for a reason of its own."""
    shop.estate.add_flag("shop", "ai-chat", ("chat", "form"))
    shop.estate.edit(
        Place("shop", "ai-chat"),
        "production",
        {"kind": "addPrerequisite", "key": "ai-summary", "variationId": shop.variation(0)},
    )
    with listening(shop) as client, told(client) as heard:
        assert seen(client, key="ai-chat") == "chat"
        shop.patch({"kind": "turnFlagOff"})
        assert heard.wait(2)
        detail = client.variation_detail("ai-chat", ANYONE, None)
        assert (detail.value, detail.reason["kind"]) == ("form", "PREREQUISITE_FAILED")


def test_an_archived_flag_is_gone(shop: Account) -> None:
    """The stream deletes it, and the SDK has the code default."""
    with listening(shop) as client, told(client) as heard:
        shop.patch({"kind": "archiveFlag"})
        assert heard.wait(2)
        assert seen(client) == "code default"


def test_an_ai_config_is_served_as_a_flag(shop: Account) -> None:
    """Its variation is the model; another one reaches the SDK by the same stream."""
    place = shop.estate.add_ai_config("shop", "assistant", ["big", "small"])
    small = shop.estate.variation_ids(place)[1]
    with listening(shop) as client, told(client) as heard:
        assert model(client) == "big"
        shop.estate.edit(place, "production", {"kind": "updateFallthroughVariationOrRollout", "variationId": small})
        assert heard.wait(2)
        assert model(client) == "small"


def model(client: LDClient) -> object:
    served = client.variation("assistant", ANYONE, {})
    assert isinstance(served, dict)
    return served["model"]["name"]


def test_what_applications_ask_for_becomes_the_flags_status(shop: Account) -> None:
    """New until an SDK's summary names it."""
    path = "/api/v2/flag-statuses/shop/production/ai-summary"
    assert shop.ask("GET", path).body == {"name": "new", "lastRequested": None}
    with listening(shop) as client:
        seen(client)
        client.flush()  # type: ignore[no-untyped-call]  # the same
        for _ in range(100):
            status = shop.ask("GET", path).body
            if status["name"] == "active":
                break
            Event().wait(0.02)
    assert status["name"] == "active"
    assert status["lastRequested"]


def test_stopping_ends_the_streams() -> None:
    """A client that listens sees the end at once, and the account has no ear left."""
    with LaunchDarkly() as server:
        shop = account(server)
        with listening(shop) as client:
            assert len(server.estate.ears) == 1
            server.stop()
            for _ in range(100):
                if client.data_source_status_provider.status.state.name == "INTERRUPTED":
                    break
                Event().wait(0.02)
            assert client.data_source_status_provider.status.state.name == "INTERRUPTED"
            assert server.estate.ears == []


def test_after_a_reset_the_account_is_a_fresh_one(shop: Account) -> None:
    """Nobody's token or key is known there, and nothing that was changed."""
    old = shop.server.estate
    assert shop.patch({"kind": "turnFlagOff"}).status == 200
    fresh = shop.server.reset()
    assert shop.server.estate is fresh is not old
    assert (fresh.projects, fresh.writes, fresh.audit) == ({}, 0, [])
    assert shop.ask("GET", "/all", token=shop.sdk_key).status == 401
    assert shop.patch({"kind": "turnFlagOn"}).status == 401


def test_an_sdk_comes_back_to_the_account_it_is_reset_to(shop: Account) -> None:
    """Its stream is hung up on; what is laid out under its key is what it sees next."""
    fresh = shop.server.estate.fresh()
    fresh.add_project(shop.flag.project)
    fresh.add_environment(shop.flag.project, "production", sdk_key=shop.sdk_key)
    fresh.add_flag(shop.flag.project, shop.flag.key, on=False)
    with listening(shop) as client:
        assert seen(client) is True
        shop.server.reset(fresh)
        for _ in range(500):
            if seen(client) is False:
                break
            time.sleep(0.02)
        assert seen(client) is False


def test_a_stream_of_what_was_reset_ends_at_once(shop: Account) -> None:
    """Also one that only began when the account was gone already."""
    old = shop.server.estate
    shop.server.reset()
    asked = Asked("GET", "/all", {"authorization": shop.sdk_key}, b"")
    assert [piece[:10] for piece in sdk.answer(old, asked).stream or ()] == [b"event: put"]
