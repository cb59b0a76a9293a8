"""The unpleasant answers of the LaunchDarkly stand-in: who may not, what is not there, and when it is too much."""

import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from psfir.range.launchdarkly.estate import Estate
from psfir.range.launchdarkly.server import LaunchDarkly
from tests.range.launchdarkly_account import FLAG, SEMANTIC, Account, account

OFF = {"kind": "turnFlagOff"}
CONFIG = "/api/v2/projects/shop/ai-configs/assistant/targeting"


@pytest.fixture
def shop() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


@pytest.mark.parametrize("token", ["", "api-unknown", "Bearer"])
def test_a_token_that_is_none_gets_401(shop: Account, token: str) -> None:
    """Also the right one behind Bearer, and an SDK key."""
    right = f"Bearer {shop.token}" if token == "Bearer" else token
    assert shop.patch(OFF, token=right).status == 401
    assert shop.ask("GET", FLAG, token=shop.sdk_key).status == 401


def test_a_good_token_without_the_permission_gets_401_too(shop: Account) -> None:
    """It may read; the sentence names the action it lacks."""
    reader = shop.estate.add_token("viewProject", "updateFallthrough")
    assert shop.ask("GET", FLAG, token=reader).status == 200
    answer = shop.patch(OFF, token=reader)
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert "updateOn" in answer.body["message"]
    fallthrough = {"kind": "updateFallthroughVariationOrRollout", "variationId": shop.variation(1)}
    assert shop.patch(fallthrough, token=reader).status == 200
    assert shop.patch(fallthrough, OFF, token=reader).status == 401


def test_a_json_patch_needs_the_same_permission(shop: Account) -> None:
    """Whichever way it is written."""
    reader = shop.estate.add_token("viewProject")
    off = [{"op": "replace", "path": "/environments/production/on", "value": False}]
    assert shop.ask("PATCH", FLAG, off, token=reader).status == 401
    assert shop.ask("PATCH", FLAG, off, token=shop.estate.add_token("updateOn")).status == 200


def test_a_dry_run_needs_the_permission_as_well(shop: Account) -> None:
    """So it tells beforehand whether the kill would be allowed."""
    reader = shop.estate.add_token("viewProject")
    assert shop.patch(OFF, query="?dryRun=true", token=reader).status == 401


def test_who_is_asking_is_answered(shop: Account) -> None:
    """Its name and whose it is, never the token."""
    answer = shop.ask("GET", "/api/v2/caller-identity")
    assert (answer.body["tokenName"], answer.body["memberId"]) == ("psfir", "member-psfir")
    assert shop.token not in str(answer.body)


def test_a_body_that_is_no_json_gets_400(shop: Account) -> None:
    """Nothing is guessed from it."""
    with closing(HTTPConnection("127.0.0.1", int(shop.server.url.rpartition(":")[2]), timeout=5)) as client:
        client.request("PATCH", FLAG, "{off", {"Authorization": shop.token, "Content-Type": SEMANTIC})
        assert client.getresponse().status == 400


@pytest.mark.parametrize(
    "path", ["/api/v2/flags/nowhere/ai-summary", "/api/v2/flags/shop/no-such-flag", "/api/v2/nonsense", "/"]
)
def test_what_is_not_there_gets_404(shop: Account, path: str) -> None:
    """Project, flag, and path."""
    answer = shop.ask("GET", path)
    assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_an_environment_that_is_not_there_gets_404(shop: Account) -> None:
    """And a patch that names none gets 400."""
    assert shop.patch(OFF, environment="staging").status == 404
    assert shop.patch(OFF, environment=None).status == 400


def test_a_version_that_ended_is_refused(shop: Account) -> None:
    """The current one and beta are served."""
    assert shop.ask("GET", FLAG, ld_api_version="20160426").status == 400
    assert shop.ask("GET", FLAG, ld_api_version="20240415").status == 200


def test_beta_needs_the_beta_header(shop: Account) -> None:
    """403 without; where they are beta no longer, the header does no harm."""
    shop.estate.add_ai_config("shop", "assistant", ["big", "small"])
    assert shop.ask("GET", CONFIG).status == 403
    assert shop.ask("GET", CONFIG, ld_api_version="beta").status == 200
    shop.estate.ai_configs_are_beta = False
    assert shop.ask("GET", CONFIG).status == 200
    assert shop.ask("GET", CONFIG, ld_api_version="beta").status == 200


