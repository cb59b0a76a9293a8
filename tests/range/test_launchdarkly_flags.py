"""Flags over the stand-in's REST API: what is read, and what a patch makes of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from psfir.range.launchdarkly.server import LaunchDarkly
from tests.range.launchdarkly_account import FLAG, SEMANTIC, Account, account

OFF = {"kind": "turnFlagOff"}


@pytest.fixture
def shop() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


def test_a_flag_is_read_with_the_environment_that_was_asked_for(shop: Account) -> None:
    """All of them without `env`; variations bear an `_id`, targeting names them by index."""
    flag = shop.ask("GET", f"{FLAG}?env=production").body
    assert set(flag["environments"]) == {"production"}
    assert [one["value"] for one in flag["variations"]] == [True, False]
    here = flag["environments"]["production"]
    assert (here["on"], here["version"], here["fallthrough"], here["offVariation"]) == (True, 1, {"variation": 0}, 1)
    assert here["_summary"]["variations"]["1"]["isOff"]
    assert set(shop.ask("GET", FLAG).body["environments"]) == {"production", "test"}


def test_off_is_one_write_and_the_whole_flag_comes_back(shop: Account) -> None:
    """The flag's version and the environment's rise by one, the other environment's does not."""
    answer = shop.patch(OFF)
    assert answer.status == 200
    environments = answer.body["environments"]
    assert (environments["production"]["on"], environments["test"]["on"]) == (False, True)
    assert (environments["production"]["version"], environments["test"]["version"]) == (2, 1)
    assert (answer.body["_version"], shop.estate.writes) == (2, 1)


def test_off_again_leaves_everything_as_it_is(shop: Account) -> None:
    """200, the same versions, no write."""
    first = shop.patch(OFF)
    assert shop.patch(OFF).body == first.body
    assert shop.estate.writes == 1


def test_a_dry_run_shows_and_saves_nothing(shop: Account) -> None:
    """The flag as it would be."""
    answer = shop.patch(OFF, query="?dryRun=true")
    assert answer.body["environments"]["production"]["on"] is False
    assert shop.production()["on"] is True
    assert shop.estate.writes == 0


def test_instructions_are_applied_all_or_none(shop: Account) -> None:
    """The second is impossible, so the first did not happen."""
    answer = shop.patch(OFF, {"kind": "updateOffVariation", "variationId": "no-such-id"})
    assert (answer.status, answer.body["code"]) == (400, "invalid_request")
    assert set(answer.body) == {"code", "message", "id"}
    assert shop.production()["on"] is True


def test_a_semantic_patch_without_its_domain_model_is_read_as_a_json_patch(shop: Account) -> None:
    """And refused with 400."""
    body = {"environmentKey": "production", "instructions": [OFF]}
    assert shop.ask("PATCH", FLAG, body).status == 400
    assert shop.ask("PATCH", FLAG, body, content_type=SEMANTIC).status == 200


def test_a_list_with_the_domain_model_cannot_be_understood(shop: Account) -> None:
    """422: the wrong kind of patch."""
    assert shop.ask("PATCH", FLAG, [], content_type=SEMANTIC).status == 422


def test_a_patch_may_come_as_a_post(shop: Account) -> None:
    """Where a proxy lets no PATCH through."""
    body = {"environmentKey": "production", "instructions": [OFF]}
    assert shop.ask("POST", FLAG, body, content_type=SEMANTIC, x_http_method_override="PATCH").status == 200
    assert shop.ask("POST", FLAG, body, content_type=SEMANTIC).status == 404


