"""Commands on a record in PostgreSQL: unchanged, from any folder that names it, and with the server away too."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psfir.app.session import Door, open_session
from psfir.domain import instants
from psfir.domain.entries import check
from tests.app.workspaces import RUNBOOK, environment, lay_out, psfir
from tests.cli.killing import start
from tests.postgres import Cluster, cluster
from tests.records.stores import journal_at, laid


def shared(root: Path, place: str, *, runbook: str = RUNBOOK) -> Path:
    """A workspace whose record is there, with the login's password in a variable."""
    lay_out(root, runbook=runbook)
    words = root / "psfir.yaml"
    address = place.replace("psfir@", "psfir:${PSFIR_TEST_PASSWORD}@")
    words.write_text(words.read_text(encoding="utf-8") + f"store: {address}\n", encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSFIR_TEST_PASSWORD", "s3cr3t-of-the-store")


def test_two_machines_share_one_record(tmp_path: Path) -> None:
    """Killed from one folder, seen and checked from the other; no password is shown."""
    place = laid()
    one, other = (shared(tmp_path / name, place) for name in ("one", "other"))
    killed = psfir(one, "kill", "assistant", "--yes")
    assert killed.returncode == 0, killed.stdout + killed.stderr
    status = psfir(other, "status")
    assert "CONTAINED" in status.stdout
    verified = psfir(other, "audit", "verify")
    assert "entries" in verified.stdout, verified.stdout + verified.stderr
    doctor = psfir(other, "doctor")
    assert "can be written" in doctor.stdout
    said = "".join(one.stdout + one.stderr for one in (killed, status, verified, doctor))
    assert "s3cr3t" not in said


def test_with_the_server_away_a_kill_goes_on_and_merges(tmp_path: Path) -> None:
    """Loudly spooled; the next command on the server that is back takes it in. A restore does not go on."""
    cluster()
    own = Cluster()
    root = shared(tmp_path / "one", laid(own))
    own.stop()
    killed = psfir(root, "kill", "assistant", "--yes")
    assert killed.returncode == 0, killed.stdout + killed.stderr
    assert "the record is away" in killed.stderr
    refused = psfir(root, "restore", "--yes")
    assert refused.returncode != 0
    assert "cannot be reached" in refused.stderr
    own.start()
    synced = psfir(root, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    assert "CONTAINED" in psfir(root, "status").stdout
    own.remove()


def test_status_elsewhere_follows_a_kill_within_a_second(tmp_path: Path) -> None:
    """Two machines, two processes: an entry of the kill is told on the other one a moment after it was written."""
    place = laid()
    one, other = (shared(tmp_path / name, place) for name in ("one", "other"))
    watching = start(other, "status", "--watch", "--json", me="lee")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["event"] == "watching"
    killing = start(one, "kill", "assistant", "--yes")
    delays = []
    try:
        for line in watching.stdout:
            said = json.loads(line)
            if said["event"] == "entry":
                delays.append((datetime.now(UTC) - instants.read(said["at"])).total_seconds())
            if said.get("kind") == "run.ended":
                break
    finally:
        watching.kill()
        watching.communicate()
        killing.communicate(timeout=30)
    assert len(delays) > 5
    assert sorted(delays)[len(delays) // 2] < 1.0


def test_sync_says_what_overlapped(tmp_path: Path) -> None:
    """Killed and restored on one machine, and killed on another that was cut off: neither knew of the other."""
    cluster()
    own = Cluster()
    place = laid(own)
    one, other = (shared(tmp_path / name, place) for name in ("one", "other"))
    with own.cut_off(place.rpartition("/")[2]):
        assert psfir(other, "kill", "assistant", "--yes", me="lee").returncode == 0
    for words in (("kill", "assistant", "--yes"), ("restore", "--yes")):
        done = psfir(one, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was waiting" in psfir(one, "sync").stdout
    said = psfir(other, "sync").stdout
    both = [line for line in said.splitlines() if "assistant was killed by lee" in line]
    assert len(both) == 2, said
    assert any("killed by dana" in line and "psfir incident merge" in line for line in both)
    assert any("restored by dana" in line and "psfir verify" in line for line in both)
    journal = journal_at(place)
    assert check(journal.read()) is None
    journal.close()
    own.remove()


def on_another_machine(root: Path, *words: str, me: str) -> subprocess.CompletedProcess[str]:
    """The command on a host of another name, which is what a login is told by."""
    return subprocess.run(
        [
            "unshare",
            "-r",
            "-u",
            "sh",
            "-c",
            'hostname elsewhere && exec "$@"',
            "sh",
            sys.executable,
            "-m",
            "psfir",
            *words,
        ],
        cwd=root,
        env=environment(root, me),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_two_people_on_two_machines_say_yes(tmp_path: Path) -> None:
    """A kill that takes two waits on the one machine; the yes on the other lets it go. One person twice is one."""
    place = laid()
    book = RUNBOOK.replace("kill: 1", "kill: 2, within: 30s")
    one, other = (shared(tmp_path / name, place, runbook=book) for name in ("one", "other"))
    killing = start(one, "kill", "assistant", "--yes")
    assert killing.stderr is not None
    assert "1 of 2 people" in killing.stderr.readline()
    session = open_session(Door(env=environment(one)), workspace=one)
    (digest,) = session.incident().plans
    session.close()
    again = on_another_machine(other, "approve", digest, "--yes", me="dana")
    assert again.returncode == 3, again.stdout + again.stderr
    assert "would not count" in again.stderr
    same_login = psfir(one, "approve", digest, "--yes", me="lee")
    assert same_login.returncode == 3, same_login.stdout
    assert "same login" in same_login.stderr
    assert killing.poll() is None
    given = on_another_machine(other, "approve", digest, "--yes", me="lee")
    assert given.returncode == 0, given.stdout + given.stderr
    out, err = killing.communicate(timeout=30)
    assert killing.returncode == 0, out + err
