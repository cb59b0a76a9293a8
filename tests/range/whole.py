"""The whole range, brought up once for all the tests that a process runs, and as new for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from json import dumps, loads
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from psfir.testing.waiting import eventually

if TYPE_CHECKING:
    from psfir.app.session import Session
    from psfir.range.estate import Range

WITHIN = 10.0
RATE = 40.0
"""So many questions a second that what customers get is seen within a second."""


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    """Not to be used but through `whole`."""
    from psfir.range.estate import Range, Wanted  # every test process reads this file, few need a range

    wanted = Wanted(tmp_path_factory.mktemp("range"), seed=7, rate=0, scrape=0.1)
    with Range(wanted) as estate:
        if estate.cloud.moto is None:
            pytest.fail("the range has no AWS: pip install 'psfir[range]'")
        yield estate


@pytest.fixture
def whole(brought_up: Range) -> Range:
    """Without customers; `whole.reset(rate=RATE)` lets them in."""
    brought_up.reset()
    return brought_up


@pytest.fixture(scope="session")
def reference_root(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - a Path, but pytest's own
    """The reference workspace, whose probes look often and watch for seconds."""
    from psfir.app.demo_range import demo  # the same

    with demo(tmp_path_factory.mktemp("reference") / "ops", pytest.fail) as laid:
        return laid.root


@pytest.fixture
def hand(whole: Range, reference_root: Any) -> Hand:  # noqa: ANN401 - the same
    from psfir.app.session import Door, open_session  # the same

    door = Door(env={"PSFIR_ME": "ada", "HOME": str(reference_root), **whole.environment()})
    return Hand(open_session(door, workspace=reference_root))


class Hand:
    """Pulls levers as a runbook's rungs are pulled, by the connections of the reference workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def pull(self, name: str, target: dict[str, Any], wanted: dict[str, Any]) -> Callable[[], None]:
        """Pulled, and it holds. What is given puts it back."""
        from psfir.domain.change import Change, Held, Result  # the same
        from psfir.domain.modes import Mode  # the same
        from psfir.domain.runbook import Rung  # the same

        lever = self._session.binder.lever(Rung(name, target, wanted, WITHIN))
        change = lever.plan(target, lever.read(target, within=WITHIN), Mode.DISABLE, wanted)
        assert isinstance(change, Change), change
        outcome = lever.apply(change, within=WITHIN)
        assert outcome.result is Result.CHANGED, outcome
        eventually(lambda: lever.verify(change, within=WITHIN).held is Held.HELD)

        def back() -> None:
            done = lever.restore(change, within=WITHIN)
            assert done.result is Result.CHANGED, done

        return back


def states(whole: Range) -> list[dict[str, Any]]:
    """What each edge says, by the way that probes take."""
    return [_asked(part.url, "/assistant/state") for part in whole.reach("assistant")]


def say(whole: Range, **expected: str) -> bool:
    """Whether every edge says this."""
    return all(one[key] == value for one in states(whole) for key, value in expected.items())


def ask(whole: Range, kind: str, *, conversation: int = 1, turn: int = 0) -> dict[str, str]:
    """One customer's question, and what the first edge answers."""
    told = {"conversation": conversation, "turn": turn, "tenant": conversation, "kind": kind}
    return _asked(whole.reach("assistant")[0].url, "/assistant/ask", dumps(told))


def _asked(url: str, path: str, body: str = "") -> dict[str, Any]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=WITHIN)
    try:
        connection.request("POST" if body else "GET", path, body or None)
        said: dict[str, Any] = loads(connection.getresponse().read())
        return said
    finally:
        connection.close()


def counted(whole: Range, name: str, **labels: str) -> float:
    """The sum of the gateway's series of that name and these labels, as it shows them to be scraped."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    lines = [one for one in whole.counters.text().splitlines() if one.startswith(name)]
    return sum(float(one.rpartition(" ")[2]) for one in lines if all(each in one for each in wanted))
