"""What command.run makes of programs: which it runs, what they get, and what each way to end is called."""

import os
import signal
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from psfir.domain.change import Change, Held, NothingToDo, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Ready
from psfir.errors import (
    Busy,
    Denied,
    Drift,
    LeverError,
    NoAnswer,
    NoSuchTarget,
    PsfirError,
    Refusal,
    Unreachable,
    UsageError,
)
from psfir.levers.command.run import CommandRun
from tests.levers.command.programs import SECRET, TARGET, World, lever, program, python

ON = """
if sys.argv[1] == "read":
    print('{"state": "on"}')
    sys.exit()
"""


def change(one: CommandRun) -> Change:
    made = one.plan(TARGET, one.read(TARGET, within=10), Mode.DISABLE, {"value": "off"})
    assert isinstance(made, Change)
    return made


def test_planning_calls_read_and_nothing_else(tmp_path: Path) -> None:
    """Trap 18: whoever only wants to see what would happen has called no verb that could do it."""
    world = World(tmp_path)
    one = world.lever()
    planned = change(one)
    assert world.calls() == ["read"]
    one.check(TARGET, {"value": "off"}, within=10)
    assert set(world.calls()) == {"read"}
    one.apply(planned, within=10)
    assert one.verify(planned, within=10).says == "support-assistant: it is off"
    again = one.plan(TARGET, one.read(TARGET, within=10), Mode.DISABLE, {"value": "off"})
    assert isinstance(again, NothingToDo)
    one.restore(planned, within=10)
    assert [call for call in world.calls() if call != "read"] == ["apply", "verify", "restore"]


ENDS: list[tuple[str, type[PsfirError], str]] = [
    ("sys.exit(11)", Drift, "does not say why"),
    ("""print('{"says": "no right"}'); sys.exit(12)""", Denied, "no right"),
    ("sys.exit(13)", NoSuchTarget, "does not say why"),
    ("""print('{"says": "wait", "after": 30}'); sys.exit(14)""", Busy, "wait"),
    ("sys.stderr.write('it is stuck'); sys.exit(15)", LeverError, "it is stuck"),
    ("print('garbled'); sys.exit(15)", LeverError, "does not say why"),
    ("sys.exit(1)", NoAnswer, "ended with 1, which says nothing"),
    ("sys.exit(127)", NoAnswer, "ended with 127"),
    ("os.kill(os.getpid(), 9)", NoAnswer, "ended by signal 9"),
    ("1 / 0", NoAnswer, "ZeroDivisionError"),
    ("print('off')", NoAnswer, "no JSON object"),
    ("print('[]')", NoAnswer, "it is no mapping"),
    ("""print('{"a": 1, "a": 2}')""", NoAnswer, "stands in it twice"),
    ("""print('{"a": NaN}')""", NoAnswer, "NaN is no JSON"),
    ("""print('{"state": "half"}')""", NoAnswer, 'says that it is done, and that it is "half"'),
    ("sys.stdout.write('x' * 2_000_000)", NoAnswer, "said more than"),
    ("sys.stderr.write('x' * 2_000_000)", NoAnswer, "said more than"),
]


@pytest.mark.parametrize(("body", "kind", "says"), ENDS, ids=[body[:30] for body, *_ in ENDS])
def test_each_way_to_end_has_its_word(tmp_path: Path, body: str, kind: type[PsfirError], says: str) -> None:
    """A code of the protocol is what it says; anything else may have been carried out, and is unknown."""
    one = lever(python(tmp_path, ON + body))
    planned = change(one)
    with pytest.raises(kind) as raised:
        one.apply(planned, within=10)
    assert type(raised.value) is kind
    assert says in raised.value.what
    assert len(str(raised.value)) < 900
    if isinstance(raised.value, Busy):
        assert raised.value.after == 30


