"""The catalogue of what a journal holds: each kind of entry, what it carries, who writes it, what may be erased."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from psfir.domain.values import frozen


class Kind(StrEnum):
    """Every kind of entry. What each carries is said in `CATALOGUE`."""

    DECLARED = "incident.declared"
    SYSTEM_ADDED = "incident.system_added"
    NOTE = "incident.note"
    CLAIMED = "actor.claimed"
    SEATED = "incident.seated"
    SEVERITY = "incident.severity"
    RESOLVED = "incident.resolved"
    CLOSED = "incident.closed"
    REOPENED = "incident.reopened"
    FALSE_ALARM = "incident.false_alarm"
    MERGED = "incident.merged"
    HANDED_OVER = "incident.handed_over"
    PLANNED = "plan.drawn"
    APPROVED = "approval.given"
    RUN_STARTED = "run.started"
    RUN_RESUMED = "run.resumed"
    RUN_ENDED = "run.ended"
    EVIDENCE = "evidence.captured"
    NO_EVIDENCE = "evidence.missing"
    INTENDED = "rung.intended"
    ENDED = "rung.ended"
    VERIFIED = "rung.verified"
    LATE = "rung.late"
    REREAD = "rung.reread"
    HANDED = "rung.handed"
    SEEN = "probe.seen"
    VERDICT = "verdict.reached"
    SOAKING = "soak.started"
    TICKED = "playbook.ticked"
    DRAFTED = "message.drafted"
    WITHDRAWN = "message.withdrawn"
    SENDING = "message.sending"
    SENT = "message.sent"
    CADENCE = "cadence.set"
    RCA_SUBMITTED = "rca.submitted"
    RCA_PUBLISHED = "rca.published"
    REMEDIATION_ADDED = "remediation.added"
    REMEDIATION_TAKEN = "remediation.taken"
    REMEDIATION_BLOCKED = "remediation.blocked"
    REMEDIATION_DONE = "remediation.done"
    REMEDIATION_VERIFIED = "remediation.verified"
    REMEDIATION_ACCEPTED = "remediation.risk_accepted"
    REMEDIATION_REOPENED = "remediation.reopened"
    REMEDIATION_EXPORTING = "remediation.exporting"
    REMEDIATION_EXPORTED = "remediation.exported"
    INSTANT = "instant.recorded"
    CLOCK_OPENED = "clock.opened"
    CLOCK_ASIDE = "clock.set_aside"
    CLOCK_DELAYED = "clock.delayed"
    CLOCK_SUBMITTED = "clock.submitted"
    ACKNOWLEDGED = "evidence.acknowledged"
    ABSORBED = "record.absorbed"
    ERASED = "data.erased"
    HOLD_PLACED = "hold.placed"
    HOLD_RELEASED = "hold.released"
    DISCARDED = "file.discarded"
    DRILL_RECORDED = "drill.recorded"
    MIGRATED = "record.migrated"


@frozen
class KindAbout:
    """`writer` is the room that may write it; only what people typed is `erasable`, so that the deeds stay readable."""

    writer: str
    line: str
    erasable: bool = False
    v: int = 1


CATALOGUE: Mapping[Kind, KindAbout] = {
    Kind.DECLARED: KindAbout("app", "systems, severity, case, trigger {at, source}"),
    Kind.SYSTEM_ADDED: KindAbout("app", "systems"),
    Kind.NOTE: KindAbout("app", "text, about: note | title | reason | summary", erasable=True),
    Kind.CLAIMED: KindAbout("app", "name, reason, login: what an unknown person said of themselves", erasable=True),
    Kind.SEATED: KindAbout("app", "seat, person"),
    Kind.SEVERITY: KindAbout("app", "severity"),
    Kind.RESOLVED: KindAbout("app", "verdict at that time"),
    Kind.CLOSED: KindAbout("app", "nothing"),
    Kind.REOPENED: KindAbout("app", "nothing"),
    Kind.FALSE_ALARM: KindAbout("app", "nothing"),
    Kind.MERGED: KindAbout("app", "into: another incident"),
    Kind.HANDED_OVER: KindAbout("app", "to, seat"),
    Kind.PLANNED: KindAbout("app", "plan"),
    Kind.APPROVED: KindAbout("app", "approval"),
    Kind.RUN_STARTED: KindAbout("engine", "run, verb, plan digest, trigger_at, age, boot_id, boot_at"),
    Kind.RUN_RESUMED: KindAbout("engine", "run, age, boot_id, boot_at, certain"),
    Kind.RUN_ENDED: KindAbout("engine", "run, verdict, soaked, why"),
    Kind.EVIDENCE: KindAbout("engine", "run, source, target, name, sha256, size"),
    Kind.NO_EVIDENCE: KindAbout("engine", "run, source, target, why"),
    Kind.INTENDED: KindAbout("engine", "run, step, rung, attempt, act: apply | restore, change"),
    Kind.ENDED: KindAbout("engine", "run, step, rung, attempt, result, says, found, took"),
    Kind.VERIFIED: KindAbout("engine", "run, step, rung, held, says"),
    Kind.LATE: KindAbout("engine", "run, step, rung, result, says: what an abandoned call answered after all"),
    Kind.REREAD: KindAbout("engine", "run, step, rung, result, says: an unknown outcome resolved by reading"),
    Kind.HANDED: KindAbout("engine", "run, step, rung, runner, state: asked | taken | answered | given_up, says"),
    Kind.SEEN: KindAbout("engine", "run, probe, phase, sights: the first sight and every change of it"),
    Kind.VERDICT: KindAbout("engine", "run, phase, verdict, why, proof"),
    Kind.SOAKING: KindAbout("engine", "run, seconds"),
    Kind.TICKED: KindAbout("app", "playbook, step, state: done | skipped, reason"),
    Kind.DRAFTED: KindAbout("app", "message, template, fields, class, digest, draft_only, inventory", erasable=True),
    Kind.WITHDRAWN: KindAbout("app", "message, why"),
    Kind.SENDING: KindAbout("app", "message, digest, channel, attempt, recipients, list"),
    Kind.SENT: KindAbout("app", "message, digest, channel, attempt, result, says, receipt, thread, counts"),
    Kind.CADENCE: KindAbout("app", "audience, every, why"),
    Kind.INSTANT: KindAbout("app", "fact, at: null takes it back; why stands in the note before"),
    Kind.CLOCK_OPENED: KindAbout("app", "clock, digest; why stands in the note before"),
    Kind.CLOCK_ASIDE: KindAbout("app", "clock; why stands in the note before"),
    Kind.CLOCK_DELAYED: KindAbout("app", "clock, until, document, sha256; why stands in the note before"),
    Kind.CLOCK_SUBMITTED: KindAbout("app", "clock, at, receipt, update: whether it only updates an earlier one"),
    Kind.ACKNOWLEDGED: KindAbout("app", "runbook, digest, evidence: sha256 of each; why stands in the note before"),
    Kind.RCA_SUBMITTED: KindAbout("app", "digest, owner"),
    Kind.RCA_PUBLISHED: KindAbout("app", "digest, owner, late: business days after it was due"),
    Kind.REMEDIATION_ADDED: KindAbout("app", "type, factor, key, priority, owner, due, tracker; words in the notes"),
    Kind.REMEDIATION_TAKEN: KindAbout("app", "item, priority, owner, verifier, due, tracker, as they are from here on"),
    Kind.REMEDIATION_BLOCKED: KindAbout("app", "item, login; why stands in the note before"),
    Kind.REMEDIATION_DONE: KindAbout("app", "item, evidence, login"),
    Kind.REMEDIATION_VERIFIED: KindAbout("app", "item, evidence, approval"),
    Kind.REMEDIATION_ACCEPTED: KindAbout("app", "item, until: its last day, approval"),
    Kind.REMEDIATION_REOPENED: KindAbout("app", "item, same_as, login; why stands in the note before"),
    Kind.REMEDIATION_EXPORTING: KindAbout("app", "item, to, act: create | update, digest, attempt"),
    Kind.REMEDIATION_EXPORTED: KindAbout("app", "item, to, act, digest, attempt, result, says, ref, url"),
    Kind.ABSORBED: KindAbout("records", "spool, count"),
    Kind.ERASED: KindAbout("app", "seq, why, request: by which they asked for it"),
    Kind.HOLD_PLACED: KindAbout("app", "hold; why stands in the note before; without an incident it covers everything"),
    Kind.HOLD_RELEASED: KindAbout("app", "hold; why stands in the note before"),
    Kind.DISCARDED: KindAbout("app", "thing: evidence, list or copy; name, sha256, size, why, request"),
    Kind.DRILL_RECORDED: KindAbout("app", "run, scenario, level, result, times, counts, log_digest, at and of what"),
    Kind.MIGRATED: KindAbout("records", "from, to, copy"),
}
