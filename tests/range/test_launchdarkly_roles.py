"""Custom roles of the LaunchDarkly stand-in: a token may what its roles' policies allow, where they allow it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.range.launchdarkly.server import LaunchDarkly
from tests.range.launchdarkly_account import FLAG, Account, account

OFF, ON = {"kind": "turnFlagOff"}, {"kind": "turnFlagOn"}
HERE = "proj/shop:env/production:flag/ai-summary"


@pytest.fixture
def shop() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


def line(action: str, resource: str, effect: str = "allow") -> dict[str, Any]:
    return {"effect": effect, "actions": [action], "resources": [resource]}


def bearer(shop: Account, *policy: Mapping[str, Any], **more: str) -> str:
    """A service token with one role of that policy."""
    role = {"key": "killer", "name": "Killer", "policy": list(policy), **more}
    assert shop.ask("POST", "/api/v2/roles", role).status == 201
    made = shop.ask("POST", "/api/v2/tokens", {"name": "killer", "serviceToken": True, "customRoleIds": ["killer"]})
    assert made.status == 201
    return str(made.body["token"])


def test_a_role_allows_its_actions_on_its_resources(shop: Account) -> None:
    """In that environment and no other; off and on are one action."""
    token = bearer(shop, line("viewProject", "proj/shop"), line("updateOn", HERE))
    assert shop.ask("GET", FLAG, token=token).status == 200
    assert shop.patch(OFF, token=token).status == 200
    assert shop.patch(ON, token=token).status == 200
    assert shop.patch(OFF, token=token, environment="test").status == 401
    fallthrough = {"kind": "updateFallthroughVariationOrRollout", "variationId": shop.variation(1)}
    assert shop.patch(fallthrough, token=token).status == 401


def test_without_a_line_for_it_nothing_is_shown(shop: Account) -> None:
    """Unless its base is that of a reader."""
    assert shop.ask("GET", FLAG, token=bearer(shop, line("updateOn", HERE))).status == 401
    with LaunchDarkly() as server:
        other = account(server)
        reader = bearer(other, line("updateOn", HERE), basePermissions="reader")
        assert other.ask("GET", FLAG, token=reader).status == 200
        assert other.patch(OFF, token=reader).status == 200


def test_a_deny_outvotes_an_allow(shop: Account) -> None:
    """Also one with a star."""
    token = bearer(shop, line("update*", "proj/*:env/*:flag/*"), line("updateOn", HERE, "deny"))
    assert shop.patch(OFF, token=token).status == 401


@pytest.mark.parametrize(
    "role",
    [
        {"key": "k", "policy": []},
        {"key": "k", "name": "n", "policy": "all"},
        {"key": "k", "name": "n", "policy": [{"effect": "allow", "actions": ["updateOn"]}]},
        {"key": "k", "name": "n", "policy": [line("updateOn", HERE, "perhaps")]},
        {"key": "k", "name": "n", "policy": [], "basePermissions": "all"},
        {"key": "k", "name": "n", "policy": [], "only": ["x"]},
    ],
)
def test_a_role_that_is_none_is_refused(shop: Account, role: Mapping[str, Any]) -> None:
    """So that what is printed has to be one."""
    assert shop.ask("POST", "/api/v2/roles", role).status == 400


def test_who_may_not_make_roles_makes_none(shop: Account) -> None:
    """Nor two of one key, nor a token with a role that is not there."""
    reader = shop.estate.add_token("viewProject")
    role = {"key": "k", "name": "n", "policy": []}
    wanted = {"name": "t", "serviceToken": True, "customRoleIds": ["k"]}
    assert shop.ask("POST", "/api/v2/tokens", wanted).status == 404
    assert shop.ask("POST", "/api/v2/roles", role, token=reader).status == 401
    assert shop.ask("POST", "/api/v2/roles", role).status == 201
    assert shop.ask("POST", "/api/v2/roles", role).status == 409
    assert shop.ask("POST", "/api/v2/tokens", wanted, token=reader).status == 401
    assert shop.ask("POST", "/api/v2/tokens", {"name": "t", "role": "admin"}).status == 400