@pytest.mark.parametrize(
    ("body", "result"),
    [("", Result.CHANGED), ("sys.exit(10)", Result.ALREADY_SO), ("sys.stderr.write('1 pod')", Result.CHANGED)],
)
def test_what_goes_well_is_told_with_what_it_said(tmp_path: Path, body: str, result: Result) -> None:
    """Saying nothing at all and ending with 0 is enough; what it says on its standard error is shown."""
    one = lever(python(tmp_path, ON + body))
    outcome = one.apply(change(one), within=10)
    assert outcome.result is result
    assert ("1 pod" in outcome.says) == ("1 pod" in body)


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("sys.exit(3)", LeverError, "ended with 3"),
        ("print('{}')", LeverError, "has no state"),
        ("print('nothing')", LeverError, "no JSON object"),
        ("time.sleep(60)", Unreachable, "its time was up"),
    ],
)
def test_a_reading_that_goes_wrong_is_never_unknown(
    tmp_path: Path, body: str, kind: type[PsfirError], says: str
) -> None:
    """It was only to look: nothing has happened, and what to do is said."""
    with pytest.raises(kind, match=says) as raised:
        lever(python(tmp_path, body)).read(TARGET, within=1.0 if "sleep" in body else 10)
    assert type(raised.value) is kind
    assert raised.value.todo


@pytest.mark.parametrize("said", ['{"held": "held", "says": "0 pods"}', '{"held": true}', "{}", '{"held": "not_held"}'])
def test_a_look_that_says_nothing_clear_could_not_tell(tmp_path: Path, said: str) -> None:
    """Only the words held and not_held count."""
    one = lever(python(tmp_path, ON + f"print('{said}')"))
    held = {'{"held": "held", "says": "0 pods"}': Held.HELD, '{"held": "not_held"}': Held.NOT_HELD}
    assert one.verify(change(one), within=10).held is held.get(said, Held.COULD_NOT_TELL)


def test_its_whole_group_is_killed_when_time_is_up(tmp_path: Path) -> None:
    """Whoever it started goes with it, also what ignores a gentle word."""
    body = ON + (
        f"import signal, subprocess\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\ntime.sleep(60)"
    )
    one = lever(python(tmp_path, body))
    planned = change(one)
    begun = monotonic()
    with pytest.raises(NoAnswer, match="its time was up; it may have been carried out"):
        one.apply(planned, within=1.5)
    assert monotonic() - begun < 10
    assert gone(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_whoever_it_leaves_behind_holds_up_nobody(tmp_path: Path) -> None:
    """A child that keeps its ends open is ended with it: the answer is taken at once."""
    body = ON + (
        f"import subprocess\nchild = subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\nprint('{{}}')"
    )
    one = lever(python(tmp_path, body))
    begun = monotonic()
    assert one.apply(change(one), within=30).result is Result.CHANGED
    assert monotonic() - begun < 15
    assert gone(int((tmp_path / "pid").read_text(encoding="utf-8")))


def gone(pid: int) -> bool:
    """Whether it has ended: taken away, or waiting for that."""
    for _ in range(500):
        try:
            os.kill(pid, signal.SIG_DFL)
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        sleep(0.01)
    return False


def test_it_gets_the_named_variables_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its secret by reference; it starts in /, in no terminal, and with no shell to read its words."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for it")
    monkeypatch.setenv("SITE", "eu")
    body = (
        "seen = {**os.environ, 'argv': sys.argv[1:], 'cwd': os.getcwd(), 'leads': os.getpgrp() == os.getpid()}\n"
        "seen.pop('LC_CTYPE', None)\n"
        "seen['TOOL_TOKEN'] = len(seen['TOOL_TOKEN'])\n"
        "print(json.dumps({'state': {'seen': seen, 'asked': asked}}))"
    )
    tool = python(tmp_path, body)
    one = lever(tool, "$(id); `id`", env=("SITE", "NOT_SET"))
    state = one.read({**TARGET, "more": {"zone": "a"}}, within=5).state
    assert isinstance(state, dict)
    assert state["seen"] == {
        "SITE": "eu",
        "TOOL_TOKEN": len(SECRET),
        "argv": ["$(id); `id`", "read"],
        "cwd": "/",
        "leads": True,
    }
    asked = state["asked"]
    assert asked.pop("within") <= 5
    assert asked == {
        "schema": "psfir.command/1",
        "verb": "read",
        "target": {"thing": "support-assistant", "more": {"zone": "a"}},
    }


