"""What is to be done better, worked out from what was missed, what the evaluator wrote down, and what lint found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psfir.domain.values import frozen
from psfir.rehearsal.report.material import Material
from psfir.rehearsal.score import Line
from psfir.rehearsal.words import Axis, Met, Rating

_TYPES: Mapping[Axis, str] = {Axis.DETECT: "detect", Axis.CONTAIN: "mitigate", Axis.RECOVER: "mitigate"}
_LONGEST = 120


@frozen
class Improvement:
    """`kind` and `priority` are the words of remediation items, which they become."""

    title: str
    why: str
    verify: str
    kind: str
    priority: str
    axis: Axis


def improvements(material: Material) -> tuple[Improvement, ...]:
    """The most urgent first; of each title one."""
    found = (*_missed(material), *_seen(material), *_linted(material))
    once = {one.title: one for one in sorted(found, key=lambda one: one.priority, reverse=True)}
    return tuple(sorted(once.values(), key=lambda one: one.priority))


def _missed(material: Material) -> Iterator[Improvement]:
    """Whatever was not met in time; what nobody was asked for, and what was waived, is none."""
    for line in material.score.lines:
        if line.met not in {Met.MISSED, Met.PARTIAL}:
            continue
        stands = material.state.expectations[line.expectation]
        why = f"{line.expectation}: {line.says}{f'; {stands.says}' if stands.says else ''}"
        again = f"{material.scenario.id} is played again, and {line.expectation} is met in time"
        yield _improvement(_title(line), why, again, line.axis, _priority(line))


def _title(line: Line) -> str:
    if line.late:
        return f"Get faster at this: {line.title}"
    return f"Finish this: {line.title}" if line.met is Met.PARTIAL else f"Make sure of this: {line.title}"


def _priority(line: Line) -> str:
    if line.met is Met.MISSED:
        return "p0" if line.critical else "p1"
    return "p1" if line.critical else "p2"


def _seen(material: Material) -> Iterator[Improvement]:
    for one in material.state.observations:
        if one.rating in {Rating.M, Rating.U} and one.text.strip():
            why = f"the evaluator rated it {one.rating.value}"
            again = f"{material.scenario.id} is played again, and the evaluator rates it P or S"
            yield _improvement(one.text, why, again, one.axis, "p1" if one.rating is Rating.U else "p2")


def _linted(material: Material) -> Iterator[Improvement]:
    """By rule, not by message: the same slip in three messages is one thing to learn."""
    rules: dict[str, list[str]] = {}
    for one in material.remarks:
        if one.error:
            rules.setdefault(one.rule, []).append(one.message)
    for rule, messages in rules.items():
        why = f"lint of messages found it in {', '.join(dict.fromkeys(messages))}"
        title = f"Mend the templates, or how they are filled: {rule}"
        yield _improvement(title, why, "the next drill's messages are without it", Axis.COMMUNICATE, "p2")


def _improvement(title: str, why: str, verify: str, axis: Axis, priority: str) -> Improvement:
    words = " ".join(title.split())
    short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return Improvement(short, why, verify, _TYPES.get(axis, "process"), priority, axis)
