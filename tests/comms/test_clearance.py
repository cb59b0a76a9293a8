"""Who must say yes to a text, and whether they did."""

from datetime import UTC, datetime, timedelta

import pytest

from psfir.comms.check import State
from psfir.comms.check import Yes as TemplateYes
from psfir.comms.clearance import Clearance, Crew, class_of, clearance
from psfir.comms.record import Told
from psfir.domain.approval import Approval
from psfir.domain.channels import DEFAULT_CLASSES, MessageClass
from psfir.domain.message import Audience, Cleared, Message, Phase
from psfir.domain.people import Actor, Identity, Person, Seat, Team

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
TEAM = Team(
    {
        "ben": Person("ben", "Ben", ("incident_commander",)),
        "dan": Person("dan", "Dan", ("comms_approver",)),
        "emma": Person("emma", "Emma", ("legal",)),
        "iris": Person("iris", "Iris", ("executive",)),
        "max": Person("max", "Max", ("comms_approver", "legal")),
        "ada": Person("ada", "Ada", ("on_call",)),
        "hugo": Person("hugo", "Hugo", ("auditor",)),
    }
)
MESSAGE = Message("MSG-1", "INC-1", Audience.PUBLIC, Phase.HOLDING, "en", "status", "Title", "Body.\n")


def told(kind: MessageClass = MessageClass.ORDINARY, by: str = "carol") -> Told:
    return Told(MESSAGE.id, MESSAGE.digest, MESSAGE, kind, {}, "", f"asserted:{by}")


def yes(
    person: str, *, digest: str = MESSAGE.digest, of: str = "message", age: int = 0, glass: bool = False
) -> Approval:
    at = NOW - timedelta(minutes=age)
    actor = Actor(person, Identity.ASSERTED, f"{person}@box")
    return Approval(digest, of, actor, at, at + timedelta(hours=1), "because" if glass else "", glass)


def come(*given: Approval, kind: MessageClass = MessageClass.ORDINARY, by: str = "carol", **seats: str) -> Clearance:
    crew = Crew(TEAM, {Seat(seat): person for seat, person in seats.items()})
    return clearance(told(kind, by), given, roles=DEFAULT_CLASSES[kind], crew=crew, now=NOW)


def test_the_class_is_by_audience_then_by_edits() -> None:
    """A template that nobody approved is as good as an edit."""
    good, bad = TemplateYes(State.APPROVED, ""), TemplateYes(State.ALTERED, "")
    assert class_of(Audience.PUBLIC, edited=False, template=good) is MessageClass.ORDINARY
    assert class_of(Audience.PUBLIC, edited=True, template=good) is MessageClass.EDITED
    assert class_of(Audience.PUBLIC, edited=False, template=bad) is MessageClass.EDITED
    assert class_of(Audience.REGULATOR, edited=False, template=good) is MessageClass.REGULATOR
    assert class_of(Audience.PRESS, edited=False, template=good) is MessageClass.PRESS


@pytest.mark.parametrize(
    ("kind", "people", "missing"),
    [
        (MessageClass.ORDINARY, [], ("incident_commander",)),
        (MessageClass.ORDINARY, ["ben"], ()),
        (MessageClass.ORDINARY, ["dan", "emma"], ("incident_commander",)),
        (MessageClass.EDITED, ["ben"], ("comms_approver", "legal")),
        (MessageClass.EDITED, ["dan"], ("legal",)),
        (MessageClass.EDITED, ["max"], ("legal",)),
        (MessageClass.EDITED, ["max", "dan"], ()),
        (MessageClass.EDITED, ["dan", "max"], ()),
        (MessageClass.EDITED, ["max", "emma"], ()),
        (MessageClass.REGULATOR, ["dan"], ("legal",)),
        (MessageClass.REGULATOR, ["emma"], ()),
        (MessageClass.PRESS, ["dan", "emma"], ("executive",)),
        (MessageClass.PRESS, ["iris", "dan"], ()),
    ],
)
def test_each_role_is_another_persons(kind: MessageClass, people: list[str], missing: tuple[str, ...]) -> None:
    """In any order; one with two roles speaks for one of them."""
    found = come(*(yes(person) for person in people), kind=kind)
    assert found.missing == missing
    assert found.enough is (not missing)


def test_whoever_sits_as_commander_is_one() -> None:
    """The seat is the incident's."""
    assert not come(yes("ada")).enough
    assert come(yes("ada"), commander="ada").enough


def test_what_does_not_count_says_why() -> None:
    """Another text, another deed, too old, nobody entitled, nobody known."""
    other = yes("ben", digest="sha256:" + "0" * 64)
    assert come(other, yes("ben", of="kill")).standing.ignored == ()
    for given, why in [
        (yes("ben", age=61), "expired"),
        (yes("hugo"), "hugo is not incident_commander"),
        (yes("eve"), "nobody whom psfir.yaml names"),
    ]:
        found = come(given)
        assert not found.enough
        assert why in found.standing.ignored[0][1]


def test_breaking_the_glass_is_enough_alone_for_whoever_may() -> None:
    """And for nobody else."""
    assert come(yes("ada", glass=True), kind=MessageClass.PRESS).enough
    assert not come(yes("hugo", glass=True), kind=MessageClass.PRESS).enough


def test_no_messenger_gets_a_text_without_its_yes() -> None:
    """The value that a messenger takes cannot be made otherwise."""
    with pytest.raises(ValueError, match="has no approval"):
        Cleared(MESSAGE)
    with pytest.raises(ValueError, match="is for another text"):
        Cleared(MESSAGE, (yes("ben", digest="sha256:" + "0" * 64),))
    assert Cleared(MESSAGE, (yes("ben"),)).written({}).subject == "Title"
    assert Cleared(MESSAGE, only_to="ben@example.com").approvals == ()


def test_what_fills_a_slot_opens_no_other() -> None:
    """One pass; and no slot stays empty."""
    message = Message(**{**vars(MESSAGE), "body": "[[a]] and [[b]]"})
    cleared = Cleared(message, only_to="me")
    assert message.slots == ("a", "b")
    assert cleared.written({"a": "[[b]]", "b": "x"}).body == "[[b]] and x"
    with pytest.raises(ValueError, match="nothing fills b"):
        cleared.written({"a": "1"})


def test_a_message_reads_back() -> None:
    """With its digest; a change of any part of it changes that."""
    due = Message(**{**vars(MESSAGE), "next_update_at": NOW, "provider": {"status": "identified"}})
    assert Message.from_json(due.to_json()) == due
    digests = {Message(**{**vars(MESSAGE), **change}).digest for change in CHANGES}
    assert len(digests | {MESSAGE.digest}) == len(CHANGES) + 1


CHANGES: list[dict[str, object]] = [
    {"subject": "Title "},
    {"body": "Body."},
    {"channel": "mail"},
    {"incident": "INC-2"},
    {"next_update_at": NOW},
    {"supersedes": "MSG-0"},
    {"provider": {"notify": False}},
    {"inventory": "sha256:1"},
    {"lang": "de"},
    {"audience": Audience.PRESS},
]
