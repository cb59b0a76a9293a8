"""Cold start is a promise: asking for the version or the help loads nothing that only a command needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"yaml", "rich", "jinja2", "http.client", "ssl", "sqlite3", "importlib.metadata", "asyncio", "urllib.request"}
HEAVY.add("psycopg")
MARK = "loaded:"
CALL = f"""
import sys
before = set(sys.modules)
sys.argv = ["psfir", *sys.argv[1:]]
try:
    from psfir.cli.main import main
    main()
except SystemExit as end:
    assert not end.code, end.code
print("{MARK}", *sorted(set(sys.modules) - before))
"""


def uncovered(command: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    """Coverage would load a database and more of its own into the process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=50)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(root: Path, option: str) -> None:
    """--version and --help import no YAML, terminal, template, network, database or metadata module."""
    done = uncovered([sys.executable, "-c", CALL, option], root)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.splitlines()[-1]
    assert loaded.startswith(MARK)
    assert HEAVY.intersection(loaded.split()) == set()


@pytest.mark.parametrize("module", ["psfir.levers.command.run", "psfir.levers.flagd.file"])
def test_a_lever_without_a_wire_loads_no_http(root: Path, module: str) -> None:
    """A program or a JSON file is pulled without the client of HTTP, of TLS or of YAML."""
    code = f"import sys, {module}; print('{MARK}', *sorted(sys.modules))"
    done = uncovered([sys.executable, "-c", code], root)
    assert done.returncode == 0, done.stderr
    assert HEAVY.intersection(done.stdout.split()) == set()
