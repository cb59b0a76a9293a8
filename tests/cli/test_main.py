"""The front door: every command is named and can be loaded, every error is a sentence with its exit code."""

import atexit
import gc
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import click
import pytest

from psfir import __version__
from psfir.cli.main import COMMANDS, exit_code, main, psfir
from psfir.errors import (
    CatalogError,
    ContentError,
    Denied,
    Drift,
    LeverError,
    NoAnswer,
    Problem,
    PsfirError,
    RecordError,
    Refusal,
    UsageError,
)
from tests.cli.keyboard import Keyboard, on_a_terminal


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def leaves(command: click.Command, *path: str) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command below this one, with its words."""
    if not isinstance(command, click.Group):
        return [(path, command)]
    ctx = click.Context(command)
    found = []
    for name in command.list_commands(ctx):
        below = command.get_command(ctx, name)
        assert below is not None, (*path, name)
        found += leaves(below, *path, name)
    return found


MINE = {"approve", "status", "incident", "runbook", "playbook", "init", "doctor", "whoami", "sync", "completion"}


def test_every_command_of_these_rooms_has_an_example_and_json() -> None:
    """Help shows an example and the exit codes, and --json is always there."""
    for name in MINE:
        command = psfir.get_command(click.Context(psfir), name)
        assert command is not None
        for path, leaf in leaves(command, name):
            assert "Example" in (leaf.epilog or ""), path
            assert "Exit codes" in (leaf.epilog or ""), path
            assert "--json" in [option for param in leaf.params for option in param.opts], path
            assert leaf.help, path


def test_help_lists_every_command_and_the_exit_codes(keyboard: Keyboard) -> None:
    """Without loading any of them."""
    said = keyboard.ok("--help").out
    assert all(f"  {name} " in said for name in COMMANDS)
    assert "6  unknown: the probes could not tell" in said


def test_the_version(keyboard: Keyboard) -> None:
    """One line."""
    assert keyboard.ok("--version").out == f"psfir {__version__}\n"


def test_an_unknown_command_is_guessed_at(keyboard: Keyboard) -> None:
    """The near miss is named; rubbish is sent to the help."""
    done = keyboard.type("kil", "support-assistant")
    assert done.code == 2
    assert done.err == "psfir: there is no command 'kil'\n  -> did you mean kill?\n"
    assert "psfir --help lists them" in keyboard.type("qqqq").err


@pytest.mark.parametrize("group", ["audit", "lever", "runbook", "playbook"])
def test_a_group_alone_shows_its_help(keyboard: Keyboard, group: str) -> None:
    """As it is, not as something that went wrong; the exit code says that no command was named."""
    done = keyboard.type(group)
    assert done.code == 2
    assert done.err == keyboard.ok(group, "--help").out
    assert done.out == ""


def test_nobody_is_sent_to_kill_by_a_guess(keyboard: Keyboard) -> None:
    """A word that is near to kill and does not begin like it is not answered with kill."""
    for typed in ("bill", "skill"):
        assert "did you mean kill" not in keyboard.type(typed).err


def test_workspace_and_json_may_stand_before_the_command(keyboard: Keyboard, tmp_path: Path) -> None:
    """They mean the same there, and what stands behind it wins."""
    assert keyboard.ok("--json", "whoami").json["person"] == "alice"
    assert keyboard.type("-w", str(tmp_path / "gone"), "whoami").code == 2
    keyboard.ok("-w", str(tmp_path / "gone"), "whoami", "-w", str(keyboard.root))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (ContentError([Problem("f", 1, 1, "x")]), 2),
        (Refusal("x"), 3),
        (Drift("x", expected=1, found=2), 3),
        (LeverError("x"), 1),
        (Denied("x"), 1),
        (NoAnswer("x"), 1),
        (CatalogError("x"), 1),
        (RecordError("x"), 1),
        (PsfirError("x"), 1),
    ],
)
def test_each_class_of_error_has_its_exit_code(error: PsfirError, code: int) -> None:
    """One table, so that a script can tell a refusal from a failure."""
    assert exit_code(error) == code


def test_all_problems_of_a_file_are_shown(keyboard: Keyboard) -> None:
    """Each with file, line and column, in text and in JSON."""
    (keyboard.root / "psfir.yaml").write_text("schema: psfir.workspace/1\nnam: x\npeople: 3\n")
    done = keyboard.type("status")
    assert done.code == 2
    assert len([line for line in done.err.splitlines() if "psfir.yaml:" in line]) >= 2
    problems = keyboard.type("status", "--json").json["error"]["problems"]
    assert {"file", "line", "column", "sentence"} <= set(problems[0])


def test_a_bug_is_a_sentence_with_its_place(keyboard: Keyboard) -> None:
    """Never a traceback, and what to do is said."""
    with (
        patch("psfir.app.identity.identify", side_effect=ZeroDivisionError("oh")),
        patch("psfir.app.session.identify", side_effect=ZeroDivisionError("oh")),
    ):
        done = keyboard.type("whoami")
    assert done.code == 1
    assert "a bug in psfir: ZeroDivisionError: oh at " in done.err
    assert "Traceback" not in done.err
    assert "psfir resume" in done.err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (click.exceptions.Abort(), 130)])
def test_a_person_who_stops_gets_a_sentence(keyboard: Keyboard, error: BaseException, code: int) -> None:
    """^C is no error of psfir."""
    with patch("psfir.app.session.identify", side_effect=error):
        done = keyboard.type("whoami")
    assert done.code == code
    assert "stopped" in done.err


def test_a_reader_that_goes_away_is_no_traceback(keyboard: Keyboard) -> None:
    """`psfir ... | head` ends quietly."""
    script = f"{sys.executable} -c 'from psfir.cli.main import main; main()' incident list --all | true"
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=False, timeout=30)  # noqa: S602 - a pipe is what is tested
    assert done.stderr == ""


def test_colour_is_for_terminals_that_want_it(keyboard: Keyboard) -> None:
    """None in a pipe, none under NO_COLOR, and the words are the same."""
    keyboard.ok("incident", "declare", "search")
    assert "\x1b" not in keyboard.ok("status").out
    coloured = on_a_terminal(keyboard.root, "status")
    assert "\x1b[1m" in coloured.out
    assert "\x1b" not in on_a_terminal(keyboard.root, "status", NO_COLOR="1").out


def test_a_process_of_its_own_has_the_exit_code(keyboard: Keyboard) -> None:
    """The console script's entry point, as a shell sees it."""
    code = "from psfir.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "incident", "show"], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("psfir: there is no incident")


