"""The demo on the range: the reference system with its customers, on loopback servers that the real clients talk to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from psfir.app.demo import MARK, Demo, claimed, mark, second_key
from psfir.app.init import lay_out
from psfir.app.range import Warn, folder_of, tell_stale
from psfir.range.assistant.counts import WIDTH, Bin, Harm
from psfir.range.assistant.names import Names
from psfir.range.estate import Range, Wanted
from psfir.range.proxy import BLACK_HOLE
from psfir.range.runfile import Claim

SEED = 7
SCENARIO = "promises_refund"
_QUICKER = (
    (re.compile(r"\[1m\]"), "[3s]"),
    (re.compile(r"every: 10s"), "every: 300ms"),
    (re.compile(r"fresh: 1m"), "fresh: 5s"),
    (re.compile(r"^(  - id: .*)(?=\n    probe:)", re.MULTILINE), r"\1\n    soak: 3s"),
)
_SAYS = """\
# In this copy probes look more often and watch for 3 seconds, so that a demo takes seconds. Use the reference as it is.
"""


@contextmanager
def demo(root: Path, warn: Warn) -> Iterator[Demo]:
    """A workspace for the reference system; the record of earlier demos in the same folder is kept.

    It is this demo's alone as long as the context is open. Refused while a range is up there, or another demo plays.
    """
    root = root.resolve()
    laid = claimed(root, MARK)
    folder = folder_of(root, {})
    with Claim(folder):
        tell_stale(folder, warn)
        if not laid:
            _lay_out(root)
        yield Demo(root, second_key(root))


def _lay_out(root: Path) -> None:
    lay_out(root, reference=True)
    for path in sorted((root / "runbooks").glob("*.yaml")):
        path.write_text(quicker(path.read_text(encoding="utf-8")), encoding="utf-8")
    mark(root, MARK)


def quicker(runbook: str) -> str:
    """The same runbook with shorter looks, and a line that says so."""
    for what, instead in _QUICKER:
        runbook = what.sub(instead, runbook)
    head, _, rest = runbook.partition("\n")
    return f"{head}\n{_SAYS}{rest}"


class Theatre:
    """The range while the demo plays. Its customers talk to the assistant from beginning to end."""

    def __init__(self, root: Path) -> None:
        self._range = Range(Wanted(folder_of(root, {}), seed=SEED, scrape=0.25))

    @property
    def environment(self) -> dict[str, str]:
        """What re-points a workspace's connections."""
        return self._range.environment()

    @property
    def has_aws(self) -> bool:
        return self._range.cloud.moto is not None

    def misbehave(self) -> None:
        self._range.assistants[0].scenario = SCENARIO

    def behave(self) -> None:
        self._range.assistants[0].scenario = ""

    def take_vendor_away(self) -> None:
        """The flag vendor is down: nobody new gets through, and who listens hears nothing more."""
        for part in self._range.reach("launchdarkly"):
            part.wires.refuse()
            part.wires.spoil(up=BLACK_HOLE, down=BLACK_HOLE)

    def bring_vendor_back(self) -> None:
        for part in self._range.reach("launchdarkly"):
            part.heal()

    @property
    def traffic(self) -> list[Bin]:
        return self._range.counts.bins(Names().number)

    @property
    def rate(self) -> tuple[float, float]:
        """Answers a second and harmful ones among them, over the last two seconds."""
        bins = self.traffic[-round(2 / WIDTH) :]
        seconds = max(WIDTH, WIDTH * len(bins))
        return sum(one.answers for one in bins) / seconds, sum(one.harmful for one in bins) / seconds

    @property
    def harm(self) -> Harm | None:
        return self._range.counts.last_harm(Names().number)

    def __enter__(self) -> Self:
        self._range.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._range.stop()
