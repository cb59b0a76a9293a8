"""An incident on one time axis: what each rung did, what probes saw, the verdict, and beside it what customers got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from psfir.charts.axis import Band, Chart, Mark, Series, Tone
from psfir.domain import instants
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from psfir.domain.values import frozen
from psfir.domain.wording import plain

_RESULTS = {"changed": Tone.GOOD, "already_so": Tone.GOOD, "unknown": Tone.UNSURE}
_HELD = {"held": Tone.GOOD, "not_held": Tone.BAD}
_VERDICTS = {"contained": Tone.GOOD, "restored": Tone.GOOD, "unknown": Tone.UNSURE}
_SHORTEST = 0.15


@frozen
class Span:
    """From when to when it is shown, and what happened that the record does not know, such as a fault of a drill."""

    start: datetime
    end: datetime
    more: Sequence[tuple[datetime, Mark]] = ()

    def at(self, when: str | datetime) -> float:
        moment = instants.read(when) if isinstance(when, str) else when
        return (moment - self.start).total_seconds()

    @property
    def seconds(self) -> float:
        return max(1.0, self.at(self.end))


@frozen
class Traffic:
    """Numbers beside the record: one value for each `width` seconds from the span's start."""

    series: Sequence[Series] = ()
    unit: str = ""
    width: float = 1.0


def chart(entries: Iterable[Entry], span: Span, traffic: Traffic, *, title: str) -> Chart:
    """Only what lies inside the span; what went on before it begins at its start."""
    told = [entry for entry in entries if entry.data is not None]
    bands = [*_rungs(told, span), *_probes(told, span), *_verdicts(told, span)]
    marks = sorted((*_marks(told, span), *_others(span)), key=lambda one: one.at)
    inside = [_cut(band, span) for band in bands if band.end >= 0 and band.start <= span.seconds]
    seen = [mark for mark in marks if 0 <= mark.at <= span.seconds]
    return Chart(title, traffic.unit, span.seconds, traffic.width, traffic.series, inside, seen)


def _cut(band: Band, span: Span) -> Band:
    return Band(max(0.0, band.start), min(span.seconds, band.end), band.row, band.label, band.tone)


def _rungs(entries: Sequence[Entry], span: Span) -> Iterator[Band]:
    """From the intention to the outcome, in the row of its step. A rung that could not be read has no intention."""
    levers, begun = _levers(entries), dict[_Key, Entry]()
    for entry in entries:
        data: Mapping[str, Any] = entry.data or {}
        if entry.kind == Kind.INTENDED:
            begun[_key(data)] = entry
        elif entry.kind == Kind.ENDED:
            first, end = begun.pop(_key(data), None), span.at(entry.at)
            start = span.at(first.at) if first else end - float(data.get("took") or 0)
            yield _rung(data, levers.get(_key(data)[1:], ""), start, max(end, start + _SHORTEST))
    for key, first in begun.items():
        yield _rung(
            {**(first.data or {}), "result": "no outcome"}, levers.get(key[1:], ""), span.at(first.at), span.seconds
        )


_Key = tuple[str, str, int]


def _key(data: Mapping[str, Any]) -> _Key:
    return str(data["run"]), str(data["step"]), int(data["rung"])


def _levers(entries: Sequence[Entry]) -> dict[tuple[str, int], str]:
    """Which lever a rung pulls, by its step and its place: from the plans, and from what a restore puts back."""
    found: dict[tuple[str, int], str] = {}
    for entry in entries:
        data: Mapping[str, Any] = entry.data or {}
        if entry.kind == Kind.PLANNED:
            for one in data["plan"]["rungs"]:
                found[str(one["step"]), int(one["index"])] = str(one["rung"]["lever"])
        elif entry.kind == Kind.INTENDED:
            found[_key(data)[1:]] = str(data["change"]["lever"])
    return found


def _rung(data: Mapping[str, Any], lever: str, start: float, end: float) -> Band:
    run, _, step = str(data["step"]).rpartition("/")
    result = str(data["result"])
    again = f" (try {data['attempt']})" if data.get("attempt", 1) > 1 else ""
    label = f"{lever}{' put back' if run else ''}{again}: {result.replace('_', ' ')}"
    tone = Tone.UNSURE if result == "no outcome" else _RESULTS.get(result, Tone.BAD)
    return Band(start, end, step, label, tone)


