"""`psfir approve`: what is shown before the yes, what is recorded after it, and each way in which it is refused."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from psfir.cli import planview
from psfir.domain.canon import Json
from psfir.domain.plan import Verb
from tests.app.incident_kit import lay_out, opened, plan, planned, ran
from tests.cli.keyboard import Keyboard, on_a_terminal

needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None and not os.environ.get("CI"), reason="ssh-keygen is not installed here"
)
RESTORE = plan(Verb.RESTORE, containment="run-1")
SIGNED = plan(Verb.RESTORE, containment="run-1", signed=True)
DIGITS = RESTORE.digest.removeprefix("sha256:")[:12]


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """Something stands, and its restore waits for two yeses."""
    board = Keyboard(tmp_path / "work", capsys, monkeypatch)
    session = board.session()
    incident = ran(session, opened(session), plan())
    planned(session, planned(session, incident, RESTORE), SIGNED)
    return board


@pytest.fixture
def key(tmp_path: Path, keyboard: Keyboard) -> Path:
    """Alice's key, listed in psfir.yaml."""
    path = tmp_path / "id_alice"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    lay_out(keyboard.root, keys=(path.with_suffix(".pub").read_text().strip(),))
    return path


def test_two_people_say_yes(keyboard: Keyboard) -> None:
    """What is approved is shown before, what it comes to after; the second is told to go ahead."""
    first = keyboard.ok("approve", DIGITS, "--yes")
    assert "RESTORE support-assistant" in first.err
    assert "memory.switch: off -> on" in first.err
    assert RESTORE.digest in first.err
    assert first.out == "yes by alice recorded: 1 of 2 for this restore\n"
    keyboard.me("bob")
    second = keyboard.type("approve", RESTORE.digest, "--yes")
    # Both typed from this very login, which counts once: a second login, or a key, is what is missing.
    assert second.code == 3
    assert "came from the same login as alice's" in second.err
    assert f"-> psfir approve {DIGITS} --sign KEY" in second.err


def test_what_is_approved_is_what_changes(keyboard: Keyboard) -> None:
    """Each place on a line of its own under the rung, also in the plan; what stays as it is, is not there."""
    way = "/apis/apps/v1/namespaces/assistants/deployments/"
    up: dict[str, Json] = {f"{way}{name}": {"replicas": 2, "paused": False} for name in ("runs", "agent")}
    down: dict[str, Json] = {f"{way}{name}": {"replicas": 0, "paused": False} for name in ("runs", "agent")}
    (rung,) = RESTORE.rungs
    assert rung.change is not None
    wide = replace(RESTORE, rungs=(replace(rung, change=replace(rung.change, before=up, after=down)),))
    session = keyboard.session()
    planned(session, session.incident(), wide)
    shown = keyboard.ok("approve", wide.digest, "--yes").err
    places = ["deployments/agent replicas: 0 -> 2", "deployments/runs replicas: 0 -> 2"]
    assert [text.strip() for text in shown.splitlines() if "->" in text] == places
    assert "paused" not in shown
    drawn = [text.strip() for text in planview.lines(wide, session.catalog)]
    first = drawn.index(places[0])
    assert drawn[first : first + 3] == [*places, "within 5s"]


def test_break_glass_after_a_yes_is_enough(keyboard: Keyboard) -> None:
    """Who has said yes and then breaks the glass is told it is enough, and the yes before it is no loss."""
    keyboard.ok("approve", DIGITS, "--yes")
    words = ("approve", DIGITS, "--break-glass", "--reason", "alone here", "--yes")
    assert keyboard.ok(*words).out.startswith("BREAK-GLASS by alice recorded: enough alone for this restore\n")
    assert (
        keyboard.type("approve", DIGITS, "--yes")
        .err.splitlines()[-1]
        .endswith("this yes would not count: alice has said yes already")
    )


def test_break_glass_in_json_lists_no_superseded_yes(keyboard: Keyboard) -> None:
    """Only a yes of somebody who has none that counts is listed as ignored."""
    keyboard.ok("approve", DIGITS, "--yes")
    words = ("approve", DIGITS, "--break-glass", "--reason", "alone here", "--yes", "--json")
    assert keyboard.ok(*words).json["standing"] == {"counted": 1, "needed": 2, "enough": True, "ignored": []}


