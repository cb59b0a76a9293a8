"""Incidents on a status page: their states, their components, whom they notify, and how a copy is found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from psfir.contracts import Messenger
from psfir.domain.message import Delivery, Destination, Phase, Result
from psfir.errors import NoAnswer
from psfir.messengers.statuspage import STATUS
from psfir.range.faulty import Fault
from psfir.range.server import Reply
from psfir.range.statuspage.refusal import rate_limited
from psfir.testing import MESSAGE, cleared
from tests.messengers.stage import StatuspageStage

WITHIN = 10.0


@pytest.fixture
def stage() -> Iterator[StatuspageStage]:
    with StatuspageStage() as stage:
        yield stage


@pytest.fixture
def messenger(stage: StatuspageStage) -> Messenger:
    return stage.messenger(stage.upstream)


def to(stage: StatuspageStage, key: str = "copy-1", thread: str = "", **more: Any) -> Destination:
    return Destination({**stage.target, **more}, key, thread)


def sent(messenger: Messenger, where: Destination, **changed: Any) -> Delivery:
    return messenger.send(cleared(replace(MESSAGE, **changed)), where, within=WITHIN)


@pytest.mark.parametrize("phase", Phase)
def test_a_phase_has_its_status(stage: StatuspageStage, messenger: Messenger, phase: Phase) -> None:
    """As the table says; what was switched off on purpose is identified, and a correction is never resolved."""
    sent(messenger, to(stage), phase=phase)
    assert stage.incidents[0]["status"] == STATUS[phase]
    assert STATUS[Phase.CONTAINED] == "identified"
    assert STATUS[Phase.CORRECTION] != "resolved"


def test_the_message_may_name_another_status(stage: StatuspageStage, messenger: Messenger) -> None:
    """It is part of what was approved, by the channel's name or without; but no correction hides in `resolved`."""
    sent(messenger, to(stage), provider={"statuspage": {"status": "monitoring", "impact": "major"}})
    assert (stage.incidents[0]["status"], stage.incidents[0]["impact"]) == ("monitoring", "major")
    sent(messenger, to(stage, "copy-2"), provider={"status": "resolved"})
    assert stage.incidents[0]["status"] == "resolved"
    refused = sent(messenger, to(stage, "copy-3"), phase=Phase.CORRECTION, provider={"status": "resolved"})
    assert refused.result is Result.REFUSED
    assert len(stage.incidents) == 2


@pytest.mark.parametrize(
    ("channel", "asked", "notified"),
    [(True, {}, 1), (False, {}, 0), (True, {"notify": False}, 0), (False, {"notify": True}, 1)],
)
def test_who_is_notified_is_always_said(
    stage: StatuspageStage, messenger: Messenger, channel: bool, asked: dict[str, Any], notified: int
) -> None:
    """The page notifies unless it is told not to: the channel says, and the message may say otherwise."""
    delivery = sent(messenger, to(stage, notify=channel), provider=asked)
    assert delivery.result is Result.SENT
    assert len(stage.page.estate.notified) == notified


@pytest.mark.parametrize("target", [{"notify": None}, {"page": None}, {"notify": "yes"}])
def test_a_channel_that_does_not_say_is_refused(
    stage: StatuspageStage, messenger: Messenger, target: dict[str, Any]
) -> None:
    """Nothing is taken for granted: neither the page nor whether people are written to."""
    delivery = sent(messenger, to(stage, **target))
    assert delivery.result is Result.REFUSED
    assert next(iter(target)) in delivery.says
    assert not stage.incidents


def test_components_take_their_states(stage: StatuspageStage, messenger: Messenger) -> None:
    """Those that the channel names take the one state of the message; the message may name others by itself."""
    estate = stage.page.estate
    other = estate.add_component(str(stage.target["page"]), "Search")
    first = sent(messenger, to(stage), provider={"component": "major_outage"})
    assert [estate.components[name]["status"] for name in (stage.component, other)] == ["major_outage", "operational"]
    more = {"component": "operational", "components": {other: "partial_outage"}}
    sent(messenger, to(stage, "copy-2", first.thread), phase=Phase.RESOLVED, provider={"statuspage": more})
    assert [estate.components[name]["status"] for name in (stage.component, other)] == ["operational", "partial_outage"]


