"""The blocks of an analysis that the record writes: each a pure function of the material, so that it can be renewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from psfir.domain import instants
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.run import RunFacts, RungFacts
from psfir.domain.timeline import line
from psfir.domain.verdict import Verdict
from psfir.review.nameless import nameless, role
from psfir.review.rca import markdown as md
from psfir.review.rca.afterwards import OF, afterwards
from psfir.review.rca.material import Material
from psfir.review.rca.measures import measures, words
from psfir.review.rca.prompts import PROMPTS

_MINUTE = frozenset({Kind.SEEN, Kind.INTENDED, Kind.MIGRATED, Kind.ABSORBED, Kind.RUN_RESUMED, Kind.REREAD, Kind.LATE})
"""Entries that a reader of the timeline does without; they stay in the record."""


def blocks(material: Material) -> dict[str, str]:
    """Every generated block by name, in the order of the document."""
    return {name: make(material) for name, make in BLOCKS.items()}


_WHEN = {"occurred": "occurred", "detected": "was detected"}


def _about(material: Material) -> str:
    incident, due = material.incident, material.due
    rows = [
        ("Incident", f"{incident.id}, {incident.severity.value}, {incident.status.value.replace('_', ' ')}"),
        ("Systems", ", ".join(md.text(material.systems.get(one, one)) for one in incident.systems)),
        ("Failure", incident.case.value.replace("_", " ") if incident.case else "not said"),
        ("Trigger", f"{md.at(incident.trigger_at)} UTC, {md.text(incident.trigger_source or 'a command')}"),
        ("Resolved", md.at(instants.read(incident.resolved_at)) + " UTC" if incident.resolved_at else "not yet"),
        ("Due", md.text(due.counted) if due else "five business days after it is resolved"),
    ]
    if incident.broke_glass:
        rows.append(("Glass broken", f"{len(incident.broke_glass)} times: see the timeline"))
    return md.table(("", ""), rows)


def _timeline(material: Material) -> str:
    rows = [_row(material, one) for one in material.entries if one.kind not in _MINUTE and not afterwards(one)]
    return md.table(("UTC", "what", "by", "source"), rows)


def _row(material: Material, one: Entry) -> tuple[str, str, str, str]:
    when = md.at(instants.read(one.at))
    return when, md.text(nameless(material.team, line(one))), md.text(role(material.team, one.actor)), md.entry(one.seq)


def milestones(material: Material) -> list[tuple[datetime, str]]:
    """What everybody may know of how it went, in order."""
    incident = material.incident
    points = [
        ("trigger", incident.trigger_at),
        ("declared", incident.declared_at),
        *((f"{run.plan.runbook.mode.value} begun", instants.read(run.at)) for run in material.kills),
        ("containment proven", material.contained),
        ("first message", min((one.at for one in material.said if one.at), default=None)),
        ("restored", material.restored),
        ("resolved", instants.read(incident.resolved_at) if incident.resolved_at else None),
    ]
    return sorted(((at, name) for name, at in points if at), key=lambda pair: pair[0])


def _chart(material: Material) -> str:
    """A Mermaid timeline, which renders where people read Markdown."""
    lines = [f"    {at:%H-%M-%S} : {name}" for at, name in milestones(material)]
    return "\n".join(["```mermaid", "timeline", f"    title {material.incident.id} in UTC", *lines, "```"])


def _metrics(material: Material) -> str:
    rows = []
    for one in measures(material):
        took = words(one.took) if one.took is not None else f"not known: {md.text(one.why)}"
        asked = {True: "kept", False: "MISSED", None: ""}[one.good]
        limit = f"{asked} ({words(one.limit)})" if one.limit and asked else ""
        rows.append((one.name, one.line, took, md.at(one.start), md.at(one.end), limit))
    kept, missed = material.promises
    rows.append(("promises kept", "next messages promised", f"{kept} of {kept + missed}", "", "", ""))
    return md.table(("measure", "from, to", "took", "from (UTC)", "to (UTC)", "asked for"), rows)


def _levers(material: Material) -> str:
    rows = [row for run in (*material.kills, *material.restores) for row in _rungs(run)]
    if not rows:
        return "No lever was pulled."
    heads = ("run", "step, rung", "lever", "what became of it", "seen to hold", "source")
    return md.table(heads, rows) + "\n\n" + md.bullets(_verdicts(material))


def _rungs(run: RunFacts) -> Iterator[tuple[str, ...]]:
    for (step, index), facts in run.rungs.items():
        lever = (
            facts.change.lever
            if facts.change
            else next(
                (planned.rung.lever for planned in run.plan.rungs if (planned.step, planned.index) == (step, index)), ""
            )
        )
        held = facts.look.held.value.replace("_", " ") if facts.look else "not looked"
        spot = f"{md.text(step)}, {index + 1}"
        yield run.verb.value, spot, md.text(lever), _outcome(facts), held, md.entry(facts.seq)
    for step, index in run.left:
        yield run.verb.value, f"{md.text(step)}, {index + 1}", "", "not needed, not pulled", "", ""


def _outcome(facts: RungFacts) -> str:
    if facts.outcome is None:
        return "not known: it was intended, and no outcome is recorded"
    return f"{facts.outcome.result.value.replace('_', ' ')}: {md.text(facts.outcome.says)}"


def _verdicts(material: Material) -> Iterator[str]:
    for run in material.kills:
        for one in run.verdicts:
            proof = f"{one.proof.answers} answers of {len(one.proof.replicas)} places in {one.proof.over:g} s"
            verdict = one.verdict.value.replace("_", " ")
            yield f"{verdict} after {one.phase} at {one.at[:19]}Z, {proof} {md.entry(one.seq)}"


def _oversight(material: Material) -> str:
    seats = {seat.value.replace("_", " ") for seat in material.incident.seats}
    yeses = [one for one in material.incident.approvals if one.of != OF]
    skipped = [tick for tick in material.incident.ticks if tick.state == "skipped"]
    lines = [
        f"Seats that were taken: {', '.join(sorted(seats)) or 'none is recorded'}.",
        f"Playbook steps done: {len(material.incident.ticks) - len(skipped)}, skipped: {len(skipped)}.",
        *(f"Skipped: {md.text(tick.step)}, because {md.text(tick.reason)}." for tick in skipped),
        f"Approvals on the record: {len(yeses)}.",
        f"Approvals that broke the glass: {len(material.incident.broke_glass)}.",
    ]
    return md.bullets(lines)


def _comms(material: Material) -> str:
    if not material.said:
        return "No message is on the record."
    rows = [
        (md.at(one.at), one.audience, one.phase, one.result, str(one.approved_by), f"`{one.template}`", f"`{one.id}`")
        for one in material.said
    ]
    return md.table(("UTC", "to", "phase", "result", "yeses", "template", "message"), rows)


def _duties(material: Material) -> str:
    if not material.duties:
        return "No reporting duty was opened or set aside. Which may run: `psfir clocks`. Confirm with counsel."
    rows = [(f"`{one.id}`", md.text(one.line), one.state, one.due) for one in material.duties]
    return md.table(("duty", "what", "state", "due"), rows) + "\n\nNot legal advice: confirm with counsel."


def _evidence(material: Material) -> str:
    runs = (*material.kills, *material.restores)
    gone = {
        one.data["sha256"]: f", discarded {one.at[:10]}"
        for one in material.entries
        if one.kind == Kind.DISCARDED and one.data
    }
    rows = [
        (
            md.text(str(one["source"])),
            md.text(str(one["name"])),
            f"`{one['sha256']}`",
            f"{one['size']} bytes{gone.get(one['sha256'], '')}",
        )
        for run in runs
        for one in run.evidence
    ]
    rows += [
        (md.text(str(one["source"])), "missing", md.text(str(one["why"])), "")
        for run in runs
        for one in run.no_evidence
    ]
    return md.table(("source", "what", "SHA-256", "size"), rows) if rows else "No evidence was captured."


def _items(material: Material) -> str:
    if not material.items:
        return "No item yet: `psfir remediation add TITLE --factor F1`."
    rows = [
        (
            f"`{one.id}`",
            md.text(nameless(material.team, one.title)),
            one.factor,
            md.text(role(material.team, f"asserted:{one.owner}") if one.owner else "nobody yet"),
            one.due,
            one.status.replace("_", " ") + (f" until {one.until}" if one.until else ""),
            md.text(nameless(material.team, one.verify) or "not said"),
        )
        for one in material.items
    ]
    return md.table(("item", "what", "factor", "owner", "due", "status", "how it is verified"), rows)


def _prompts(material: Material) -> str:
    case = material.incident.case
    asked = PROMPTS.get(case.value, ()) if case else ()
    return md.bullets((*PROMPTS["all"], *asked))


def _gaps(material: Material) -> str:
    """What the record does not say: named, so that nobody takes silence for an answer."""
    missing = [
        f"when it {words}: `psfir clocks record`" for name, words in _WHEN.items() if name not in material.instants
    ]
    if not material.kills:
        missing.append("whether anything was contained")
    elif not any(one.verdict is Verdict.CONTAINED for run in material.kills for one in run.verdicts):
        missing.append("a proof that it was contained")
    missing += [md.text(note.text) for note in material.incident.notes if note.about == "not_known" and note.text]
    return (
        md.bullets(f"not known: {one}; who finds out, by when?" for one in missing) or "Nothing that the record shows."
    )


BLOCKS: Mapping[str, Callable[[Material], str]] = {
    "about": _about,
    "gaps": _gaps,
    "chart": _chart,
    "timeline": _timeline,
    "metrics": _metrics,
    "prompts": _prompts,
    "levers": _levers,
    "oversight": _oversight,
    "communications": _comms,
    "duties": _duties,
    "remediation": _items,
    "evidence": _evidence,
}
