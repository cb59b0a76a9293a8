"""Remediation items: who closes them, when they are open again, and that the fold believes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.entries import Entry
from psfir.domain.people import Actor
from psfir.domain.values import remade
from psfir.review.remediation import items
from psfir.review.remediation_item import RemediationItem, State
from tests.review.remediation_deeds import AT, Chain, somebody

ALICE, BOB, DORA = somebody("alice"), somebody("bob"), somebody("dora")
EVE = somebody("eve", login="bob@box")
PEOPLE = (ALICE, BOB, DORA, EVE, somebody("bob", login="elsewhere"), somebody("eve", login="bob@box", signed=True))


def finished() -> tuple[Chain, str]:
    """Bob's item, done by bob."""
    chain = Chain()
    ref = chain.add(by=ALICE, owner="bob")
    chain.take(ref, by=BOB)
    chain.done(ref, by=BOB)
    return chain, ref


def test_done_closes_nothing() -> None:
    """It counts as overdue until somebody has looked."""
    chain, ref = finished()
    item = chain.items[ref]
    assert item.state is State.DONE
    assert not item.closed(AT)
    assert item.overdue(item.due_at)
    assert not item.overdue(item.due_at - timedelta(seconds=1))


def test_somebody_else_closes_it() -> None:
    """Dora looked: what she said and what shows it stay with the item."""
    chain, ref = finished()
    chain.verify(ref, by=DORA)
    item = chain.items[ref]
    assert item.state is State.VERIFIED
    assert item.verified
    assert (item.verified.by.id, item.verified.why) == ("dora", "seen")
    assert not item.overdue(item.due_at + timedelta(days=900))


@pytest.mark.parametrize(
    ("who", "closes"),
    [(BOB, False), (EVE, False), (somebody("eve", login="bob@box", signed=True), True), (ALICE, True)],
)
def test_nobody_closes_their_own(who: Actor, *, closes: bool) -> None:
    """Neither its owner nor a second name at the owner's login; a signed name is a person of its own."""
    chain, ref = finished()
    chain.verify(ref, by=who)
    assert (chain.items[ref].state is State.VERIFIED) is closes


def test_whoever_did_it_for_the_owner_does_not_close_it_either() -> None:
    """Alice said that it is done; bob, who owns it, and alice are both out."""
    chain = Chain()
    ref = chain.add(by=DORA, owner="bob")
    chain.done(ref, by=ALICE)
    chain.verify(ref, by=ALICE)
    assert chain.items[ref].state is State.DONE
    chain.verify(ref, by=BOB)
    assert chain.items[ref].state is State.DONE


def test_a_yes_is_to_the_item_as_it_was() -> None:
    """It changed hands between the look and the entry: the yes is void."""
    chain, ref = finished()
    seen = chain.items[ref].digest
    chain.take(ref, by=ALICE)
    chain.done(ref, by=ALICE)
    chain.verify(ref, by=DORA, digest=seen)
    assert chain.items[ref].state is State.DONE


def test_an_accepted_risk_runs_out() -> None:
    """To the instant, and as overdue as it would have been."""
    chain = Chain()
    ref = chain.add(by=ALICE, owner="bob", due=3)
    until = AT + timedelta(days=10)
    chain.accept(ref, by=DORA, until=until)
    item = chain.items[ref]
    assert item.at(until - timedelta(microseconds=1)) is State.ACCEPTED
    assert not item.overdue(until - timedelta(microseconds=1))
    assert item.at(until) is State.OPEN
    assert item.run_out(until)
    assert item.overdue(until)


def test_an_accepted_risk_ends_where_the_item_changes_hands() -> None:
    """Given to whoever accepted it, it is open: nobody accepts a risk for themselves by the back door."""
    chain = Chain()
    ref = chain.add(by=ALICE, owner="alice")
    chain.accept(ref, by=DORA, until=AT + timedelta(days=10))
    chain.take(ref, by=ALICE, owner="dora")
    assert (chain.items[ref].owner, chain.items[ref].state) == ("dora", State.OPEN)