@pytest.mark.parametrize(
    "instruction",
    [
        {"kind": "turnOffFlag"},
        {"kind": "updateOffVariation", "variationId": 1},
        {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {"no-such-id": 100_000}},
        {"kind": "addRule", "variationId": "no-such-id", "clauses": []},
        {"kind": "addRule", "variationId": 0, "clauses": ["x"]},
        {"kind": "removeTargets"},
        {"kind": "reorderRules", "ruleIds": ["no-such-rule"]},
        {"kind": "updateRuleVariationOrRollout", "ruleId": "no-such-rule"},
        {"kind": "updatePrerequisite", "key": "no-such-flag"},
        {"kind": "addPrerequisite", "key": "ai-summary", "variationId": "x"},
        {},
        "turnFlagOff",
    ],
    ids=str,
)
def test_an_instruction_that_says_nothing_is_refused(shop: Account, instruction: object) -> None:
    """400 for unknown kinds, an index in place of an `_id`, and what does not exist."""
    assert shop.patch(instruction).status == 400
    assert shop.estate.writes == 0


def test_weights_that_are_not_the_whole_are_refused(shop: Account) -> None:
    """Thousandths of a percent: 15 and 85 are far from all."""
    weights = {shop.variation(0): 15, shop.variation(1): 85}
    answer = shop.patch({"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": weights})
    assert answer.status == 400


def test_a_rollout_is_read_back_by_index(shop: Account) -> None:
    """With the kind of context it counts by."""
    weights = {shop.variation(1): 85_000, shop.variation(0): 15_000}
    shop.patch({"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": weights, "rolloutBucketBy": "org"})
    assert shop.production()["fallthrough"] == {
        "rollout": {
            "variations": [{"variation": 0, "weight": 15_000}, {"variation": 1, "weight": 85_000}],
            "contextKind": "user",
            "bucketBy": "org",
        }
    }


def test_targets_of_users_and_of_others_stand_apart(shop: Account) -> None:
    """Beside other kinds there is an empty place for each entry of users."""
    yes, no = shop.variation(0), shop.variation(1)
    shop.patch(
        {"kind": "addTargets", "variationId": yes, "values": ["ada", "ben", "ada"]},
        {"kind": "addTargets", "variationId": no, "contextKind": "device", "values": ["kiosk"]},
        {"kind": "removeTargets", "variationId": yes, "values": ["ben", "cyd"]},
    )
    here = shop.production()
    assert here["targets"] == [{"values": ["ada"], "variation": 0, "contextKind": "user"}]
    assert here["contextTargets"] == [
        {"values": [], "variation": 0, "contextKind": "user"},
        {"values": ["kiosk"], "variation": 1, "contextKind": "device"},
    ]
    shop.patch({"kind": "clearTargets", "variationId": no})
    assert len(shop.production()["contextTargets"]) == 1


def test_a_context_is_the_target_of_one_variation_only(shop: Account) -> None:
    """400 for the second."""
    shop.patch({"kind": "addTargets", "variationId": shop.variation(0), "values": ["ada"]})
    answer = shop.patch({"kind": "addTargets", "variationId": shop.variation(1), "values": ["ada"]})
    assert answer.status == 400


def test_rules_are_added_ordered_changed_and_removed(shop: Account) -> None:
    """Each gets an `_id` of its own; removing one that is gone does nothing."""
    rule = {"kind": "addRule", "clauses": [{"attribute": "plan", "op": "in", "values": ["gold"]}]}
    shop.patch({**rule, "variationId": shop.variation(0)})
    first = shop.production()["rules"][0]["_id"]
    shop.patch({**rule, "variationId": shop.variation(1), "beforeRuleId": first, "description": "second"})
    second = shop.production()["rules"][0]["_id"]
    assert [one["variation"] for one in shop.production()["rules"]] == [1, 0]
    shop.patch(
        {"kind": "reorderRules", "ruleIds": [first, second]},
        {"kind": "updateRuleVariationOrRollout", "ruleId": first, "variationId": shop.variation(1)},
    )
    assert [(one["_id"], one["variation"]) for one in shop.production()["rules"]] == [(first, 1), (second, 1)]
    shop.patch({"kind": "removeRule", "ruleId": first}, {"kind": "removeRule", "ruleId": first})
    assert [one["description"] for one in shop.production()["rules"]] == ["second"]


