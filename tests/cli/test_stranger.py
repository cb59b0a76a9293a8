"""Somebody psfir does not know: may kill, giving a name and a reason, and may look; leaves no other trace."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.workspaces import RUNBOOK, lay_out, psfir, result
from tests.cli.killing import timeline


def test_somebody_unknown_may_kill_and_nothing_else(tmp_path: Path) -> None:
    """They say who they are and why; it is recorded as unverified, loud in the headline, and they cannot restore."""
    lay_out(tmp_path)
    refused = psfir(tmp_path, "kill", "assistant", "--yes", me="nobody")
    assert refused.returncode == 3
    assert "say who you are and why" in refused.stderr
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--name", "Robin", "--reason", "leaks", me="nobody")
    assert done.returncode == 0, done.stderr
    assert "UNVERIFIED: Robin" in timeline(tmp_path).splitlines()[1]
    restore = psfir(tmp_path, "restore", "--yes", me="nobody")
    assert restore.returncode == 3
    assert "cannot restore" in restore.stderr
    note = psfir(tmp_path, "incident", "note", "hello", me="nobody")
    assert note.returncode == 3


def test_somebody_unknown_may_look_and_leaves_no_trace(tmp_path: Path) -> None:
    """Psfir verify by a stranger: the probes run, the verdict is shown, the record is as it was."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    before = psfir(tmp_path, "audit", "export").stdout
    looked = psfir(tmp_path, "verify", me="nobody")
    assert looked.returncode == 0, looked.stderr
    assert "nothing of it is recorded" in looked.stderr
    assert "CONTAINED" in looked.stdout
    assert psfir(tmp_path, "audit", "export").stdout == before


def test_somebody_unknown_sees_that_it_is_back_on_and_leaves_no_trace(tmp_path: Path) -> None:
    """What had been contained was turned on again: exit 1 for whoever looks, and the record is as it was."""
    estate = lay_out(tmp_path, runbook=RUNBOOK.replace("within: 10s\n    soak", "within: 1s\n    soak"))
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    estate.put("gateway", {"on": True})
    before = psfir(tmp_path, "audit", "export").stdout
    incident = json.loads(psfir(tmp_path, "incident", "list", "--json").stdout)["incidents"][0]["id"]
    looked = psfir(tmp_path, "verify", incident, "--json", me="nobody")
    assert looked.returncode == 1, looked.stderr
    assert result(looked)["verdict"] == "not_contained"
    assert "nothing of it is recorded" in looked.stderr
    assert psfir(tmp_path, "audit", "export").stdout == before
