"""A worker carries what nobody carries: approved kills, runs whose owner is gone, soaks that were left."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from psfir.app.approve import Yes, find, give
from psfir.app.clock import RealClock
from psfir.app.session import Door, Session, open_session
from psfir.app.worker import Voice, Worker
from psfir.domain.kinds import Kind
from psfir.domain.verdict import Verdict
from tests.app.test_crash import run_child
from tests.app.workspaces import RUNBOOK, environment, lay_out, psfir, result
from tests.cli.killing import start, wait_for

TWO_YESES = RUNBOOK.replace("kill: 1", "kill: 2, within: 1s")


class Later(RealClock):
    """The clock of the machine, ten days on."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=10)


def elsewhere(root: Path, name: str) -> Session:
    """Somebody at another machine, where another login works."""
    session = at(root, name)
    actor = replace(session.who.actor, login=f"{name}@elsewhere")
    return replace(session, who=replace(session.who, actor=actor))


class Said:
    """What the workers of a test said."""

    def __init__(self) -> None:
        self.deeds: list[str] = []
        self.warned: list[str] = []

    def voice(self) -> Voice:
        return Voice(lambda _, word, what: self.deeds.append(f"{word} {what}"), self.warned.append)


def at(root: Path, me: str = "dana", *, killing: bool = False) -> Session:
    door = Door(env=environment(root, me), channel="worker", killing=killing)
    return open_session(door, workspace=root)


def worker(root: Path, said: Said, me: str = "dana") -> Worker:
    def opening(*, killing: bool) -> Session:
        return at(root, me, killing=killing)

    return Worker(opening, said.voice())


def verdict(root: Path) -> Verdict | None:
    session = at(root)
    try:
        return session.incident().verdict
    finally:
        session.close()


def test_an_approved_kill_that_nobody_carries_is_carried_out(tmp_path: Path) -> None:
    """Pressed by one, who did not get the second yes in time; said by another later. Then it needs no third command."""
    estate = lay_out(tmp_path, runbook=TWO_YESES)
    pressed = psfir(tmp_path, "kill", "assistant", "--yes")
    assert pressed.returncode == 3, pressed.stdout + pressed.stderr
    said = Said()
    worker(tmp_path, said).run(once=True)
    assert said.deeds == []
    other = elsewhere(tmp_path, "lee")
    (digest,) = other.incident().plans
    give(other, find(other, digest), Yes())
    other.close()
    one = worker(tmp_path, said)
    one.run(once=True)
    assert one.proven
    assert verdict(tmp_path) is Verdict.CONTAINED
    assert estate.effects("gateway") == 1
    assert [line.split()[0] for line in said.deeds] == ["taken", "ended"]


def test_a_run_whose_owner_died_is_taken_over(tmp_path: Path) -> None:
    """Killed outright behind its first intention; carried on to its verdict, with one side effect."""
    estate = lay_out(tmp_path)
    died = run_child(tmp_path, 6, "after", "kill", "assistant", "--yes")
    assert died.returncode == -signal.SIGKILL
    said = Said()
    one = worker(tmp_path, said)
    one.run(once=True)
    assert one.proven
    assert verdict(tmp_path) is Verdict.CONTAINED
    assert estate.effects("gateway") == 1


def test_two_workers_do_nothing_twice(tmp_path: Path) -> None:
    """Both look at once; one takes it over and the other leaves it alone."""
    estate = lay_out(tmp_path)
    run_child(tmp_path, 6, "after", "kill", "assistant", "--yes")
    said = Said()
    both = [worker(tmp_path, said) for _ in range(2)]
    threads = [Thread(target=one.run, kwargs={"once": True}) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    session = at(tmp_path)
    (run,) = session.incident().runs.values()
    resumed = [entry for entry in session.journal.read() if entry.kind == Kind.RUN_RESUMED]
    session.close()
    assert run.verdict is Verdict.CONTAINED
    assert len(resumed) == 1
    assert estate.effects("gateway") == 1


def test_a_soak_that_was_left_is_watched_to_its_end(tmp_path: Path) -> None:
    """Left by hand, as with Ctrl-C: the worker watches it through, once."""
    lay_out(tmp_path, soak="1500ms")
    killing = start(tmp_path, "kill", "assistant", "--yes")
    wait_for(tmp_path, Kind.SOAKING)
    killing.send_signal(signal.SIGINT)
    _, err = killing.communicate(timeout=20)
    assert killing.returncode == 5, err
    said = Said()
    worker(tmp_path, said).run(once=True)
    assert [line.split()[0] for line in said.deeds] == ["taken", "ended"]
    assert "the rest of the soak" in said.deeds[0]
    worker(tmp_path, said).run(once=True)
    assert len(said.deeds) == 2
    session = at(tmp_path)
    assert not any(run.unsoaked for run in session.incident().contained)
    session.close()


def test_a_restore_is_taken_over_only_by_who_may_restore(tmp_path: Path) -> None:
    """Its yeses stand in the record, and still: whoever carries it on needs the right. Said once."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    assert run_child(tmp_path, 4, "after", "restore", "--yes").returncode == -signal.SIGKILL
    said = Said()
    stranger = worker(tmp_path, said, me="nobody")
    stranger.run(once=True)
    assert stranger.failed == 1
    assert not stranger.proven
    assert any("cannot restore" in line for line in said.warned)
    worker(tmp_path, said).run(once=True)
    session = at(tmp_path)
    assert not session.incident().standing
    session.close()


def test_what_is_late_is_warned_of_once(tmp_path: Path) -> None:
    """A written analysis ten days later: in the words of the overview, by a worker that looked twice."""
    lay_out(tmp_path)
    for words in (("kill", "assistant", "--yes"), ("restore", "--yes"), ("incident", "resolve")):
        assert psfir(tmp_path, *words, me="lee").returncode == 0, words
    said = Said()

    def opening(*, killing: bool) -> Session:
        return replace(at(tmp_path, killing=killing), clock=Later())

    one = Worker(opening, said.voice())
    one.run(once=True)
    one.run(once=True)
    (line,) = said.warned
    assert "its written analysis" in line
    assert "psfir rca new" in line


def test_told_to_end_it_lets_go_and_another_goes_on(tmp_path: Path) -> None:
    """SIGTERM in the middle of a soak: exit code 0, the run is free at once, and nothing is pulled again."""
    estate = lay_out(tmp_path, soak="3s")
    run_child(tmp_path, 6, "after", "kill", "assistant", "--yes")
    process = start(tmp_path, "worker", "--json")
    wait_for(tmp_path, Kind.SOAKING)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, out + err
    session = at(tmp_path)
    assert session.incident().running
    session.close()
    done = psfir(tmp_path, "worker", "--once", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [one["verdict"] for one in result(done)["carried"]] == ["contained"]
    assert estate.effects("gateway") == 1


@pytest.mark.parametrize("words", [("worker", "--once"), ("worker", "--once", "--json")])
def test_with_nothing_to_do_it_ends_well(tmp_path: Path, words: tuple[str, ...]) -> None:
    """An empty record is no error."""
    lay_out(tmp_path)
    done = psfir(tmp_path, *words)
    assert done.returncode == 0, done.stderr
