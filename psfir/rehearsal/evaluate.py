"""What psfir's own record says of an expectation: each turn of it, at which instant, and by which entries.

A turn and not a state: a containment that was proven and did not hold has two, and a tick that comes late tells both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psfir.domain import instants
from psfir.domain.change import Held
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.modes import Severity
from psfir.domain.plan import Verb
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.rehearsal.clock import ScenarioClock
from psfir.rehearsal.expectation import Expectation, Expects, Wanted
from psfir.rehearsal.words import Met, Sent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOAK = "soak"
_DECISION = "decision"
_OUT = frozenset({"sent", "already_there"})
_BEST_FIRST = (Verdict.CONTAINED, Verdict.PARTIAL, Verdict.NOT_CONTAINED, Verdict.UNKNOWN)


@frozen
class Fact:
    """An entry of the record of a drill, and the instants at which it was written: of the scenario, and real."""

    seq: int
    at: int
    kind: str
    data: Mapping[str, Any]
    real: int = 0


@frozen
class Turn:
    """From this scenario instant on it stands like this, by these entries."""

    met: Met
    at: int
    refs: tuple[int, ...]
    says: str
    real: int = 0


def facts(entries: Iterable[Entry], clock: ScenarioClock, started: int) -> tuple[Fact, ...]:
    """What the record holds since the drill began, in its order. What was erased tells nothing."""
    timed = [(entry, micros(entry.at)) for entry in entries]
    return tuple(
        Fact(one.seq, clock.at(real), one.kind, one.data, real)
        for one, real in timed
        if real >= started and one.data is not None
    )


def micros(at: str) -> int:
    """An instant of the record as microseconds since 1970."""
    return (instants.read(at) - _EPOCH) // timedelta(microseconds=1)


def turns(one: Expectation, found: Sequence[Fact], asked: int) -> Iterator[Turn]:
    """Every turn, in order. Words are only heard from when they are asked for; deeds count also if they came before."""
    look = _LOOKS.get(one.kind)
    if look is not None:
        heard = [fact for fact in found if one.kind not in {Expects.NOTE, Expects.DECISION} or fact.at >= asked]
        yield from look(one.wanted, heard)


def _turn(met: Met, fact: Fact, says: str, *before: int) -> Turn:
    """By this entry, and those before it that it rests on."""
    return Turn(met, fact.at, (*before, fact.seq), says, fact.real)


def _first(fits: Callable[[Wanted, Fact], str]) -> Callable[[Wanted, Sequence[Fact]], Iterator[Turn]]:
    """One turn: the first fact that fits; what `fits` says of it is not empty."""

    def look(wanted: Wanted, found: Sequence[Fact]) -> Iterator[Turn]:
        for fact in found:
            says = fits(wanted, fact)
            if says:
                yield _turn(Met.MET, fact, says)
                return

    return look


def _containment(wanted: Wanted, found: Sequence[Fact]) -> Iterator[Turn]:
    """The best that any run came to. One that was proven and is no more is a turn for the worse."""
    runs, best = _Runs(), Met.PENDING
    for fact in found:
        runs.learn(fact)
        said = runs.rung(wanted, fact) if wanted.levers else None
        if said is None and (wanted.runbooks or not wanted.levers):
            said = runs.verdict(wanted, fact)
        now = runs.best
        if said is None or now is best:
            continue
        worse = now is Met.PENDING
        best = now
        yield _turn(Met.MISSED if worse else now, fact, f"it did not last: {said}" if worse else said)


class _Runs:
    """The kills of a record: which runbook each carries out, and how far each came."""

    def __init__(self) -> None:
        self._books: dict[str, str] = {}
        self._kills: dict[str, str] = {}
        self._pulled: dict[tuple[Any, ...], str] = {}
        self._came: dict[str, Met] = {}

    @property
    def best(self) -> Met:
        order = (Met.MET, Met.PARTIAL)
        return next((met for met in order if met in self._came.values()), Met.PENDING)

    def learn(self, fact: Fact) -> None:
        data = fact.data
        if fact.kind == Kind.PLANNED:
            self._books[data["plan"]["digest"]] = data["plan"]["runbook"]["id"]
        elif fact.kind == Kind.RUN_STARTED and data["verb"] == Verb.KILL:
            self._kills[data["run"]] = self._books.get(data["plan"], "")
        elif fact.kind == Kind.INTENDED and data.get("act", "apply") == "apply":
            self._pulled[_rung(data)] = data["change"]["lever"]

    def verdict(self, wanted: Wanted, fact: Fact) -> str | None:
        data = fact.data
        if fact.kind != Kind.VERDICT or data["run"] not in self._kills:
            return None
        book, reached = self._kills[data["run"]], Verdict(data["verdict"])
        if wanted.runbooks and book not in wanted.runbooks:
            return None
        if wanted.soaked and data["phase"] != _SOAK:
            return None
        good = _BEST_FIRST.index(reached) <= _BEST_FIRST.index(wanted.verdict)
        partly = Met.PARTIAL if reached is Verdict.PARTIAL else Met.PENDING
        self._came[data["run"]] = Met.MET if good else partly
        return f"{book or data['run']} came to {reached.value.replace('_', ' ')} ({data['phase']})"

    def rung(self, wanted: Wanted, fact: Fact) -> str | None:
        if fact.kind != Kind.VERIFIED or self._pulled.get(_rung(fact.data)) not in wanted.levers:
            return None
        held = fact.data["held"] == Held.HELD
        lever = self._pulled[_rung(fact.data)]
        self._came[f"rung {_rung(fact.data)}"] = Met.MET if held else Met.PENDING
        return f"{lever} was pulled and {'held' if held else 'did not hold'}"


def _rung(data: Mapping[str, Any]) -> tuple[Any, ...]:
    return data["run"], data["step"], data["rung"]


def _evidence(wanted: Wanted, found: Sequence[Fact]) -> Iterator[Turn]:
    """Whichever comes first, a piece of evidence or a rung: afterwards it is too late for good."""
    for fact in found:
        if fact.kind == Kind.EVIDENCE and wanted.source in {"", fact.data["source"]}:
            yield _turn(Met.MET, fact, f"{fact.data['name']} was kept before any rung was pulled")
            return
        if fact.kind == Kind.INTENDED and fact.data.get("act", "apply") == "apply":
            says = f"{fact.data['change']['lever']} was pulled before any evidence was kept"
            yield _turn(Met.MISSED, fact, says)
            return


def _message(wanted: Wanted, found: Sequence[Fact]) -> Iterator[Turn]:
    drafts: dict[str, tuple[str, int]] = {}
    for fact in found:
        data = fact.data
        if fact.kind == Kind.DRAFTED and _fits(wanted, data["message"]):
            drafts[data["message"]["id"]] = data["digest"], fact.seq
        sent = fact.kind == Kind.SENT and data["result"] in _OUT and data["message"] in drafts
        digests = dict(drafts.values())
        said_yes = fact.kind == Kind.APPROVED and data["approval"]["digest"] in digests
        if sent:
            yield _turn(Met.MET, fact, f"{data['message']} went out", drafts[data["message"]][1])
            return
        if said_yes and wanted.state is Sent.APPROVED:
            seq = digests[data["approval"]["digest"]]
            yield _turn(Met.MET, fact, f"{data['approval']['person']} said yes to the text", seq)
            return


def _fits(wanted: Wanted, message: Mapping[str, Any]) -> bool:
    audience = wanted.audience is None or message["audience"] == wanted.audience
    return audience and (wanted.phase is None or message["phase"] == wanted.phase)


def _clock(wanted: Wanted, fact: Fact) -> str:
    fits = fact.kind == Kind.CLOCK_OPENED and wanted.clock in {"", fact.data["clock"]}
    return f"the clock {fact.data['clock']} was opened" if fits else ""


def _note(wanted: Wanted, fact: Fact) -> str:
    if fact.kind != Kind.NOTE or fact.data.get("about", "note") != "note":
        return ""
    text = fact.data["text"].casefold()
    named = next((word for word in wanted.mentions if word.casefold() in text), "")
    return f"a note mentions {named!r}" if named else "" if wanted.mentions else "a note was taken"


def _decision(wanted: Wanted, fact: Fact) -> str:
    said = _note(wanted, fact)
    return "the decision was written down" if said and fact.data["text"].casefold().startswith(_DECISION) else ""


def _declared(wanted: Wanted, fact: Fact) -> str:
    if fact.kind not in {Kind.DECLARED, Kind.SEVERITY}:
        return ""
    order = list(Severity)
    severe = order.index(Severity(fact.data["severity"])) <= order.index(wanted.severity)
    return f"declared {fact.data['severity']}" if severe else ""


def _seat(wanted: Wanted, fact: Fact) -> str:
    fits = fact.kind == Kind.SEATED and (wanted.seat is None or fact.data["seat"] == wanted.seat)
    return f"{fact.data['person']} is {fact.data['seat'].replace('_', ' ')}" if fits else ""


def _playbook(wanted: Wanted, fact: Fact) -> str:
    if fact.kind != Kind.TICKED or fact.data["state"] != "done":
        return ""
    fits = wanted.playbook in {"", fact.data["playbook"]} and wanted.step in {"", fact.data["step"]}
    return f"step {fact.data['step']} of {fact.data['playbook']} was ticked" if fits else ""


_LOOKS: Mapping[Expects, Callable[[Wanted, Sequence[Fact]], Iterator[Turn]]] = {
    Expects.CONTAINMENT: _containment,
    Expects.EVIDENCE: _evidence,
    Expects.MESSAGE: _message,
    Expects.CLOCK: _first(_clock),
    Expects.NOTE: _first(_note),
    Expects.DECISION: _first(_decision),
    Expects.DECLARED: _first(_declared),
    Expects.SEAT: _first(_seat),
    Expects.PLAYBOOK: _first(_playbook),
}
