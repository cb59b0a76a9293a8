"""Files beside the record stay as long as psfir.yaml says once all is done, and leave a tombstone when they go."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.audit import verify_session
from psfir.app.clocks import open_, submitted
from psfir.app.holds import place, release
from psfir.app.incident_deeds import merge, reopen
from psfir.app.retention import apply, keeping
from psfir.app.session import Session
from psfir.domain.kinds import Kind
from psfir.domain.timeline import line
from psfir.errors import Refusal
from psfir.records.evidence import EvidenceFolder
from psfir.review.retention import Thing
from tests.app.incident_kit import NOW, at_work, opened
from tests.app.kept_kit import at, file_of, keep, legal, over


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return legal(tmp_path)


def said(session: Session, **span: float) -> str:
    """What is said of the one file, later."""
    (kept,) = keeping(at(session, **span))
    return kept.line


def test_thirty_days_after_all_is_done(session: Session) -> None:
    """Not a second sooner; then it goes, and an entry keeps its digest, its size, who let it go, and why."""
    incident = over(session)
    path = file_of(session, incident)
    size = path.stat().st_size
    assert said(session, days=30, seconds=-1) == "until 2026-12-21"
    assert apply(at(session, days=30, seconds=-1)) == []
    later = at(session, days=30)
    assert [one.file.name for one in apply(later)] == ["chat.json"]
    assert list(path.parent.iterdir()) == []
    entry = list(later.journal.read(incident.id))[-1]
    assert (entry.kind, entry.actor) == (Kind.DISCARDED, "asserted:emma")
    assert entry.data == {
        "thing": "evidence",
        "name": "chat.json",
        "sha256": f"sha256:{path.name}",
        "size": size,
        "why": "30 days after 2026-11-21, as psfir.yaml says",
    }
    assert "was discarded: 30 days after" in line(entry)
    assert verify_session(later).sound
    assert keeping(later) == []


def test_what_was_discarded_is_not_missed_and_what_was_altered_is(session: Session) -> None:
    """And a piece that is gone without a tombstone is missed."""
    first, second = over(session), over(session)
    file_of(session, second).unlink()
    missed = verify_session(session).evidence
    assert [piece.incident for piece in missed] == [second.id]
    apply(at(session, days=31))
    assert [piece.incident for piece in verify_session(session).evidence] == [second.id]
    assert isinstance(session.evidence, EvidenceFolder)
    digest = missed[0].sha256
    session.evidence.path(first.id, digest).write_bytes(b"something else")
    assert {piece.state.value for piece in verify_session(session).evidence} == {"missing", "altered"}


def test_psfir_yaml_may_say_longer_and_never_shorter(session: Session) -> None:
    """Each kind of thing has its own days."""
    over(session)
    words = session.root / "psfir.yaml"
    words.write_text(words.read_text().replace("review:\n", "review:\n  retention: {evidence: 400, lists: 90}\n"))
    rule = at(session).workspace.review.retention
    assert (rule.evidence, rule.lists, rule.copies) == (400, 90, 30)
    assert said(session, days=31) == "until 2027-12-26"


def test_as_long_as_something_is_to_be_done_no_day_counts(session: Session) -> None:
    """Open, not closed, not published: whatever the calendar says."""
    alice = at_work(session.root)
    incident = opened(alice, "search")
    keep(alice, incident)
    assert said(session, days=999) == "kept: the incident is open"
    assert apply(at(session, days=999)) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"closed": False}, "kept: it is not closed"),
        ({"published": False}, "kept: its written analysis is not published"),
    ],
)
def test_a_step_that_lacks_is_named(session: Session, words: dict[str, bool], says: str) -> None:
    """The first that would have to be done."""
    over(session, **words)
    assert said(session, days=999) == says


def test_an_open_duty_keeps_it_and_its_report_lets_it_go(session: Session) -> None:
    """The days begin with the last thing that was recorded."""
    incident = over(session)
    open_(session, incident, "gdpr-33-1", why="names were shown")
    assert said(session, days=999) == "kept: the duty gdpr-33-1 is open"
    later = at(session, days=2)
    submitted(later, incident, "gdpr-33-1", at=NOW + timedelta(days=1))
    assert said(session, days=999) == "PAST since 2026-12-23"


def test_opened_again_it_stays(session: Session) -> None:
    """Whatever was published before."""
    incident = over(session)
    reopen(at_work(session.root), incident)
    assert said(session, days=999) == "kept: the incident is open"


def test_what_was_merged_waits_for_where_it_went(session: Session) -> None:
    """It is one story now."""
    alice = at_work(session.root)
    incident, other = opened(alice), opened(alice)
    keep(alice, incident)
    merge(alice, incident, into=other)
    assert said(session, days=999) == f"kept: of {other.id}, which it was merged into, the incident is open"


def test_a_hold_wins_and_its_release_begins_no_days(session: Session) -> None:
    """Held on the day that it could have gone; released, it goes at once."""
    incident = over(session)
    place(session, "smith-v-acme", [incident.id], why="a letter")
    assert said(session, days=31) == "HELD by smith-v-acme"
    later = at(session, days=31)
    assert apply(later) == []
    assert file_of(session, incident).exists()
    release(later, "smith-v-acme", [], why="settled")
    assert [one.file.incident for one in apply(later)] == [incident.id]


def test_what_fell_between_tombstone_and_file_is_finished(session: Session) -> None:
    """The process died right behind the record: the file goes the next time, without another tombstone."""
    incident = over(session)
    path = file_of(session, incident)
    content = path.read_bytes()
    later = at(session, days=31)
    apply(later)
    path.write_bytes(content)
    assert said(session, days=31) == "PAST: it was to go, and is still there"
    head = later.journal.heads()
    apply(later)
    assert not path.exists()
    assert later.journal.heads() == head


def test_the_same_captured_again_is_another_piece(session: Session) -> None:
    """What was discarded before does not stand for it."""
    incident = over(session)
    apply(at(session, days=31))
    reopen(at_work(session.root), incident)
    keep(at_work(session.root), incident)
    assert said(session, days=999) == "kept: the incident is open"
    file_of(session, incident).unlink()
    assert len(verify_session(session).evidence) == 1


def test_older_records_and_merged_spools_have_their_time_too(session: Session) -> None:
    """By the file's own date; any hold at all keeps them, since they hold everything."""
    incident = over(session)
    copy = session.root / ".psfir" / "record.sqlite3.v1-20261121T031200Z.bak"
    copy.write_bytes(b"all that was")
    os.utime(copy, (NOW.timestamp(), NOW.timestamp()))
    place(session, "smith", [incident.id], why="a letter")
    later = at(session, days=31)
    assert {one.file.thing: one.line for one in keeping(later)}[Thing.COPY] == "HELD by smith"
    release(later, "smith", [], why="settled")
    apply(later)
    assert not copy.exists()
    assert [e.data["name"] for e in later.journal.read("") if e.kind == Kind.DISCARDED and e.data] == [copy.name]


def test_who_may_not_discards_nothing(session: Session) -> None:
    """Looking takes no right."""
    over(session)
    alice = at_work(session.root, clock=at(session, days=31).clock)  # type: ignore[arg-type]  # the kit's own clock
    assert len(keeping(alice)) == 1
    with pytest.raises(Refusal, match="alice may not erase"):
        apply(alice)
