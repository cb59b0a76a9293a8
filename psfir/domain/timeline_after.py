"""The sentences of what follows a kill: messages, duties, analysis, remediation, retention, drills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psfir.domain.durations import show
from psfir.domain.kinds import Kind
from psfir.domain.wording import nth, short, words


def _instant(data: Mapping[str, Any]) -> str:
    at = f"at {data['at'][:16]}Z" if data["at"] else "TAKEN BACK"
    return f"{words(data['fact'])}: {at}"


def _submitted(data: Mapping[str, Any]) -> str:
    receipt = f", receipt {data['receipt']}" if data["receipt"] else ""
    return f"clock {data['clock']}: {'updated' if data['update'] else 'submitted'} at {data['at'][:16]}Z{receipt}"


def _drafted(data: Mapping[str, Any]) -> str:
    message = data["message"]
    what = f"{message['audience']} {words(message['phase'])}"
    after = f", in place of {message['supersedes']}" if message["supersedes"] else ""
    return f"drafted {message['id']} ({what}, {data['class']}){after}, {short(data['digest'])}: {message['subject']}"


def _sending(data: Mapping[str, Any]) -> str:
    many = f" to {data['recipients']} people" if data["list"] else ""
    return f"about to send {data['message']} over {data['channel']}{many}{nth(data)}"


def _sent(data: Mapping[str, Any]) -> str:
    word = words(data["result"])
    loud = word.upper() if data["result"] == "unknown" else word
    return f"{data['message']} over {data['channel']}{nth(data)}: {loud}, {data['says']}"


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
    word = words(data["result"])
    where = f" as {data['ref']}" if data["ref"] else ""
    return f"{data['item']} to {data['to']}{where}: {word.upper() if word == 'unknown' else word}, {data['says']}"


def _cadence(data: Mapping[str, Any]) -> str:
    return f"{data['audience']} is promised a message every {show(round(data['every']))}: {data['why']}"


def _drilled(data: Mapping[str, Any]) -> str:
    counted = "" if data["counts"] else ", practice and no evidence"
    return f"drill {data['scenario']} ({data['level']}) came to {data['result'] or 'nothing'}{counted}"


AFTERWARDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
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
    Kind.REMEDIATION_EXPORTING: lambda d: f"about to {d['act']} {d['item']} in {d['to']}{nth(d)}",
    Kind.REMEDIATION_EXPORTED: _item_exported,
    Kind.ERASED: lambda d: f"the words of entry {d['seq']} were erased: {d['why']}{_request(d)}",
    Kind.HOLD_PLACED: lambda d: f"LEGAL HOLD {d['hold']}: nothing of it is erased or discarded",
    Kind.HOLD_RELEASED: lambda d: f"legal hold {d['hold']} was released",
    Kind.DISCARDED: _discarded,
    Kind.DRILL_RECORDED: _drilled,
}
