"""Open files: a range takes what its process may have, and says so beforehand where that is not enough."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from psfir.range.limits import make_room


@pytest.fixture
def _few_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("_few_files")
def test_it_takes_what_it_may_have() -> None:
    """A shell's own limit is far below what the system allows."""
    make_room(2)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 440


@pytest.mark.parametrize(("files", "todo"), [(600, "bring up 3 at most, or raise the limit"), (100, "-> raise the")])
def test_what_cannot_be_had_is_told_beforehand(files: int, todo: str) -> None:
    """With how many systems there is room for; nothing is started."""
    words = f"ulimit -n {files}; exec {sys.executable} -m psfir range up --systems 20"
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"20 systems need 2600 open files, and this process may have {files}" in done.stderr
    assert todo in done.stderr