def test_a_json_patch_tests_the_version_first(shop: Account) -> None:
    """What was right once is refused the second time, and nothing of it happens."""
    off = {"op": "replace", "path": "/environments/production/on", "value": False}
    on = {**off, "value": True}
    assert shop.ask("PATCH", FLAG, [{"op": "test", "path": "/version", "value": 1}, off]).status == 200
    assert shop.ask("PATCH", FLAG, [{"op": "test", "path": "/version", "value": 1}, on]).status == 409
    shop.estate.failed_test = 400
    stale = {"op": "test", "path": "/environments/production/version", "value": 1}
    assert shop.ask("PATCH", FLAG, {"comment": "INC-1", "patch": [stale, on]}).status == 400
    assert shop.production()["on"] is False


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/environments/production/offVariation", "value": 7},
        {"op": "replace", "path": "/environments/production/rules", "value": "none"},
        {"op": "replace", "path": "/environments/production/fallthrough", "value": {}},
        {"op": "remove", "path": "/environments/production"},
        {"op": "remove", "path": "/environments/production/rules/0"},
        {"op": "replace", "path": "/key", "value": "other"},
        {"op": "replace", "path": "/_version", "value": 9},
        {"op": "move", "from": "/a", "path": "/b"},
        {"op": "add", "path": "/environments/production/on"},
        {"op": "test", "path": "version", "value": 1},
        "turn it off",
    ],
    ids=str,
)
def test_a_json_patch_leaves_no_broken_flag(shop: Account, operation: object) -> None:
    """400, and the flag is as it was."""
    before = shop.ask("GET", FLAG).body
    assert shop.ask("PATCH", FLAG, [operation]).status == 400
    assert shop.ask("GET", FLAG).body == before


def test_a_json_patch_restores_rules_with_their_ids(shop: Account) -> None:
    """What instructions cannot: they give each rule a new `_id`."""
    clause = {"attribute": "plan", "op": "in", "values": ["gold"]}
    shop.patch({"kind": "addRule", "variationId": shop.variation(0), "clauses": [clause]})
    before = shop.production()["rules"]
    shop.patch({"kind": "replaceRules", "rules": []})
    path = "/environments/production/rules"
    assert shop.ask("PATCH", FLAG, [{"op": "replace", "path": path, "value": before}]).status == 200
    assert shop.production()["rules"] == before


def test_a_json_patch_adds_and_removes_in_lists(shop: Account) -> None:
    """At an index, at the end with `-`, and nowhere else."""
    target = {"values": ["ada"], "variation": 0, "contextKind": "user"}
    path = "/environments/production/targets"
    other = {"op": "add", "path": f"{path}/0", "value": {**target, "values": ["ben"], "variation": 1}}
    assert shop.ask("PATCH", FLAG, [{"op": "add", "path": f"{path}/-", "value": target}, other]).status == 200
    assert [one["values"] for one in shop.production()["targets"]] == [["ben"], ["ada"]]
    assert shop.ask("PATCH", FLAG, [{"op": "remove", "path": f"{path}/0"}]).status == 200
    assert shop.production()["targets"] == [target]
    assert shop.ask("PATCH", FLAG, [{**other, "path": f"{path}/9"}]).status == 400
    assert shop.ask("PATCH", FLAG, [{**other, "path": f"{path}/0/variation/0"}]).status == 400


def test_prerequisites_are_added_changed_replaced_and_removed(shop: Account) -> None:
    """Kept by the index of the other flag's variation, named by its `_id`."""
    plan = shop.estate.add_flag("shop", "plan", ("gold", "tin"))
    gold, tin = shop.estate.variation_ids(plan)
    shop.patch({"kind": "addPrerequisite", "key": "plan", "variationId": gold})
    shop.patch({"kind": "updatePrerequisite", "key": "plan", "variationId": tin})
    assert shop.production()["prerequisites"] == [{"key": "plan", "variation": 1}]
    shop.patch({"kind": "replacePrerequisites", "prerequisites": [{"key": "plan", "variationId": gold}]})
    assert shop.production()["prerequisites"] == [{"key": "plan", "variation": 0}]
    shop.patch({"kind": "removePrerequisite", "key": "plan"})
    assert shop.production()["prerequisites"] == []


def test_what_is_of_the_flag_needs_no_environment(shop: Account) -> None:
    """Tags and archiving; every environment gets a new version."""
    kinds = [{"kind": "addTags", "values": ["b"]}, {"kind": "removeTags", "values": ["ai"]}, {"kind": "archiveFlag"}]
    answer = shop.patch(*kinds, environment=None)
    assert (answer.body["tags"], answer.body["archived"]) == (["b"], True)
    assert [one["version"] for one in answer.body["environments"].values()] == [2, 2]
    assert shop.patch({"kind": "restoreFlag"}, environment=None).body["archived"] is False


def test_a_list_has_twenty_flags_and_no_environments(shop: Account) -> None:
    """Unless the filter asks for one."""
    for number in range(24):
        shop.estate.add_flag("shop", f"flag-{number}")
    page = shop.ask("GET", "/api/v2/flags/shop").body
    assert (len(page["items"]), page["totalCount"]) == (20, 25)
    assert page["items"][0]["environments"] == {}
    rest = shop.ask("GET", "/api/v2/flags/shop?offset=20&filter=filterEnv:production").body
    assert [set(one["environments"]) for one in rest["items"]] == [{"production"}] * 5


def test_dependent_flags_are_listed_for_those_who_ask_for_beta(shop: Account) -> None:
    """403 for the others."""
    other = shop.estate.add_flag("shop", "ai-chat")
    shop.estate.edit(
        other, "production", {"kind": "addPrerequisite", "key": "ai-summary", "variationId": shop.variation(0)}
    )
    path = "/api/v2/flags/shop/production/ai-summary/dependent-flags"
    assert shop.ask("GET", path).status == 403
    assert [one["key"] for one in shop.ask("GET", path, ld_api_version="beta").body["items"]] == ["ai-chat"]


def test_the_audit_log_says_who_did_what_and_why(shop: Account) -> None:
    """The newest first, with the comment; one entry has the flag before and after."""
    shop.estate.edit(shop.flag, "test", OFF, comment="somebody's")
    shop.patch(OFF)
    items = shop.ask("GET", "/api/v2/auditlog").body["items"]
    assert [one["comment"] for one in items] == ["INC-1", "somebody's"]
    assert items[0]["target"]["resources"] == ["proj/shop:env/production:flag/ai-summary"]
    entry = shop.ask("GET", f"/api/v2/auditlog/{items[0]['_id']}").body
    was, now = (entry[name]["environments"]["production"]["on"] for name in ("previousVersion", "currentVersion"))
    assert (was, now) == (True, False)


def test_the_audit_log_is_searched(shop: Account) -> None:
    """By resource, by words, by time; no more than 20 at once."""
    shop.patch(OFF)
    shop.patch(OFF, environment="test")
    spec = "proj/*:env/test:flag/*"
    assert len(shop.ask("GET", f"/api/v2/auditlog?spec={spec}").body["items"]) == 1
    assert len(shop.ask("GET", "/api/v2/auditlog?q=inc-1&limit=1").body["items"]) == 1
    assert shop.ask("GET", "/api/v2/auditlog?before=1").body["items"] == []
    assert shop.ask("GET", "/api/v2/auditlog?limit=21").status == 400
    assert shop.ask("GET", "/api/v2/auditlog/no-such-entry").status == 404


def test_writes_at_the_same_time_are_done_one_after_another(shop: Account) -> None:
    """Each that changed something made one version, and nothing else did."""
    kinds = ["turnFlagOff", "turnFlagOn"] * 20
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda kind: shop.patch({"kind": kind}), kinds))
    assert {one.status for one in answers} == {200}
    assert shop.production()["version"] == 1 + shop.estate.writes == max(one.body["_version"] for one in answers)
    assert len(shop.estate.audit) == shop.estate.writes