@frozen
class _Look:
    since: float
    held: str


def _probes(entries: Sequence[Entry], span: Span) -> Iterator[Band]:
    """From one change of what a probe saw to the next; the worst of its replicas counts."""
    open_: dict[str, _Look] = {}
    for entry in entries:
        data: Mapping[str, Any] = entry.data or {}
        at = span.at(entry.at)
        if entry.kind == Kind.SEEN:
            name, held = str(data["probe"]), _worst(data["sights"])
            before = open_.get(name)
            if before is None or before.held != held:
                yield from _looked(name, before, at)
                open_[name] = _Look(at, held)
        elif entry.kind == Kind.RUN_ENDED:
            for name, before in open_.items():
                yield from _looked(name, before, at)
            open_.clear()
    for name, before in open_.items():
        yield from _looked(name, before, span.seconds)


def _looked(name: str, look: _Look | None, end: float) -> Iterator[Band]:
    if look is not None:
        tone = _HELD.get(look.held, Tone.UNSURE)
        yield Band(look.since, max(end, look.since + _SHORTEST), f"probe {name}", look.held.replace("_", " "), tone)


def _worst(sights: Iterable[Mapping[str, Any]]) -> str:
    found = {str(one["held"]) for one in sights}
    return next((one for one in ("not_held", "could_not_tell") if one in found), "held")


def _verdicts(entries: Sequence[Entry], span: Span) -> Iterator[Band]:
    """Each verdict stands until the next one, or until it was put back."""
    last: tuple[float, str] | None = None
    for entry in entries:
        data: Mapping[str, Any] = entry.data or {}
        said = str(data.get("verdict", "")) if entry.kind in {Kind.VERDICT, Kind.RUN_ENDED} else ""
        if said and (last is None or last[1] != said):
            yield from _stood(last, span.at(entry.at))
            last = span.at(entry.at), said
    yield from _stood(last, span.seconds)


def _stood(last: tuple[float, str] | None, end: float) -> Iterator[Band]:
    if last is not None:
        since, said = last
        yield Band(since, end, "verdict", said.replace("_", " ").upper(), _VERDICTS.get(said, Tone.BAD))


def _marks(entries: Sequence[Entry], span: Span) -> Iterator[Mark]:
    restores: set[str] = set()
    called = _called(entries)
    for entry in entries:
        data: Mapping[str, Any] = entry.data or {}
        at = span.at(entry.at)
        if entry.kind == Kind.DECLARED:
            what = data["trigger"]["source"] or called
            yield Mark(span.at(data["trigger"]["at"]), f"trigger: {plain(what)}" if what else "trigger", Tone.BAD)
            yield Mark(at, "declared")
        elif entry.kind == Kind.RUN_STARTED:
            yield Mark(at, f"{data['verb']} begins")
            if data["verb"] == Verb.RESTORE:
                restores.add(str(data["run"]))
        elif entry.kind == Kind.VERDICT and data["phase"] == "probes":
            yield _ended_as(at, "verdict", str(data["verdict"]))
        elif entry.kind == Kind.RUN_ENDED and str(data["run"]) in restores:
            yield _ended_as(at, "restore ended", str(data["verdict"]))
        elif entry.kind == Kind.APPROVED and data["approval"]["of"] == "restore":
            yield Mark(at, f"{data['approval']['person'] or 'somebody'} says yes to the restore")
        elif entry.kind == Kind.RESOLVED:
            yield Mark(at, "resolved", Tone.PLAIN if data.get("anyway") else Tone.GOOD)


def _ended_as(at: float, what: str, said: str) -> Mark:
    return Mark(at, f"{what}: {said.replace('_', ' ')}", _VERDICTS.get(said, Tone.BAD))


def _called(entries: Iterable[Entry]) -> str:
    """What the incident is called, where somebody gave it a title."""
    titles = (entry.data or {} for entry in entries if entry.kind == Kind.NOTE)
    return next((str(one["text"]) for one in titles if one.get("about") == "title" and one.get("text")), "")


def _others(span: Span) -> Iterator[Mark]:
    for when, mark in span.more:
        yield Mark(span.at(when), mark.label, mark.tone)
