"""A webhook: signed, named, and told what it is to tell."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from psfir.domain.message import Destination, Result
from psfir.messengers.webhook import Webhook
from psfir.range.server import Asked, Reply, Server
from psfir.testing import MESSAGE, FakeConnection, cleared
from tests.messengers.stage import WebhookStage

WITHIN = 10.0


@pytest.fixture
def stage() -> Iterator[WebhookStage]:
    with WebhookStage() as stage:
        yield stage


def test_what_is_posted(stage: WebhookStage) -> None:
    """All that a person would need, a name for this copy, and what the channel says; the answer is the receipt."""
    messenger = stage.messenger(stage.upstream)
    first = messenger.send(cleared(), Destination(stage.target, "copy-1"), within=WITHIN)
    messenger.send(cleared(), Destination(stage.target, "copy-1"), within=WITHIN)
    messenger.send(cleared(), Destination(stage.target, "copy-2", "taken-1"), within=WITHIN)
    one, again, other = (json.loads(post.body) for post in stage.posts)
    assert one["schema"] == "psfir.message/1"
    assert (one["digest"], one["phase"], one["with"]) == (MESSAGE.digest, "holding", {"place": "banner"})
    assert one["next_update_at"].startswith("2026-11-21T04:00")
    assert one["key"] == again["key"] != other["key"]
    assert (first.receipt, first.thread) == ("taken-1", "taken-1")
    assert other["thread"] == "taken-1"


@pytest.mark.parametrize("secret", ["short", "whsec_!!!", "whsec_c2hvcnQ=", None])
def test_without_a_good_secret_nothing_is_posted(stage: WebhookStage, secret: str | None) -> None:
    """One that can be guessed signs nothing."""
    connection = FakeConnection("banner", "webhook", {"url": stage.upstream}, {"secret": secret} if secret else {})
    delivery = Webhook(connection).send(cleared(), Destination({}, "copy-1"), within=WITHIN)
    assert delivery.result is Result.REFUSED
    assert "secret" in delivery.says
    assert not stage.posts


@pytest.mark.parametrize(
    ("path", "asked"), [("", "/"), ("/", "/"), ("/hooks/a", "/hooks/a"), ("/hooks/a/", "/hooks/a/")]
)
def test_the_address_is_taken_as_it_stands(path: str, asked: str) -> None:
    """Also where a slash ends it."""
    seen: list[Asked] = []

    def take(one: Asked) -> Reply:
        seen.append(one)
        return Reply(204)

    with Server(take) as server:
        made = Webhook(FakeConnection("b", "webhook", {"url": server.url + path}, {"secret": "x" * 32}))
        delivery = made.send(cleared(), Destination({}, "copy-1"), within=WITHIN)
    assert [one.path for one in seen] == [asked]
    assert delivery.result is Result.SENT
    assert delivery.receipt.startswith("psfir_")
