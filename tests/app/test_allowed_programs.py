"""A program is run only if psfir.yaml itself allows it: no connection and no overlay says so in its place."""

from pathlib import Path

import pytest

from psfir.app.bind import Binder
from psfir.app.catalog import installed_catalog
from psfir.domain.runbook import Rung
from psfir.domain.scrub import Scrubber
from psfir.errors import ContentError, Refusal
from psfir.loading.workspace import load_workspace
from tests.levers.command.programs import TARGET, World, program
from tests.loading.desk import WORDS, Works

RUNG = Rung("command.run", TARGET, {"value": "off"}, 10.0)


def words(folder: Path, tool: Path, more: str = "") -> Path:
    link = f"  kill-tool: {{kind: command, argv: [{tool}, {folder}]{more}}}\n"
    path = folder / "psfir.yaml"
    path.write_text(WORDS.replace("systems:", f"{link}systems:"), encoding="utf-8")
    return path


def bound(path: Path, overlay: Path | None = None) -> Binder:
    return Binder(load_workspace(path, overlay=overlay), path.parent, {}, installed_catalog(), Scrubber())


def test_what_is_allowed_is_run(tmp_path: Path) -> None:
    """By its absolute path, under `commands`, and by nothing else."""
    world = World(tmp_path)
    path = words(tmp_path, world.tool)
    with pytest.raises(Refusal, match="does not allow this program"):
        bound(path).lever(RUNG).read(TARGET, within=10)
    assert world.calls() == []
    path.write_text(path.read_text(encoding="utf-8") + f"commands: {{allow: [{world.tool}]}}\n", encoding="utf-8")
    assert bound(path).lever(RUNG).read(TARGET, within=10).state == "on"


def test_no_connection_allows_itself(tmp_path: Path) -> None:
    """`allowed` is no key of a connection."""
    with pytest.raises(ContentError, match="has no key 'allowed'"):
        load_workspace(words(tmp_path, Path("/bin/true"), ", allowed: [/bin/true]"))


def test_an_overlay_brings_in_no_program(tmp_path: Path) -> None:
    """It may re-point the connection to another program, which then is not run."""
    world = World(tmp_path)
    path = words(tmp_path, world.tool)
    path.write_text(path.read_text(encoding="utf-8") + f"commands: {{allow: [{world.tool}]}}\n", encoding="utf-8")
    other = program(tmp_path, "#!/bin/sh\ntouch ran\n", "other")
    overlay = tmp_path / "overlay.yaml"
    link = f"connections:\n  kill-tool: {{kind: command, argv: [{other}]}}\n"
    overlay.write_text(f"schema: psfir.connections/1\n{link}", encoding="utf-8")
    with pytest.raises(Refusal, match="does not allow this program"):
        bound(path, overlay).lever(RUNG).read(TARGET, within=10)


def test_lint_says_so_beforehand(tmp_path: Path) -> None:
    """Where the connection names it, and only as long as it is not allowed."""
    works = Works(tmp_path)
    link = "  kill-tool: {kind: command, argv: [/opt/kill-tool]}\n"
    text = WORDS.replace("systems:", f"{link}systems:")
    (tmp_path / "psfir.yaml").write_text(text, encoding="utf-8")
    (found,) = works.lint().problems
    assert str(found).startswith("psfir.yaml:9:36: '/opt/kill-tool' would not be run")
    (tmp_path / "psfir.yaml").write_text(f"{text}commands: {{allow: [/opt/kill-tool]}}\n", encoding="utf-8")
    assert works.lint().problems == ()


@pytest.mark.parametrize("said", ["kill-tool", "./kill-tool", "~/kill-tool", "/opt/"])
def test_only_an_absolute_path_can_be_allowed(tmp_path: Path, said: str) -> None:
    """A name would be looked up somewhere, and what is found there depends on who looks."""
    path = tmp_path / "psfir.yaml"
    path.write_text(f"{WORDS}commands: {{allow: [{said}]}}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="is not an absolute path"):
        load_workspace(path)
