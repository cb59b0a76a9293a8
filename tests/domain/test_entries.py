"""The chain: whatever is altered, taken out, put in or moved is found, and the entry it begins at is named."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from psfir.domain import canon
from psfir.domain.canon import Json
from psfir.domain.entries import GENESIS, VERSION, Draft, Entry, Flaw, alone, check, salted, seal
from psfir.domain.kinds import CATALOGUE, Kind
from tests.domain.parts import JSON, OBJECTS, TEXT, read_back

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
ERASABLE = [kind for kind, about in CATALOGUE.items() if about.erasable]
PLAIN = [kind for kind in CATALOGUE if kind is not Kind.ERASED]
FIELDS = ["v", "seq", "at", "incident", "actor", "channel", "kind", "digest", "prev", "hash", "data", "salt"]


def draft(number: int, kind: Kind = Kind.NOTE, data: dict[str, Any] | None = None) -> Draft:
    at = AT + timedelta(seconds=number)
    return Draft(at, "INC-1", "asserted:alice", "cli", kind, {"text": f"note {number}"} if data is None else data)


def chain(*drafts: Draft) -> list[Entry]:
    made: list[Entry] = []
    for number, one in enumerate(drafts, 1):
        made.append(seal(one, seq=number, prev=made[-1].hash if made else GENESIS, salt=f"salt {number}"))
    return made


def notes(count: int) -> list[Entry]:
    return chain(*(draft(number) for number in range(1, count + 1)))


def erased(entry: Entry) -> Entry:
    return replace(entry, data=None, salt=None)


def with_field(entry: Entry, name: str, value: Any) -> Entry:  # noqa: ANN401 - anything at all may stand there
    return Entry(**{**vars(entry), name: value})


def tombstone(seq: int) -> Draft:
    return draft(99, Kind.ERASED, {"seq": seq, "why": "she asked for it"})


DRAFTS = st.builds(
    Draft,
    at=st.datetimes(timezones=st.just(UTC)),
    incident=TEXT,
    actor=TEXT,
    channel=TEXT,
    kind=st.sampled_from(PLAIN),
    data=OBJECTS,
)
CHAINS = st.lists(DRAFTS, min_size=1, max_size=6).map(lambda drafts: chain(*drafts))


def test_the_catalogue_has_every_kind_once() -> None:
    """Each says which room writes it and what it carries; only what people typed can be erased."""
    assert set(CATALOGUE) == set(Kind)
    assert {about.writer for about in CATALOGUE.values()} == {"app", "engine", "records"}
    assert all(about.line and about.v == VERSION for about in CATALOGUE.values())
    assert ERASABLE == [Kind.NOTE, Kind.CLAIMED, Kind.DRAFTED]


@given(CHAINS)
def test_a_chain_as_it_was_sealed_is_whole(entries: list[Entry]) -> None:
    """Also after it went through JSON, and also seen entry by entry."""
    assert check(entries) is None
    assert check(Entry.from_json(read_back(entry.to_json())) for entry in entries) is None
    assert [alone(entry) for entry in entries] == [""] * len(entries)


def test_an_empty_chain_is_whole() -> None:
    """There is nothing wrong with nothing; that something was cut off shows only against a head kept elsewhere."""
    assert check([]) is None


@settings(max_examples=120)
@given(CHAINS, st.data())
def test_any_altered_field_is_found(entries: list[Entry], data: st.DataObject) -> None:
    """Whatever any field of any entry is changed to, that very entry is named."""
    at = data.draw(st.integers(0, len(entries) - 1))
    name = data.draw(st.sampled_from(FIELDS))
    old = getattr(entries[at], name)
    new: Json = data.draw(OBJECTS if name == "data" else JSON)
    assume(json.dumps(new) != json.dumps(old) and not _same(new, old))
    altered = [*entries[:at], with_field(entries[at], name, new), *entries[at + 1 :]]
    flaw = check(altered)
    assert flaw is not None
    assert flaw.seq == altered[at].seq
    assert flaw.says


def _same(one: Json, other: Json) -> bool:
    """1.0 is 1 in JSON."""
    return canon.canonical(one) == canon.canonical(other)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [2**60, float("nan"), "\ud800", [[]] * 3, b"x", {1: 2}, {"a": {1}}], ids=repr)
def test_values_that_no_json_can_hold_are_flaws_too(name: str, value: object) -> None:
    """A record that somebody wrote nonsense into is told from a whole one with a sentence, not with a traceback."""
    entries = notes(3)
    entries[1] = with_field(entries[1], name, value)
    flaw = check(entries)
    assert flaw is not None
    assert flaw.seq is entries[1].seq


def test_data_too_deep_to_follow_is_a_flaw() -> None:
    """Nesting cannot exhaust whoever checks."""
    deep: Any = {}
    for _ in range(100_000):
        deep = [deep]
    entries = notes(3)
    entries[1] = replace(entries[1], data={"text": deep})
    assert check(entries) == Flaw(2, "its data was altered: the digest does not fit")


Alter = Callable[[list[Entry]], Sequence[Entry]]
MOVED: dict[str, tuple[Alter, Flaw]] = {
    "the first is missing": (lambda e: e[1:], Flaw(2, "entry 1 is missing: 2 stands in its place")),
    "one is missing": (lambda e: e[:2] + e[3:], Flaw(4, "entry 3 is missing: 4 stands in its place")),
    "several are missing": (lambda e: e[:1] + e[4:], Flaw(5, "entry 2 is missing: 5 stands in its place")),
    "two are swapped": (
        lambda e: [e[0], e[2], e[1], *e[3:]],
        Flaw(3, "entry 2 is missing: 3 stands in its place"),
    ),
    "one stands twice": (lambda e: [*e[:3], *e[2:]], Flaw(3, "entry 4 is missing: 3 stands in its place")),
    "all stand twice": (lambda e: e + e, Flaw(1, "entry 6 is missing: 1 stands in its place")),
    "one is another's": (
        lambda e: [*e[:2], chain(*(draft(n) for n in (7, 8, 9)))[2], *e[3:]],
        Flaw(3, "does not follow the entry before it"),
    ),
    "one was resealed alone": (
        lambda e: [*e[:2], seal(draft(7), seq=3, prev=e[1].hash, salt="x"), *e[3:]],
        Flaw(4, "does not follow the entry before it"),
    ),
    "one was renumbered": (
        lambda e: [*e[:2], replace(e[3], seq=3), replace(e[4], seq=4)],
        Flaw(3, "does not follow the entry before it"),
    ),
    "one was slipped in": (
        lambda e: [
            *e[:2],
            seal(draft(7), seq=3, prev=e[1].hash, salt="x"),
            *(replace(x, seq=x.seq + 1) for x in e[2:]),
        ],
        Flaw(4, "does not follow the entry before it"),
    ),
    "a heading was altered": (
        lambda e: [*e[:2], replace(e[2], actor="asserted:bob"), *e[3:]],
        Flaw(3, "its heading was altered: the hash does not fit"),
    ),
    "data was altered": (
        lambda e: [*e[:2], replace(e[2], data={"text": "note 4"}), *e[3:]],
        Flaw(3, "its data was altered: the digest does not fit"),
    ),
    "the salt is gone": (
        lambda e: [*e[:2], replace(e[2], salt=None), *e[3:]],
        Flaw(3, "its data was altered: data and salt are erased together or not at all"),
    ),
    "the salt was left": (
        lambda e: [*e[:2], replace(e[2], data=None), *e[3:]],
        Flaw(3, "its data was altered: data and salt are erased together or not at all"),
    ),
    "it begins elsewhere": (
        lambda e: [replace(e[0], prev=e[0].hash), *e[1:]],
        Flaw(1, "does not follow the entry before it"),
    ),
}


@pytest.mark.parametrize("case", MOVED)
def test_what_was_done_to_a_chain_is_named(case: str) -> None:
    """The first entry at which it shows, and in which way."""
    alter, flaw = MOVED[case]
    assert check(alter(notes(5))) == flaw


@given(st.integers(2, 8), st.data())
def test_any_other_order_is_found(count: int, data: st.DataObject) -> None:
    """No permutation, subset or repetition of a chain is a chain, but for its beginnings."""
    entries = notes(count)
    picked = data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=count + 2))
    assert (check(picked) is None) == (picked == entries[: len(picked)])


def test_a_part_of_a_chain_is_checked_from_where_it_begins() -> None:
    """Given the hash and the number that it must go on from."""
    entries = notes(5)
    assert check(entries[2:], prev=entries[1].hash, first=3) is None
    assert check(entries[2:], prev=entries[0].hash, first=3) == Flaw(3, "does not follow the entry before it")


@pytest.mark.parametrize("kind", ERASABLE)
def test_erased_words_need_a_tombstone(kind: Kind) -> None:
    """The chain holds without them, and somebody has to have said who erased them and why."""
    entries = chain(draft(1), draft(2, kind), draft(3), tombstone(2))
    entries[1] = erased(entries[1])
    assert check(entries) is None
    assert check(entries[:3]) == Flaw(2, "its data is gone and no later entry says that it was erased")
    assert alone(entries[1]) == ""


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in ERASABLE])
def test_deeds_cannot_be_erased(kind: Kind) -> None:
    """Not even with a tombstone: what was done stays readable, and so does the tombstone."""
    entries = chain(draft(1), draft(2, kind, {"seq": 1}), tombstone(2))
    entries[1] = erased(entries[1])
    assert check(entries) == Flaw(2, "its data is gone, and this kind cannot be erased")
    assert alone(entries[1]) == "its data is gone, and this kind cannot be erased"


def test_a_tombstone_speaks_for_what_came_before_it() -> None:
    """One that was put up beforehand does not cover what vanishes later, nor does one for another entry."""
    early = chain(draft(1), tombstone(3), draft(3), draft(4))
    early[2] = erased(early[2])
    assert check(early) == Flaw(3, "its data is gone and no later entry says that it was erased")
    other = chain(draft(1), draft(2), tombstone(1))
    other[1] = erased(other[1])
    assert check(other) == Flaw(2, "its data is gone and no later entry says that it was erased")


def test_the_first_unexplained_gap_is_named() -> None:
    """Of several erased entries, those with a tombstone are in order."""
    entries = chain(*(draft(number) for number in range(1, 6)), tombstone(1), tombstone(4))
    gone = [erased(entry) if entry.seq in {1, 2, 3, 4} else entry for entry in entries]
    assert check(gone) == Flaw(2, "its data is gone and no later entry says that it was erased")


def test_an_altered_entry_comes_before_an_unexplained_gap() -> None:
    """A hash that does not fit is told first: behind it, nothing can be believed."""
    entries = notes(4)
    entries[1], entries[3] = erased(entries[1]), replace(entries[3], at="2026-11-21T03:12:09.000000Z")
    assert check(entries) == Flaw(4, "its heading was altered: the hash does not fit")


def test_an_unknown_kind_of_a_newer_psfir_still_fits_the_chain() -> None:
    """It is linked like any other, and nothing of it can be erased."""
    first = notes(1)[0]
    newer = replace(first, kind="moon.phase", hash="")
    newer = replace(newer, hash=canon.digest(newer.head()))
    assert check([newer]) is None
    assert check([erased(newer)]) == Flaw(1, "its data is gone, and this kind cannot be erased")


@given(OBJECTS, TEXT, TEXT)
def test_the_salt_hides_the_data(data: dict[str, Json], salt: str, other: str) -> None:
    """The same words under another salt have another digest, so erased ones cannot be guessed back."""
    assume(salt != other)
    assert salted(data, salt) != salted(data, other)


@given(DRAFTS)
def test_a_draft_reads_back(one: Draft) -> None:
    """A spooled draft is merged as it was meant."""
    assert Draft.from_json(read_back(one.to_json())) == one


@given(DRAFTS, st.integers(-1439, 1439))
def test_sealing_is_deterministic(one: Draft, minutes: int) -> None:
    """The same draft in the same place is the same entry, in whichever zone its time was told."""
    assume(datetime(2, 1, 1, tzinfo=UTC) < one.at < datetime(9999, 1, 1, tzinfo=UTC))
    elsewhere = replace(one, at=one.at.astimezone(timezone(timedelta(minutes=minutes))))
    sealed = seal(one, seq=7, prev=GENESIS, salt="s")
    assert sealed == seal(elsewhere, seq=7, prev=GENESIS, salt="s")
    assert sealed.hash not in {seal(one, seq=8, prev=GENESIS, salt="s").hash, seal(one, seq=7, prev="x", salt="s").hash}


@pytest.mark.parametrize("data", [{"n": float("inf")}, {"n": 2**60}, {"t": "\ud800"}, {"s": {1, 2}}])
def test_what_cannot_be_read_back_is_not_sealed(data: dict[str, Any]) -> None:
    """Better an error now than an entry that nobody can check."""
    with pytest.raises((ValueError, TypeError)):
        seal(draft(1, Kind.NOTE, data), seq=1, prev=GENESIS, salt="s")
