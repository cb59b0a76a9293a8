"""Who may do what: everybody may kill, nobody unknown may do anything else, and roles give the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.people import DEFAULT_ROLES, Actor, Deed, Identity, Person, Team

EVERYONE = Team({role: Person(role, role.title(), (role,)) for role in DEFAULT_ROLES})
STRANGERS = [
    Actor("", Identity.UNVERIFIED, "root@box"),
    Actor("owner", Identity.UNVERIFIED, "root@box"),
    Actor("owner", Identity.TRIGGER),
    Actor("pager", Identity.TRIGGER),
    Actor("nobody", Identity.ASSERTED, "root@box"),
    Actor("nobody", Identity.VERIFIED),
    Actor("", Identity.VERIFIED),
]
ANYBODY = st.builds(Actor, st.sampled_from([*DEFAULT_ROLES, "", "nobody"]), st.sampled_from(Identity), st.text())

MAY = {
    "on_call": "declare kill note seat restore approve_kill approve_restore break_glass",
    "incident_commander": "declare kill note seat restore approve_kill approve_restore break_glass resolve "
    "draft approve_message send",
    "owner": "declare kill note seat restore approve_kill approve_restore break_glass resolve review",
    "comms": "declare kill note draft send",
    "comms_approver": "declare kill note draft approve_template approve_message send",
    "legal": "declare kill note approve_template approve_message review erase hold settle_duty",
    "executive": "declare kill note approve_message",
    "facilitator": "declare kill note facilitate review",
    "auditor": "declare kill review",
}


@pytest.mark.parametrize("role", DEFAULT_ROLES)
@pytest.mark.parametrize("identity", [Identity.ASSERTED, Identity.VERIFIED])
def test_what_each_role_may_do(role: str, identity: Identity) -> None:
    """Exactly this, whether the name is asserted or verified."""
    actor = Actor(role, identity)
    assert {deed.value for deed in Deed if EVERYONE.may(actor, deed)} == set(MAY[role].split())


def test_every_deed_is_somebodys() -> None:
    """With the default roles nothing is forbidden to all."""
    assert set().union(*DEFAULT_ROLES.values()) == set(Deed)


def test_who_drafts_a_template_does_not_agree_to_it_alone() -> None:
    """Comms write and send; agreeing beforehand is another role's."""
    assert Deed.APPROVE_TEMPLATE not in DEFAULT_ROLES["comms"]


@given(ANYBODY)
def test_anybody_at_all_may_kill(actor: Actor) -> None:
    """Known or not, in any team, even one of nobody."""
    assert EVERYONE.may(actor, Deed.KILL)
    assert Team().may(actor, Deed.KILL)
    assert Team(EVERYONE.people, {}).may(actor, Deed.KILL)


@pytest.mark.parametrize("actor", STRANGERS, ids=str)
def test_a_stranger_may_do_nothing_else(actor: Actor) -> None:
    """Neither a name that nobody vouches for, nor a machine, nor one that psfir.yaml lacks."""
    assert [deed for deed in Deed if EVERYONE.may(actor, deed)] == [Deed.KILL]


def test_roles_of_psfir_yaml_replace_the_default_ones() -> None:
    """A person has the deeds of all of their roles, and a role that is nowhere defined gives none."""
    people = {"ann": Person("ann", "Ann", ("night", "gone")), "ben": Person("ben", "Ben", ("night", "desk"))}
    team = Team(people, {"night": frozenset({Deed.NOTE}), "desk": frozenset({Deed.SEND, Deed.NOTE})})
    ann, ben = Actor("ann", Identity.ASSERTED), Actor("ben", Identity.VERIFIED)
    assert {deed for deed in Deed if team.may(ann, deed)} == {Deed.KILL, Deed.NOTE}
    assert {deed for deed in Deed if team.may(ben, deed)} == {Deed.KILL, Deed.NOTE, Deed.SEND}


@given(
    st.dictionaries(st.sampled_from(list(DEFAULT_ROLES)), st.frozensets(st.sampled_from(Deed))), st.sampled_from(Deed)
)
def test_whom_to_ask_is_who_may(roles: dict[str, frozenset[Deed]], deed: Deed) -> None:
    """The sentence that names whom to ask leaves out nobody who may, and names nobody who may not."""
    team = Team(EVERYONE.people, roles)
    assert team.who_may(deed) == tuple(i for i in team.people if team.may(Actor(i, Identity.ASSERTED), deed))


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        (Actor("alice", Identity.ASSERTED), "asserted:alice"),
        (Actor("alice", Identity.VERIFIED), "verified:alice"),
        (Actor("a:b", Identity.TRIGGER), "trigger:a:b"),
        (Actor("", Identity.UNVERIFIED), "unverified"),
    ],
)
def test_an_actor_as_the_record_writes_it(actor: Actor, text: str) -> None:
    """It reads back as the same one, less the login."""
    assert str(actor) == text
    assert Actor.parse(text) == actor


def test_an_actor_of_an_unknown_sort_is_an_error() -> None:
    """A word that no psfir writes is not taken for a name."""
    with pytest.raises(ValueError, match="root"):
        Actor.parse("root:alice")
