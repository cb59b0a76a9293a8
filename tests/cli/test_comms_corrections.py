"""Corrections: one mail to each row of an inventory, by a real mail server, and never two to anybody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from psfir.app.messages import table
from tests.app.corrections_kit import approved, inventory, lay_out, session
from tests.app.workspaces import environment
from tests.cli.keyboard import Keyboard
from tests.messengers.mail_server import MailServer

HEAD = "email,wrong,right\n"
DRAFT = ("comms", "draft", "--phase", "correction", "--audience", "customers", "--inventory")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer(tmp_path_factory.getbasetemp(), tls=False) as server:
        yield server


@pytest.fixture
def server(shared: MailServer) -> Iterator[MailServer]:
    shared.kept.clear()
    shared.at.clear()
    yield shared
    shared.hang_up()


@pytest.fixture
def desk(
    server: MailServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    lay_out(tmp_path, server.url)
    return keyboard


def record_of(root: Path) -> bytes:
    """All that the record keeps, whatever file it is in."""
    return b"".join(path.read_bytes() for path in (root / ".psfir").glob("record.sqlite3*"))


def test_each_row_gets_its_own_mail(desk: Keyboard, server: MailServer) -> None:
    """Drafted by comms, seen and said yes to by the commander, and filled for each person as it goes."""
    rows = inventory(desk.root / "wrong.csv", 3)
    desk.me("carol")
    message = desk.ok(*DRAFT, str(rows), "--json").json["message"]
    assert message["text"]["inventory"].startswith("sha256:")
    assert "This went to 3 people" in message["text"]["body"]
    desk.me("alice")
    shown = desk.ok("comms", "text", message["id"], "--preview", "2").out
    assert "You were told: 1 days" in shown
    assert "You were told: 2 days" not in shown
    desk.ok("comms", "approve", message["id"], "--yes")
    done = desk.ok("comms", "send", message["id"], "--yes", "--json").json
    assert done["counts"] == {"sent": 3}
    assert {one["To"]: one.get_content().splitlines()[0] for one in server.mails} == {
        f"c{number}@example.com": f"You were told: {number} days" for number in range(3)
    }


def test_no_row_reaches_the_record(desk: Keyboard) -> None:
    """Neither by its draft nor by sending it: a digest and a count do."""
    told = approved(desk.root, inventory(desk.root / "wrong.csv", 3))
    desk.ok("comms", "send", told.id, "--yes")
    kept = record_of(desk.root)
    assert told.digest.encode() in kept
    assert b"@example.com" not in kept
    assert b"2 days" not in kept
    assert (told.inventory["file"], told.inventory["rows"]) == ("wrong.csv", 3)


def test_the_first_mails_can_be_looked_at(desk: Keyboard) -> None:
    """As they will read; it records nothing, and nobody's address is shown."""
    rows = inventory(desk.root / "wrong.csv", 5)
    done = desk.ok(*DRAFT, str(rows), "--preview", "2")
    assert [line for line in done.out.splitlines() if "You were told" in line] == [
        "  You were told: 0 days",
        "  You were told: 1 days",
    ]
    assert "for c...@example.com" in done.out
    assert "c0@" not in done.out
    mails = desk.ok(*DRAFT, str(rows), "--preview", "1", "--json").json["draft"]["mails"]
    assert [mail["subject"] for mail in mails] == ["Correction of an answer"]
    assert desk.type("comms", "text").code == 2


def test_bad_rows_are_told_by_their_lines(desk: Keyboard) -> None:
    """All of them, and nothing is drafted."""
    rows = desk.root / "wrong.csv"
    rows.write_text(f"{HEAD}nobody,a,b\nc1@example.com,,b\nc2@example.com,a,b\nc3@example.com,a,<b>\n")
    done = desk.type(*DRAFT, str(rows))
    assert done.code == 2
    assert [f"wrong.csv:{line}:" in done.err for line in (2, 3, 4, 5)] == [True, True, False, True]
    assert "put 3 rows right" in done.err
    assert desk.type("comms", "text").code == 2