def test_a_pending_change_refuses_a_patch_that_does_not_ignore_it(shop: Account) -> None:
    """400, in its own environment; then `ignoreConflicts=true` goes through."""
    shop.estate.schedule(shop.flag, "production", {"kind": "turnFlagOn"})
    assert shop.patch(OFF).status == 400
    assert shop.patch(OFF, environment="test").status == 200
    assert shop.patch(OFF, query="?ignoreConflicts=true").status == 200
    waiting = shop.ask("GET", "/api/v2/projects/shop/flags/ai-summary/environments/production/scheduled-changes")
    assert [one["instructions"] for one in waiting.body["items"]] == [[{"kind": "turnFlagOn"}]]
    shop.estate.run_scheduled()
    assert shop.production()["on"] is True


def test_writes_clash_as_often_as_told(shop: Account) -> None:
    """409, and the flag is as it was; dry runs and reads do not clash."""
    shop.estate.clash(2)
    assert shop.patch(OFF, query="?dryRun=true").status == 200
    assert [shop.patch(OFF).status for _ in range(3)] == [409, 409, 200]
    shop.estate.clash(-1)
    assert {shop.patch({"kind": "turnFlagOn"}).status for _ in range(5)} == {409}
    assert shop.production()["on"] is False


def test_every_answer_says_how_much_is_left(shop: Account) -> None:
    """For the account, for the route, and until when in milliseconds; errors too."""
    first, second = shop.ask("GET", FLAG).headers, shop.ask("GET", f"{FLAG}x").headers
    assert int(second["X-Ratelimit-Global-Remaining"]) < 1000
    assert int(first["X-Ratelimit-Route-Remaining"]) < 500
    assert 0 < int(first["X-Ratelimit-Reset"]) / 1000 - time.time() <= 10


@pytest.mark.parametrize(
    ("by", "name"), [("account", "X-Ratelimit-Global-Remaining"), ("route", "X-Ratelimit-Route-Remaining")]
)
def test_a_starved_account_gets_429(shop: Account, by: str, name: str) -> None:
    """For every token of it, and until the reset."""
    shop.estate.meter.starve(2, by=by)
    answer = shop.patch(OFF)
    assert (answer.status, answer.body["code"], answer.headers[name]) == (429, "rate_limited", "0")
    assert 0 < int(answer.headers["X-Ratelimit-Reset"]) / 1000 - time.time() <= 2.1
    assert shop.ask("GET", FLAG, token=shop.estate.add_token("*")).status == 429
    shop.estate.meter.starve(0)
    assert shop.patch(OFF).status == 200


def test_a_limit_by_address_says_so_in_seconds(shop: Account) -> None:
    """And a header may be absent altogether."""
    shop.estate.meter.starve(1.5, by="address")
    assert shop.patch(OFF).headers["Retry-After"] == "2"
    shop.estate.meter.starve(5, by="silent")
    silent = shop.patch(OFF)
    assert silent.status == 429
    assert not {"Retry-After", "X-Ratelimit-Reset"} & set(silent.headers)


def test_sdks_are_never_limited(shop: Account) -> None:
    """However starved the account is."""
    shop.estate.meter.starve(60)
    assert shop.ask("GET", "/sdk/latest-all", token=shop.sdk_key).status == 200


def test_somebody_elses_requests_use_the_account_up() -> None:
    """All tokens share one window; the next one has room again."""
    now = [1000.0]
    with LaunchDarkly(Estate(lambda: now[0])) as server:
        shop = account(server)
        shop.estate.meter.limit = 3
        other = shop.estate.add_token("*", name="ci")
        assert [shop.ask("GET", FLAG, token=other).status for _ in range(3)] == [200, 200, 200]
        assert shop.patch(OFF).status == 429
        assert shop.patch(OFF).headers["X-Ratelimit-Reset"] == "1010000"
        now[0] = 1010.0
        assert shop.patch(OFF).status == 200
