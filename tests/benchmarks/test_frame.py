"""Each benchmark can be run alone, measures in turn, and stops what it started."""

import json
import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from benchmarks import peers
from benchmarks.__main__ import ROWS
from benchmarks.frame import Pair, compare, serving
from benchmarks.reference import BOOK, shortened


def test_both_are_measured_in_turn_after_what_is_not_measured() -> None:
    """One warm-up of each, then A B A B; what is done before a run is done before every one."""
    done: list[str] = []
    work = {name: lambda name=name: done.append(name) for name in ("ours", "peer", "before")}
    pair = Pair("x", work["ours"], "y", work["peer"], 1.0, before=work["before"], most_ms=5.0)
    figure = compare(pair, runs=2)
    assert done == ["before", "ours", "before", "peer"] * 3
    assert (figure.name, figure.peer, figure.aim, figure.most_ms, figure.runs) == ("x", "y", 1.0, 5.0, 2)


@pytest.mark.parametrize("name", ROWS)
def test_each_row_gives_figures(name: str) -> None:
    """It is a module of its own, whose figures take nothing."""
    assert not signature(import_module(f"benchmarks.{name}").figures).parameters


def test_one_is_run_alone(tmp_path: Path, root: Path) -> None:
    """Its figures, as JSON and as a page beside it."""
    words = [sys.executable, "-m", "benchmarks", "range_cost", "--out", str(tmp_path / "one.json")]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "one.json").read_text())
    assert [one["peer"] for one in report["figures"]] == ["http.server", "http.server"]
    for one in report["figures"]:
        assert one["name"] in done.stdout
        assert one["name"].partition(":")[0].partition("'")[0] in (tmp_path / "one.html").read_text()


def test_a_benchmark_that_is_not_there_is_a_sentence(root: Path) -> None:
    """And those that are, are named in the help."""
    words = [sys.executable, "-m", "benchmarks", "nope"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 2
    assert "no such benchmark: nope" in done.stderr


def test_a_server_is_gone_behind_its_block() -> None:
    """It answers inside, and nobody does afterwards."""
    with serving("-m", "benchmarks.server", "plain") as url:
        assert urlopen(url, timeout=5).read() == b"{}"
    with pytest.raises(URLError):
        urlopen(url, timeout=5)


def test_a_server_that_does_not_start_is_an_error() -> None:
    """Not a hang, and not a fast result."""
    with pytest.raises(RuntimeError, match="did not start"), serving("-c", "raise SystemExit(1)"):
        pytest.fail("nothing started")


def test_a_peer_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sentence, and the bench goes on."""
    monkeypatch.setattr(peers, "HERE", tmp_path)
    monkeypatch.setattr("venv.create", lambda *_, **__: None)
    with pytest.raises(peers.NotHere, match="pip"):
        peers.installed("nobodys==1.0", program="nobody")


def test_the_reference_runbook_is_shortened_in_its_looks_alone(root: Path) -> None:
    """Three looks a tenth of a second apart and no soak, at every probe; what is pulled stays as it is."""
    book = (root / "runbooks" / "reference" / BOOK).read_text()
    short = shortened(book)
    assert short.partition("\nverify:")[0] == book.partition("\nverify:")[0]
    probes = short.count("\n  - id: ", short.index("\nverify:"))
    assert probes == 3
    for line in ("    times: 3\n", "    every: 100ms\n", "    soak: 0s\n"):
        assert short.count(line, short.index("\nverify:")) == probes
