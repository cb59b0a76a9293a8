"""Five hundred systems over HTTP at once, some of which refuse, while somebody else keeps the record busy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from threading import Event, Thread

import pytest

from psfir.range.server import Asked, Reply, Server
from psfir.records.sqlite import SqliteJournal
from tests.cli.fleets import names
from tests.cli.test_fleet import KILL, Desk

SIZE = 500
REFUSED = {f"sys-{number:02}" for number in range(7, SIZE, 100)}
HELD, FREE = 0.05, 0.02

HEAD = """\
schema: psfir.workspace/1
name: Fleet
people:
  dana: {{name: Dana, roles: [on_call]}}
  lee: {{name: Lee, roles: [incident_commander]}}
connections:
  gate: {{kind: http, url: "{url}"}}
systems:
"""
RUNBOOK = """\
schema: psfir.runbook/1
id: off-{name}
title: Off
system: {name}
mode: disable
steps:
  - id: stop
    ladder:
      - lever: http.request
        target:
          connection: gate
          read: {{path: /{name}, pointer: /on}}
          apply: {{method: PUT, path: /{name}, body: {{"on": "${{value}}"}}}}
        set: {{value: false}}
        within: 1m
verify:
  - probe: http
    target: {{connection: gate, path: /{name}}}
    expect: {{json: {{"on": false}}}}
    times: 1
    within: {proof}
    soak: 0s
"""


class Gate(Server):
    """A value for each system, and how often each was written. Of some it takes no write."""

    def __init__(self) -> None:
        self.on = dict.fromkeys(names(SIZE), True)
        self.writes: list[str] = []
        super().__init__(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        name = asked.path.strip("/")
        if asked.writes:
            if name in REFUSED:
                return Reply(HTTPStatus.FORBIDDEN, {"error": "not yours"})
            self.writes.append(name)
            self.on[name] = asked.json()["on"]
        return Reply(HTTPStatus.OK, {"on": self.on[name]})


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate() as gate:
        yield gate


@pytest.fixture
def desk(gate: Gate, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "runbooks").mkdir()
    words = HEAD.format(url=gate.url)
    for name in names(SIZE):
        words += f"  {name}: {{title: One, owner: lee, vendors: [acme]}}\n"
        book = RUNBOOK.format(name=name, proof="1s" if name in REFUSED else "1m")
        (tmp_path / "runbooks" / f"{name}.yaml").write_text(book)
    (tmp_path / "psfir.yaml").write_text(words)
    return Desk(tmp_path, capsys, monkeypatch)


@pytest.fixture
def busy_record(desk: Desk) -> Iterator[None]:
    """Somebody else writes to the record nearly all the time, as on a slow disk: each entry has to wait for them."""
    path, over = desk.root / ".psfir" / "record.sqlite3", Event()
    path.parent.mkdir()
    SqliteJournal(path).close()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as other:
            while not over.wait(FREE):
                other.execute("BEGIN IMMEDIATE")
                over.wait(HELD)
                other.execute("COMMIT")

    holding = Thread(target=hold)
    holding.start()
    yield
    over.set()
    holding.join()


@pytest.mark.usefixtures("busy_record")
def test_five_hundred_are_pulled_once_each_though_the_record_is_slow(desk: Desk, gate: Gate) -> None:
    """Those that refuse are named with their cause, the others are contained, and the summary stays a summary."""
    done = desk.type(*KILL)
    assert done.code == 4, done.err
    assert {name for name, on in gate.on.items() if on} == REFUSED
    assert sorted(gate.writes) == sorted(set(names(SIZE)) - REFUSED)
    assert f"{SIZE} systems  {SIZE - len(REFUSED)} CONTAINED" in done.out
    assert "sys-07, sys-107, sys-207 and 2 more: http.request via gate refused: " in done.out
    assert "other causes" not in done.out
    assert "sys-307" not in done.out
    assert "spooled" not in done.err
    assert len(done.out.splitlines()) < 30
    with SqliteJournal(desk.root / ".psfir" / "record.sqlite3") as journal:
        assert sum(entry.kind == "run.ended" for entry in journal.read()) == SIZE
