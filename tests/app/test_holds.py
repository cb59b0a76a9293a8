"""A legal hold names what must stay, with why and by whom, until somebody with the right releases it."""

from pathlib import Path

import pytest

from psfir.app.erasing import erase
from psfir.app.holds import place, refuse_held, release, standing
from psfir.app.incident_deeds import merge
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.timeline import line
from psfir.errors import Refusal, UsageError
from tests.app.incident_kit import at_work, opened
from tests.app.kept_kit import legal


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return legal(tmp_path)


@pytest.fixture
def incident(session: Session) -> Incident:
    return opened(at_work(session.root))


def test_it_is_in_the_record_with_who_and_why(session: Session, incident: Incident) -> None:
    """In the timeline of what it holds; why is a note beside it."""
    (hold,) = place(session, "smith-v-acme", [incident.id], why="a letter came")
    assert (hold.incident, hold.by, hold.why) == (incident.id, "asserted:emma", "a letter came")
    assert f"smith-v-acme: {incident.id}, placed 2026-11-21 by emma: a letter came" in hold.line
    note, placed = list(session.journal.read(incident.id))[-2:]
    assert (note.kind, placed.kind) == (Kind.NOTE, Kind.HOLD_PLACED)
    assert line(placed) == "LEGAL HOLD smith-v-acme: nothing of it is erased or discarded"
    assert release(session, "smith-v-acme", [], why="settled") == ()


def test_several_stand_beside_one_another(session: Session, incident: Incident) -> None:
    """Each is released by itself, for one incident or for all that it holds."""
    other = opened(at_work(session.root))
    place(session, "a", [incident.id, other.id], why="x")
    place(session, "b", [incident.id], why="y")
    assert [(one.name, one.incident) for one in release(session, "a", [incident.id], why="z")] == [
        ("a", other.id),
        ("b", incident.id),
    ]
    with pytest.raises(Refusal, match=f"{incident.id} is under legal hold: b: "):
        refuse_held(session, [incident.id])


def test_a_hold_on_everything_holds_what_comes_later(session: Session) -> None:
    """And a hold on where an incident was merged into holds that as well."""
    place(session, "all", [], why="regulator")
    later = opened(at_work(session.root))
    with pytest.raises(Refusal, match="all: everything, placed"):
        refuse_held(session, [later.id])
    release(session, "all", [], why="over")
    alice = at_work(session.root)
    target = opened(alice)
    merge(alice, later, into=target)
    place(session, "one", [target.id], why="x")
    with pytest.raises(Refusal, match=later.id):
        refuse_held(session, [later.id])


def test_why_it_was_placed_cannot_be_erased_while_it_stands(session: Session, incident: Incident) -> None:
    """Afterwards it can, and the deed stays."""
    place(session, "smith", [incident.id], why="letter of Jane Smith")
    (seq,) = [entry.seq for entry in session.journal.read(incident.id) if entry.kind == Kind.NOTE]
    with pytest.raises(Refusal, match="legal hold"):
        erase(session, [seq], why="she asks")
    release(session, "smith", [], why="settled")
    erase(session, [seq], why="she asks")
    place(session, "smith", [incident.id], why="again")
    assert [one.why for one in standing(session)] == ["again"]


@pytest.mark.parametrize(
    ("name", "why", "error", "says"),
    [
        ("Smith v Acme", "x", UsageError, "is no name for a hold"),
        ("", "x", UsageError, "is no name for a hold"),
        ("smith", " ", UsageError, "needs a reason"),
        ("there", "x", Refusal, "already"),
    ],
)
def test_wrong_words_are_sentences(
    session: Session, incident: Incident, name: str, why: str, error: type[Exception], says: str
) -> None:
    """And nothing is recorded."""
    place(session, "there", [incident.id], why="x")
    head = session.journal.heads()
    with pytest.raises(error, match=says):
        place(session, name, [incident.id], why=why)
    assert session.journal.heads() == head


def test_what_does_not_stand_is_not_released(session: Session, incident: Incident) -> None:
    """With the near miss; and nobody without the right places or releases."""
    place(session, "smith", [incident.id], why="x")
    with pytest.raises(UsageError, match="no hold 'smyth' stands") as caught:
        release(session, "smyth", [], why="x")
    assert "smith" in caught.value.todo
    with pytest.raises(UsageError, match="does not hold INC-x by name"):
        release(session, "smith", ["INC-x"], why="x")
    for deed in (place, release):
        with pytest.raises(Refusal, match="alice may not hold"):
            deed(at_work(session.root), "smith", [], why="x")
