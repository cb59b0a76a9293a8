"""`psfir comms list|show|approve|revoke|check`, as people type it."""

from pathlib import Path
from threading import Event, Thread

import pytest

from psfir.app import templates as app
from psfir.comms.ledger import alone
from tests.cli.keyboard import Keyboard, on_a_terminal
from tests.comms.shelf import TEXT, put

REQUIRED = """\
schema: psfir.required/1
templates:
  - {audience: public, phase: holding}
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    put(keyboard.root)
    (keyboard.root / "comms_templates" / "required.yaml").write_text(REQUIRED)
    words = keyboard.root / "psfir.yaml"
    words.write_text(words.read_text().replace("people:\n", PEOPLE, 1))
    return keyboard


PEOPLE = """\
people:
  cleo: {name: Cleo, roles: [comms_approver]}
  lena: {name: Lena, roles: [comms_approver, legal]}
"""


def test_unapproved_is_not_ready(desk: Keyboard) -> None:
    """Exit code 1 with a table; approved, 0; edited, 1 again; and approved again, 0."""
    done = desk.type("comms", "check")
    assert (done.code, done.err) == (1, "")
    assert "public/holding  en  UNAPPROVED  nobody has approved it" in done.out
    desk.me("lena")
    said = desk.ok("comms", "approve", "public-holding", "--as", "legal", "--yes").out
    assert "approved public-holding.en as legal until" in said
    assert "1 of 1 that must ship may be used" in desk.ok("comms", "check").out
    put(desk.root, TEXT.replace("You may have", "You might have"))
    done = desk.type("comms", "check", "--json")
    assert done.code == 1
    assert [row["state"] for row in done.json["rows"]] == ["altered"]
    desk.ok("comms", "approve", "--all", "--as", "legal", "--yes")
    desk.ok("comms", "check")
    desk.ok("comms", "revoke", "public-holding")
    assert desk.type("comms", "check").code == 1


def test_check_needs_no_identity_and_makes_no_record(desk: Keyboard) -> None:
    """It is for CI."""
    desk.me("")
    assert desk.type("comms", "check").code == 1
    assert not (desk.root / ".psfir" / "record.sqlite3").exists()


def test_who_may_not_approve_is_told_who_may(desk: Keyboard) -> None:
    """Before the text is shown; and nothing is written."""
    done = desk.type("comms", "approve", "public-holding", "--yes")
    assert done.code == 3
    assert "alice may not approve template" in done.err
    assert "cleo, lena" in done.err
    assert not (desk.root / "comms_templates" / "approvals.yaml").exists()


def test_the_author_alone_is_not_enough(desk: Keyboard) -> None:
    """Cleo wrote it."""
    desk.me("cleo")
    desk.ok("comms", "approve", "public-holding", "--yes")
    assert "AUTHOR ALONE" in desk.type("comms", "check").out


def test_one_with_two_roles_says_which(desk: Keyboard) -> None:
    """And only one of theirs."""
    desk.me("lena")
    done = desk.type("comms", "approve", "public-holding", "--yes")
    assert (done.code, "--as comms_approver or --as legal" in done.err) == (2, True)
    done = desk.type("comms", "approve", "public-holding", "--yes", "--as", "executive")
    assert (done.code, "cannot approve a template as executive" in done.err) == (3, True)


def test_pressed_twice_it_says_so(desk: Keyboard) -> None:
    """And an end that is past, or far away, is none."""
    desk.me("cleo")
    desk.ok("comms", "approve", "public-holding", "--yes")
    assert "has approved this text" in desk.type("comms", "approve", "public-holding", "--yes").err
    for day in ("2020-01-01", "2199-01-01"):
        assert desk.type("comms", "approve", "public-holding", "--yes", "--until", day).code == 2


def test_what_others_say_meanwhile_stays(desk: Keyboard) -> None:
    """Whoever reads forty texts before they say yes has read the ledger long ago."""
    long_ago = app.shelf(desk.root)
    desk.me("lena")
    desk.ok("comms", "approve", "public-holding", "--as", "legal", "--yes")
    app.approve(desk.session("cleo"), long_ago, long_ago.templates)
    assert [one.by for one in app.shelf(desk.root).ledger.given] == ["cleo", "lena"]
    app.revoke(desk.session("cleo"), long_ago, long_ago.templates[0])
    assert [one.by for one in app.shelf(desk.root).ledger.given] == ["lena"]


def test_of_two_at_once_both_are_written(desk: Keyboard) -> None:
    """The second waits until the first has written."""
    shelf = app.shelf(desk.root)
    entered, done = Event(), Event()

    def other() -> None:
        session = desk.session("cleo")
        entered.set()
        app.approve(session, shelf, shelf.templates)
        done.set()

    thread = Thread(target=other)
    with alone(desk.root):
        thread.start()
        assert entered.wait(10)
        assert not done.wait(0.2)
    thread.join(10)
    assert done.is_set()


def test_without_a_yes_the_text_is_shown_and_asked_for(desk: Keyboard) -> None:
    """A no records nothing; where nobody can answer, silence is no yes."""
    desk.me("cleo")
    assert desk.type("comms", "approve", "public-holding").code == 2
    done = on_a_terminal(desk.root, "comms", "approve", "public-holding", typed="n\n", PSFIR_ME="cleo")
    assert done.code == 3
    assert "You may have seen {{ seen }} from {{ product }}." in done.out
    assert not (desk.root / "comms_templates" / "approvals.yaml").exists()


def test_list_and_show(desk: Keyboard) -> None:
    """By id, by cell, by file; a slip is told with what was meant."""
    assert desk.ok("comms", "list", "--json").json["templates"][0]["state"] == "unapproved"
    for name in ("public-holding", "public-holding.en", "public/holding", "comms_templates/public/holding.en.md"):
        assert "what people may have seen" in desk.ok("comms", "show", name).out
    done = desk.type("comms", "show", "public-holdin")
    assert (done.code, "did you mean public-holding.en?" in done.err) == (2, True)


def test_a_required_file_that_cannot_be_read_is_not_missing(desk: Keyboard) -> None:
    """It is told with its line, and the gate stays shut."""
    put(desk.root, TEXT.replace("{{ seen }}", "{{ sene }}"))
    done = desk.type("comms", "check")
    assert done.code == 1
    assert "UNSOUND" in done.out
    assert "holding.en.md:18:1: uses 'sene'" in done.out
    assert desk.type("lint").code == 2 or "sene" in desk.type("lint").out