def test_break_glass_is_enough_and_loud(keyboard: Keyboard) -> None:
    """It needs a reason, it is shown, and the headline bears it."""
    assert "needs a reason" in keyboard.type("approve", DIGITS, "--break-glass", "--yes").err
    done = keyboard.ok("approve", DIGITS, "--break-glass", "--reason", "alone here", "--yes")
    assert "BREAK-GLASS: this counts alone" in done.err
    incident = keyboard.session().incident().id
    assert done.out.splitlines() == [
        "BREAK-GLASS by alice recorded: enough alone for this restore",
        f"  -> psfir restore {incident}",
    ]
    assert "!! BREAK-GLASS by alice" in keyboard.ok("incident", "show").out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "say a digest, or --file FILE"),
        ([DIGITS, "--file", "x"], 2, "say a digest, or --file FILE"),
        (["0123456"], 2, "is not a digest"),
        (["0" * 12, "--yes"], 3, "no open incident has a plan"),
        ([DIGITS], 2, "there is nobody here to ask"),
        ([DIGITS, "--of", "kill"], 2, "--of is for --out"),
        ([DIGITS, "--out", "y.json", "--yes"], 2, "has to be signed"),
        ([DIGITS, "--incident", "INC-none"], 2, "there is no incident INC-none"),
        ([DIGITS, "--sign", "/none", "--yes"], 2, "there is no SSH key /none"),
        (["--file", "/none"], 2, "cannot be read"),
        ([SIGNED.digest, "--yes"], 3, "is not signed"),
    ],
)
def test_what_is_refused(keyboard: Keyboard, words: list[str], code: int, says: str) -> None:
    """Nothing is recorded."""
    done = keyboard.type("approve", *words)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert keyboard.session().incident().approvals == ()


@pytest.mark.parametrize(("me", "says"), [("carol", "carol may not approve restore"), ("mallory", "'mallory' is not")])
def test_who_may_not_is_told_whom_to_ask(keyboard: Keyboard, me: str, says: str) -> None:
    """Before anything is shown or asked."""
    keyboard.me(me)
    done = keyboard.type("approve", DIGITS)
    assert done.code == 3
    assert says in done.err
    assert "alice, bob" in done.err
    assert "RESTORE" not in done.err


def test_the_yes_in_json(keyboard: Keyboard) -> None:
    """The approval, and what all of them come to."""
    done = keyboard.ok("approve", DIGITS, "--yes", "--json")
    said = done.json
    assert sorted(said) == ["approval", "incident", "recorded", "schema", "standing"]
    assert said["schema"] == "psfir.out.approve/1"
    assert said["standing"] == {"counted": 1, "needed": 2, "enough": False, "ignored": []}


def test_a_person_is_asked(keyboard: Keyboard) -> None:
    """On a terminal, no is the answer of who only presses Enter."""
    no = on_a_terminal(keyboard.root, "approve", DIGITS, typed="\n")
    assert no.code == 3
    assert "Say yes to this?" in no.out
    assert "you said no: nothing was recorded" in no.out
    assert keyboard.session().incident().approvals == ()
    yes = on_a_terminal(keyboard.root, "approve", DIGITS, typed="y\n")
    assert yes.code == 0
    assert len(keyboard.session().incident().approvals) == 1


@needs_ssh
def test_a_signed_yes_travels(keyboard: Keyboard, key: Path, tmp_path: Path) -> None:
    """Written to a file by one, recorded by another, under the signer's name."""
    out = tmp_path / "yes.json"
    done = keyboard.ok("approve", SIGNED.digest, "--sign", str(key), "--out", str(out), "--yes")
    assert "psfir approve --file yes.json" in done.out
    keyboard.me("bob")
    done = keyboard.ok("approve", "--file", str(out))
    assert done.out == "yes by alice recorded: 1 of 2 for this restore\n"
    assert "alice (verified, signed)" in keyboard.ok("incident", "show").out
    assert keyboard.type("approve", "--file", str(out)).code == 3


@needs_ssh
def test_a_plan_that_is_not_at_hand_is_signed_by_its_digest(keyboard: Keyboard, key: Path, tmp_path: Path) -> None:
    """With --of; without a person to ask, only with --yes."""
    out = tmp_path / "yes.json"
    words = ["approve", "sha256:" + "0" * 64, "--of", "restore", "--sign", str(key), "--out", str(out)]
    done = keyboard.type(*words)
    assert (done.code, out.exists()) == (2, False)
    assert keyboard.ok(*words, "--yes", "--json").json["recorded"] is False
    assert "no open incident" in keyboard.type("approve", "--file", str(out)).err


@needs_ssh
def test_a_damaged_file_is_wrong_content(keyboard: Keyboard, key: Path, tmp_path: Path) -> None:
    """Exit code 2 for a file that is none, 3 for a signature that does not hold."""
    out = tmp_path / "yes.json"
    keyboard.ok("approve", SIGNED.digest, "--sign", str(key), "--out", str(out), "--yes")
    text = out.read_text()
    out.write_text(text[:-20])
    assert keyboard.type("approve", "--file", str(out)).code == 2
    out.write_text(text.replace('"restore"', '"kill"'))
    assert keyboard.type("approve", "--file", str(out)).code == 3
