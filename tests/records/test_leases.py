"""Who holds a lease, and when it is free again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.errors import RecordError
from psfir.records.leases import SqliteLeases
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def leases(tmp_path: Path, clock: HandClock) -> Iterator[SqliteLeases]:
    opened = SqliteLeases(tmp_path / "record.sqlite3", clock=clock)
    yield opened
    opened.close()


def test_one_holds_it_and_the_other_does_not(leases: SqliteLeases) -> None:
    """The second asker is told no, the first may ask again, another name is free."""
    assert leases.holder("run-1", ttl=5) is None
    assert leases.acquire("run-1", "a", ttl=5)
    assert not leases.acquire("run-1", "b", ttl=5)
    assert leases.acquire("run-1", "a", ttl=5)
    assert leases.acquire("run-2", "b", ttl=5)
    assert leases.holder("run-1", ttl=5) == "a"


def test_a_lease_that_is_not_renewed_is_free(leases: SqliteLeases, clock: HandClock) -> None:
    """At its time to live it still stands, behind it somebody else may take it, and the first one learns of it."""
    leases.acquire("run", "a", ttl=5)
    clock.seconds += 5
    assert leases.holder("run", ttl=5) == "a"
    assert not leases.acquire("run", "b", ttl=5)
    clock.seconds += 0.01
    assert leases.holder("run", ttl=5) is None
    assert leases.acquire("run", "b", ttl=5)
    assert not leases.renew("run", "a")
    assert leases.renew("run", "b")


def test_renewing_keeps_it(leases: SqliteLeases, clock: HandClock) -> None:
    """Renewed in time, it is never free; renewed late but not taken meanwhile, it is held again."""
    leases.acquire("run", "a", ttl=5)
    for _ in range(4):
        clock.seconds += 4
        assert leases.renew("run", "a")
    assert not leases.acquire("run", "b", ttl=5)
    clock.seconds += 60
    assert leases.renew("run", "a")
    assert leases.holder("run", ttl=5) == "a"


def test_what_was_never_held_cannot_be_renewed(leases: SqliteLeases) -> None:
    """Nor what was released."""
    assert not leases.renew("run", "a")
    leases.acquire("run", "a", ttl=5)
    leases.release("run", "a")
    assert not leases.renew("run", "a")


def test_only_its_holder_releases_it(leases: SqliteLeases) -> None:
    """Another one's release changes nothing."""
    leases.acquire("run", "a", ttl=5)
    leases.release("run", "b")
    assert leases.holder("run", ttl=5) == "a"
    leases.release("run", "a")
    assert leases.acquire("run", "b", ttl=5)


@pytest.mark.parametrize(("boot", "seconds"), [("boot-2", 1000.0), ("boot-2", 3.0), ("boot-1", 3.0)])
def test_a_lease_of_another_boot_belongs_to_nobody_alive(
    leases: SqliteLeases, clock: HandClock, boot: str, seconds: float
) -> None:
    """After a restart, or on a clock that runs behind the lease's own, it is free at once."""
    leases.acquire("run", "a", ttl=5)
    clock.boot, clock.seconds = boot, seconds
    assert leases.holder("run", ttl=5) is None
    assert leases.acquire("run", "b", ttl=5)


def test_leases_live_in_the_records_own_file(leases: SqliteLeases, tmp_path: Path) -> None:
    """A journal on the same file works beside them; the file is not opened before the first question."""
    assert list(tmp_path.iterdir()) == []
    leases.acquire("run", "a", ttl=5)
    with SqliteJournal(tmp_path / "record.sqlite3") as journal:
        assert journal.heads()[0] == 0
        assert leases.renew("run", "a")


def test_leases_on_no_record_say_so(tmp_path: Path, clock: HandClock) -> None:
    """An unusable file is a RecordError, as everywhere."""
    (tmp_path / "record.sqlite3").write_text("no database at all " * 100, encoding="utf-8")
    with pytest.raises(RecordError, match="not a psfir record"):
        SqliteLeases(tmp_path / "record.sqlite3", clock=clock).acquire("run", "a", ttl=5)
