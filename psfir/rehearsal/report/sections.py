"""The sections of a report, in the order in which they stand. Every one is always there; an empty one says why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from psfir.domain.kinds import Kind
from psfir.domain.wording import plain
from psfir.pages.blocks import Block, Bullets, Paragraph, table, words
from psfir.rehearsal.report.figure import course
from psfir.rehearsal.report.improve import improvements
from psfir.rehearsal.report.material import Material, shown
from psfir.rehearsal.report.times import measures, pulls
from psfir.rehearsal.report.verdict import deadline, not_done
from psfir.rehearsal.score import Line, Rated
from psfir.rehearsal.words import Level, Met, Rating

_POINT = 100
_MEANS = {
    Rating.P: "performed",
    Rating.S: "performed with some challenges",
    Rating.M: "performed with major challenges",
    Rating.U: "unable to be performed",
}


def _summary(told: Material) -> Iterator[Block]:
    scenario, found = told.scenario, told.score
    rating = found.rating.value if found.rating else "none: nothing was asked"
    means = f", {_MEANS[found.rating]}" if found.rating else ""
    yield table(
        (),
        [
            ("Run", told.run),
            ("Scenario", f"{scenario.id}, version {scenario.version}: {scenario.title}"),
            ("Level", f"{scenario.level.value}; it shows {found.shows}"),
            ("Systems", ", ".join(scenario.systems) or "none"),
            ("Began", f"{told.began:%Y-%m-%d %H:%M:%S} UTC"),
            ("Ended", f"{told.ended:%Y-%m-%d %H:%M:%S} UTC, {told.state.over or 'it goes on'}"),
            ("Rating", f"{rating}{means}"),
            ("Counts as evidence", "yes" if found.counts else f"no: {'; '.join(found.practice)}"),
            ("15 minutes", deadline(told)),
        ],
    )


def _objectives(told: Material) -> Iterator[Block]:
    rows = [(one.text, f"PSF {one.psf}", _rated(told.score.objectives[one.id])) for one in told.scenario.objectives]
    yield table(("objective", "statement", "rating"), rows) if rows else _none("The scenario names no objective.")


def _course(told: Material) -> Iterator[Block]:
    yield course(told)


def _times(told: Material) -> Iterator[Block]:
    says = "From the trigger" + (", which came at " + shown(told.trigger) if told.trigger else "") + "."
    if told.scenario.level is Level.TABLETOP:
        says += " A tabletop measures decision time only."
    if told.state.clock.compressed:
        says += " Time was compressed: neither column is evidence of how long anything takes."
    yield _none(says)
    rows = [
        (one.name, one.line, "-" if one.took is None else shown(one.took), one.why or shown(one.real or 0))
        for one in measures(told)
    ]
    yield table(("time to", "until", "scenario time", "real time"), rows)


def _expected(told: Material) -> Iterator[Block]:
    state = told.state
    rows = []
    for line in told.score.lines:
        stands = state.expectations[line.expectation]
        due = "-" if stands.due is None else shown(stands.due)
        at = "-" if stands.at is None else shown(stands.at)
        rows.append((line.expectation, line.title, _word(line), due, at, _evidence(told, line)))
    yield (
        table(("expectation", "what", "state", "due", "at", "evidence"), rows)
        if rows
        else _none("Nothing was expected.")
    )


def _evidence(told: Material, line: Line) -> str:
    """Entries of the drill's record; where a person said it, who."""
    stands = told.state.expectations[line.expectation]
    refs = " ".join(f"[entry {seq}]" for seq in stands.refs)
    by = f"by the word of {stands.by}" if stands.by not in {"", "psfir"} else ""
    return plain("; ".join(part for part in (stands.says, by, refs) if part)) or "-"


def _score(told: Material) -> Iterator[Block]:
    found = told.score
    rows = [(one.expectation, _points(one.earned), _points(one.possible), one.says) for one in found.lines]
    total = (_points(found.whole.earned), _points(found.whole.possible), _rated(found.whole))
    yield table(("expectation", "points", "of", "why"), [*rows, ("in all", *total)])
    yield _list([f"{cap.expectation}: {cap.says}" for cap in found.caps], "No cap: no critical expectation was missed.")


def _levers(told: Material) -> Iterator[Block]:
    rows = [
        (f"{one.step}, rung {one.rung}", one.lever, one.result, _seconds(one.took), one.held, _seconds(one.proof))
        for one in pulls(told)
    ]
    head = ("rung", "lever", "outcome", "took", "seen", "seen after")
    yield table(head, rows) if rows else _none("No lever was pulled.")


