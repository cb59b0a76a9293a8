"""Only some writes of an outbox wait for the disk: what is lost with the machine is unknown, and never sent again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from psfir.domain.message import Delivery, Result
from psfir.records.outbox import AHEAD, Copy, Outbox

MANY = 50
SENT = Delivery(Result.SENT, "taken")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite3"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    made = Outbox(path, boot="boot-1")
    made.lay(((line, f"c{line}@example.com", {}) for line in range(MANY)), message="m", listed="l")
    yield made
    made.close()


def send(outbox: Outbox, count: int) -> Copy:
    """So many are out; the next is on its way."""
    copy = outbox.begin(0)
    for _ in range(count):
        assert copy is not None
        copy = outbox.begin(0, done=(copy, SENT))
    assert copy is not None
    return copy


def test_a_process_that_dies_leaves_one_unknown(outbox: Outbox, path: Path) -> None:
    """The one on its way: its marks of the others were never used, and the machine knows so."""
    send(outbox, 25)
    with closing(Outbox(path, boot="boot-1")) as after:
        assert after.counts() == {"sent": 25, "unknown": 1, "pending": MANY - 26}
        assert [copy.line for copy in after.unknown()] == [25]


@pytest.mark.parametrize("boot", ["boot-2", "", "unknown"])
def test_a_machine_that_stops_leaves_those_unknown_that_may_have_gone(outbox: Outbox, path: Path, boot: str) -> None:
    """All that were marked beforehand, at most so many; nothing that was marked is sent again."""
    send(outbox, 25)
    with closing(Outbox(path, boot=boot)) as after:
        counts = after.counts()
        assert counts["sent"] == 25
        assert counts["unknown"] == 15
        assert counts["unknown"] <= AHEAD
        again = after.begin(0)
        assert again is not None
        assert again.line == 40


def test_what_was_not_on_the_disk_is_among_them(outbox: Outbox, path: Path, tmp_path: Path) -> None:
    """As the file stood at the last write that waited for the disk, whatever went out since is unknown."""
    send(outbox, 20)
    there = tmp_path / "after" / path.name
    there.parent.mkdir()
    for one in path.parent.glob(f"{path.name}*"):
        shutil.copy(one, there.parent)
    send(outbox, 15)
    with closing(Outbox(there, boot="boot-2")) as after:
        unknown = {copy.line for copy in after.unknown()}
        assert unknown == set(range(20, 40))


def test_a_mark_waits_for_the_disk_before_anything_is_begun_by_it(
    outbox: Outbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every copy that is handed over was marked by a write of that kind; the others do not wait."""
    waits: list[bool] = []
    database = outbox._database  # noqa: SLF001 - its connection alone tells which writes wait
    transaction = database.transaction

    def watched() -> object:
        waits.append(database.writer.execute("PRAGMA synchronous").fetchone()[0] == 2)
        return transaction()

    monkeypatch.setattr(database, "transaction", watched)
    send(outbox, AHEAD)
    assert waits == [True, *[False] * (AHEAD - 1), True]


def test_whoever_looks_takes_nothing_away(outbox: Outbox, path: Path) -> None:
    """Another process that opens it meanwhile, to count, makes the sender mark anew; each copy goes once."""
    copy: Copy | None = send(outbox, 5)
    seen = [0, 1, 2, 3, 4]
    while copy is not None:
        seen.append(copy.line)
        if len(seen) % 7 == 0:
            Outbox(path, boot="boot-1").close()
        copy = outbox.begin(0, done=(copy, SENT))
    assert seen == list(range(MANY))
    assert outbox.counts() == {"sent": MANY}


def test_two_who_send_at_once_send_each_copy_once(outbox: Outbox, path: Path) -> None:
    """As after a lease that was lost: what one has begun the other never begins."""
    seen: list[int] = []
    with closing(Outbox(path, boot="boot-1")) as other:
        turns: list[tuple[Outbox, Copy | None]] = [(outbox, None), (other, None)]
        while turns:
            box, before = turns.pop(0)
            copy = box.begin(0, done=(before, SENT) if before else None)
            if copy is not None:
                seen.append(copy.line)
                turns.append((box, copy))
    assert sorted(seen) == list(range(MANY))


def test_the_next_ones_are_found_by_an_index(path: Path, outbox: Outbox) -> None:
    """A list of a million is not gone through for each copy."""
    with closing(sqlite3.connect(path)) as con:
        (plan,) = con.execute(
            "EXPLAIN QUERY PLAN SELECT number FROM copies WHERE state IN ('pending', 'later') AND state = ? LIMIT 1",
            ("pending",),
        )
    assert "USING INDEX waiting" in plan[3] or "USING COVERING INDEX waiting" in plan[3]