def test_opened_again_it_is_anybodys_to_close_but_its_owners() -> None:
    """What hands it was in before no longer counts; who owns it still does."""
    chain, ref = finished()
    chain.verify(ref, by=DORA)
    chain.reopen(ref, by=ALICE)
    item = chain.items[ref]
    assert (item.state, item.done, item.verified, len(item.reopened)) == (State.OPEN, None, None, 1)
    chain.done(ref, by=DORA)
    chain.verify(ref, by=DORA)
    assert chain.items[ref].state is State.DONE


def test_erased_words_leave_the_deeds() -> None:
    """The item stays verified, and says that its words are gone."""
    chain, ref = finished()
    chain.verify(ref, by=DORA)
    gone = [remade(one, data=None, salt=None) if one.kind == "incident.note" else one for one in chain.entries]
    item = items(gone)[ref]
    assert (item.title, item.verify, item.state) == ("(erased)", "(erased)", State.VERIFIED)


def test_numbers_follow_the_record() -> None:
    """Each incident counts its own, by the order of the entries: two who add at once get two numbers."""
    chain = Chain()
    other = "INC-20261122-bbbbbb"
    chain.add(by=ALICE)
    chain.add(by=ALICE, incident=other)
    chain.add(by=BOB)
    assert [ref.partition("/")[2] for ref in chain.items] == ["R1", "R1", "R2"]


Deed = Callable[[Chain, str, Actor], None]
DEEDS: dict[str, Deed] = {
    "take": lambda chain, ref, who: chain.take(ref, by=who),
    "give": lambda chain, ref, who: chain.take(ref, by=who, owner="dora"),
    "block": lambda chain, ref, who: chain.block(ref, by=who),
    "done": lambda chain, ref, who: chain.done(ref, by=who),
    "verify": lambda chain, ref, who: chain.verify(ref, by=who),
    "accept": lambda chain, ref, who: chain.accept(ref, by=who, until=AT + timedelta(days=5)),
    "reopen": lambda chain, ref, who: chain.reopen(ref, by=who),
}
stories = st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.sampled_from(PEOPLE)), max_size=14)


def told(story: list[tuple[str, Actor]]) -> tuple[Chain, str]:
    chain = Chain()
    ref = chain.add(by=ALICE, owner="alice")
    for name, who in story:
        DEEDS[name](chain, ref, who)
    return chain, ref


@given(stories)
def test_whatever_is_written_nobody_closes_what_they_had_in_hand(story: list[tuple[str, Actor]]) -> None:
    """Any order of deeds by anybody: an item that is closed was closed by another person than its owner and doers."""
    chain, ref = told(story)
    item = chain.items[ref]
    if item.state is State.VERIFIED:
        assert item.verified
        assert item.done
        assert not item.same_hands(item.verified.by)
        assert item.verified.by.id not in {item.owner, item.done.by.id}
    if item.state is State.ACCEPTED:
        assert item.risk
        assert not item.same_hands(item.risk.actor)


@given(stories, st.data())
def test_the_fold_goes_on_where_it_stopped(story: list[tuple[str, Actor]], data: st.DataObject) -> None:
    """The whole record and its beginning agree on all that the beginning tells: nothing later reaches back."""
    chain, ref = told(story)
    cut = data.draw(st.integers(3, len(chain.entries)))
    shorter = Chain()
    shorter.entries = chain.entries[:cut]
    assert shorter.items[ref] == prefix(chain.entries, cut, ref)


def prefix(entries: list[Entry], cut: int, ref: str) -> RemediationItem:
    """The same, of entries that came through JSON and back."""
    return items(Entry.from_json(one.to_json()) for one in entries[:cut])[ref]


@given(stories)
def test_a_verified_item_stays_so_until_it_is_reopened(story: list[tuple[str, Actor]]) -> None:
    """No other deed opens it."""
    chain, ref = told(story)
    if chain.items[ref].state is not State.VERIFIED:
        return
    for name in sorted(set(DEEDS) - {"reopen"}):
        DEEDS[name](chain, ref, BOB)
        assert chain.items[ref].state is State.VERIFIED
    chain.reopen(ref, by=BOB)
    assert chain.items[ref].state is State.OPEN
