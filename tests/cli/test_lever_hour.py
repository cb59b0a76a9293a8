"""A lever for another vendor, as its author has it after an hour: scaffolded, filled, installed, pulled, put back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.cli.keyboard import Keyboard
from tests.cli.lumen_lever import install, run_tests, write_lumen

LONG = "not drip and not hang and not 504 and not inside and not outlasts"
"""What is only waited for, over a client that psfir's own levers have waited with."""

WORDS = """\
schema: psfir.workspace/1
name: Test
people:
  alice: {name: Alice, roles: [on_call, incident_commander]}
connections:
  lumen: {kind: lumen, url: "URL", token: file:key, workspace: emea}
  page: {kind: http, url: "URL", headers: {X-Lumen-Key: file:key}, vendor: own, network: own}
systems:
  assistant: {title: Assistant, owner: alice, runbooks: {disable: "off"}}
"""
BOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
covers: [harmful_output]
approval: {kill: 1, restore: 1}
steps:
  - id: stop
    ladder:
      - lever: lumen.switch
        target: {connection: lumen, switch: support assistant}
        set: {on: false}
        within: 10s
verify:
  - probe: http
    target: {connection: page, path: /api/2/workspaces/emea/switches/support%20assistant}
    expect: {json: {/switch/on: false}}
    times: 2
    every: 20ms
    within: 20s
    soak: 0s
"""


@pytest.fixture(name="package")
def _package(tmp_path: Path) -> Path:
    return write_lumen(tmp_path)


@pytest.fixture(name="stage")
def _stage(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Lumen's stand-in, served, with the package installed; what is imported from it is forgotten again."""
    install(package, tmp_path / "site")
    for folder in (package, package / "tests", tmp_path / "site"):
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    with import_module("stage_switch").SwitchLeverStage() as stage:
        yield stage
    for name in set(sys.modules) - before:
        if name == "stage_switch" or name.startswith("psfir_lumen"):
            del sys.modules[name]


@pytest.fixture(name="keyboard")
def _keyboard(
    stage: Any,  # noqa: ANN401 - of a package that no type checker sees
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Keyboard:
    root = tmp_path / "workspace"
    root.mkdir()
    keyboard = Keyboard(root, capsys, monkeypatch)
    (root / "runbooks").mkdir()
    (root / "psfir.yaml").write_text(WORDS.replace("URL", stage.upstream), encoding="utf-8")
    (root / "runbooks" / "off.yaml").write_text(BOOK, encoding="utf-8")
    (root / "key").write_text(stage.secrets[0], encoding="utf-8")
    return keyboard


def test_what_its_author_has_filled_passes_its_tests(package: Path) -> None:
    """The contract, the cases and the faults, for a vendor that words everything otherwise than the scaffold's."""
    done = run_tests(package, "-k", LONG)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.splitlines()[-1].split()[0]) > 30


def test_it_is_listed_and_described_with_its_connection(keyboard: Keyboard) -> None:
    """Which distribution it came from, what it connects to, and which keys such a connection has."""
    said = keyboard.ok("lever", "list").out
    assert "kinds of connections" in said
    listed = keyboard.ok("lever", "list", "--json").json
    (lever,) = [one for one in listed["levers"] if one["name"] == "lumen.switch"]
    assert lever["source"] == listed["connections"][0]["source"] == "psfir-lever-lumen-switch 0.1.0"
    page = keyboard.ok("lever", "describe", "lumen.switch").out
    assert "a connection of kind lumen:" in page
    for word in (
        "workspace",
        "which workspace of it",
        "token",
        "reference to a secret",
        "psfir-lever-lumen-switch 0.1.0",
    ):
        assert word in page
    found = keyboard.ok("lever", "describe", "lumen.switch", "--json").json["parts"][0]["kinds"]["lumen"]
    assert [key["name"] for key in found if key["required"]] == ["url", "workspace"]


def test_the_schema_knows_its_kind(keyboard: Keyboard) -> None:
    """What an editor is given takes such a connection, and not one with a slip in it."""
    schema = Draft202012Validator(keyboard.ok("schema", "workspace").json)
    words = yaml.safe_load((keyboard.root / "psfir.yaml").read_text(encoding="utf-8"))
    assert [error.message for error in schema.iter_errors(words)] == []
    del words["connections"]["lumen"]["workspace"]
    assert not schema.is_valid(words)


def test_lint_knows_its_words(keyboard: Keyboard) -> None:
    """What is right passes; a slip in the connection, in the target and in a setting has its place."""
    clean = keyboard.type("lint", "--json").json["problems"]
    assert [one for one in clean if "lumen" in one["sentence"]] == []
    words, book = keyboard.root / "psfir.yaml", keyboard.root / "runbooks" / "off.yaml"
    words.write_text(words.read_text(encoding="utf-8").replace("workspace: emea", "workspaces: emea"), encoding="utf-8")
    book.write_text(BOOK.replace("set: {on: false}", "set: {open: false}"), encoding="utf-8")
    found = keyboard.type("lint", "--json")
    assert found.code == 1, found
    said = {(Path(one["file"]).name, one["line"]): one["sentence"] for one in found.json["problems"]}
    assert said["psfir.yaml", 6] == "a lumen connection has no key 'workspaces'; did you mean workspace?"
    assert said["off.yaml", 13].startswith("there is no field 'open' here")


def test_it_is_checked_pulled_and_put_back(keyboard: Keyboard, stage: Any) -> None:  # noqa: ANN401 - the same
    """Beforehand, in the night and afterwards, by the real commands; its key is in no output."""
    stage.frozen = True
    checked = keyboard.type("lever", "check", "assistant")
    assert (checked.code, "the workspace is frozen" in checked.out) == (1, True), checked
    stage.frozen = False
    assert keyboard.ok("lever", "check", "assistant").code == 0
    plan = keyboard.ok("plan", "assistant").out
    assert "from psfir-lever-lumen-switch 0.1.0" in plan
    killed = keyboard.ok("kill", "assistant", "--yes")
    assert "CONTAINED" in killed.out
    assert stage.switch == {"on": False, "serves": "large"}
    restored = keyboard.ok("restore", "--yes")
    assert stage.switch == {"on": True, "serves": "large"}
    rights = keyboard.ok("permissions", "assistant", "--json").json
    assert "switchs:write" in str(rights)
    said = "".join(done.out + done.err for done in (checked, killed, restored))
    assert stage.secrets[0] not in said