def _messages(told: Material) -> Iterator[Block]:
    drafted = [str(fact.data["message"]["id"]) for fact in told.facts if fact.kind == Kind.DRAFTED]
    if not drafted:
        yield _none("No message was drafted.")
        return
    rows = [
        (one.message, "error" if one.error else "warning", one.rule, plain(f"{one.text!r} {one.says}"), one.better)
        for one in told.remarks
    ]
    clean = [name for name in dict.fromkeys(drafted) if name not in {one.message for one in told.remarks}]
    if rows:
        yield table(("message", "level", "rule", "what", "better"), rows)
    if clean:
        yield _none(f"Lint found nothing in {', '.join(clean)}.")


def _not_done(told: Material) -> Iterator[Block]:
    yield _list(list(not_done(told)), "")


def _axes(told: Material) -> Iterator[Block]:
    """What went well and what did not, axis by axis, with what the evaluator wrote down."""
    rows = []
    for axis, rated in told.score.axes.items():
        lines = [one for one in told.score.lines if one.axis is axis]
        seen = [one for one in told.state.observations if one.axis is axis]
        good = [one.title for one in lines if one.met is Met.MET]
        good += [f"{one.text} ({one.rating.value})" for one in seen if one.rating in {Rating.P, Rating.S}]
        gaps = [f"{one.title} ({_word(one)})" for one in lines if one.met in {Met.MISSED, Met.PARTIAL}]
        gaps += [f"{one.text} ({one.rating.value})" for one in seen if one.rating in {Rating.M, Rating.U}]
        rows.append((axis.value, _rated(rated), "; ".join(good) or "-", "; ".join(gaps) or "-"))
    yield table(("axis", "rating", "strengths", "gaps"), rows)


def _plan(told: Material) -> Iterator[Block]:
    items = {one.title: one for one in told.tracked}
    rows = []
    for one in improvements(told):
        item = items.get(one.title)
        held = (item.ref, item.owner or "nobody yet", item.due.isoformat()) if item else ("-", "-", "-")
        rows.append((one.priority, one.title, one.why, one.verify, *held))
    if not rows:
        yield _none("Nothing came up that is to be improved.")
        return
    yield table(("priority", "what", "why", "verified when", "item", "owner", "due"), rows)
    if any(one[4] == "-" for one in rows):
        yield _none(f"psfir drill report {told.run} --add-remediation gives each an owner and a day, and tracks it.")


def _hot_wash(told: Material) -> Iterator[Block]:
    rows = [
        (question, "; ".join(one.text for one in told.said if one.question == number) or "nobody answered yet")
        for number, question in enumerate(told.scenario.hot_wash, start=1)
    ]
    yield table(("question", "answers"), rows) if rows else _none("The scenario asks nothing afterwards.")


def _people(told: Material) -> Iterator[Block]:
    joined = told.state.joined
    rows = [(name, ", ".join(joined.get(name, ())) or "nobody") for name in told.scenario.roles]
    yield table(("role", "played by"), rows)


def _next(told: Material) -> Iterator[Block]:
    if told.following is None:
        yield _none("No date is set.")
        return
    yield _none(f"By {told.following.isoformat()}, and earlier after a change of a runbook: psfir drill schedule.")


def _rated(one: Rated) -> str:
    return f"{one.rating.value}, {one.percent} %" if one.rating else "not asked"


def _word(line: Line) -> str:
    return f"{'too late' if line.late else line.met.value}{', critical' if line.critical else ''}"


def _points(hundredths: int) -> str:
    whole, rest = divmod(hundredths, _POINT)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _seconds(took: float | None) -> str:
    return "-" if took is None else f"{took:.3f} s"


def _none(says: str) -> Paragraph:
    return Paragraph(words(says))


def _list(items: list[str], empty: str) -> Block:
    return Bullets(tuple(words(one) for one in items)) if items else _none(empty)


SECTIONS: Mapping[str, Callable[[Material], Iterator[Block]]] = {
    "What was measured": _summary,
    "Objectives": _objectives,
    "Planned and actual": _course,
    "Times": _times,
    "What was expected": _expected,
    "How it was scored": _score,
    "Levers": _levers,
    "Messages": _messages,
    "What was not really executed": _not_done,
    "Strengths and gaps": _axes,
    "Improvement plan": _plan,
    "Hot wash": _hot_wash,
    "People": _people,
    "Next drill": _next,
}
