"""`psfir lever`: what can be pulled, what it says of itself, and a new one whose tests pass as they are."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from psfir.levers.http.request import HttpRequest
from psfir.levers.memory.switch import Switch
from tests.cli.keyboard import Keyboard

BROKEN = {
    "gone": "gone.lever = not_there.at_all:Gone",
    "nameless": "named.so = psfir.levers.memory.switch:Switch",
    "double": "memory.switch = somewhere.else:Switch",
}


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path / "work", capsys, monkeypatch)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, in which distributions can be put."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(folder: Path, name: str, line: str) -> None:
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(f"[psfir.levers]\n{line}\n", encoding="utf-8")


def test_every_lever_is_listed(keyboard: Keyboard) -> None:
    """With its modes, what it stops, and the distribution that brings it."""
    lines = keyboard.ok("lever", "list").out.splitlines()
    for about in (Switch.about, HttpRequest.about):
        line = next(line for line in lines if line.split()[:1] == [about.name])
        assert "disable, degrade, isolate" in line
        assert "psfir 0" in line
        assert about.line in line
    said = keyboard.ok("lever", "list", "--json").json
    levers = {one["name"]: one for one in said["levers"]}
    assert set(levers) == {"http.request", "memory.switch"}
    assert sorted(levers["memory.switch"]) == ["line", "modes", "name", "source", "stops"]
    assert {one["name"] for one in said["probes"]} == {"http", "memory"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone", "install what brings the module not_there"),
        ("nameless", "calls itself 'memory.switch'"),
        ("double", "double 1.2"),
    ],
)
def test_a_broken_one_is_shown_and_hides_no_other(keyboard: Keyboard, installed: Path, name: str, says: str) -> None:
    """Exit code 1, what is wrong with it in a sentence, and all others are there."""
    install(installed, name, BROKEN[name])
    done = keyboard.type("lever", "list")
    assert done.code == 1
    assert "http.request" in done.out
    assert says in done.out
    assert "Traceback" not in done.out + done.err
    assert keyboard.type("lever", "list", "--json").code == 1


def test_a_broken_one_can_be_left_alone(keyboard: Keyboard, installed: Path) -> None:
    """Whoever does not name it does not meet it."""
    install(installed, "gone", BROKEN["gone"])
    assert keyboard.ok("lever", "describe", "memory.switch").code == 0


def test_a_lever_is_described_whole(keyboard: Keyboard) -> None:
    """Target, settings, permissions, blast radius, undo, and an example that can be pasted."""
    page = " ".join(keyboard.ok("lever", "describe", "memory.switch").out.split())
    about = Switch.about
    fields = (*about.target, *about.settings)
    for part in (about.line, about.blast_radius, about.undo, *(field.line for field in fields), "Exact."):
        assert part in page
    assert "write" in page
    said = keyboard.ok("lever", "describe", "memory.switch", "--json").json
    assert said["schema"] == "psfir.out.lever-describe/1"
    lever = next(part for part in said["parts"] if part["name"] == "memory.switch")
    assert lever["permissions"] == [{"system": "memory", "action": "write", "resource": "{switch}"}]
    assert yaml.safe_load(lever["example"]) == [about.example]


def test_an_unknown_one_is_told_with_what_was_meant(keyboard: Keyboard) -> None:
    """Exit code 1 and a near miss, in JSON too."""
    done = keyboard.type("lever", "describe", "memory.swich")
    assert done.code == 1
    assert "did you mean memory.switch?" in done.err
    assert keyboard.type("lever", "describe", "memory.swich", "--json").json["error"]["kind"] == "CatalogError"


def test_no_workspace_is_needed(keyboard: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed can be asked for anywhere."""
    monkeypatch.delenv("PSFIR_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    assert "http.request" in keyboard.ok("lever", "list").out


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # The new package's own settings count, not those of the run that started this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTEST"))}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=50)


def test_a_new_lever_works_and_its_tests_pass(keyboard: Keyboard, tmp_path: Path) -> None:
    """Written into an empty folder: its contract and its cases pass, without a line having been changed."""
    said = keyboard.ok("lever", "new", "acme_cloud.rate_limit2", "--dir", str(tmp_path / "new"), "--json").json
    root = Path(said["root"])
    assert all((root / path).is_file() for path in said["files"])
    done = run(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.splitlines()[-1].split()[0])
    assert passed > 13, "the whole contract and the cases"


def test_a_new_lever_breaks_its_tests_when_it_breaks_its_word(keyboard: Keyboard, tmp_path: Path) -> None:
    """Its tests are no decoration: a lever that says changed without doing it fails them."""
    root = Path(keyboard.ok("lever", "new", "acme.gate", "--dir", str(tmp_path / "new"), "--json").json["root"])
    path = root / "psfir_acme" / "gate.py"
    text = path.read_text(encoding="utf-8")
    assert "Result.CHANGED" in text
    path.write_text(text.replace("Result.CHANGED", "Result.ALREADY_SO"), encoding="utf-8")
    done = run(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "apply")
    assert done.returncode == 1, done.stdout


def test_a_new_lever_can_be_named_once_it_is_on_the_path(
    keyboard: Keyboard, tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the entry point that its pyproject.toml declares, describe shows it."""
    root = Path(keyboard.ok("lever", "new", "acme.gate", "--dir", str(tmp_path / "new"), "--json").json["root"])
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ((name, where),) = project["entry-points"]["psfir.levers"].items()
    install(installed, project["name"].replace("-", "_"), f"{name} = {where}")
    monkeypatch.syspath_prepend(str(root))
    said = keyboard.ok("lever", "describe", "acme.gate", "--json").json["parts"][0]
    assert said["source"] == f"{project['name']} 1.2"


@pytest.mark.parametrize(
    ("name", "code"),
    [("gate", 2), ("Acme.Gate", 2), ("acme.class", 2), ("../acme.gate", 2), ("acme.gate.x", 2), ("memory.switch", 3)],
)
def test_a_bad_name_writes_nothing(keyboard: Keyboard, tmp_path: Path, name: str, code: int) -> None:
    """What cannot be a module, or is taken, is a sentence with what to do."""
    done = keyboard.type("lever", "new", name, "--dir", str(tmp_path / "new"))
    assert done.code == code
    assert "->" in done.err
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(keyboard: Keyboard, tmp_path: Path) -> None:
    """The second time it refuses, and what somebody has written there meanwhile stays."""
    words = ("lever", "new", "acme.gate", "--dir", str(tmp_path))
    root = Path(keyboard.ok(*words, "--json").json["root"])
    mine = root / "psfir_acme" / "gate.py"
    mine.write_text("mine", encoding="utf-8")
    done = keyboard.type(*words)
    assert done.code == 3
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_is_a_sentence(keyboard: Keyboard, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    done = keyboard.type("lever", "new", "acme.gate", "--dir", str(tmp_path / "file"))
    assert done.code == 2
    assert "cannot be written" in done.err
