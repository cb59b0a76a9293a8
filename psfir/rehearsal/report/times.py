"""How long everything took: from the trigger, in scenario time and in real time, and of each lever by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.evaluate import Fact
from psfir.rehearsal.expectation import Expects
from psfir.rehearsal.report.material import Material
from psfir.rehearsal.score import proves_deadline
from psfir.rehearsal.words import Level, Met

DEADLINE = 15 * 60 * SECOND
"""What the framework asks for, from the trigger to a proven containment."""

_DEEDS = frozenset({Kind.DECLARED, Kind.NOTE, Kind.SEATED, Kind.TICKED, Kind.PLANNED, Kind.RUN_STARTED})
_NOTICED = frozenset({"poll.answered", "inject.acknowledged"})
_OUT = frozenset({"sent", "already_there"})


@frozen
class Measure:
    """Microseconds from the trigger; `took` is None for what was never done, and `why` says so."""

    name: str
    line: str
    took: int | None
    real: int | None = None
    why: str = ""


@frozen
class Pull:
    """One pull of a lever: what it came to, how long its call took, and when it was seen to hold."""

    step: str
    rung: int
    lever: str
    result: str
    took: float | None
    held: str
    proof: float | None


def measures(material: Material) -> tuple[Measure, ...]:
    """In the order in which things should happen."""
    contained, fell = _contained(material.facts)
    why = "it was proven, and did not stay so" if fell else "no probe proved it"
    first: dict[str, tuple[str, Fact | int | None, str]] = {
        "detect": ("the first deed of the players", _first_deed(material), "nobody did anything"),
        "declare": ("an incident declared", _declared(material), "nobody declared one"),
        "decide": ("a decision written down, or a kill begun", _decided(material), "nobody decided"),
        "contain": ("containment proven by probes", contained, why),
        "first message": ("the first message out", _first(material, _sent), "no message went out"),
    }
    return tuple(_measure(material, name, line, found, why) for name, (line, found, why) in first.items())


def in_time(material: Material) -> bool:
    """Whether this drill shows a proven containment within the 15 minutes, by either clock."""
    one = next(one for one in measures(material) if one.name == "contain")
    if not proves_deadline(material.state) or one.took is None:
        return False
    return max(one.took, one.real or 0) <= DEADLINE


def pulls(material: Material) -> tuple[Pull, ...]:
    """Every rung that was pulled, in order; a restore is none."""
    begun: dict[tuple[Any, ...], Fact] = {}
    ended: dict[tuple[Any, ...], Fact] = {}
    proven: dict[tuple[Any, ...], Fact] = {}
    for fact in material.facts:
        if fact.kind == Kind.INTENDED and fact.data.get("act", "apply") == "apply":
            begun.setdefault(_rung(fact.data), fact)
        elif fact.kind in {Kind.ENDED, Kind.REREAD}:
            ended[_rung(fact.data)] = fact
        elif fact.kind == Kind.VERIFIED:
            proven[_rung(fact.data)] = fact
    return tuple(_pull(key, one, ended.get(key), proven.get(key)) for key, one in begun.items())


def _pull(key: tuple[Any, ...], begun: Fact, ended: Fact | None, proven: Fact | None) -> Pull:
    return Pull(
        step=str(key[1]),
        rung=int(key[2]) + 1,
        lever=str(begun.data["change"]["lever"]),
        result=str(ended.data["result"]).replace("_", " ") if ended else "no outcome",
        took=(ended.real - begun.real) / SECOND if ended else None,
        held=str(proven.data["held"]).replace("_", " ") if proven else "not looked at",
        proof=(proven.real - begun.real) / SECOND if proven else None,
    )


def _rung(data: Mapping[str, Any]) -> tuple[Any, ...]:
    return data["run"], data["step"], data["rung"]


def _measure(material: Material, name: str, line: str, found: Fact | int | None, why: str) -> Measure:
    if found is None:
        return Measure(name, line, None, None, why)
    clock, trigger = material.state.clock, material.trigger
    at = found.at if isinstance(found, Fact) else found
    real = found.real if isinstance(found, Fact) else clock.real(at)
    since = clock.real(trigger)
    return Measure(name, line, max(0, at - trigger), None if real is None or since is None else max(0, real - since))


def _first(material: Material, fits: Callable[[Fact], bool]) -> Fact | None:
    return next((fact for fact in material.facts if fact.at >= material.trigger and fits(fact)), None)


def _sent(fact: Fact) -> bool:
    return fact.kind == Kind.SENT and fact.data["result"] in _OUT


def _kill(fact: Fact) -> bool:
    return fact.kind == Kind.RUN_STARTED and fact.data["verb"] == Verb.KILL


def _first_deed(material: Material) -> Fact | int | None:
    deed = _first(material, lambda fact: fact.kind in _DEEDS)
    clock, trigger = material.state.clock, material.trigger
    heard = [clock.at(one.real) for one in material.log if one.kind.value in _NOTICED]
    words = list(_by_word(material, *Expects))
    return _earliest(deed, [*(at for at in heard if at >= trigger), *words])


def _declared(material: Material) -> Fact | int | None:
    deed = _first(material, lambda fact: fact.kind == Kind.DECLARED)
    return _earliest(deed, list(_by_word(material, Expects.DECLARED)))


def _decided(material: Material) -> Fact | int | None:
    deed = _first(material, lambda fact: _kill(fact) or _decision(fact))
    return _earliest(deed, list(_by_word(material, Expects.DECISION, Expects.CONTAINMENT)))


def _decision(fact: Fact) -> bool:
    note = fact.kind == Kind.NOTE and fact.data.get("about", "note") == "note"
    return note and str(fact.data["text"]).casefold().startswith("decision")


def _by_word(material: Material, *kinds: Expects) -> Iterator[int]:
    """Of a tabletop, what the evaluator saw: there is no lever that would tell."""
    if material.scenario.level is not Level.TABLETOP:
        return
    for name, one in material.scenario.expected.items():
        stands = material.state.expectations[name]
        done = stands.met in {Met.MET, Met.PARTIAL} and stands.at is not None
        if done and one.kind in kinds and not stands.refs:
            yield stands.at or 0


def _earliest(fact: Fact | None, words: list[int]) -> Fact | int | None:
    if fact is None:
        return min(words, default=None)
    return fact if not words or fact.at <= min(words) else min(words)


def _contained(found: tuple[Fact, ...]) -> tuple[Fact | None, bool]:
    """The first verdict of a kill that was proven and never taken back; and whether one was taken back."""
    kills = {fact.data["run"] for fact in found if _kill(fact)}
    proven: dict[str, Fact] = {}
    fell = False
    for fact in found:
        if fact.kind != Kind.VERDICT or fact.data["run"] not in kills:
            continue
        if fact.data["verdict"] == Verdict.CONTAINED:
            proven.setdefault(fact.data["run"], fact)
        elif proven.pop(fact.data["run"], None):
            fell = True
    first = min(proven.values(), key=lambda fact: (fact.real, fact.seq), default=None)
    return first, fell
