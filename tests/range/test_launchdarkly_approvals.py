"""Approvals, triggers and AI configs of the LaunchDarkly stand-in."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from psfir.range.launchdarkly.server import LaunchDarkly
from tests.range.launchdarkly_account import FLAG, SEMANTIC, Account, Answer, account

OFF = {"kind": "turnFlagOff"}
REQUESTS = "/api/v2/projects/shop/flags/ai-summary/environments/production/approval-requests"
TRIGGERS = f"{FLAG}/triggers/production"
CONFIG = "/api/v2/projects/shop/ai-configs/assistant/targeting"
GENERIC = {"integrationKey": "generic-trigger", "instructions": [OFF]}


@pytest.fixture
def shop() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


def fire(shop: Account, url: str, method: str = "POST") -> Answer:
    return shop.ask(method, urlsplit(url).path, token="")


def test_where_an_approval_is_required_a_patch_gets_405(shop: Account) -> None:
    """Not 403; a dry run tells it too, and the other environment is free."""
    shop.estate.require_approval("shop", "production")
    answer = shop.patch(OFF)
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert shop.patch(OFF, query="?dryRun=true").status == 405
    off = [{"op": "replace", "path": "/environments/production/on", "value": False}]
    assert shop.ask("PATCH", FLAG, off).status == 405
    assert shop.patch(OFF, environment="test").status == 200
    assert shop.production()["on"] is True


def test_the_environment_tells_its_approval_settings(shop: Account) -> None:
    """And hides its SDK key from those who may not see it."""
    shop.estate.require_approval("shop", "production", tags=["critical"])
    path = "/api/v2/projects/shop/environments/production"
    settings = shop.ask("GET", path).body["approvalSettings"]
    assert (settings["required"], settings["requiredApprovalTags"]) == (True, ["critical"])
    reader = shop.estate.add_token("viewProject")
    assert shop.sdk_key not in str(shop.ask("GET", path, token=reader).body)


@pytest.mark.parametrize(("tag", "status"), [("ai", 405), ("payments", 200)])
def test_only_flags_with_a_gated_tag_need_an_approval(shop: Account, tag: str, status: int) -> None:
    """Kill flags can be left out."""
    shop.estate.require_approval("shop", "production", tags=[tag])
    assert shop.patch(OFF).status == status


def test_a_token_that_may_bypass_passes(shop: Account) -> None:
    """It has to be named: `*` does not hold it."""
    shop.estate.require_approval("shop", "production")
    assert shop.patch(OFF, token=shop.estate.add_token("updateOn", "bypassRequiredApproval")).status == 200
    assert shop.patch({"kind": "turnFlagOn"}, token=shop.estate.add_token("bypassRequiredApproval")).status == 401


def test_an_approval_is_asked_for_given_and_applied(shop: Account) -> None:
    """By two people; only then is the flag off."""
    shop.estate.require_approval("shop", "production")
    second = shop.estate.add_token("*", member="member-ben")
    request = shop.ask("POST", REQUESTS, {"description": "INC-1", "instructions": [OFF]})
    assert (request.status, request.body["reviewStatus"]) == (201, "pending")
    own = f"{REQUESTS}/{request.body['_id']}"
    assert shop.ask("POST", f"{own}/reviews", {"kind": "approve"}).status == 403
    assert shop.ask("POST", f"{own}/apply", {}).status == 400
    assert shop.production()["on"] is True
    assert shop.ask("POST", f"{own}/reviews", {"kind": "approve"}, token=second).body["reviewStatus"] == "approved"
    assert shop.ask("POST", f"{own}/apply", {}).body["status"] == "completed"
    assert shop.production()["on"] is False
    assert shop.ask("POST", f"{own}/apply", {}).status == 400
    assert shop.ask("GET", own).body["appliedByMemberId"] == "member-psfir"


def test_one_no_is_enough(shop: Account) -> None:
    """And a comment is no yes."""
    third = shop.estate.add_token("*", member="member-cyd")
    request = shop.ask("POST", REQUESTS, {"description": "INC-1", "instructions": [OFF]}).body
    reviews = f"{REQUESTS}/{request['_id']}/reviews"
    standing = [
        shop.ask("POST", reviews, {"kind": kind}, token=third).body["reviewStatus"]
        for kind in ("comment", "decline", "approve")
    ]
    assert standing == ["pending", "declined", "approved"]
    assert shop.ask("POST", reviews, {"kind": "perhaps"}, token=third).status == 400


def test_a_request_needs_a_description_and_good_instructions(shop: Account) -> None:
    """400, and nothing is asked of anybody."""
    assert shop.ask("POST", REQUESTS, {"instructions": [OFF]}).status == 400
    assert shop.ask("POST", REQUESTS, {"description": "x", "instructions": [{"kind": "y"}]}).status == 400
    assert shop.ask("GET", REQUESTS).body["items"] == []


def test_a_pending_request_stands_in_the_way(shop: Account) -> None:
    """400 until it is taken back, or ignored."""
    request = shop.ask("POST", REQUESTS, {"description": "x", "instructions": [OFF]}).body
    assert shop.patch(OFF).status == 400
    assert shop.ask("DELETE", f"{REQUESTS}/{request['_id']}").status == 204
    assert shop.patch(OFF).status == 200


def test_a_trigger_fires_without_a_token(shop: Account) -> None:
    """Its URL is told once; listed, it is covered up."""
    made = shop.ask("POST", TRIGGERS, GENERIC)
    assert made.status == 201
    url = made.body["triggerURL"]
    assert url.startswith(shop.server.url)
    listed = shop.ask("GET", TRIGGERS).body["items"]
    assert [one["_id"] for one in listed] == [made.body["_id"]]
    assert url not in str(listed)
    assert fire(shop, url).status == 200
    assert shop.production()["on"] is False
    assert fire(shop, url).status == 200
    assert shop.estate.writes == 1
    assert shop.ask("GET", f"{TRIGGERS}/{made.body['_id']}").body["_triggerCount"] == 2


def test_a_wrong_trigger_does_nothing(shop: Account) -> None:
    """404 for a wrong secret, for reading it, for one that is disabled, and for one whose URL was changed."""
    made = shop.ask("POST", TRIGGERS, GENERIC).body
    url, own = made["triggerURL"], f"{TRIGGERS}/{made['_id']}"
    assert fire(shop, f"{url}x").status == 404
    assert fire(shop, url, "GET").status == 404
    shop.ask("PATCH", own, {"instructions": [{"kind": "disableTrigger"}]}, content_type=SEMANTIC)
    assert fire(shop, url).status == 404
    again = {"instructions": [{"kind": "enableTrigger"}, {"kind": "cycleTriggerUrl"}]}
    fresh = shop.ask("PATCH", own, again, content_type=SEMANTIC).body["triggerURL"]
    assert fire(shop, url).status == 404
    assert shop.production()["on"] is True
    assert fire(shop, fresh).status == 200
    assert shop.ask("DELETE", own).status == 204
    assert fire(shop, fresh).status == 404


def test_a_trigger_only_turns_a_flag_on_or_off(shop: Account) -> None:
    """400 for anything else, 401 for who may not make one."""
    other = {"kind": "updateOffVariation", "variationId": shop.variation(0)}
    assert shop.ask("POST", TRIGGERS, {**GENERIC, "instructions": [other]}).status == 400
    assert shop.ask("POST", TRIGGERS, {"instructions": [OFF]}).status == 400
    assert shop.ask("POST", TRIGGERS, GENERIC, token=shop.estate.add_token("updateOn")).status == 401


@pytest.mark.parametrize(("asks", "status"), [(False, 200), (True, 405)])
def test_whether_a_trigger_passes_an_approval_is_a_switch(shop: Account, asks: bool, status: int) -> None:
    """The vendor does not say, so both are there to be tried."""
    url = shop.ask("POST", TRIGGERS, GENERIC).body["triggerURL"]
    shop.estate.require_approval("shop", "production")
    shop.estate.triggers_need_approval = asks
    assert fire(shop, url).status == status
    assert shop.production()["on"] is asks


def _to(shop: Account, *instructions: object, **more: str) -> Answer:
    body = {"environmentKey": "production", "comment": "INC-1", "instructions": list(instructions)}
    return shop.ask("PATCH", CONFIG, body, content_type=SEMANTIC, ld_api_version="beta", **more)


def test_an_ai_config_is_degraded_to_another_variation(shop: Account) -> None:
    """By its fallthrough; variations bear an `_id` and the model."""
    shop.estate.add_ai_config("shop", "assistant", ["big", "small"])
    config = shop.ask("GET", CONFIG, ld_api_version="beta").body
    assert [one["value"]["model"]["name"] for one in config["variations"]] == ["big", "small"]
    assert config["environments"]["production"]["enabled"] is True
    small = config["variations"][1]["_id"]
    answer = _to(shop, {"kind": "updateFallthroughVariationOrRollout", "variationId": small})
    assert answer.status == 200
    assert answer.body["environments"]["production"]["fallthrough"] == {"variation": 1}
    assert answer.body["environments"]["production"]["version"] == 2
    assert (answer.body["_version"], shop.estate.writes) == (2, 1)


def test_an_ai_config_cannot_be_turned_off(shop: Account) -> None:
    """400: there is no such instruction; nor is it a flag."""
    shop.estate.add_ai_config("shop", "assistant", ["big", "small"])
    assert _to(shop, OFF).status == 400
    assert shop.ask("GET", "/api/v2/flags/shop/assistant").status == 404
    assert shop.estate.writes == 0


def test_an_ai_config_has_an_action_of_its_own(shop: Account) -> None:
    """Who may change flags may not for that reason change it."""
    place = shop.estate.add_ai_config("shop", "assistant", ["big", "small"])
    small = shop.estate.variation_ids(place)[1]
    change = {"kind": "updateFallthroughVariationOrRollout", "variationId": small}
    assert _to(shop, change, token=shop.estate.add_token("updateFallthrough")).status == 401
    assert _to(shop, change, token=shop.estate.add_token("updateAIConfigTargeting")).status == 200
