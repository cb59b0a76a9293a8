"""A first draft of a scenario from what really happened: what the team was told, when, and what it did about it.

Words go in only as `tell` lets them: it takes people and machines out, or says no. A person goes over it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from psfir.domain import instants
from psfir.domain.durations import show
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.modes import Severity
from psfir.domain.plan import Verb
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.rehearsal.schedule import replays

_MINUTE = 60
_LATEST = 3 * 3600
"""What came later than this after the trigger is no longer the bad night."""
_MOST = 12
_OUT = frozenset({"sent", "already_there"})
_WORSE = frozenset({Verdict.PARTIAL, Verdict.NOT_CONTAINED})


@frozen
class Here:
    """What there is today, by name: a draft may ask for nothing else. `tell` gives words that players may read."""

    systems: Collection[str]
    runbooks: Collection[str]
    clocks: Collection[str]
    messages: Collection[tuple[str, str]]
    tell: Callable[[str], str]


@frozen
class Replay:
    """The scenario as its file says it, and how much of what was said then is not in it."""

    scenario: dict[str, Any]
    left_out: int


def replay(incident: str, entries: Sequence[Entry], here: Here) -> Replay:
    """The entries are those of one incident, its declaration first."""
    told = _Told(entries, here)
    injects = [told.first(), *told.later()]
    expected = list(told.expected())
    last = max([0, *(int(one["at"][:-1]) for one in injects), *(int(one["due"][:-1]) for one in expected)])
    scenario: dict[str, Any] = {
        "schema": "psfir.drill/1",
        "id": replays(incident),
        "title": f"Replay of an incident of {told.start:%B %Y}",
        "level": "tabletop",
        "duration": f"{max(30, last // _MINUTE + 10)}m",
        "systems": [name for name in told.systems if name in here.systems],
        "tags": ["replay"],
        "safety": {
            "banner": "EXERCISE EXERCISE EXERCISE",
            "levers": "none",
            "comms": "sink",
            "abort_word": "REAL WORLD",
        },
        "roles": {
            "on-call": {"brief": "You carry the pager."},
            "commander": {"brief": "You lead, decide, and keep the clock."},
            "comms": {"brief": "You write what others read."},
        },
        "objectives": [{"id": "contain", "text": "Do at least as well as on the night itself", "psf": 2}],
        "facilitator": {"summary": f"It replays {incident}.", "facts": list(told.facts()) or ["Nothing was done."]},
        "expectations": expected,
        "injects": injects,
        "hot_wash": ["What went better than then, and why?", "What would have halved the time to containment?"],
    }
    return Replay({key: value for key, value in scenario.items() if value != []}, told.left_out)


class _Told:
    """What an incident's record tells, in seconds from its trigger."""

    def __init__(self, entries: Sequence[Entry], here: Here) -> None:
        self._entries = [one for one in entries if one.data is not None]
        self._here = here
        self.left_out = 0
        declared = self._data(self._first(Kind.DECLARED))
        self.systems: list[str] = list(declared["systems"])
        self.start: datetime = instants.read(declared["trigger"]["at"])
        self._severity = Severity(declared["severity"])
        self._source = str(declared["trigger"]["source"])

    def first(self) -> dict[str, Any]:
        titles = [self._data(one)["text"] for one in self._of(Kind.NOTE) if self._data(one).get("about") == "title"]
        said = self._words(titles[0]) if titles else ""
        source = self._words(self._source) if self._source else ""
        body = said or source or "Something is wrong with the answers that customers get."
        more = {"purpose": ["trigger"], "starts_clock": True, "from": "Monitoring", "via": "page", "body": body}
        return {"id": "trigger", "at": "0s", **more}

    def later(self) -> Iterator[dict[str, Any]]:
        """What reached the team after the trigger; of very much, the first."""
        found = [*self._notes(), *self._worse()]
        kept = sorted((one for one in found if one[0] <= _LATEST), key=lambda one: one[0])
        self.left_out += len(found) - min(len(kept), _MOST)
        for number, (at, purpose, sender, body) in enumerate(kept[:_MOST], start=1):
            yield {"id": f"then-{number}", "at": f"{at}s", "purpose": [purpose], "from": sender, "body": body}

    def _notes(self) -> Iterator[tuple[int, str, str, str]]:
        for one in self._of(Kind.NOTE):
            data = self._data(one)
            if data.get("about", "note") != "note" or self._decides(one):
                continue
            words = self._words(data["text"])
            if words:
                yield self._at(one), "report", "A colleague", words

    def _worse(self) -> Iterator[tuple[int, str, str, str]]:
        order, now = list(Severity), self._severity
        for one in self._of(Kind.SEVERITY):
            after = Severity(self._data(one)["severity"])
            if order.index(after) < order.index(now):
                yield self._at(one), "escalation", "Support desk", "It is worse than it looked, and more people ask."
            now = after
        for one in self._of(Kind.VERDICT):
            if self._data(one)["verdict"] in _WORSE:
                yield self._at(one), "escalation", "Support desk", "It goes on: customers still get such answers."

    def expected(self) -> Iterator[dict[str, Any]]:
        """What was done then, each within what is asked for today."""
        severity = min([self._severity, *self._severities()], key=list(Severity).index)
        yield {"id": "declared", "kind": "declared", "severity": severity.value, "due": _span(5), "weight": 2}
        if self._seat("commander"):
            yield {"id": "led", "kind": "seat", "seat": "commander", "due": _span(10)}
        if self._of(Kind.EVIDENCE):
            yield {"id": "kept", "kind": "evidence", "due": _span(15), "weight": 2}
        books = [name for name in self._books() if name in self._here.runbooks]
        named = {"runbooks": books} if books else {}
        yield {"id": "stopped", "kind": "containment", **named, "due": _span(15), "critical": True, "weight": 5}
        if any(self._decides(one) for one in self._of(Kind.NOTE)):
            yield {"id": "decided", "kind": "decision", "due": _span(30)}
        for number, (audience, phase) in enumerate(self._sent(), start=1):
            words = {"audience": audience, "phase": phase}
            yield {"id": f"told-{number}", "kind": "message", **words, "due": _span(30 * number), "weight": 2}
        clocks = dict.fromkeys(str(self._data(one)["clock"]) for one in self._of(Kind.CLOCK_OPENED))
        for number, clock in enumerate((name for name in clocks if name in self._here.clocks), start=1):
            yield {"id": f"duty-{number}", "kind": "clock", "clock": clock, "due": _span(60)}

    def facts(self) -> Iterator[str]:
        """How long each took then, and what was late: what only the facilitator reads."""
        contained = [one for one in self._of(Kind.VERDICT) if self._data(one)["verdict"] == Verdict.CONTAINED]
        kills = [one for one in self._of(Kind.RUN_STARTED) if self._data(one)["verb"] == Verb.KILL]
        sent = [one for one in self._of(Kind.SENT) if self._data(one)["result"] in _OUT]
        for what, never, found, limit in (
            ("declared", "nobody declared it", self._of(Kind.DECLARED), 5),
            ("the kill begun", "no kill was begun", kills, 15),
            ("containment proven", "containment was never proven", contained, 15),
            ("the first message out", "no message went out", sent, 30),
        ):
            if not found:
                yield f"Then: {never}."
                continue
            took = self._at(found[0])
            late = f", LATE: {limit} min are asked for" if took > limit * _MINUTE else ""
            yield f"Then: {what} after {show(took)}{late}."

    def _sent(self) -> list[tuple[str, str]]:
        """Audience and phase of what went out, where there is a template for it today."""
        drafts = {self._data(one)["message"]["id"]: self._data(one)["message"] for one in self._of(Kind.DRAFTED)}
        out = [
            drafts.get(self._data(one)["message"]) for one in self._of(Kind.SENT) if self._data(one)["result"] in _OUT
        ]
        cells = [(str(one["audience"]), str(one["phase"])) for one in out if one]
        return [one for one in dict.fromkeys(cells) if one in self._here.messages]

    def _books(self) -> list[str]:
        plans = [self._data(one)["plan"] for one in self._of(Kind.PLANNED)]
        return list(dict.fromkeys(str(one["runbook"]["id"]) for one in plans if one.get("verb") == Verb.KILL))

    def _severities(self) -> list[Severity]:
        return [Severity(self._data(one)["severity"]) for one in self._of(Kind.SEVERITY)]

    def _seat(self, name: str) -> bool:
        return any(self._data(one)["seat"] == name for one in self._of(Kind.SEATED))

    def _decides(self, one: Entry) -> bool:
        return str(self._data(one)["text"]).casefold().startswith("decision")

    def _words(self, text: str) -> str:
        said = self._here.tell(text)
        self.left_out += not said
        return said

    def _of(self, kind: Kind) -> list[Entry]:
        return [one for one in self._entries if one.kind == kind]

    def _first(self, kind: Kind) -> Entry:
        return self._of(kind)[0]

    def _data(self, one: Entry) -> Mapping[str, Any]:
        return one.data or {}

    def _at(self, one: Entry) -> int:
        return max(0, int((instants.read(one.at) - self.start).total_seconds()))


def _span(minutes: int) -> str:
    return f"{minutes * _MINUTE}s"
