"""One sentence for one entry: the CLI, the RCA and Slack tell the same story because they all ask here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psfir.domain.durations import show
from psfir.domain.entries import Entry, Kind

ERASED = "(erased)"
NAMED = 8
"""Names in a row that people still read; of more the others are counted."""


def line(entry: Entry) -> str:
    """What happened, without the time and the actor. One line, whatever somebody typed."""
    words = _LINES.get(entry.kind)
    if words is None:
        return f"{entry.kind} (a newer psfir wrote this)"
    if entry.data is None:
        return f"{_ERASED.get(entry.kind, entry.kind)} {ERASED}"
    return plain(words(entry.data))


def plain(text: str) -> str:
    """One line without anything a terminal would act on: what people and probes said is shown, never obeyed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def some(names: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _spot(data: Mapping[str, Any]) -> str:
    """A rung as people count: from 1."""
    return f"{data['step']}, rung {data['rung'] + 1}"


def _declared(data: Mapping[str, Any]) -> str:
    case = f", {_words(data['case'])}" if data.get("case") else ""
    source = f" ({data['trigger']['source']})" if data["trigger"]["source"] else ""
    systems = some(data["systems"], NAMED)
    return f"declared {data['severity']}{case} for {systems}; trigger at {data['trigger']['at'][:19]}Z{source}"


def _note(data: Mapping[str, Any]) -> str:
    about = data.get("about", "note")
    return f"{'note' if about == 'note' else about}: {data['text']}"


def _claimed(data: Mapping[str, Any]) -> str:
    return f"UNVERIFIED: calls themselves {data['name']!r} (login {data['login']}), because: {data['reason']}"


def _resolved(data: Mapping[str, Any]) -> str:
    verdict = f"; verdict {_words(data['verdict'])}" if data.get("verdict") else ""
    return f"resolved{' ANYWAY' if data.get('anyway') else ''}{verdict}; the RCA clock begins"


def _closed(data: Mapping[str, Any]) -> str:
    return "closed ANYWAY, with changes still standing" if data.get("anyway") else "closed"


def _planned(data: Mapping[str, Any]) -> str:
    plan, book = data["plan"], data["plan"]["runbook"]
    what = f"planned to {plan['verb']} {book['system']} by {book['id']}"
    return f"{what}, {len(plan['rungs'])} rungs, {short(plan['digest'])}"


def _approved(data: Mapping[str, Any]) -> str:
    given = data["approval"]
    who = given["person"] or "an unknown person"
    loud = "BREAK-GLASS: " if given["break_glass"] else ""
    signed = ", signed" if given["signature"] else ""
    reason = f": {given['reason']}" if given["reason"] else ""
    return f"{loud}{who} ({given['identity']}{signed}) said yes to {given['of']} {short(given['digest'])}{reason}"


def _started(data: Mapping[str, Any]) -> str:
    since = f", {show(round(data['age']))} after the trigger" if data["verb"] == "kill" else ""
    return f"run {data['run']}: {data['verb']} of {data['system']} began{since}"


def _resumed(data: Mapping[str, Any]) -> str:
    sure = "" if data["certain"] else ", its clock uncertain (another boot)"
    return f"run {data['run']} was taken up again, {show(round(data['age']))} after the trigger{sure}"


def _run_ended(data: Mapping[str, Any]) -> str:
    soaked = ", soaked" if data["soaked"] else ""
    why = f": {data['why']}" if data["why"] else ""
    return f"run {data['run']} ended: {_words(data['verdict'])}{soaked}{why}"


def _intended(data: Mapping[str, Any]) -> str:
    change = data["change"]
    if data.get("act") == "restore":
        return f"about to put back {change['lever']}, {_spot(data)}{_try(data)}"
    return f"about to pull {change['lever']}, {_spot(data)}{_try(data)}: {change['why']}"


def _ended(data: Mapping[str, Any]) -> str:
    return f"{_spot(data)}{_try(data)}: {_words(data['result'])}, {data['says']}"


def _try(data: Mapping[str, Any]) -> str:
    """Which try it is, of one that is not the first."""
    attempt = data.get("attempt", 1)
    return f" (try {attempt})" if attempt > 1 else ""


def _verified(data: Mapping[str, Any]) -> str:
    return f"{_spot(data)}: {_words(data['held'])}, {data['says']}"


def _seen(data: Mapping[str, Any]) -> str:
    sights = "; ".join(f"{s['replica']} {_words(s['held'])}, {s['says']}" for s in data["sights"])
    return f"probe {data['probe']}: {sights}"


def _verdict(data: Mapping[str, Any]) -> str:
    verdict = _words(data["verdict"]).upper()
    why = f"; {data['why']}" if data["why"] else ""
    return f"verdict of run {data['run']} ({data['phase']}): {verdict}, {proof(data['proof'])}{why}"


def _ticked(data: Mapping[str, Any]) -> str:
    reason = f": {data['reason']}" if data["reason"] else ""
    return f"playbook {data['playbook']}, step {data['step']}: {data['state']}{reason}"


def _instant(data: Mapping[str, Any]) -> str:
    at = f"at {data['at'][:16]}Z" if data["at"] else "TAKEN BACK"
    return f"{_words(data['fact'])}: {at}"


def _submitted(data: Mapping[str, Any]) -> str:
    receipt = f", receipt {data['receipt']}" if data["receipt"] else ""
    return f"clock {data['clock']}: {'updated' if data['update'] else 'submitted'} at {data['at'][:16]}Z{receipt}"


def _drafted(data: Mapping[str, Any]) -> str:
    message = data["message"]
    what = f"{message['audience']} {_words(message['phase'])}"
    after = f", in place of {message['supersedes']}" if message["supersedes"] else ""
    return f"drafted {message['id']} ({what}, {data['class']}){after}, {short(data['digest'])}: {message['subject']}"


def _sending(data: Mapping[str, Any]) -> str:
    many = f" to {data['recipients']} people" if data["list"] else ""
    return f"about to send {data['message']} over {data['channel']}{many}{_try(data)}"


def _sent(data: Mapping[str, Any]) -> str:
    word = _words(data["result"])
    loud = word.upper() if data["result"] == "unknown" else word
    return f"{data['message']} over {data['channel']}{_try(data)}: {loud}, {data['says']}"


def _rca_published(data: Mapping[str, Any]) -> str:
    late = f", {data['late']} business days late" if data["late"] else ", in time"
    return f"the written analysis was published, {short(data['digest'])}{late}"


def _request(data: Mapping[str, Any]) -> str:
    return f" (request {data['request']})" if data.get("request") else ""


def _discarded(data: Mapping[str, Any]) -> str:
    what = f"{data['thing']} {data['name']}, {data['size']} bytes, {short(data['sha256'])}"
    return f"{what}, was discarded: {data['why']}{_request(data)}"


def _item_added(data: Mapping[str, Any]) -> str:
    factor = f" for {data['factor']}" if data["factor"] else ""
    return f"remediation added{factor}: {data['type']}, {data['priority']}, {_held(data)}"


def _held(data: Mapping[str, Any]) -> str:
    return f"owner {data['owner'] or 'nobody yet'}, due {data['due']}"


def _item_verified(data: Mapping[str, Any]) -> str:
    return f"{data['item']} was verified by {data['approval']['person']}"


def _item_accepted(data: Mapping[str, Any]) -> str:
    given = data["approval"]
    return f"{data['item']}: RISK ACCEPTED by {given['person']} until {given['expires'][:16]}Z: {given['reason']}"


def _item_reopened(data: Mapping[str, Any]) -> str:
    same = f", the same factor as {data['same_as']}" if data["same_as"] else ""
    return f"{data['item']} is OPEN AGAIN{same}"


def _item_exported(data: Mapping[str, Any]) -> str:
    word = _words(data["result"])
    where = f" as {data['ref']}" if data["ref"] else ""
    return f"{data['item']} to {data['to']}{where}: {word.upper() if word == 'unknown' else word}, {data['says']}"


def _cadence(data: Mapping[str, Any]) -> str:
    return f"{data['audience']} is promised a message every {show(round(data['every']))}: {data['why']}"


def proof(data: Mapping[str, Any]) -> str:
    """How much was seen, in words."""
    answers, untold = data["answers"], data["untold"]
    replicas = len(data["replicas"])
    said = f"{answers} probe answer{'' if answers == 1 else 's'} from {replicas} replica{'' if replicas == 1 else 's'}"
    lost = f", {untold} looks could not tell" if untold else ""
    soaked = f", soaked {show(round(data['soaked']))}" if data.get("soaked") else ""
    return f"{said} over {show(round(data['over'], 1))}{lost}{soaked}"


def short(digest: str) -> str:
    """Enough of a digest to tell it from others; `psfir approve` takes it."""
    return digest.removeprefix("sha256:")[:12]


def _because(data: Mapping[str, Any]) -> str:
    return f", {data['says']}" if data["says"] else ""


def _drilled(data: Mapping[str, Any]) -> str:
    counted = "" if data["counts"] else ", practice and no evidence"
    return f"drill {data['scenario']} ({data['level']}) came to {data['result'] or 'nothing'}{counted}"


def _words(value: str) -> str:
    return value.replace("_", " ")


_LINES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    Kind.DECLARED: _declared,
    Kind.SYSTEM_ADDED: lambda d: f"also about {some(d['systems'], NAMED)}",
    Kind.NOTE: _note,
    Kind.CLAIMED: _claimed,
    Kind.SEATED: lambda d: f"{_words(d['seat'])} is {d['person']}",
    Kind.SEVERITY: lambda d: f"severity is {d['severity']}",
    Kind.RESOLVED: _resolved,
    Kind.CLOSED: _closed,
    Kind.REOPENED: lambda _: "opened again",
    Kind.FALSE_ALARM: lambda _: "called a false alarm",
    Kind.MERGED: lambda d: f"merged into {d['into']}",
    Kind.HANDED_OVER: lambda d: f"{_words(d['seat'])} handed over to {d['to']}",
    Kind.PLANNED: _planned,
    Kind.APPROVED: _approved,
    Kind.RUN_STARTED: _started,
    Kind.RUN_RESUMED: _resumed,
    Kind.RUN_ENDED: _run_ended,
    Kind.EVIDENCE: lambda d: f"evidence kept: {d['name']} from {d['source']}, {d['size']} bytes, {short(d['sha256'])}",
    Kind.NO_EVIDENCE: lambda d: f"NO evidence from {d['source']}: {d['why']}",
    Kind.INTENDED: _intended,
    Kind.ENDED: _ended,
    Kind.VERIFIED: _verified,
    Kind.LATE: lambda d: f"{_spot(d)} answered after it was given up: {_words(d['result'])}, {d['says']}",
    Kind.REREAD: lambda d: f"{_spot(d)} read again: {_words(d['result'])}, {d['says']}",
    Kind.HANDED: lambda d: f"{_spot(d)}, runner {d['runner']}: {_words(d['state'])}{_because(d)}",
    Kind.SEEN: _seen,
    Kind.VERDICT: _verdict,
    Kind.SOAKING: lambda d: f"soaking for {show(d['seconds'])}: watching whether it turns itself back on",
    Kind.TICKED: _ticked,
    Kind.INSTANT: _instant,
    Kind.CLOCK_OPENED: lambda d: f"clock {d['clock']} opened ({short(d['digest'])})",
    Kind.CLOCK_ASIDE: lambda d: f"clock {d['clock']} SET ASIDE",
    Kind.CLOCK_DELAYED: lambda d: f"clock {d['clock']} delayed until {d['until'][:16]}Z by {d['document']}",
    Kind.CLOCK_SUBMITTED: _submitted,
    Kind.ACKNOWLEDGED: lambda d: (
        f"runbook {d['runbook']} may alter the system: {len(d['evidence'])} pieces kept before"
    ),
    Kind.DRAFTED: _drafted,
    Kind.WITHDRAWN: lambda d: f"{d['message']} was withdrawn: {d['why']}",
    Kind.SENDING: _sending,
    Kind.SENT: _sent,
    Kind.CADENCE: _cadence,
    Kind.RCA_SUBMITTED: lambda d: f"the written analysis was handed to its reviewers, {short(d['digest'])}",
    Kind.RCA_PUBLISHED: _rca_published,
    Kind.REMEDIATION_ADDED: _item_added,
    Kind.REMEDIATION_TAKEN: lambda d: f"{d['item']}: {_held(d)}",
    Kind.REMEDIATION_BLOCKED: lambda d: f"{d['item']} is blocked",
    Kind.REMEDIATION_DONE: lambda d: f"{d['item']} is done, and waits for somebody else to verify it",
    Kind.REMEDIATION_VERIFIED: _item_verified,
    Kind.REMEDIATION_ACCEPTED: _item_accepted,
    Kind.REMEDIATION_REOPENED: _item_reopened,
    Kind.REMEDIATION_EXPORTING: lambda d: f"about to {d['act']} {d['item']} in {d['to']}{_try(d)}",
    Kind.REMEDIATION_EXPORTED: _item_exported,
    Kind.ABSORBED: lambda d: f"merged {d['count']} entries spooled in {d['spool']} while the record was away",
    Kind.ERASED: lambda d: f"the words of entry {d['seq']} were erased: {d['why']}{_request(d)}",
    Kind.HOLD_PLACED: lambda d: f"LEGAL HOLD {d['hold']}: nothing of it is erased or discarded",
    Kind.HOLD_RELEASED: lambda d: f"legal hold {d['hold']} was released",
    Kind.DISCARDED: _discarded,
    Kind.DRILL_RECORDED: _drilled,
    Kind.MIGRATED: lambda d: f"record brought from format {d['from']} to {d['to']}; copy kept at {d['copy']}",
}

_ERASED: Mapping[str, str] = {Kind.NOTE: "note", Kind.CLAIMED: "UNVERIFIED claim", Kind.DRAFTED: "a draft"}
