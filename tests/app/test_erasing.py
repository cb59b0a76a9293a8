"""A person's data is gone from words, files, lists and copies, under one reason, and all that is shown still is."""

from pathlib import Path

import pytest

from psfir.app import rca
from psfir.app.audit import verify_session
from psfir.app.erasing import erase
from psfir.app.holds import place
from psfir.app.incident_view import summary, to_json
from psfir.app.outbox import outbox_path
from psfir.app.session import Session
from psfir.cli.incident_page import page
from psfir.domain.incident import Incident
from psfir.domain.kinds import CATALOGUE, Kind
from psfir.domain.message import Audience
from psfir.errors import Refusal, UsageError
from psfir.review.clock_facts import clock_facts
from tests.app.incident_kit import NOW, at_work
from tests.app.kept_kit import CANARY, file_of, keep, legal, over
from tests.app.newsroom import NAMES, Newsroom

WORD = CANARY.split()[0]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return legal(tmp_path)


@pytest.fixture
def incident(session: Session) -> Incident:
    return over(session)


def numbers(session: Session, incident: Incident, *kinds: Kind) -> list[int]:
    return [entry.seq for entry in session.journal.read(incident.id) if entry.kind in kinds]


def holding(root: Path, word: bytes) -> list[str]:
    """Every file under .psfir with that word in its bytes."""
    files = sorted(path for path in (root / ".psfir").rglob("*") if path.is_file())
    return [path.name for path in files if word in path.read_bytes()]


def test_words_and_evidence_go_in_one_deed(session: Session, incident: Incident) -> None:
    """In no byte of any file; the tombstones say who, why and by which request; the chain is whole."""
    path = file_of(session, incident)
    assert set(holding(session.root, WORD)) >= {path.name}
    seqs = numbers(session, incident, Kind.NOTE, Kind.EVIDENCE)
    done = erase(session, seqs, why="asked for by the person", request="dsar-113")
    assert holding(session.root, WORD) == []
    assert not path.exists()
    assert [entry.data for entry in done.tombstones] == [
        {"seq": seqs[-1], "why": "asked for by the person", "request": "dsar-113"}
    ]
    last = list(session.journal.read(incident.id))[-1]
    assert last.data is not None
    assert (last.kind, last.actor, last.data["request"]) == (Kind.DISCARDED, "asserted:emma", "dsar-113")
    assert last.data["sha256"] == f"sha256:{path.name}"
    assert verify_session(session).sound


def test_whatever_shows_the_incident_still_does(session: Session, incident: Incident) -> None:
    """With a word in place of what is gone: the page, the summary, the analysis, the clocks, the JSON."""
    finn = at_work(session.root)
    words = (session.root / "psfir.yaml").read_text()
    (session.root / "psfir.yaml").write_text(words.replace("  emma: {name: Emma, roles: [legal]}", _WITH_REVIEWER))
    finn = at_work(session.root, "finn")
    path = rca.new(finn, incident, owner="finn", facilitator="")
    assert WORD.decode() in path.read_text()
    erase(session, numbers(session, incident, Kind.NOTE, Kind.EVIDENCE), why="asked for")
    again = finn.incident(incident.id)
    entries = list(finn.journal.read(incident.id))
    shown = "\n".join([*page(again, entries, NOW), summary(finn, again), str(to_json(again, NOW))])
    assert "note (erased)" in shown
    assert clock_facts(entries).instants == {}
    rca.refresh(finn, again)
    text = path.read_text()
    assert "note (erased)" in text
    assert f"discarded {NOW:%Y-%m-%d}" in text
    assert WORD.decode() not in shown + text


_WITH_REVIEWER = "  emma: {name: Emma, roles: [legal]}\n  finn: {name: Finn, roles: [owner]}"


def test_only_what_people_typed_can_be_erased() -> None:
    """Any other kind makes up the story: whoever lets one more be erased has to see that it is told without it."""
    erasable = {kind for kind, about in CATALOGUE.items() if about.erasable}
    assert erasable == {Kind.NOTE, Kind.CLAIMED, Kind.DRAFTED}


def test_a_hold_wins(session: Session, incident: Incident) -> None:
    """Nothing of it goes, neither words nor files, also where only one of several entries is held."""
    place(session, "smith", [incident.id], why="a letter")
    other = over(session)
    both = [*numbers(session, other, Kind.NOTE)[:1], *numbers(session, incident, Kind.EVIDENCE)]
    head = session.journal.heads()
    with pytest.raises(Refusal, match=f"{incident.id} is under legal hold: smith"):
        erase(session, both, why="asked for")
    with pytest.raises(Refusal, match="this is under legal hold"):
        erase(session, both[:1], why="asked for", with_copies=True)
    assert session.journal.heads() == head
    assert file_of(session, incident).exists()


def test_older_copies_go_when_they_are_asked_for(session: Session, incident: Incident) -> None:
    """Without that they are named; with it they leave a tombstone like any other file."""
    copy = session.root / ".psfir" / "record.sqlite3.v1-20261121T031200Z.bak"
    copy.write_bytes(WORD)
    (note,) = numbers(session, incident, Kind.NOTE)
    assert erase(session, [note], why="asked for").left == (copy,)
    second = keep(at_work(session.root), incident, WORD + b"again")
    done = erase(session, [second], why="asked for", with_copies=True)
    assert ([file.thing.value for file in done.files], done.left) == (["evidence", "copy"], ())
    assert not copy.exists()


def test_what_cannot_be_erased_leaves_all_as_it_was(session: Session, incident: Incident) -> None:
    """One entry that stays readable, or is not there, keeps the evidence that was named with it."""
    (evidence,) = numbers(session, incident, Kind.EVIDENCE)
    for wrong in (*numbers(session, incident, Kind.DECLARED), 9999):
        with pytest.raises(Refusal):
            erase(session, [evidence, wrong], why="asked for")
    with pytest.raises(UsageError, match="say why"):
        erase(session, [evidence], why=" ")
    with pytest.raises(Refusal, match="alice may not erase"):
        erase(at_work(session.root), [evidence], why="x")
    assert file_of(session, incident).exists()
    erase(session, [evidence], why="asked for")
    with pytest.raises(Refusal, match="is gone already"):
        erase(session, [evidence], why="asked for")


def test_with_a_draft_goes_the_list_of_whom_it_was_sent_to(newsroom: Newsroom) -> None:
    """No address is in any byte beside the record; how many had it, the record still tells."""
    name = newsroom.approved(Audience.CUSTOMERS)
    newsroom.send(name)
    path = outbox_path(newsroom.table(), newsroom.told(name), "mail")
    legal_ = newsroom.session("emma")
    (draft,) = [entry.seq for entry in legal_.journal.read() if entry.kind == Kind.DRAFTED]
    assert holding(newsroom.root, NAMES[1].encode()) == [path.name]
    done = erase(legal_, [draft], why="asked for")
    assert [file.name for file in done.files] == [f"of {name} over mail"]
    assert holding(newsroom.root, NAMES[1].encode()) == []
    told = newsroom.told(name)
    assert (told.message, told.discarded, told.sendings[0].counts) == (None, ("mail",), {"sent": 3})
    with pytest.raises(Refusal, match="were erased"):
        newsroom.send(name)
    assert verify_session(legal_).sound
