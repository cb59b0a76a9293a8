"""The demo on the range, as a person plays it: ended half-way, played again in the same folder, and its report."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from psfir.app.demo_range import Theatre, demo
from psfir.range.runfile import Run, write
from psfir.testing.waiting import eventually
from tests.app.workspaces import environment
from tests.cli.killing import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("demo")]

MARK = ("PYTEST_DEMO", str(os.getpid()))
"""A variable by which all that a demo of this run has started is known, children's children too."""
HURRIED = """
import sys
from psfir.app import demo_range as stage
from psfir.cli import demo_range, main
demo_range.WATCHED, plain = 0.0, stage.quicker
stage.quicker = lambda runbook: plain(runbook).replace("[3s]", "[1s]").replace("soak: 3s", "soak: 1s")
main.main(sys.argv[1:])
"""
"""The demo as it is, but for the seconds in which people are to see the answers flow, and the probes to be sure."""
PROC = Path("/proc/self/environ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "ops"


def begun(folder: Path, *words: str) -> subprocess.Popen[str]:
    env = {**environment(folder.parent), **dict([MARK])}
    command = [sys.executable, "-c", HURRIED, "demo", "--dir", str(folder), "--json", *words]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def left_over() -> list[str]:
    """Every process that still bears the mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if "=".join(MARK).encode() in (path / "environ").read_bytes().split(b"\0"):
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has just ended, or is somebody else's
    return found


def ended_by(number: signal.Signals, folder: Path, *words: str) -> int:
    """The exit code of a demo that was ended while its kill was under way."""
    with begun(folder, *words) as demo:
        wait_for(folder, "rung.intended", looks=2000)
        demo.send_signal(number)
        demo.communicate(timeout=30)
    return demo.returncode


@pytest.fixture(scope="module")
def ended(folder: Path) -> int:
    """Killed outright: it had no chance to end anything itself."""
    return ended_by(signal.SIGKILL, folder)


@pytest.fixture(scope="module")
def played(folder: Path, ended: int) -> tuple[dict[str, Any], str]:
    """What the next demo in the same folder tells, and its report."""
    assert ended
    report = folder.parent / "report.html"
    with begun(folder, "--report", str(report)) as demo:
        out, err = demo.communicate(timeout=200)
    assert demo.returncode == 0, (out, err)
    told: dict[str, Any] = json.loads(out)
    return told, report.read_text()


on_linux = pytest.mark.skipif(not PROC.exists(), reason="only Linux says whose processes these are")


@on_linux
def test_killed_half_way_it_leaves_nothing_running(ended: int) -> None:
    """No moto server, and no kill that goes on against an estate that is gone."""
    assert ended == -signal.SIGKILL
    eventually(lambda: not left_over())


@on_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_leaves_nothing_running_either(tmp_path: Path, number: signal.Signals) -> None:
    """^C at the terminal is for the demo alone, which ends the command that it plays."""
    assert ended_by(number, tmp_path / "ops", "--tiny") in {128 + number, 130}
    eventually(lambda: not left_over())


def test_the_next_one_in_the_same_folder_ends_well(played: tuple[dict[str, Any], str]) -> None:
    """Although the incident of the one before is open, and its run never ended."""
    told, _ = played
    assert told["verdict"] == "contained"
    assert told["restored"]
    assert told["good"]
    assert told["harmful_after_proof"] == 0
    assert 0 <= told["contained_after"] <= told["proven_after"]
    assert [act["exit"] for act in told["acts"]] == [act["wanted"] for act in told["acts"]]


def test_nothing_is_left_running_when_it_is_over(played: tuple[dict[str, Any], str]) -> None:
    assert played
    eventually(lambda: not left_over())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"src", "href", "srcset", "action", "data"}]


def test_its_report_needs_nothing_but_itself(played: tuple[dict[str, Any], str]) -> None:
    """No script, no address; its figure is well formed and tells what happened."""
    told, page = played
    reader = _Reader()
    reader.feed(page)
    assert not reader.tags & {"script", "link", "iframe", "img", "object"}
    assert reader.addresses == []
    named = set(re.findall(r"https?://[^\"'\s<]*", page)) - {"http://www.w3.org/2000/svg"}
    assert {one for one in named if not one.startswith("http://127.0.0.1:")} == set()  # replicas, as text
    figure = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + len("</svg>")])  # noqa: S314 - our own
    texts = " ".join(one for one in figure.itertext())
    for word in ("kubernetes.route: changed", "CONTAINED", "LaunchDarkly is down", "harmful answers"):
        assert word in texts
    assert told["incident"] in page


def test_the_first_rate_it_tells_has_harm_in_it(tmp_path: Path) -> None:
    """None before the model goes wrong, nor while the seconds before that would count; then one with harm in it."""
    with Theatre(tmp_path) as theatre:
        assert theatre.rate is None
        theatre.misbehave()
        assert theatre.rate is None
        rate = theatre.until_harm()
        assert theatre.harm is not None
    assert rate is not None
    assert 0 < rate.harmful <= rate.answers


def test_the_two_demos_keep_out_of_each_others_folders(played: tuple[dict[str, Any], str], folder: Path) -> None:
    """Either is told to name another folder, and changes nothing."""
    assert played
    words = (folder / "psfir.yaml").read_bytes()
    done = psfir_demo(folder, "--tiny")
    assert done.returncode == 3
    assert "--dir another-folder" in done.stderr
    assert (folder / "psfir.yaml").read_bytes() == words


def test_where_a_range_is_up_no_demo_plays(tmp_path: Path) -> None:
    """Refused with who is there, be it a range or another demo; nothing is laid out, and its files stay."""
    folder = tmp_path / "ops"
    with demo(folder, pytest.fail):
        write(folder / ".psfir" / "range", Run("http://127.0.0.1:1234", "secret", 17, 1.5))
        before = files(folder)
        done = psfir_demo(folder)
        assert (done.returncode, done.stdout) == (3, "")
        assert "a range is up here already (process 17" in done.stderr
        assert files(folder) == before
    said: list[str] = []
    with demo(folder, said.append):
        assert "is gone without having ended" in said[0]  # its address would lead others astray


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("page", ["nowhere/page.html", "file/page.html", "folder"])
def test_a_page_that_cannot_be_written_is_told_first(tmp_path: Path, page: str) -> None:
    """Before anything is laid out: nobody watches a whole demo for that."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    done = psfir_demo(tmp_path / "ops", "--report", str(tmp_path / page))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / page) in done.stderr
    assert not (tmp_path / "ops").exists()


def test_tiny_has_no_report(tmp_path: Path) -> None:
    """There is no traffic that could be drawn; nothing is laid out."""
    done = psfir_demo(tmp_path / "tiny", "--tiny", "--report", str(tmp_path / "page.html"))
    assert done.returncode == 2
    assert not (tmp_path / "tiny").exists()


def psfir_demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "psfir", "demo", "--dir", str(folder), *words]
    env = {**environment(folder.parent), "COLUMNS": "200"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
