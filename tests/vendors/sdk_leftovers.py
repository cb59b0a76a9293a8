"""The official LaunchDarkly SDK forgets to close a socket when its key is refused: swept up here, in the test it is of.

Else the warning about it would strike whatever test happens to run when the socket is collected.
"""

import gc
import threading
from collections.abc import Iterator

import pytest

IGNORED = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture
def sdk_swept() -> Iterator[None]:
    """Ask for it, and mark the test with `IGNORED`, where an SDK key is refused."""
    others = set(threading.enumerate())  # such as those of a range, which stay
    yield
    for thread in set(threading.enumerate()) - others:
        if thread.name.startswith(("ldclient", "psfir launchdarkly")):
            thread.join(5)
    gc.collect()