def test_no_secret_of_it_gets_out(tmp_path: Path) -> None:
    """What it says on either end is cleaned; a state that holds one is refused, since it would be recorded."""
    leak = "os.environ['TOOL_TOKEN']"
    one = lever(python(tmp_path, ON + f"sys.stderr.write({leak}); print(json.dumps({{'says': {leak}}})); sys.exit(15)"))
    planned = change(one)
    with pytest.raises(LeverError) as raised:
        one.apply(planned, within=10)
    assert SECRET not in f"{raised.value!r} {raised.value}"
    (tmp_path / "other").mkdir()
    one = lever(python(tmp_path / "other", f"print(json.dumps({{'state': [{leak}]}}))"))
    with pytest.raises(Refusal, match="holds a secret"):
        one.read(TARGET, within=10)


def test_what_psfir_yaml_does_not_allow_is_not_run(tmp_path: Path) -> None:
    """Off unless its absolute path stands there; it says where to add it."""
    world = World(tmp_path)
    with pytest.raises(Refusal, match="does not allow this program") as raised:
        lever(world.tool, str(tmp_path), allowed=False).read(TARGET, within=10)
    assert f"if {world.tool} may be run" in raised.value.todo
    assert world.calls() == []


@pytest.mark.parametrize("mode", [0o757, 0o775])
@pytest.mark.parametrize("which", ["program", "folder", "folder above", "sticky folder", "folder of a link"])
def test_what_others_may_write_is_not_run(tmp_path: Path, mode: int, which: str) -> None:
    """Neither the program nor any folder on the way to it, nor where a link leads: else they would run as psfir."""
    home = tmp_path / "above" / "bin"
    home.mkdir(parents=True)
    tool = program(home, "#!/bin/sh\necho '{\"state\": 1}'\n")
    link = tmp_path / "link"
    link.symlink_to(tool)
    one = lever(link if which == "folder of a link" else tool)
    assert one.read(TARGET, within=10).state == 1
    spoilt = {"program": tool, "folder above": home.parent}.get(which, home)
    spoilt.chmod(mode | (0o1000 if which == "sticky folder" else 0))
    with pytest.raises(Refusal, match="others may write") as raised:
        one.read(TARGET, within=10)
    assert raised.value.todo == f"chmod go-w {spoilt}"
    with pytest.raises(Refusal):
        one.check(TARGET, {"value": 2}, within=10)


def test_somebody_elses_program_is_not_run(tmp_path: Path) -> None:
    """It is root's or psfir's own: whoever else owns it could write it."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    tool = program(tmp_path, "#!/bin/sh\n")
    os.chown(tool, 65534, 65534)
    with pytest.raises(Refusal, match="is user 65534's"):
        lever(tool).read(TARGET, within=10)


def test_what_cannot_be_run_is_said_before_anything_ran(tmp_path: Path) -> None:
    """No such program, one that is not executable, one whose interpreter is not there."""
    tool = program(tmp_path, "#!/no/such/interpreter\n")
    with pytest.raises(Unreachable, match="could not be started: No such file or directory; nothing has run"):
        lever(tool).read(TARGET, within=10)
    tool.chmod(0o644)
    with pytest.raises(Denied, match="cannot be run"):
        lever(tool).read(TARGET, within=10)
    tool.unlink()
    with pytest.raises(NoSuchTarget, match="there is no program"):
        lever(tool).read(TARGET, within=10)


def test_one_that_does_not_listen_is_none_the_worse(tmp_path: Path) -> None:
    """It may close its ears at once, whatever psfir still has to tell it."""
    tool = program(tmp_path, '#!/bin/sh\nexec 0<&-\necho \'{"state": 1, "version": 7, "notes": ["odd"]}\'\n')
    reading = lever(tool).read({**TARGET, "more": {"much": "x" * 500_000}}, within=10)
    assert (reading.state, reading.version, reading.notes) == (1, "7", ("odd",))


def test_a_look_beforehand(tmp_path: Path) -> None:
    """It says that the program may be run and what the thing is now; a setting is missed at planning."""
    found = World(tmp_path).lever().check(TARGET, {"value": "off"}, within=10)
    assert [one.ready for one in found] == [Ready.READY, Ready.READY]
    assert found[1].says == 'support-assistant is "on"'
    with pytest.raises(UsageError, match="is not told which value"):
        World(tmp_path).lever().plan(TARGET, World(tmp_path).lever().read(TARGET, within=10), Mode.DISABLE, {})
