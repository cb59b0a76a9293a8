"""launchdarkly.flag_state: evidence of what was served, without the people it was served to."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from psfir.captures.launchdarkly import FlagState
from psfir.domain.canon import Json
from psfir.errors import NoSuchTarget
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, KEY, PROJECT, Account

TARGET: dict[str, Json] = {"project": PROJECT, "environment": ENVIRONMENT, "flag": KEY}


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", {"values": ["kept"]}, "off")) as account:
        account.crowd()
        yield account


def test_the_state_is_kept_and_nobody_is_named(account: Account) -> None:
    """Switch, rules, weights and variations are there; the keys of people are counted, maintainers left out."""
    thing = account.estate.thing(account.flag)
    thing["_maintainer"] = {"email": "ann@example.com"}
    thing["description"] = f"asked with {account.token}"
    taken = FlagState(account.connection()).take(TARGET, within=5)
    kept = json.loads(taken.content)
    here = kept["environments"][ENVIRONMENT]
    assert (taken.name, taken.media_type) == (f"launchdarkly-{PROJECT}-{ENVIRONMENT}-{KEY}.json", "application/json")
    assert here["on"] is True
    assert here["targets"][0] == {"values": "2 left out", "variation": 0, "contextKind": "user"}
    assert here["rules"][0]["clauses"][0]["values"] == "2 left out"
    assert kept["variations"][1]["value"] == {"values": ["kept"]}
    text = taken.content.decode()
    assert [word for word in ("ann", "bob", "acme", "example.com", account.token) if word in text] == []
    assert account.estate.writes == 0


def test_a_flag_that_is_not_there_is_no_evidence(account: Account) -> None:
    """The error says so, and nothing is kept."""
    with pytest.raises(NoSuchTarget):
        FlagState(account.connection()).take({**TARGET, "flag": "nowhere"}, within=5)
