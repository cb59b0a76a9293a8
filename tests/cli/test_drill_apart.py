"""From within a drill nothing live can be reached: every command is tried, with what it takes to do harm."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from psfir.app.clock import RealClock
from psfir.app.drill_run_folder import RunFolder
from psfir.app.drill_run_home import BANNER, DRILL
from psfir.app.drill_run_lay import Wanted, lay
from psfir.app.drill_run_record import played
from psfir.app.exercise import ExercisePost
from psfir.app.session import Door, open_session
from psfir.cli.main import psfir
from psfir.domain.system import Connection, Workspace
from psfir.errors import Refusal
from tests.app.workspaces import RUNBOOK
from tests.app.workspaces import lay_out as lay_tiny
from tests.cli.keyboard import Keyboard
from tests.rehearsal.plays import HEAD

ONE = (
    HEAD.replace("levers: none", "levers: range")
    + "injects: [{body: It is odd., expect: [{kind: containment, due: 15m}]}]\n"
)


class Inside(Keyboard):
    """A shell that has joined a drill of a workspace on a tiny estate, which says what was done to it."""

    def __init__(
        self, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        super().__init__(root / "kit", capsys, monkeypatch)
        self.live = root / "live"
        lay_tiny(self.live, runbook=RUNBOOK)
        (self.live / "drills").mkdir()
        (self.live / "drills" / "small.yaml").write_text(text)
        self.run = lay(self.live, Wanted("small"), clock=RealClock(), env={})
        monkeypatch.chdir(root)  # whatever a command writes to where it is called
        for name, value in (
            (DRILL, self.run.home),
            ("PSFIR_WORKSPACE", self.run.home),
            (BANNER, "EXERCISE"),
            ("PSFIR_ME", "dana"),
        ):
            monkeypatch.setenv(name, str(value))

    def prints(self) -> dict[str, str]:
        """Every file of the live workspace but the drill's own, by its bytes."""
        mine = self.live / ".psfir" / "drills"
        found = (path for path in sorted(self.live.rglob("*")) if path.is_file() and mine not in path.parents)
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture
def inside(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Inside:
    return Inside(tmp_path, capsys, monkeypatch, ONE)


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name), command


_NOT_HERE = {("range", "up"), ("demo",)}
"""They make worlds of their own, each of which has its own tests."""


def words(command: click.Command, live: Path) -> list[str]:
    """What it needs to be called at all, and the worst that it can be told."""
    given = ["assistant" for one in command.params if isinstance(one, click.Argument) and one.required]
    options = {name for one in command.params if isinstance(one, click.Option) for name in one.opts}
    given += [one for one in ("--yes", "--once") if one in options]
    return [*given, *(["-w", str(live)] if "--workspace" in options else [])]


def leading(words: Workspace) -> dict[str, Connection]:
    """Connections that lead anywhere; what messages leave by is a kind and a name."""
    return {name: one for name, one in words.connections.items() if one.settings or one.secrets or one.files}


def test_every_command_leaves_the_live_as_it_is(inside: Inside) -> None:
    """With the live workspace named or not: its files, its estate and its record are what they were, to the byte."""
    before = inside.prints()
    tried = 0
    for name, command in commands(psfir):
        if name in _NOT_HERE:
            continue
        for line in ([*name, *words(command, inside.live)], [*name, *words(command, inside.live)[:-2]]):
            inside.type(*line)
            tried += 1
        assert inside.prints() == before, name
    assert tried > 120


def test_a_kill_switches_off_the_copy_alone(inside: Inside) -> None:
    """The same runbook, the drill's own estate and record; and every output says that it is an exercise."""
    before = inside.prints()
    done = inside.type("kill", "assistant", "--yes")
    assert done.code in {0, 4}, done
    assert "EXERCISE" in done.err
    assert inside.prints() == before
    assert [one.systems for one in played(inside.run, Door(env={"HOME": "/"}), "dana").incidents()] == [("assistant",)]


def test_where_there_are_no_levers_no_connection_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tabletop: nothing can be pulled at all, not even a copy."""
    table = Inside(tmp_path, capsys, monkeypatch, ONE.replace("levers: range", "levers: none"))
    session = played(table.run, Door(env={"HOME": "/"}), "dana")
    assert leading(session.workspace) == {}
    assert "no connection" in table.type("plan", "assistant").out


def test_an_environment_that_points_elsewhere_changes_nothing(inside: Inside, tmp_path: Path) -> None:
    """Neither an overlay of connections nor a store of psfir.yaml leads out of a drill; messages go into its folder."""
    overlay = tmp_path / "live.yaml"
    path = inside.live / ".psfir" / "estate.json"
    overlay.write_text(f"schema: psfir.connections/1\nconnections: {{estate: {{kind: memory, path: {path}}}}}\n")
    home = inside.run.home
    (home / "psfir.yaml").write_text((home / "psfir.yaml").read_text() + f"store: {tmp_path}/elsewhere.sqlite3\n")
    env = {"PSFIR_CONNECTIONS": str(overlay), DRILL: str(home), "PSFIR_ME": "dana", "HOME": "/"}
    session = open_session(Door(env=env), workspace=home)
    assert session.workspace.connections["estate"].settings["path"] == ".psfir/estate.json"
    assert session.workspace.store == ""
    assert isinstance(session.post, ExercisePost)
    (home / "psfir.yaml").write_text((home / "psfir.yaml").read_text().replace(".psfir/estate.json", str(path)))
    assert leading(open_session(Door(env=env), workspace=home).workspace) == {}, "an estate outside of the copy"


def test_a_shell_is_in_one_world_or_in_the_other(inside: Inside) -> None:
    """Who has not joined opens no drill's workspace, and who has joined no other one."""
    with pytest.raises(Refusal, match="has not joined"):
        open_session(Door(env={"HOME": "/"}), workspace=inside.run.home)
    with pytest.raises(Refusal, match="this shell is in a drill"):
        open_session(Door(env={DRILL: str(inside.run.home)}), workspace=inside.live)
    with pytest.raises(Refusal, match="another one cannot be begun"):
        lay(inside.live, Wanted("small"), clock=RealClock(), env={DRILL: str(inside.run.home)})


def test_the_copy_holds_no_scenario(inside: Inside) -> None:
    """A player who looks around in the workspace finds nothing to read on in."""
    assert isinstance(inside.run, RunFolder)
    assert not [path for path in inside.run.home.rglob("*") if "drill" in path.name]
