"""A message that is posted goes out once: whoever presses, whatever answer is lost, whatever was said since."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from psfir.app import templates
from psfir.app.comms_status import set_cadence
from psfir.app.incident_deeds import note
from psfir.app.messages import withdraw
from psfir.app.own_copy import to_me
from psfir.app.sending import ready, send
from psfir.app.settling import BY_HAND, Found, settle, unknown_of
from psfir.comms.delivery import Pace, Watch
from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.domain.message import EXERCISE, Audience, Phase, Result
from psfir.domain.values import remade
from psfir.errors import Refusal, UsageError
from psfir.range.faulty import Fault, reset
from psfir.range.server import Asked, Reply
from psfir.range.statuspage.refusal import rate_limited
from tests.app.newsroom import Newsroom
from tests.comms.shelf import TEXT, put

FAST = Pace(backoff=0.01)


def writes(asked: Asked) -> bool:
    return asked.writes


def looks(asked: Asked) -> bool:
    return not asked.writes


def test_it_goes_out_once(newsroom: Newsroom) -> None:
    """A second press is refused, and says when it went out."""
    name = newsroom.approved()
    sent = newsroom.send(name)
    assert sent.delivery.result is Result.SENT
    with pytest.raises(Refusal, match=f"{name} went out over status-page at 2026-11-21T03:12"):
        newsroom.send(name)
    assert len(newsroom.posted) == 1
    sending = newsroom.told(name).sent
    assert sending is not None
    assert (sending.receipt, sending.thread, sending.attempt) == (sent.delivery.receipt, newsroom.posted[0]["id"], 1)


def test_of_two_who_press_at_once_one_sends(newsroom: Newsroom) -> None:
    """Both had looked at it, and found that it was not out."""
    name = newsroom.approved()
    tables = [newsroom.table(), newsroom.table()]
    both = [ready(one, one.message(name)) for one in tables]
    barrier = Barrier(2)

    def press(at: int) -> str:
        barrier.wait(10)
        try:
            return send(tables[at], both[at], pace=Pace(), watch=Watch(Event())).delivery.result.value
        except Refusal as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, range(2)))
    assert len(newsroom.posted) == 1
    assert said.count("sent") == 1
    assert any("somebody else is sending" in one or "went out over" in one for one in said), said


def test_a_lost_answer_is_looked_for(newsroom: Newsroom) -> None:
    """It was taken: found there, it is out, and nobody has to look."""
    name = newsroom.approved()
    newsroom.front.fault(Fault("lost", carry=True, wire=reset), when=writes)
    assert newsroom.send(name).delivery.result is Result.ALREADY_THERE
    assert len(newsroom.posted) == 1


def test_what_cannot_be_looked_for_is_unknown_and_found_later(newsroom: Newsroom) -> None:
    """The next press looks first, and posts nothing."""
    name = newsroom.approved()
    newsroom.front.fault(Fault("lost", carry=True, wire=reset), when=writes)
    newsroom.front.fault(Fault("away", wire=reset), when=looks)
    assert newsroom.send(name).delivery.result is Result.UNKNOWN
    assert newsroom.told(name).unknown
    with pytest.raises(Refusal, match="it is not known whether"):
        newsroom.send(name)
    newsroom.front.heal()
    assert newsroom.send(name).delivery.result is Result.ALREADY_THERE
    assert len(newsroom.posted) == 1
    assert not newsroom.told(name).unknown


def test_what_is_not_there_is_sent_again_once_it_cannot_be_on_its_way(newsroom: Newsroom) -> None:
    """A 500 says nothing; after a minute what is not there never was."""
    name = newsroom.approved()
    newsroom.front.fault(Fault("500", reply=Reply(500, {"error": "x"}, {})), when=writes, times=1)
    assert newsroom.send(name).delivery.result is Result.UNKNOWN
    with pytest.raises(Refusal, match="may still be on its way"):
        newsroom.send(name)
    newsroom.later(seconds=61)
    assert newsroom.send(name).delivery.result is Result.SENT
    assert len(newsroom.posted) == 1


def test_what_is_put_off_is_offered_again(newsroom: Newsroom) -> None:
    """After the time that the page named; five times, then it has failed, and may be sent again by hand."""
    waits: list[float] = []
    watch = Watch(Event(), wait=waits.append)
    name = newsroom.approved()
    newsroom.front.fault(rate_limited(7), when=writes, times=2)
    assert newsroom.send(name, watch=watch).delivery.result is Result.SENT
    assert waits == [7.0, 7.0]
    other = newsroom.approved()
    newsroom.front.fault(rate_limited(7), when=writes, times=5)
    failed = newsroom.send(other).delivery
    assert (failed.result, failed.again) == (Result.FAILED, False)
    assert "tried 5 times" in failed.says
    assert newsroom.send(other).delivery.result is Result.SENT
    assert len(newsroom.posted) == 1


def test_nobody_waits_long_or_after_they_said_stop(newsroom: Newsroom) -> None:
    """A page that asks for an hour is asked by hand."""
    name = newsroom.approved()
    newsroom.front.fault(rate_limited(3600), when=writes, times=1)
    assert newsroom.send(name).delivery.again
    stop = Event()
    newsroom.front.fault(rate_limited(7), when=writes, times=1)
    assert newsroom.send(name, watch=Watch(stop, wait=lambda _: stop.set())).delivery.again
    assert not newsroom.posted


def test_the_next_message_goes_on_in_the_same_incident_of_the_page(newsroom: Newsroom) -> None:
    """Also one that corrects another: it is linked, and nothing is edited away."""
    first = newsroom.approved()
    newsroom.send(first)
    second = newsroom.approved(supersedes=first)
    newsroom.send(second)
    (incident,) = newsroom.posted
    assert len(incident["incident_updates"]) == 2
    assert newsroom.table().talk.superseded() == {first}


def test_over_two_channels(newsroom: Newsroom) -> None:
    """Each once; the yes is to the text."""
    name = newsroom.approved(channel="status-page")
    newsroom.send(name)
    newsroom.send(name, channel="paste")
    with pytest.raises(Refusal, match="over paste at"):
        newsroom.send(name, channel="paste")
    assert len(newsroom.posted) == len(list((newsroom.root / "out").iterdir())) == 1


def _break_promise(newsroom: Newsroom, _: str) -> None:
    newsroom.later(minutes=21)


def _withdraw(newsroom: Newsroom, name: str) -> None:
    at = newsroom.table()
    withdraw(at, at.message(name), "wrong")


def _revoke(newsroom: Newsroom, _: str) -> None:
    shelf = templates.shelf(newsroom.root)
    templates.revoke(newsroom.session("dan"), shelf, shelf.one("public-holding"))


def _alter(newsroom: Newsroom, _: str) -> None:
    put(newsroom.root, TEXT.replace("You may", "You might"))
    _approve_again(newsroom)


def _remove(newsroom: Newsroom, _: str) -> None:
    (newsroom.root / "comms_templates" / "public" / "holding.en.md").unlink()


def _approve_again(newsroom: Newsroom) -> None:
    shelf = templates.shelf(newsroom.root)
    templates.approve(newsroom.session("dan"), shelf, [shelf.one("public-holding")])


@pytest.mark.parametrize(
    ("then", "says"),
    [
        (_revoke, "the template public-holding.en stands no more: nobody has approved it"),
        (_alter, "the template public-holding.en stands no more: was altered since dan approved it"),
        (_remove, "the template public-holding.en, of which MSG-[a-z0-9]+ was drafted, is gone"),
        (_break_promise, "promises the next update at 03:32Z, which has passed"),
        (_withdraw, "was withdrawn: wrong"),
    ],
)
def test_what_changed_since_the_yes_is_refused(
    newsroom: Newsroom, then: Callable[[Newsroom, str], None], says: str
) -> None:
    """Nothing is begun."""
    name = newsroom.approved()
    then(newsroom, name)
    with pytest.raises(Refusal, match=says):
        newsroom.send(name)
    assert not newsroom.told(name).sendings
    assert not newsroom.posted


def test_a_yes_to_the_template_that_is_given_again_counts(newsroom: Newsroom) -> None:
    """Breaking the glass needs none."""
    name = newsroom.approved()
    _revoke(newsroom, name)
    with pytest.raises(Refusal, match="stands no more"):
        newsroom.send(name)
    _approve_again(newsroom)
    assert newsroom.send(name).delivery.out
    other = newsroom.drafted()
    _revoke(newsroom, other)
    newsroom.approve(other, break_glass=True, reason="they are asking on the phone")
    assert newsroom.send(other).delivery.out


def test_whoever_read_it_is_who_is_told_that_it_was_wrong(newsroom: Newsroom) -> None:
    """A message to others corrects nothing for them."""
    first = newsroom.approved()
    newsroom.send(first)
    with pytest.raises(Refusal, match=f"{first} went to public"):
        newsroom.drafted(Audience.CUSTOMERS, supersedes=first)


def test_a_channel_of_another_kind_has_to_be_named(newsroom: Newsroom) -> None:
    """The template was approved for a page, and only a folder is there: it is said, and not that there is none."""
    words = newsroom.root / "psfir.yaml"
    whole = words.read_text(encoding="utf-8")
    one = "status-page: {connection: status, audiences: [public]"
    words.write_text(whole.replace(one, one.replace("public", "product")), encoding="utf-8")
    name = newsroom.approved()
    with pytest.raises(Refusal, match="no channel of the kind") as said:
        newsroom.send(name)
    assert said.value.todo.startswith("--channel paste; or paste it: ")
    assert newsroom.send(name, channel="paste").delivery.out


def test_a_yes_ends(newsroom: Newsroom) -> None:
    """After an hour, whatever else still holds."""
    newsroom.later(hours=3)
    set_cadence(newsroom.table(), Audience.PUBLIC, every=4 * 3600.0, why="nothing new")
    name = newsroom.approved()
    newsroom.later(minutes=61)
    with pytest.raises(Refusal, match="still needs a yes as incident_commander"):
        newsroom.send(name)
    newsroom.approve(name)
    assert newsroom.send(name).delivery.out


def test_what_changed_after_it_was_shown_is_refused(newsroom: Newsroom) -> None:
    """Whoever was asked `send?` may have thought long."""
    name = newsroom.approved()
    at = newsroom.table()
    shown = ready(at, at.message(name))
    _withdraw(newsroom, name)
    with pytest.raises(Refusal, match="was withdrawn"):
        send(at, shown, pace=Pace(), watch=Watch(Event()))
    assert not newsroom.posted


def test_a_phase_that_the_record_does_not_support_any_more(newsroom: Newsroom) -> None:
    """Drafted as the record had it, and refused as it has it now."""
    name = newsroom.approved()
    at = newsroom.table()
    told = at.message(name)
    assert told.message is not None
    contained = remade(told.message, phase=Phase.CONTAINED)
    session = at.session
    fields: dict[str, Json] = {
        "message": contained.to_json(),
        "digest": contained.digest,
        "class": "ordinary",
        "fields": {},
    }
    session.record(session.draft(at.incident.id, Kind.DRAFTED, fields))
    newsroom.approve(name)
    with pytest.raises(Refusal, match="the record has changed since"):
        newsroom.send(name)


def test_without_a_yes_or_a_right(newsroom: Newsroom) -> None:
    """An unapproved one, and somebody who may not send."""
    name = newsroom.drafted()
    with pytest.raises(Refusal, match="still needs a yes as incident_commander"):
        newsroom.send(name)
    newsroom.approve(name)
    at = newsroom.table("emma")
    with pytest.raises(Refusal, match="emma may not send"):
        ready(at, at.message(name))


def test_where_it_may_not_go(newsroom: Newsroom) -> None:
    """A channel for others, one that is not there, and none at all."""
    name = newsroom.approved()
    with pytest.raises(Refusal, match="mail does not lead to public"):
        newsroom.send(name, channel="mail")
    with pytest.raises(UsageError, match="did you mean paste"):
        newsroom.send(name, channel="past")
    put(newsroom.root, TEXT.replace("public", "vendor"), name="vendor/holding.en.md")
    other = newsroom.drafted(Audience.VENDOR)
    with pytest.raises(Refusal, match=r"no channel of psfir\.yaml leads to vendor"):
        newsroom.send(other)


def test_what_is_only_drafted_is_sent_by_people(newsroom: Newsroom) -> None:
    """And recorded once they have, if it was approved."""
    name = newsroom.drafted(Audience.REGULATOR)
    with pytest.raises(Refusal, match="is only drafted: people send it"):
        newsroom.send(name)
    with pytest.raises(Refusal, match="still needs a yes as legal"):
        by_hand(newsroom, name)
    newsroom.approve(name, "emma")
    by_hand(newsroom, name)
    sent = newsroom.told(name).sent
    assert sent is not None
    assert (sent.channel, sent.says) == (BY_HAND, "looked by alice: filed as 4711")
    with pytest.raises(Refusal, match="sent by hand already"):
        by_hand(newsroom, name)


def by_hand(newsroom: Newsroom, name: str) -> None:
    at = newsroom.table()
    settle(at, at.message(name), Found(sent=True, why="filed as 4711"))


def test_a_copy_to_oneself_counts_as_nothing(newsroom: Newsroom) -> None:
    """By mail, since a status page writes to everybody; no yes is needed, and the record does not know."""
    name = newsroom.drafted()
    at = newsroom.table()
    told = at.message(name)
    assert to_me(at, told).result is Result.SENT
    assert newsroom.mailed == ["alice@acme.example"]
    assert newsroom.mail.mails[0]["Subject"].startswith("[test copy] ")
    assert not newsroom.told(name).sendings
    assert to_me(at, told, channel="status-page").result is Result.REFUSED
    bob = newsroom.table("dan")
    with pytest.raises(Refusal, match="does not say your email"):
        to_me(bob, told)
    assert not newsroom.posted


def test_an_exercise_is_not_for_the_living(newsroom: Newsroom) -> None:
    """Refused before anything is begun."""
    name = newsroom.approved()
    at = newsroom.table()
    told = at.message(name)
    assert told.message is not None
    marked = remade(told.message, body=f"{EXERCISE}\n\n{told.message.body}")
    drill: dict[str, Json] = {"message": marked.to_json(), "digest": marked.digest, "class": "ordinary", "fields": {}}
    at.session.record(at.session.draft(at.incident.id, Kind.DRAFTED, drill))
    newsroom.approve(name)
    with pytest.raises(Refusal, match="is the text of an exercise"):
        newsroom.send(name)
    assert not newsroom.told(name).sendings


def test_a_process_that_slept_through_its_lease_sends_nothing(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have taken over meanwhile."""
    name = newsroom.approved()
    at = newsroom.table()
    shown = ready(at, at.message(name))
    leases = at.session.leases
    assert leases is not None
    monkeypatch.setattr(leases, "renew", lambda *_: False)
    failed = send(at, shown, pace=Pace(), watch=Watch(Event())).delivery
    assert (failed.result, failed.says) == (Result.FAILED, "its lease was lost before it was handed over")
    assert not newsroom.posted


