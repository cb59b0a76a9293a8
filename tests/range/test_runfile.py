"""How a range is found: its file is its owner's alone, and the lock says whether anybody is there."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from psfir.errors import Refusal, UsageError
from psfir.range.runfile import Claim, Run, forget, held, holder, read, write
from tests.range.faults.reaching import until

RUN = Run("http://127.0.0.1:1234", "secret", 17, 1.5)
HOLD = "import sys, pathlib; from psfir.range.runfile import Claim\nwith Claim(pathlib.Path(sys.argv[1])): input()"


def test_the_file_comes_back_as_it_was_and_is_the_owners_alone(tmp_path: Path) -> None:
    """Its token is shown nowhere else."""
    write(tmp_path, RUN)
    assert read(tmp_path) == RUN
    assert (tmp_path / "range.json").stat().st_mode & 0o777 == 0o600
    assert "secret" not in repr(RUN)
    forget(tmp_path)
    forget(tmp_path)
    assert read(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"url": "x", "token": "y", "pid": "z", "started": 0}'])
def test_a_file_that_says_nothing_is_told(tmp_path: Path, text: str) -> None:
    """With where it is."""
    (tmp_path / "range.json").write_text(text)
    with pytest.raises(UsageError, match=r"range.json: cannot be read"):
        read(tmp_path)


def test_one_range_in_a_folder(tmp_path: Path) -> None:
    """The second is told which one is there, or that it is just coming up, and what to do."""
    folder = tmp_path / "new" / "range"
    assert not held(folder)
    with Claim(folder):
        assert held(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        with pytest.raises(Refusal, match="just coming up"), Claim(folder):
            pass
        write(folder, RUN)
        with pytest.raises(Refusal, match=r"process 17, at http://127.0.0.1:1234.*psfir range down"), Claim(folder):
            pass
        (folder / "range.json").write_text("{")
        which = rf"process {os.getpid()}, and .*range.json cannot be read.*psfir range down ends it"
        with pytest.raises(Refusal, match=which), Claim(folder):
            pass
    assert not held(folder)


def test_who_looks_sees_no_other_and_keeps_no_range_away(tmp_path: Path) -> None:
    """Many at once ask whether a range is up while one comes up and goes, again and again."""
    with Claim(tmp_path):
        pass
    over = Event()

    def look() -> int:
        """How often somebody was seen there."""
        seen = 0
        while not over.is_set():
            seen += held(tmp_path)
        return seen

    with ThreadPoolExecutor(4) as people:
        lookers = [people.submit(look) for _ in range(4)]
        over.wait(0.3)
        over.set()
        assert [one.result() for one in lookers] == [0, 0, 0, 0]
        over.clear()
        lookers = [people.submit(look) for _ in range(4)]
        try:
            for _ in range(20):
                with Claim(tmp_path):
                    assert held(tmp_path)
        finally:
            over.set()


def test_the_lock_goes_with_its_process_however_that_ends(tmp_path: Path) -> None:
    """Killed, it leaves nothing that would keep the next one away."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE)
    try:
        until(lambda: holder(tmp_path) == process.pid)
    finally:
        process.kill()
        process.communicate()
    assert (held(tmp_path), holder(tmp_path)) == (False, None)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file stands where it should be."""
    (tmp_path / "range").write_text("")
    with pytest.raises(UsageError, match="cannot keep its address"), Claim(tmp_path / "range"):
        pass
