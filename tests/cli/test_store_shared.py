"""Commands on a record in PostgreSQL: unchanged, from any folder that names it, and with the server away too."""

from pathlib import Path

import pytest

from tests.app.workspaces import lay_out, psfir
from tests.postgres import Cluster, cluster
from tests.records.stores import laid


def shared(root: Path, place: str) -> Path:
    """A workspace whose record is there, with the login's password in a variable."""
    lay_out(root)
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
