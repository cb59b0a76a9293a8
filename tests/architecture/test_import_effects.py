"""Importing any room does nothing: no socket, no file, no process, no thread, no look at the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# What a library does while it is itself imported is not ours: the walk up the stack stops at the import machinery.
GUARD = """
import os, sys, threading

REFUSED = ("socket.", "open", "os.", "sqlite3.", "subprocess.", "shutil.", "tempfile.", "glob.", "pathlib.")

def refuse_from_psfir(what):
    frame = sys._getframe(2)
    while frame is not None and "importlib._bootstrap" not in frame.f_code.co_filename:
        if frame.f_globals.get("__name__", "").split(".")[0] == "psfir":
            raise RuntimeError(f"{frame.f_code.co_filename}:{frame.f_lineno} does something at import: {what}")
        frame = frame.f_back

def hook(event, args):
    if event.startswith(REFUSED):
        refuse_from_psfir(f"{event} {args}")

class Shut(type(os.environ)):
    def __getitem__(self, name):
        refuse_from_psfir(f"os.environ {name}")
        return super().__getitem__(name)
    def __iter__(self):
        refuse_from_psfir("os.environ")
        return super().__iter__()
    def __contains__(self, name):
        refuse_from_psfir(f"os.environ {name}")
        return super().__contains__(name)

def start(thread):
    refuse_from_psfir(f"thread {thread.name}")
    thread_start(thread)

os.environ.__class__ = Shut
thread_start, threading.Thread.start = threading.Thread.start, start
sys.addaudithook(hook)
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def run(names: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # Coverage traces from within a module's own frames, so it would be taken for the module.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", GUARD, *names]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=50)


def test_importing_every_module_has_no_effect(root: Path) -> None:
    """Every module of psfir can be imported with sockets, files and environment shut."""
    paths = sorted((root / "psfir").rglob("*.py"))
    names = [".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    done = run([name for name in names if not name.endswith("__main__")], root)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "import os; os.environ.get('HOME')",
        "import os; os.getenv('HOME')",
        "import os; 'HOME' in os.environ",
        "import socket; socket.socket()",
        "import pathlib; pathlib.Path('new').write_text('x')",
        "import os; os.mkdir('new')",
        "import sqlite3; sqlite3.connect(':memory:')",
        "import threading; threading.Thread(target=print).start()",
        "import subprocess; subprocess.run(['true'])",
    ],
)
def test_the_guard_bites(tmp_path: Path, line: str) -> None:
    """A module that opens, looks up or starts something at import is refused."""
    (tmp_path / "psfir").mkdir()
    (tmp_path / "psfir" / "__init__.py").touch()
    (tmp_path / "psfir" / "room.py").write_text(line, encoding="utf-8")
    done = run(["psfir.room"], tmp_path)
    assert "does something at import" in done.stderr


def test_the_guard_lets_libraries_be(tmp_path: Path) -> None:
    """What a library does while it is itself imported is not laid to the room that imports it."""
    (tmp_path / "psfir").mkdir()
    (tmp_path / "psfir" / "__init__.py").write_text("import click, yaml, rich.console, http.client", encoding="utf-8")
    done = run(["psfir"], tmp_path)
    assert done.returncode == 0, done.stderr