def test_main_takes_its_words_from_the_process(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Called without arguments it reads those of the process."""
    monkeypatch.setattr(sys, "argv", ["psfir", "--version"])
    threshold = gc.get_threshold()
    with pytest.raises(SystemExit) as ended:
        main()
    gc.set_threshold(*threshold)
    atexit.unregister(gc.freeze)
    assert ended.value.code == 0
    assert os.environ["PSFIR_ME"] == "alice"


def test_garbage_is_looked_for_seldom_in_a_process_of_its_own_alone(keyboard: Keyboard) -> None:
    """The console script has a short life; a program that calls `main` with words keeps its own settings."""
    before = gc.get_threshold()
    assert keyboard.type("--version").code == 0
    assert gc.get_threshold() == before
    shown = "import atexit, gc; atexit.register(lambda: print(gc.get_threshold()))"
    code = f"{shown}; from psfir.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.stdout.splitlines()[-1] == "(50000, 10, 10)"


def test_a_groups_command_that_is_mistyped_is_told_its_near_miss(keyboard: Keyboard) -> None:
    """A group of commands says it as psfir itself does; where nothing is near it says where the list is."""
    near = keyboard.type("comms", "aprove")
    assert (near.code, near.err) == (2, "psfir: there is no command 'aprove'\n  -> did you mean approve?\n")
    assert "psfir comms --help lists them" in keyboard.type("comms", "xyzzy").err
