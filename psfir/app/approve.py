"""Say yes to one recorded digest: at the keyboard, signed with an SSH key, or brought in a file by chat or mail."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from psfir.app.approvals import DEEDS, OWN_CURE, checked, idle, unfit, unsigned, vouched
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.canon import canonical
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Deed, Identity
from psfir.domain.plan import Plan, Verb
from psfir.domain.runbook import ApprovalRule
from psfir.domain.values import frozen
from psfir.domain.wording import short
from psfir.errors import ContentError, Problem, Refusal, UsageError

SCHEMA = "psfir.approval/1"
LARGEST = 64 * 1024
SHORTEST, WHOLE = 8, 64
_HEX = re.compile(r"[0-9a-f]{8,64}")


@frozen
class Found:
    """A recorded plan, and the incident it was recorded in."""

    incident: Incident
    plan: Plan


@frozen
class Yes:
    """How it is said: why, signed by which key, and whether it breaks the glass."""

    reason: str = ""
    key: Path | None = None
    break_glass: bool = False


def find(session: Session, ref: str, *, incident: str = "") -> Found:
    """The one recorded plan whose digest begins so, in an incident that is open or in which something still stands."""
    wanted = digits(ref)
    where = [session.incident(incident)] if incident else session.incidents()
    matches = {
        digest: Found(one, plan)
        for one in where
        if one.open or one.standing
        for digest, plan in one.plans.items()
        if digest.removeprefix("sha256:").startswith(wanted)
    }
    if len(matches) == 1:
        digest, found = matches.popitem()
        if found.plan.digest != digest:
            raise Refusal(f"{digest} is not the digest of the plan recorded under it", todo="psfir audit verify")
        return found
    if matches:
        raise UsageError(f"{wanted} begins {len(matches)} digests", todo=", ".join(matches))
    _of_no_message(session, where, wanted)
    raise Refusal(
        f"no open incident has a plan with the digest {wanted}",
        todo="psfir shows what waits for you; a plan that changed has a new digest",
    )


def _of_no_message(session: Session, where: Sequence[Incident], wanted: str) -> None:
    """A message is approved by whoever reads it, elsewhere."""
    for one in where:
        for entry in session.journal.read(one.id) if one.messages else ():
            if entry.kind == Kind.DRAFTED and entry.data and entry.data["digest"].startswith(f"sha256:{wanted}"):
                name = entry.data["message"]["id"]
                todo = f"psfir comms approve {name} --incident {one.id}"
                raise Refusal(f"{wanted} is the digest of the message {name}, not of a plan", todo=todo)


def digits(ref: str) -> str:
    """The hex digits of a digest or of its beginning."""
    wanted = ref.strip().lower().removeprefix("sha256:")
    if not _HEX.fullmatch(wanted):
        raise UsageError(f"{ref!r} is not a digest", todo=f"at least {SHORTEST} of its hex digits, as psfir shows them")
    return wanted


def ready(session: Session, verb: Verb, yes: Yes) -> None:
    """Refuse before anybody is asked: the right, and for break-glass the reason."""
    session.need(Deed.BREAK_GLASS if yes.break_glass else DEEDS[verb])
    if yes.break_glass and not yes.reason.strip():
        raise UsageError("breaking the glass needs a reason", todo="--reason TEXT")


def give(session: Session, found: Found, yes: Yes) -> Approval:
    """Record the yes. One that would not count is refused, with why."""
    ready(session, found.plan.verb, yes)
    approval = spoken(session, unsigned(session, found.plan), yes)
    why = unfit(session, approval, found.plan) or idle(session, found.incident, found.plan, approval)
    if why:
        raise Refusal(f"this yes would not count: {why}", todo=_cure(why, found.plan))
    return _record(session, found, approval)


def write(session: Session, found: Found, yes: Yes, out: Path) -> Approval:
    """A signed yes as a file, recorded nowhere: whoever has the record brings it in with `approve --file`."""
    ready(session, found.plan.verb, yes)
    return _write(session, unsigned(session, found.plan), yes, out)


def write_unseen(session: Session, digest: str, verb: Verb, *, yes: Yes, out: Path) -> Approval:
    """The same where no record at hand has the plan: the whole digest is needed, and the yes lasts the default time."""
    ready(session, verb, yes)
    whole = digits(digest)
    if len(whole) != WHOLE:
        raise UsageError("without the record the whole digest is needed", todo="64 hex digits")
    now = session.clock.now()
    expires = now + timedelta(seconds=ApprovalRule().expires)
    return _write(session, Approval(f"sha256:{whole}", verb.value, session.actor, now, expires), yes, out)


def bring(session: Session, file: Path, *, incident: str = "") -> tuple[Found, Approval]:
    """Record a signed yes that came in a file: the signature vouches for the person, not whoever brings it."""
    approval = from_file(session, file)
    found = find(session, approval.digest, incident=incident)
    session.need(Deed.KILL if found.plan.verb is Verb.KILL else Deed.NOTE)
    why = unfit(session, approval, found.plan) or idle(session, found.incident, found.plan, approval)
    if why:
        raise Refusal(f"the yes in {file} would not count: {why}")
    return found, _record(session, found, approval)


def from_file(session: Session, file: Path | str) -> Approval:
    """A signed yes from a file. Its signature is checked, and its person thereby verified; else it is refused."""
    approval = read_file(Path(file))
    if not approval.signature:
        raise Refusal(f"{file} bears no signature, so anybody could have written it")
    if session.clock.now() >= approval.expires:
        raise Refusal(
            f"{file} expired at {instants.write(approval.expires)}", todo=f"ask {approval.actor.id} for a new one"
        )
    if approval.actor.id not in session.workspace.team.people:
        raise Refusal(f"{file} is by {approval.actor.id!r}, whom psfir.yaml does not name")
    why = checked(session.workspace.team, approval)
    if why:
        raise Refusal(f"the yes in {file}: {why}")
    return vouched(approval, approval.signature)


def read_file(file: Path) -> Approval:
    """What the file says; nothing of it is believed yet."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    if len(raw) > LARGEST:
        raise _bad(file, "is far too large for an approval")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise _bad(file, "is not JSON") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise _bad(file, f"is not an approval: its schema is not {SCHEMA}")
    try:
        return _approval(data["approval"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _bad(file, f"is not a whole approval: {error}") from None


def _approval(data: Mapping[str, Any]) -> Approval:
    texts = ("digest", "of", "person", "at", "expires", "reason", "signature")
    wrong = [name for name in texts if not isinstance(data[name], str)]
    if wrong or not isinstance(data["break_glass"], bool):
        raise TypeError(f"{', '.join(wrong) or 'break_glass'} is of the wrong kind")
    canonical({name: data[name] for name in texts})  # half a surrogate pair is text to JSON and to nobody else
    # Identity and login are the signature's to give, never the file's.
    return Approval.from_json({**data, "identity": Identity.ASSERTED.value, "login": "", "of": Verb(data["of"]).value})


def _bad(file: Path, says: str) -> ContentError:
    return ContentError([Problem(str(file), 0, 0, says)], todo="psfir approve DIGEST --sign KEY --out FILE writes one")


def spoken(session: Session, approval: Approval, yes: Yes) -> Approval:
    """The yes with its reason, and signed where a key was named."""
    approval = replace(approval, reason=yes.reason.strip(), break_glass=yes.break_glass)
    if yes.key is None:
        return approval
    from psfir.vendors.ssh import sign  # noqa: PLC0415 - starts processes: loaded only where something is signed

    signed = vouched(approval, sign(canonical(approval.statement()), yes.key.expanduser()))
    why = checked(session.workspace.team, signed)
    if why:
        raise Refusal(
            f"{yes.key}: {why}",
            todo=f"add its public key to {approval.actor.id}'s ssh_keys in psfir.yaml, or sign with another",
        )
    return signed


def _write(session: Session, approval: Approval, yes: Yes, out: Path) -> Approval:
    if yes.key is None:
        raise UsageError("a yes that travels has to be signed", todo="--sign ~/.ssh/id_ed25519")
    approval = spoken(session, approval, yes)
    text = json.dumps({"schema": SCHEMA, "approval": approval.to_json()}, indent=2, ensure_ascii=False) + "\n"
    try:
        # Never over a file that is there: it may be somebody else's yes.
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", todo="name another file") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return approval


def _cure(why: str, plan: Plan) -> str:
    return f"psfir approve {short(plan.digest)} --sign KEY" if why.startswith(OWN_CURE) else ""


def _record(session: Session, found: Found, approval: Approval) -> Approval:
    session.record(session.draft(found.incident.id, Kind.APPROVED, {"approval": approval.to_json()}))
    return approval
