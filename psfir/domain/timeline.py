"""One sentence for one entry: the CLI, the RCA and Slack tell the same story because they all ask here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psfir.domain.durations import show
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.timeline_after import AFTERWARDS
from psfir.domain.wording import NAMED, nth, plain, short, some, words

ERASED = "(erased)"


def line(entry: Entry) -> str:
    """What happened, without the time and the actor. One line, whatever somebody typed."""
    words = _LINES.get(entry.kind)
    if words is None:
        return f"{entry.kind} (a newer psfir wrote this)"
    if entry.data is None:
        return f"{_ERASED.get(entry.kind, entry.kind)} {ERASED}"
    return plain(words(entry.data))


def _spot(data: Mapping[str, Any]) -> str:
    """A rung as people count: from 1."""
    return f"{data['step']}, rung {data['rung'] + 1}"


def _declared(data: Mapping[str, Any]) -> str:
    case = f", {words(data['case'])}" if data.get("case") else ""
    source = f" ({data['trigger']['source']})" if data["trigger"]["source"] else ""
    systems = some(data["systems"], NAMED)
    return f"declared {data['severity']}{case} for {systems}; trigger at {data['trigger']['at'][:19]}Z{source}"


def _note(data: Mapping[str, Any]) -> str:
    about = data.get("about", "note")
    return f"{'note' if about == 'note' else about}: {data['text']}"


def _claimed(data: Mapping[str, Any]) -> str:
    return f"UNVERIFIED: calls themselves {data['name']!r} (login {data['login']}), because: {data['reason']}"


def _resolved(data: Mapping[str, Any]) -> str:
    verdict = f"; verdict {words(data['verdict'])}" if data.get("verdict") else ""
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
    return f"run {data['run']} ended: {words(data['verdict'])}{soaked}{why}"


def _intended(data: Mapping[str, Any]) -> str:
    change = data["change"]
    if data.get("act") == "restore":
        return f"about to put back {change['lever']}, {_spot(data)}{nth(data)}"
    return f"about to pull {change['lever']}, {_spot(data)}{nth(data)}: {change['why']}"


def _ended(data: Mapping[str, Any]) -> str:
    return f"{_spot(data)}{nth(data)}: {words(data['result'])}, {data['says']}"


def _verified(data: Mapping[str, Any]) -> str:
    return f"{_spot(data)}: {words(data['held'])}, {data['says']}"


def _seen(data: Mapping[str, Any]) -> str:
    sights = "; ".join(f"{s['replica']} {words(s['held'])}, {s['says']}" for s in data["sights"])
    return f"probe {data['probe']}: {sights}"


def _verdict(data: Mapping[str, Any]) -> str:
    verdict = words(data["verdict"]).upper()
    why = f"; {data['why']}" if data["why"] else ""
    return f"verdict of run {data['run']} ({data['phase']}): {verdict}, {proof(data['proof'])}{why}"


def _ticked(data: Mapping[str, Any]) -> str:
    reason = f": {data['reason']}" if data["reason"] else ""
    return f"playbook {data['playbook']}, step {data['step']}: {data['state']}{reason}"


def proof(data: Mapping[str, Any]) -> str:
    """How much was seen, in words."""
    answers, untold = data["answers"], data["untold"]
    replicas = len(data["replicas"])
    said = f"{answers} probe answer{'' if answers == 1 else 's'} from {replicas} replica{'' if replicas == 1 else 's'}"
    lost = f", {untold} looks could not tell" if untold else ""
    soaked = f", soaked {show(round(data['soaked']))}" if data.get("soaked") else ""
    return f"{said} over {show(round(data['over'], 1))}{lost}{soaked}"


def _because(data: Mapping[str, Any]) -> str:
    return f", {data['says']}" if data["says"] else ""


_LINES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    Kind.DECLARED: _declared,
    Kind.SYSTEM_ADDED: lambda d: f"also about {some(d['systems'], NAMED)}",
    Kind.NOTE: _note,
    Kind.CLAIMED: _claimed,
    Kind.SEATED: lambda d: f"{words(d['seat'])} is {d['person']}",
    Kind.SEVERITY: lambda d: f"severity is {d['severity']}",
    Kind.RESOLVED: _resolved,
    Kind.CLOSED: _closed,
    Kind.REOPENED: lambda _: "opened again",
    Kind.FALSE_ALARM: lambda _: "called a false alarm",
    Kind.MERGED: lambda d: f"merged into {d['into']}",
    Kind.HANDED_OVER: lambda d: f"{words(d['seat'])} handed over to {d['to']}",
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
    Kind.LATE: lambda d: f"{_spot(d)} answered after it was given up: {words(d['result'])}, {d['says']}",
    Kind.REREAD: lambda d: f"{_spot(d)} read again: {words(d['result'])}, {d['says']}",
    Kind.HANDED: lambda d: f"{_spot(d)}, runner {d['runner']}: {words(d['state'])}{_because(d)}",
    Kind.SEEN: _seen,
    Kind.VERDICT: _verdict,
    Kind.SOAKING: lambda d: f"soaking for {show(d['seconds'])}: watching whether it turns itself back on",
    Kind.TICKED: _ticked,
    Kind.ABSORBED: lambda d: f"merged {d['count']} entries spooled in {d['spool']} while the record was away",
    Kind.MIGRATED: lambda d: f"record brought from format {d['from']} to {d['to']}; copy kept at {d['copy']}",
    **AFTERWARDS,
}

_ERASED: Mapping[str, str] = {Kind.NOTE: "note", Kind.CLAIMED: "UNVERIFIED claim", Kind.DRAFTED: "a draft"}
