"""README.md is run as a reader would: its console blocks in order, in one workspace, as processes of their own."""

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.cli.main import EXIT_CODES
from psfir.domain.about import Stops
from psfir.domain.glossary import GLOSSARY
from tests.docs.commands import names
from tests.docs.pages import blocks, table
from tests.docs.shown import shown, unfound


@pytest.fixture(scope="module")
def readme(root: Path) -> Path:
    return root / "README.md"


@pytest.mark.timeout(120)
def test_the_commands_do_what_the_page_shows(readme: Path, tmp_path: Path) -> None:
    """Each `$` line ends with the exit code shown, 0 if none is, and prints the lines shown."""
    env = {**os.environ, "HOME": str(tmp_path), "COLUMNS": "100", "NO_COLOR": "1"}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    folder = tmp_path
    wrong = []
    for one in shown(readme):
        words = shlex.split(one.command)
        if words[0] == "export":
            env |= dict([words[1].split("=", 1)])
        elif words[0] == "eval":
            inner = shlex.split(words[1].removeprefix("$(").removesuffix(")"))
            told = subprocess.run(inner, env=env, cwd=folder, capture_output=True, text=True, check=True)
            env |= dict(word.split("=", 1) for word in shlex.split(told.stdout) if "=" in word)
        elif words[0] == "cd":
            folder = folder / words[1]
        else:
            assert words[0] == "psfir", one.command
            done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)
            missing = unfound(one.lines, done.stdout + done.stderr)
            if done.returncode != one.code or missing:
                wrong.append(
                    (f"README.md:{one.line}", one.command, done.returncode, missing, done.stdout + done.stderr)
                )
    assert wrong == []


def test_the_page_shows_a_kill(readme: Path) -> None:
    """Among what is run is a kill with its screen."""
    kills = [one for one in shown(readme) if one.command.startswith("psfir kill")]
    assert [one for one in kills if len(one.lines) > 5]


def test_what_is_not_printed_is_found() -> None:
    """The comparison forgives ids, times and spaces, and nothing else."""
    assert unfound(["INC-2026-11-21-ab12  took 3s"], "INC-2027-01-01-ffff took 12.5s\n") == []
    assert unfound(["contained"], "not_contained\n") == ["contained"]
    assert unfound(["...", "a", "a"], "b\na\n") == ["a"]


@pytest.fixture
def pasted(readme: Path, tmp_path: Path) -> Path:
    """A workspace as `psfir init` lays it out, with the runbook that is shown saved under the name that is shown."""
    (name,) = re.findall(r"After `psfir init`, save this as `([^`]+)`", readme.read_text(encoding="utf-8"))
    lay_out(tmp_path / "works")
    (tmp_path / "works" / name).write_text(blocks(readme, "yaml")[0].text, encoding="utf-8")
    return tmp_path / "works"


def linted(works: Path) -> list[str]:
    return [str(p) for p in lint(works, (), catalog=installed_catalog(), today=date(2026, 11, 21)).problems]


@pytest.mark.timeout(60)
def test_the_runbook_that_is_shown_works(pasted: Path) -> None:
    """Pasted after `psfir init` it lints without a word, and what it plans it does and proves."""
    assert linted(pasted) == []
    env = {**os.environ, "PSFIR_ME": "ada", "NO_COLOR": "1"}
    words = ["support-assistant", "--runbook", "support-assistant-off", "--json"]
    for command in (["plan", *words], ["kill", *words, "--yes", "--reason", "to try it"]):
        line = [sys.executable, "-m", "psfir", *command]
        done = subprocess.run(line, cwd=pasted, env=env, capture_output=True, text=True, check=False, timeout=50)
        assert (done.returncode, done.stderr if done.returncode else "") == (0, "")
    *_, result = map(json.loads, done.stdout.splitlines())
    assert (result["event"], result["verdict"]) == ("result", "contained")


def test_the_api_that_is_shown_can_be_pasted_too(readme: Path, pasted: Path) -> None:
    """The connection under `connections` and the rung on top of the ladder lint without an error or a warning."""
    runbook, connection, rung = (block.text for block in blocks(readme, "yaml"))
    paste(pasted / "psfir.yaml", "connections:\n", connection)
    (path,) = [path for path in (pasted / "runbooks").iterdir() if path.read_text(encoding="utf-8") == runbook]
    paste(path, runbook[runbook.index("    ladder:") : runbook.index("      - lever:")], rung)
    assert linted(pasted) == []


def paste(path: Path, behind: str, text: str) -> None:
    old = path.read_text(encoding="utf-8")
    assert old.count(behind) == 1
    path.write_text(old.replace(behind, behind + text), encoding="utf-8")


def test_the_exit_codes_are_those_of_the_help(readme: Path) -> None:
    """The table of exit codes says word for word what `psfir --help` says."""
    helped = re.findall(r"^ +(\d) +(.+)$", EXIT_CODES, re.MULTILINE)
    assert table(readme, "code", "means") == helped


def test_the_words_are_those_of_the_glossary(readme: Path) -> None:
    """The table of words is the glossary, word for word; those that live nowhere in psfir yet are marked."""
    words = [(name if word.place else f"{name} (to come)", word.line) for name, word in GLOSSARY.items()]
    assert table(readme, "word", "means") == words


def test_no_command_is_named_like_a_word_that_is_to_come(readme: Path) -> None:
    """A mark that is out of date is found as soon as a command bears the word."""
    marked = {word for word, _ in table(readme, "word", "means") if word.endswith(" (to come)")}
    assert {"kill", "incident", "hand-over"} <= names()
    assert {word for word in marked if bears(word.removesuffix(" (to come)"), names())} == set()


def bears(word: str, known: set[str]) -> bool:
    """Whether a command is named like it; also where the name is plural, or written together with a hyphen."""
    plain = word.lower().replace(" ", "-")
    return bool({plain, f"{plain}s"} & known)


def test_a_command_that_bears_a_word_is_found() -> None:
    """In capitals, in the plural, of two words."""
    known = {"rca", "drills", "remediation-item"}
    assert [bears(word, known) for word in ("RCA", "drill", "remediation item", "draft")] == [True, True, True, False]


def test_every_built_in_part_is_listed(readme: Path) -> None:
    """The tables of levers, probes and captures say of each what it says of itself, and leave none out."""
    catalog = installed_catalog()
    built_in = {
        group: [name for name in catalog.names(group) if catalog.source(group, name).startswith("psfir ")]
        for group in ("levers", "probes", "captures")
    }
    stops = {Stops.NEW: "new", Stops.IN_FLIGHT: "running", Stops.BOTH: "new and running"}
    levers = [catalog.lever(name) for name in built_in["levers"]]
    assert table(readme, "lever", "stops", "does") == [(one.name, stops[one.stops], one.line) for one in levers]
    probes = [catalog.probe(name) for name in built_in["probes"]]
    assert table(readme, "probe", "does") == [(one.name, one.line) for one in probes]
    captures = [catalog.capture(name) for name in built_in["captures"]]
    assert table(readme, "capture", "does") == [(one.name, one.line) for one in captures]
