"""What recorded yeses come to: distinct people, for this very digest, in time."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.approval import Approval, Standing, standing
from psfir.domain.people import Actor, Identity

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def yes(person: str, identity: Identity = Identity.ASSERTED, *, login: str = "", glass: bool = False) -> Approval:
    """A yes of now that lasts an hour; each person types at a machine of their own unless told otherwise."""
    actor = Actor(person, identity, login or f"{person}@laptop")
    signature = "-----BEGIN SSH SIGNATURE-----" if identity is Identity.VERIFIED else ""
    return Approval(DIGEST, "restore", actor, AT, AT + HOUR, "because", glass, signature)


def signed(person: str, *, login: str = "") -> Approval:
    return yes(person, Identity.VERIFIED, login=login)


def stranger(login: str) -> Approval:
    return yes("", Identity.UNVERIFIED, login=login)


def come_to(*approvals: Approval, needed: int = 2, at: datetime = AT, refused: Iterable[str] = ()) -> Standing:
    def why(approval: Approval) -> str:
        return "may not" if approval.actor.id in refused else ""

    return standing(approvals, digest=DIGEST, needed=needed, at=at, refused=why)


def reasons(found: Standing) -> list[str]:
    return [why for _, why in found.ignored]


BOX = "root@box"
SAID = "alice has said yes already"
SAME = "came from the same login as alice's; sign one with an SSH key"

COUNTS: dict[str, tuple[list[Approval], int, list[str]]] = {
    "nobody": ([], 0, []),
    "two people": ([yes("alice"), yes("bob")], 2, []),
    "one person twice": ([yes("alice"), yes("alice")], 1, [SAID]),
    "one person at two machines": ([yes("alice", login="a@x"), yes("alice", login="a@y")], 1, [SAID]),
    "two names from one login": ([yes("alice", login=BOX), yes("bob", login=BOX)], 1, [SAME]),
    "two names, login unknown": (
        [replace(yes(p), actor=Actor(p, Identity.ASSERTED)) for p in ("alice", "bob")],
        1,
        [SAME],
    ),
    "two verified from one login": ([signed("alice", login=BOX), signed("bob", login=BOX)], 2, []),
    "verified twice the same": ([signed("alice"), signed("alice", login=BOX)], 1, [SAID]),
    "one signed of two from one login": ([signed("alice", login=BOX), yes("bob", login=BOX)], 2, []),
    "the second signed instead": ([yes("alice", login=BOX), signed("bob", login=BOX)], 2, []),
    "asserted, then signed by the same": ([yes("alice"), signed("alice")], 1, [SAID]),
    "signed, then asserted by the same": ([signed("alice"), yes("alice")], 1, [SAID]),
    "the first signs later": ([yes("alice", login=BOX), yes("bob", login=BOX), signed("alice", login=BOX)], 2, [SAID]),
    "a stranger twice": ([stranger(BOX), stranger(BOX)], 1, ["somebody unknown has said yes already"]),
    "two strangers": ([stranger("a@x"), stranger("b@y")], 1, ["somebody unknown has said yes already"]),
    "a stranger, then a name from that login": (
        [stranger(BOX), yes("alice", login=BOX)],
        1,
        ["came from the same login as another's; sign one with an SSH key"],
    ),
    "a stranger and somebody else": ([stranger(BOX), yes("alice")], 2, []),
}


@pytest.mark.parametrize("case", COUNTS)
def test_how_many_people_have_said_yes(case: str) -> None:
    """Distinct people count, each once; a signature tells two names from one login apart."""
    given_, counted, ignored = COUNTS[case]
    found = come_to(*given_)
    assert len(found.counted) == counted
    assert reasons(found) == ignored
    assert found.enough == (counted >= 2)


@given(st.permutations([yes("alice", login=BOX), yes("bob", login=BOX), signed("alice", login=BOX), yes("carol")]))
def test_the_order_in_which_people_say_yes_does_not_matter(approvals: list[Approval]) -> None:
    """The cure that a refusal names, signing one, works also after the refusal."""
    assert len(come_to(*approvals).counted) == 3


def test_break_glass_is_enough_alone() -> None:
    """Also for somebody whose ordinary yes was not enough, in whichever order they were given."""
    plain, loud = yes("alice"), yes("alice", glass=True)
    for given_ in ([loud], [plain, loud], [loud, plain], [signed("alice"), loud]):
        found = come_to(*given_, needed=3)
        assert found.enough
        assert loud in found.counted
        assert len(found.counted) == 1


def test_break_glass_that_is_refused_is_nothing() -> None:
    """Whoever may not break the glass cannot be let through by saying so."""
    found = come_to(yes("mallory", glass=True), needed=2, refused=["mallory"])
    assert not found.enough
    assert reasons(found) == ["may not"]


def test_a_yes_that_is_refused_does_not_block_another() -> None:
    """One login, two names, of which the first may not: the second counts."""
    found = come_to(yes("alice", login=BOX), yes("bob", login=BOX), refused=["alice"])
    assert [approval.actor.id for approval in found.counted] == ["bob"]
    assert reasons(found) == ["may not"]


@pytest.mark.parametrize(
    ("later", "counts"),
    [
        (timedelta(0), True),
        (HOUR - timedelta(microseconds=1), True),
        (HOUR, False),
        (HOUR + timedelta(microseconds=1), False),
    ],
)
def test_a_yes_runs_out(later: timedelta, counts: bool) -> None:
    """At its very instant, break-glass too."""
    for approval in (yes("alice"), yes("alice", glass=True)):
        found = come_to(approval, needed=1, at=AT + later)
        assert found.enough == counts
        assert reasons(found) == ([] if counts else ["expired at 2026-11-21T04:12:00.000000Z"])


def test_an_expired_yes_does_not_stand_in_the_way_of_a_new_one() -> None:
    """Saying it again counts."""
    old = replace(signed("alice"), expires=AT)
    assert [approval.expires for approval in come_to(old, yes("alice"), needed=1).counted] == [AT + HOUR]


def test_a_yes_to_something_else_is_none() -> None:
    """Another digest, by a byte, names another plan: break-glass too."""
    for glass in (False, True):
        found = come_to(replace(yes("alice", glass=glass), digest=OTHER), needed=1)
        assert not found.enough
        assert reasons(found) == ["is for another digest: what was approved has changed since"]


def test_everything_given_is_either_counted_or_explained() -> None:
    """Nothing is dropped silently."""
    given_ = [approval for approvals, _, _ in COUNTS.values() for approval in approvals]
    found = come_to(*given_)
    assert len(found.counted) + len(found.ignored) == len(given_)


@given(
    st.lists(
        st.builds(
            yes,
            st.sampled_from(["alice", "bob", "carol"]),
            st.sampled_from([Identity.ASSERTED, Identity.VERIFIED]),
            login=st.sampled_from(["a@x", "b@y"]),
        )
        | st.builds(stranger, st.sampled_from(["a@x", "c@z"])),
        max_size=8,
    )
)
def test_nobody_counts_twice(approvals: list[Approval]) -> None:
    """However yeses are mixed: no two of one id, and no two that nothing but a name tells apart."""
    counted = come_to(*approvals).counted
    ids = [approval.actor.id for approval in counted]
    assert len(set(ids)) == len(ids)
    unproven = [approval.actor.login for approval in counted if approval.actor.identity is not Identity.VERIFIED]
    assert len(set(unproven)) == len(unproven)


@given(st.sampled_from(Identity), st.booleans(), st.text(), st.text())
def test_a_yes_reads_back(identity: Identity, glass: bool, reason: str, person: str) -> None:
    """Through JSON, with all that it said."""
    approval = replace(yes(person, identity, glass=glass), reason=reason)
    assert Approval.from_json(json.loads(json.dumps(approval.to_json()))) == approval


@pytest.mark.parametrize(
    "other",
    [
        {"digest": OTHER},
        {"of": "kill"},
        {"actor": Actor("bob", Identity.VERIFIED)},
        {"at": AT + timedelta(microseconds=1)},
        {"expires": AT + 2 * HOUR},
        {"break_glass": True},
        {"reason": "because!"},
    ],
)
def test_a_signature_covers_all_that_matters(other: dict[str, object]) -> None:
    """Whoever alters one of these has to sign again; who vouches, and from where, is not the signer's to say."""
    approval = signed("alice")
    assert replace(approval, **other).statement() != approval.statement()  # type: ignore[arg-type]  # a table of fields
    unsaid = replace(approval, signature="", actor=Actor("alice", Identity.ASSERTED, "elsewhere"))
    assert unsaid.statement() == approval.statement()