def test_updates_go_to_the_incident_they_belong_to(stage: StatuspageStage, messenger: Messenger) -> None:
    """One incident, three updates; each copy is still found, although the page forgets what it is not told again."""
    thread, messages = "", []
    for number, phase in enumerate((Phase.HOLDING, Phase.CONTAINED, Phase.RESOLVED)):
        message = cleared(replace(MESSAGE, id=f"MSG-{number}", phase=phase, body=f"Update {number}.\n"))
        delivery = messenger.send(message, to(stage, f"copy-{number}", thread), within=WITHIN)
        messages.append((message, thread))
        thread = delivery.thread
    (incident,) = stage.incidents
    assert [one["body"] for one in reversed(incident["incident_updates"])] == [f"Update {n}.\n" for n in range(3)]
    assert incident["id"] == thread
    for number, (message, before) in enumerate(messages):
        found = messenger.find(message, to(stage, f"copy-{number}", before), within=WITHIN)
        assert found is not None
        assert found.thread == thread


def test_an_update_that_is_there_is_not_posted_again(stage: StatuspageStage, messenger: Messenger) -> None:
    """The incident is read before each update anyway."""
    first = sent(messenger, to(stage))
    update = to(stage, "copy-2", first.thread)
    assert sent(messenger, update, body="More.\n").result is Result.SENT
    assert sent(messenger, update, body="More.\n").result is Result.ALREADY_THERE
    assert stage.page.estate.writes == 2


def test_a_read_that_fails_before_an_update_has_posted_nothing(stage: StatuspageStage, messenger: Messenger) -> None:
    """So it may be tried again."""
    first = sent(messenger, to(stage))
    stage.page.faults.fault(Fault("down", reply=Reply(503, {"error": "down"})), when=lambda asked: not asked.writes)
    delivery = sent(messenger, to(stage, "copy-2", first.thread), body="More.\n")
    assert (delivery.result, delivery.again) == (Result.FAILED, True)


def test_it_is_found_far_down_the_list(stage: StatuspageStage, messenger: Messenger) -> None:
    """Page by page; where the list is endless nobody can tell, and says so."""
    sent(messenger, to(stage))
    estate, page = stage.page.estate, str(stage.target["page"])
    for number in range(150):
        estate.create(page, {"name": f"other {number}"})
    found = messenger.find(cleared(), to(stage), within=WITHIN)
    assert found is not None
    assert found.url == f"https://stspg.example/{found.thread}"
    for number in range(1000):
        estate.create(page, {"name": f"another {number}"})
    with pytest.raises(NoAnswer, match="more than 1000"):
        messenger.find(cleared(), to(stage), within=WITHIN)


def test_a_look_that_is_too_early_comes_back_later(stage: StatuspageStage, messenger: Messenger) -> None:
    """If the wait fits; a post is not repeated, whatever it is told."""
    sent(messenger, to(stage))
    stage.page.faults.fault(rate_limited(0), times=1)
    assert messenger.find(cleared(), to(stage), within=WITHIN) is not None
    stage.page.faults.fault(rate_limited(60))
    with pytest.raises(NoAnswer):
        messenger.find(cleared(), to(stage), within=WITHIN)


def test_the_older_word_for_too_many(stage: StatuspageStage, messenger: Messenger) -> None:
    """420, with the same header."""
    stage.page.faults.fault(Fault("420", reply=Reply(420, {"error": "slow down"}, {"Retry-After": "7"})))
    delivery = sent(messenger, to(stage))
    assert (delivery.result, delivery.again, delivery.after) == (Result.FAILED, True, 7.0)


def test_what_the_page_objects_to_is_told(stage: StatuspageStage, messenger: Messenger) -> None:
    """In its own words; a title or a text too long is refused before it is asked."""
    odd = sent(messenger, to(stage, components=["nobody"]))
    assert odd.result is Result.REFUSED
    assert "not one of this page" in odd.says
    assert sent(messenger, to(stage), subject="x" * 256).result is Result.REFUSED
    assert sent(messenger, to(stage), body="x" * 25_001).result is Result.REFUSED
    assert not stage.incidents