def test_a_person_settles_what_nobody_knows(newsroom: Newsroom) -> None:
    """With where they looked. What did not go out may be sent again, and what did is out."""
    name = newsroom.approved()
    newsroom.front.fault(Fault("lost", wire=reset))
    at = newsroom.table()
    prepared = ready(at, at.message(name))
    assert send(at, prepared, pace=Pace(), watch=Watch(Event())).delivery.result is Result.UNKNOWN
    (unknown,) = unknown_of(newsroom.table(), newsroom.told(name))
    assert (unknown.channel, unknown.lines, unknown.under_way) == ("status-page", (), False)
    with pytest.raises(UsageError, match="say where you looked"):
        settle(at, at.message(name), Found(sent=False, why=" "))
    with pytest.raises(UsageError, match="went to no list"):
        settle(at, newsroom.told(name), Found(sent=False, why="x", lines=(3,)))
    settled = settle(at, newsroom.told(name), Found(sent=False, why="it is not on the page"))
    assert (settled.result, settled.says) == ("failed", "looked by alice: it is not on the page")
    with pytest.raises(Refusal, match="is unknown"):
        settle(at, newsroom.told(name), Found(sent=True, why="x"))
    newsroom.front.heal()
    assert newsroom.send(name).delivery.result is Result.SENT


def test_what_is_under_way_is_nobodys_to_settle(newsroom: Newsroom) -> None:
    """The lease is held by whoever sends."""
    name = newsroom.approved()
    said: list[str] = []

    def meanwhile(_: float) -> None:
        at = newsroom.table()
        try:
            settle(at, at.message(name), Found(sent=False, why="x"))
        except Refusal as error:
            said.append(str(error))
        (unknown,) = unknown_of(at, at.message(name))
        assert unknown.under_way

    newsroom.front.fault(rate_limited(1), when=writes, times=1)
    newsroom.send(name, watch=Watch(Event(), wait=meanwhile))
    assert "somebody is sending" in said[0]


def test_notes_do_not_matter(newsroom: Newsroom) -> None:
    """What else happens in the incident between the yes and the sending voids nothing."""
    name = newsroom.approved()
    note(newsroom.session(), newsroom.table().incident, "looking")
    assert newsroom.send(name).delivery.out
    assert newsroom.told(name).sendings[0].ended == "2026-11-21T03:12:00.000000Z"
