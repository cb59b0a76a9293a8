"""The words of psfir, once: what each means, and where in the code it lives. README and help print them from here."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.values import frozen


@frozen
class Word:
    """`line` says it in a few words; `place` is the name that bears it, "" while no room holds it yet."""

    line: str
    place: str = ""


GLOSSARY: Mapping[str, Word] = {
    "system": Word(
        "an AI feature in production that psfir can contain; it has one owner", "psfir.domain.system.System"
    ),
    "incident": Word(
        "something is wrong with a system, and somebody or something has said so", "psfir.domain.incident.Incident"
    ),
    "trigger": Word(
        "what started the clock, with a time of its own: an alert, a report, a command",
        "psfir.domain.people.Identity.TRIGGER",
    ),
    "failure mode": Word("one of the seven ways in which AI systems fail", "psfir.domain.modes.FailureMode"),
    "runbook": Word("a YAML file that psfir carries out", "psfir.domain.runbook.Runbook"),
    "playbook": Word("a Markdown checklist that people follow and psfir records", "psfir.domain.playbook.Playbook"),
    "step": Word("one thing that a runbook sets out to achieve, as a ladder of rungs", "psfir.domain.runbook.Step"),
    "rung": Word("one pull of one lever on one target, within a share of the time", "psfir.domain.runbook.Rung"),
    "lever": Word(
        "reads, plans, applies, verifies and restores one kind of thing, always in the same way",
        "psfir.domain.about.LeverAbout",
    ),
    "mode": Word("how a system is contained: switched off, reduced or cut off", "psfir.domain.modes.Mode"),
    "reading": Word("what a lever saw of its target, before anything is changed", "psfir.domain.change.Reading"),
    "change": Word(
        "one target before and after, and why: enough to apply, check and restore it",
        "psfir.domain.change.Change",
    ),
    "plan": Word(
        "a runbook's changes worked out against today's world, with a digest that names them", "psfir.domain.plan.Plan"
    ),
    "containment": Word("a plan that was carried out, and what came of it", "psfir.domain.run.RunFacts"),
    "outcome": Word(
        "what became of one pull: changed, already so, refused, failed or unknown", "psfir.domain.change.Outcome"
    ),
    "probe": Word("looks at one effect from the consumer's side", "psfir.domain.about.ProbeAbout"),
    "verdict": Word(
        "what the looks come to; not having been able to tell is never good news",
        "psfir.domain.verdict.Verdict",
    ),
    "restore": Word("put back exactly what a containment recorded, or refuse", "psfir.domain.plan.Verb.RESTORE"),
    "approval": Word("one person's yes to one digest, recorded, which runs out", "psfir.domain.approval.Approval"),
    "template": Word(
        "text with declared gaps for one audience and one phase, agreed on beforehand", "psfir.comms.template.Template"
    ),
    "draft": Word(
        "a template with its gaps filled in, which nobody has agreed to yet", "psfir.domain.kinds.Kind.DRAFTED"
    ),
    "message": Word("a draft that was approved and may be sent", "psfir.domain.message.Message"),
    "drill": Word("a rehearsal with the real runbooks and engine", "psfir.rehearsal.drill_file.DRILL"),
    "inject": Word("a planned happening in a drill", "psfir.rehearsal.inject.Inject"),
    "range": Word("the simulated estate that drills take place on", "psfir.range.estate.Range"),
    "expectation": Word(
        "what the players of a drill are hoped to do, and by when", "psfir.rehearsal.expectation.Expectation"
    ),
    "RCA": Word(
        "the written analysis of why it happened, due five business days after the incident is resolved",
        "psfir.domain.kinds.Kind.RCA_PUBLISHED",
    ),
    "contributing factor": Word(
        "one of the several things that together let it happen", "psfir.review.rca.factors.ContributingFactor"
    ),
    "remediation item": Word(
        "work that follows from an RCA, closed once somebody has checked that it helps",
        "psfir.review.remediation_item.RemediationItem",
    ),
    "evidence": Word(
        "a file or reading that was kept, with its digest, source, time and taker", "psfir.domain.kinds.Kind.EVIDENCE"
    ),
    "actor": Word("who did it: a person, or a named trigger", "psfir.domain.people.Actor"),
}
