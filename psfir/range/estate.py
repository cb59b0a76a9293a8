"""The whole range: every vendor's stand-in, the assistants that run on them, their customers, and the way there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Event, RLock
from typing import Protocol, Self

from psfir.errors import LeverError, UsageError
from psfir.range.assistant import layout
from psfir.range.assistant.assistant import Assistant
from psfir.range.assistant.counts import Counts
from psfir.range.assistant.crew import Crew, share
from psfir.range.assistant.gateway import open_series
from psfir.range.assistant.model import Model
from psfir.range.assistant.names import Names
from psfir.range.assistant.runs import EVERY
from psfir.range.assistant.seat import Supplies
from psfir.range.aws.cloud import Cloud
from psfir.range.clock import RangeClock
from psfir.range.faults.standing import Faults
from psfir.range.faulty import Faulty
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.launchdarkly.estate import Estate
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.range.metrics.counters import Counters
from psfir.range.metrics.server import Metrics
from psfir.range.part import Part
from psfir.range.reached import Reached
from psfir.range.signposts import RESPONDER, SECOND_TOKEN, TOKEN, Signposts, take_away
from psfir.range.slack import choose
from psfir.range.slack.choose import Slack
from psfir.range.supply.ground import Ground
from psfir.range.wanted import Wanted

__all__ = ["Range", "Wanted"]

_ANEW = "psfir range down, then up"
_SETTLED = 10.0
"""Seconds in which the objects of one system are there, and a second more for each further one."""


class _Served(Protocol):
    faults: Faulty

    @property
    def url(self) -> str: ...


class Range(Reached):
    """Everything on 127.0.0.1 and free ports, in one process; AWS, where it is installed, in a second one."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.seed = wanted.seed
        self.rate = wanted.rate
        self.clock = RangeClock()
        self.counts = Counts(RangeClock().now)  # beside the record, so by the real time whatever the range's clock says
        self.model = Model(wanted.seed)
        self.counters = Counters()
        self.launchdarkly = LaunchDarkly(Estate(self.clock.now))
        self.kubernetes = Kubernetes()
        self.metrics = Metrics(self.counters, self.clock, every=wanted.scrape)
        self.slack: Slack
        self.cloud = Cloud(self.model, self.clock)
        self.names = [Names(number) for number in range(1, wanted.systems + 1)]
        self.assistants: Sequence[Assistant] = ()
        self._crew: Crew
        self._welcomed = Event()
        self.parts: dict[str, Part] = {}
        self.lock = RLock()
        self.faults: Faults
        self._broken = ""
        self._hooks: dict[str, str] = {}
        self._stack = ExitStack()

    def start(self) -> Self:
        """Ready when it returns; whatever had begun has ended when it raises."""
        try:
            self._start()
        except BaseException:  # raised again: a range that did not come up leaves nothing running
            self.stop()
            raise
        return self

    def stop(self) -> None:
        self._stack.close()

    def reset(self, *, rate: float | None = None) -> None:
        """All as it was when it came up, at the same addresses and with the same secrets.

        `rate` is how much the customers ask from now on; without a word, as much as was wanted.
        Faults begin and end before it or after it. LeverError if the range is not as it was, nor as it should be.
        """
        with self.lock:
            if self.cloud.gone:
                raise LeverError(f"the range could not be reset: {self.cloud.note}", todo=_ANEW)
            try:
                self._reset(self.wanted.rate if rate is None else rate)
            except Exception as error:  # raised again as one error: whatever it was, the range is half as new
                self._broken = f"the range could not be reset: {str(error) or type(error).__name__}"
                raise LeverError(self._broken, todo=_ANEW) from error
            self._broken = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with it although no fault says so."""
        noted = (self.cloud.note, f"{self._broken} ({_ANEW})" if self._broken else "")
        return tuple(one for one in noted if one)

    def environment(self) -> dict[str, str]:
        """What points other programs at the range."""
        return self._signposts.environment()

    @property
    def _signposts(self) -> Signposts:
        own = self.wanted.supply.overlaid if self.wanted.supply else None
        keys, token = self.cloud.keys, self.slack.token
        return Signposts(self.wanted.folder, self.parts, self.names, self._hooks, keys, token, own)

    def _start(self) -> None:
        wanted = self.wanted
        with ThreadPoolExecutor(1) as aside:
            # AWS is a process of its own and takes longest; the rest comes up beside it.
            self._stack.callback(self.cloud.stop)
            account = aside.submit(self._account, partial(self.cloud.start, moto=wanted.aws))
            for server in (self.launchdarkly, self.kubernetes, self.metrics):
                self._stack.enter_context(server)
            self.slack = choose.started(self.clock, say=wanted.say, environ=wanted.environ, folders=wanted.installed)
            self._stack.callback(self.slack.stop)
            flags = self._lay_out()
            account.result()
        served: Mapping[str, _Served] = {
            "launchdarkly": self.launchdarkly,
            "kubernetes": self.kubernetes,
            "aws": self.cloud.aws,
            "metrics": self.metrics,
            "slack": self.slack,
        }
        for name, one in served.items():
            self._part(name, one)
        self.assistants = [Assistant(self._supplies(names)) for names in self.names]
        for assistant in self.assistants:
            self._stack.callback(assistant.close)
            assistant.open()
            for number, edge in enumerate(assistant.edges, 1):
                self._part(f"assistant/{assistant.names.number}/edge-{number}", edge)
        self._crew = Crew(self.assistants, self.kubernetes, welcomed=self._welcomed, heard=wanted.heard)
        self._stack.callback(self._crew.end)
        self._finish(flags)
        self._stack.callback(take_away, wanted.folder)
        self._signposts.write(self.kubernetes)
        self._begin()
        self.faults = Faults(self)
        self._stack.callback(self.faults.stop)

    def _reset(self, rate: float) -> None:
        self.rate = rate
        self.faults.heal()
        self._crew.end()
        for part in self.parts.values():
            part.heal()
        self.clock.skew = 0.0
        self.model.scenarios.clear()
        with ThreadPoolExecutor(1) as aside:
            account = aside.submit(self._account, self.cloud.reset)
            for each in (self.kubernetes, self.metrics, self.slack, self.counts):
                each.reset()
            flags = self._lay_out()
            account.result()
        self._finish(flags)
        self._begin()

    def _part(self, name: str, server: _Served) -> None:
        self.parts[name] = self._stack.enter_context(Part(name, server.url, server.faults))

    def _supplies(self, names: Names) -> Supplies:
        flags = self.parts["launchdarkly"].url
        return Supplies(
            names,
            self.kubernetes,
            self.cloud.client,
            flags,
            layout.sdk_key(names),
            self.model,
            self.counters,
            self.counts,
            customers=lambda: self.rate > 0,
            welcomed=self._welcomed,
            every=EVERY / share(self.wanted.systems),
        )

    def _lay_out(self) -> Estate:
        flags = Estate(self.clock.now)
        flags.add_token("*", name="responder", secret=TOKEN)
        flags.add_token("*", name="second", member="member-second", secret=SECOND_TOKEN)
        for names in self.names:
            self._hooks[names.system] = layout.flags(names, flags)
            open_series(names, self.counters)
        self.kubernetes.put(*(one for names in self.names for one in layout.objects(names)))
        try:
            self.kubernetes.settle(_SETTLED + len(self.names))
        except TimeoutError as error:
            what = f"the range's cluster was not laid out in time: {error}"
            raise UsageError(what, todo="see what else this machine does, or bring up fewer systems") from error
        return flags

    def _account(self, fresh: Callable[[], object]) -> None:
        fresh()
        with self.cloud.unguarded():
            self.cloud.role(RESPONDER)
            for done, names in enumerate(self.names):
                self.wanted.heard("AWS accounts", done, len(self.names))
                layout.account(names, self.cloud.aws)

    def _finish(self, flags: Estate) -> None:
        """What a workspace names comes on top of everything else; flags are served once all of them are there."""
        if self.wanted.supply:
            self.wanted.supply.lay_out(self._ground(flags))
            self.kubernetes.settle()
        self.launchdarkly.reset(flags)
        self.kubernetes.strike()

    def _ground(self, flags: Estate) -> Ground:
        return Ground(
            flags=flags,
            cluster=self.kubernetes,
            cloud=self.cloud,
            clock=self.clock,
            scrape=self.wanted.scrape,
            http=frozenset({"metrics", *(names.edges for names in self.names)}),
            parts=self.parts,
            part=self._part,
            enter=self._stack.enter_context,
        )

    def _begin(self) -> None:
        self._crew.begin()
        if self.rate:
            self._crew.welcome(self.rate, lambda names: layout.warm(names, self.cloud.client))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
