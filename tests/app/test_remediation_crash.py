"""No issue is made twice. A real process is killed with SIGKILL at every write of an export."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.clock import RealClock
from psfir.app.remediation_export import LANDS
from tests.app.test_remediation_export import SECRETS, Office, each, made
from tests.app.workspaces import environment
from tests.vendors.github_stand_in import GitHubStandIn
from tests.vendors.jira_stand_in import JiraStandIn

CHILD = Path(__file__).with_name("comms_crash_child.py")
WRITES = 2
"""The intention to make an issue, and the outcome."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The child has the real clock, and so has whoever goes on with it."""
    with GitHubStandIn() as github, JiraStandIn() as jira:
        found = Office(tmp_path, github, jira)
        found.clock.at = RealClock().now()
        yield found


def run_child(office: Office, to: str, at: int, when: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(office.root, "dora"), **SECRETS}
    command = [sys.executable, str(CHILD), str(at), when, "remediation", "export", "--to", to]
    return subprocess.run(command, cwd=office.root, env=env, capture_output=True, text=True, timeout=60, check=False)


@each
def test_wherever_it_dies_there_is_one_issue(office: Office, to: str) -> None:
    """Behind the intention, before the outcome, behind it: the next export finds it, or makes what is not there."""
    deaths = [(1, "after"), (2, "before"), (2, "after")]
    for number, (at, when) in enumerate(deaths, 1):
        assert run_child(office, to, at, when).returncode == -signal.SIGKILL
        office.clock.at = RealClock().now() + LANDS + timedelta(seconds=1)
        office.export(to)
        assert made(office, to) == number, f"died {when} {at}"
        assert office.export(to) == []
        office.clock.at = RealClock().now()
        office.add(f"Item {number + 1}")


def test_an_export_writes_twice_an_issue(office: Office) -> None:
    """The deaths above are all that there are."""
    whole = run_child(office, "issues", 0, "never")
    assert re.findall(r"writes (\d+)", whole.stderr) == [str(WRITES)], whole
    assert whole.returncode == 0