def test_it_needs_an_inventory(desk: Keyboard) -> None:
    """Nobody can say for all what each one was told."""
    done = desk.type(*DRAFT[:-1])
    assert (done.code, "--inventory FILE" in done.out) == (2, True)
    assert desk.type(*DRAFT[:-1], "--set", "wrong=x").code == 3


def test_other_rows_need_another_yes(desk: Keyboard, server: MailServer) -> None:
    """The approval is of the text and of these rows; a digest tells them apart, and nothing has gone out."""
    rows = inventory(desk.root / "wrong.csv", 2)
    told = approved(desk.root, rows)
    rows.write_text(rows.read_text().replace("1 days", "9 days"))
    done = desk.type("comms", "send", told.id, "--yes")
    assert (done.code, "no longer has the rows" in done.err) == (3, True)
    rows.unlink()
    assert desk.type("comms", "send", told.id, "--yes").code == 2
    assert not server.kept


def test_a_mail_for_each_is_not_posted_for_all(desk: Keyboard) -> None:
    """Where everybody would read it."""
    told = approved(desk.root, inventory(desk.root / "wrong.csv", 2))
    done = desk.type("comms", "send", told.id, "--yes", "--channel", "paste")
    assert done.code == 3
    assert not list((desk.root / "out").glob("*"))


def test_a_template_that_is_altered_later_fills_nothing_differently(desk: Keyboard, server: MailServer) -> None:
    """The draft remembers which column fills what."""
    told = approved(desk.root, inventory(desk.root / "wrong.csv", 1))
    template = desk.root / "comms_templates" / "customers" / "correction.en.md"
    template.write_text(template.read_text().replace("fact: wrong", "fact: right"))
    desk.ok("comms", "send", told.id, "--yes")
    assert "You were told: 0 days" in server.mails[0].get_content()


def test_a_wrong_correction_is_superseded(desk: Keyboard, server: MailServer) -> None:
    """By a message that names it; the first stays on the record as it went out."""
    rows = inventory(desk.root / "wrong.csv", 2)
    first = approved(desk.root, rows)
    desk.ok("comms", "send", first.id, "--yes")
    rows.write_text(rows.read_text().replace("2 days", "4 days"))
    desk.me("carol")
    second = desk.ok(*DRAFT, str(rows), "--supersedes", first.id, "--json").json["message"]
    desk.me("alice")
    desk.ok("comms", "approve", second["id"], "--yes")
    desk.ok("comms", "send", second["id"], "--yes")
    assert Counter(one["To"] for one in server.mails) == {"c0@example.com": 2, "c1@example.com": 2}
    assert table(session(desk.root)).talk.superseded() == {first.id}


def test_more_rows_than_psfir_yaml_allows_are_refused(desk: Keyboard) -> None:
    """Ten thousand, unless it says otherwise."""
    words = desk.root / "psfir.yaml"
    words.write_text(words.read_text() + "  inventory: {most: 2}\n")
    done = desk.type(*DRAFT, str(inventory(desk.root / "wrong.csv", 3)))
    assert (done.code, "has more than 2 rows" in done.err) == (2, True)


def test_a_kill_in_the_middle_sends_nobody_two(server: MailServer, tmp_path: Path) -> None:
    """Of 200 mails, killed with -9 under way: whoever comes next sends the rest, and the one on its way is unknown."""
    root = lay_out(tmp_path, server.url)
    told = approved(root, inventory(root / "wrong.csv", 200))
    enough = Event()

    def count(_: str) -> str:
        if len(server.kept) == 80:
            enough.set()
        return ""

    server.at["DATA"] = count
    first = send(root, told.id)
    assert enough.wait(40)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    server.at.clear()
    second = send(root, told.id)
    out, _ = second.communicate(timeout=50)
    said = json.loads(out)
    counts = said["counts"]
    got = Counter(one.rcpt_tos[0] for one in server.kept)
    assert set(got.values()) == {1}
    assert counts["sent"] + counts.get("unknown", 0) == 200
    assert counts["sent"] <= len(got) <= 200
    assert 0 < counts.get("unknown", 0) <= 20
    assert second.returncode == 6


def send(root: Path, name: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "psfir", "comms", "send", name, "--yes", "--json"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        words, cwd=root, env=environment(root, "alice"), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )
