"""A run has one owner at a time, and outlives it: real processes on a real PostgreSQL, killed, stopped, and cut off."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from psfir.contracts import Journal
from psfir.domain.entries import Draft, Entry, check
from psfir.domain.kinds import Kind
from psfir.domain.verdict import Verdict
from psfir.errors import RecordError
from tests.app.test_crash import run_child
from tests.app.test_worker import at
from tests.app.workspaces import lay_out, psfir
from tests.cli.fleets import Fleet, names
from tests.cli.killing import start
from tests.postgres import Cluster, cluster
from tests.records.stores import journal_at, laid

APPENDS = 9
"""A kill of one of the fleet's systems appends so often, and once more may find it all done."""

PAUSE = Event()


def keep_in(root: Path, place: str) -> None:
    words = root / "psfir.yaml"
    words.write_text(words.read_text(encoding="utf-8") + f"store: {place}\n", encoding="utf-8")


def entries(place: str) -> list[Entry]:
    journal = journal_at(place)
    try:
        return list(journal.read())
    finally:
        journal.close()


def until(place: str, kind: Kind, *, looks: int = 400) -> None:
    """An entry of that kind is on record."""
    for _ in range(looks):
        if any(entry.kind == kind for entry in entries(place)):
            return
        PAUSE.wait(0.03)
    raise AssertionError(f"no entry of kind {kind} came")


@contextmanager
def workers(root: Path, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """So many, at work when this begins; none of them is when it ends."""
    found = [start(root, "worker", "--json") for _ in range(count)]
    try:
        for process in found:
            assert process.stdout is not None
            assert "watching" in process.stdout.readline()
        yield found
        for process in found:
            process.send_signal(signal.SIGTERM)
        ended = [(process.communicate(timeout=30), process.returncode) for process in found]
        assert [code for _, code in ended] == [0] * count, ended
    finally:
        for process in found:
            if process.poll() is None:
                process.kill()
                process.communicate()


def settled(root: Path) -> bool:
    session = at(root)
    try:
        return not any(incident.running for incident in session.incidents())
    finally:
        session.close()


@pytest.mark.timeout(180)
def test_killed_at_every_stage_two_workers_carry_it_on(tmp_path: Path) -> None:
    """Owners die behind each of their appends, side by side: what was begun ends contained, with one effect each."""
    place, root = laid(), tmp_path / "fleet"
    estate = Fleet(root, APPENDS).lay_out()
    keep_in(root, place)
    with workers(root, 2):
        with ThreadPoolExecutor(3) as pool:
            died = list(
                pool.map(
                    lambda spot: run_child(root, spot[0] + 1, "after", "kill", spot[1], "--yes").returncode,
                    enumerate(names(APPENDS)),
                )
            )
        assert died.count(-signal.SIGKILL) >= APPENDS - 1, died
        for _ in range(200):
            if settled(root):
                break
            PAUSE.wait(0.2)
    found = entries(place)
    assert check(found) is None
    session = at(root)
    runs = [run for incident in session.incidents() for run in incident.runs.values()]
    session.close()
    assert len(runs) >= APPENDS - 3
    assert {run.verdict for run in runs} == {Verdict.CONTAINED}
    assert all(run.ended for run in runs)
    for run in runs:
        assert estate.effects(run.plan.runbook.system) == 1
    # One that died before its yes was recorded was never approved: nobody pulls it.
    assert sum(estate.effects(name) for name in names(APPENDS)) == len(runs)


@pytest.mark.timeout(120)
def test_an_owner_asleep_past_its_lease_pulls_no_other_rung(tmp_path: Path) -> None:
    """Stopped in the middle of a pull and woken after a worker has finished its run: it writes and pulls nothing."""
    place = laid()
    slow = {"state": {"on": True}, "faults": {"refuse": "approval required", "hang": 0.4}}
    estate = lay_out(tmp_path, switches={"flag": slow, "gateway": {"state": {"on": True}, "replicas": 2}})
    keep_in(tmp_path, place)
    owner = start(tmp_path, "kill", "assistant", "--yes")
    until(place, Kind.INTENDED)
    owner.send_signal(signal.SIGSTOP)
    with workers(tmp_path, 2):
        until(place, Kind.RUN_ENDED)
        pulled = estate.writes("gateway")
        owner.send_signal(signal.SIGCONT)
        _, err = owner.communicate(timeout=30)
    assert owner.returncode == 3, err
    assert "has taken over" in err
    assert estate.writes("gateway") == pulled
    assert estate.effects("gateway") == 1
    found = entries(place)
    assert check(found) is None
    assert found[-1].kind == Kind.RUN_ENDED
    assert [entry.kind for entry in found].count(Kind.RUN_RESUMED) == 1


@pytest.fixture(scope="module")
def own() -> Iterator[Cluster]:
    """A server that may be broken."""
    cluster()
    server = Cluster()
    yield server
    server.remove()


def goes_on(root: Path, place: str, broken: AbstractContextManager[None]) -> None:
    """A kill in its soak while the record is broken: it ends proven, and is merged once the record is back."""
    estate = lay_out(root, soak="1200ms")
    keep_in(root, place)
    killing = start(root, "kill", "assistant", "--yes")
    until(place, Kind.SOAKING)
    with broken:
        out, err = killing.communicate(timeout=40)
    assert killing.returncode == 0, out + err
    merges(root, place)
    assert estate.effects("gateway") == 1


def merges(root: Path, place: str) -> None:
    """What was spooled comes in, and the chain tells its run, whole and proven."""
    merged = psfir(root, "sync")
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert "merged" in merged.stdout
    found = entries(place)
    assert check(found) is None
    session = at(root)
    runs = list(session.incident().runs.values())
    session.close()
    assert all(run.ended for run in runs)
    assert runs[-1].verdict is Verdict.CONTAINED
    assert [entry.kind for entry in found].count(Kind.RUN_ENDED) == len(runs)


@contextmanager
def restarted(server: Cluster) -> Iterator[None]:
    server.stop(crash=True)
    try:
        yield
    finally:
        server.start()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", ["crashed", "frozen", "cut off"])
def test_with_the_database_broken_in_the_middle_the_run_goes_on(tmp_path: Path, own: Cluster, how: str) -> None:
    """From the spool, to its verdict; each entry is in the chain once in the end."""
    place = laid(own)
    ways = {"crashed": restarted(own), "frozen": own.frozen(), "cut off": own.cut_off(place.rpartition("/")[2])}
    goes_on(tmp_path, place, ways[how])


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of 120 MB where the server's own login may go."""
    folder = Path(tempfile.mkdtemp(prefix="psfir-disk-"))
    folder.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=120m,mode=755", "tmpfs", str(folder)]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("only root may mount a small disk")
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], capture_output=True, check=False)
        folder.rmdir()


@contextmanager
def filled(disk: Path, place: str) -> Iterator[None]:
    """Not a byte is left on it, nor in the pages that the record's table has already."""
    big = disk / "big"
    with pytest.raises(OSError, match="No space"):
        _fill(big)
    journal = journal_at(place)
    with pytest.raises(RecordError, match="disk is full"):
        _note_for_ever(journal)
    journal.close()
    try:
        yield
    finally:
        big.unlink()


def _note_for_ever(journal: Journal) -> None:
    while True:
        journal.append([Draft(datetime.now(UTC), "", "test", "cli", Kind.NOTE, {"text": "x", "about": "note"})])


def _fill(big: Path) -> None:
    with big.open("wb", buffering=0) as file:
        while file.write(b"\0" * 4096):
            continue


@pytest.mark.timeout(120)
def test_with_the_servers_disk_full_the_run_goes_on(tmp_path: Path) -> None:
    """A real disk without a byte left."""
    cluster()
    with small_disk() as disk:
        server = Cluster(under=disk)
        try:
            place = laid(server)
            goes_on(tmp_path, place, filled(disk, place))
        finally:
            server.remove()
