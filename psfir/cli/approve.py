"""`psfir approve`: one person's yes to one digest, at the keyboard or in a file that travels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common, heard
from psfir.cli.paths import FILE
from psfir.cli.show import hanging, heading, loud
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError

if TYPE_CHECKING:
    from psfir.app.approve import Found, Yes
    from psfir.app.session import Session
    from psfir.domain.approval import Approval

EPILOG = """\b
Examples:
  psfir approve 3f9ac21b
  psfir approve 3f9ac21b --sign ~/.ssh/id_ed25519 --out yes.json
  psfir approve --file yes.json

Exit codes: 0 recorded or written; 1 the key did not sign, or the record cannot be written; 2 wrong words or file,
no such key, or nobody here to ask and no --yes; 3 refused (not recorded, no right, expired, said no)."""


@frozen
class Asked:
    """The command's words as they came."""

    digest: str
    incident: str
    out: Path | None
    of: str
    sure: bool


@click.command(epilog=EPILOG)
@click.argument("digest", default="")
@click.option("--incident", default="", shell_complete=incidents, help="Where to look, if not everywhere.")
@click.option("--reason", default="", help="Why; break-glass needs one.")
@click.option("--sign", "key", type=FILE, help="Sign with this SSH key.")
@click.option("--out", type=FILE, help="Write the signed yes to a file, record nothing.")
@click.option("--file", "file", type=FILE, help="Record a signed yes that came in a file.")
@click.option("--of", "of", type=click.Choice(["kill", "restore"]), help="With --out, where no record has the plan.")
@click.option("--break-glass", is_flag=True, help="Alone, against the rule: recorded apart, and loud for ever.")
@click.option("-y", "--yes", "sure", is_flag=True, help="Do not ask.")
@common
def approve(desk: Desk, *, file: Path | None, **words: Any) -> int:
    """Say yes to DIGEST, of which the first 8 digits are enough. Only what is recorded can be approved."""
    from psfir.app.approve import Yes

    yes = Yes(words["reason"], words["key"], words["break_glass"])
    asked = Asked(words["digest"], words["incident"], words["out"], words["of"] or "", words["sure"])
    if bool(asked.digest) == (file is not None):
        raise UsageError("say a digest, or --file FILE", todo="psfir shows the digests that wait for you")
    session = desk.session()
    if file is not None:
        return _bring(desk, session, file, asked.incident)
    if asked.of and not asked.out:
        raise UsageError("--of is for --out, where no record has the plan")
    if asked.of and asked.out:
        return _write_unseen(desk, session, asked, yes)
    return _say(desk, session, asked, yes)


def _say(desk: Desk, session: Session, asked: Asked, yes: Yes) -> int:
    from psfir.app import approve as app

    found = app.find(session, asked.digest, incident=asked.incident)
    app.ready(session, found.plan.verb, yes)
    for line in _what(found, yes):
        heard(line, err=True)
    if not asked.sure and not desk.ask("Say yes to this?"):
        raise Refusal("you said no: nothing was recorded")
    if asked.out:
        return _wrote(desk, app.write(session, found, yes, asked.out), asked.out)
    return _gave(desk, session, found, app.give(session, found, yes))


def _bring(desk: Desk, session: Session, file: Path, incident: str) -> int:
    from psfir.app.approve import bring

    found, approval = bring(session, file, incident=incident)
    return _gave(desk, session, found, approval)


def _write_unseen(desk: Desk, session: Session, asked: Asked, yes: Yes) -> int:
    from psfir.app.approve import write_unseen
    from psfir.domain.plan import Verb

    out = asked.out or Path()
    question = f"You cannot see here what {asked.digest} would {asked.of}. Sign it all the same?"
    if not asked.sure and not desk.ask(question):
        raise Refusal("you said no: nothing was written")
    return _wrote(desk, write_unseen(session, asked.digest, Verb(asked.of), yes=yes, out=out), out)


def _wrote(desk: Desk, approval: Approval, out: Path) -> int:
    desk.result("approve", {"file": str(out), "approval": approval.to_json(), "recorded": False})
    desk.say(f"signed into {out}; whoever has the record types: psfir approve --file {out.name}")
    return 0


def _gave(desk: Desk, session: Session, found: Found, approval: Approval) -> int:
    """What all yeses come to now, so that nobody has to look."""
    from psfir.app.approvals import count
    from psfir.app.whom import whom
    from psfir.domain.people import Deed

    plan = found.plan
    standing = count(session, session.incident(found.incident.id), plan=plan)
    counts: dict[str, Any] = {
        "counted": len(standing.counted),
        "needed": standing.needed,
        "enough": standing.enough,
        "ignored": [{"person": one.actor.id, "why": why} for one, why in standing.lost],
    }
    recorded = {"incident": found.incident.id, "approval": approval.to_json(), "recorded": True, "standing": counts}
    desk.result("approve", recorded)
    kind = "BREAK-GLASS by" if approval.break_glass else "yes by"
    come_to = "enough alone" if approval.break_glass else f"{len(standing.counted)} of {standing.needed}"
    desk.say(f"{kind} {approval.actor.id} recorded: {come_to} for this {plan.verb}")
    if standing.enough:
        restore = f"psfir restore {found.incident.id}"
        kill = f"psfir kill {plan.runbook.system} --runbook {plan.runbook.id} --incident {found.incident.id}"
        ask = whom(session, found.incident, Deed.RESTORE) if plan.verb == "restore" else ""
        desk.say(f"  -> {f'{ask}: ' if ask else ''}{restore if plan.verb == 'restore' else kill}")
    return 0


def _what(found: Found, yes: Yes) -> Iterator[str]:
    """What is said yes to, in short."""
    from psfir.app.incident_view import flags
    from psfir.cli.planview import what_of

    plan, incident = found.plan, found.incident
    yield heading(f"{plan.verb.value.upper()} {plan.runbook.system}  ({plan.runbook.id}, {plan.runbook.mode.value})")
    yield f"  {incident.id}  {incident.severity.value}  {incident.title}"
    for flag in flags(incident):
        yield loud(f"  !! {flag}")
    for planned in plan.rungs:
        head, what = f"{planned.step}, rung {planned.index + 1}:", what_of(planned, plan)
        if len(what) == 1:
            yield hanging(head, f"{planned.rung.lever}: {what[0]}")
            continue
        yield hanging(head, planned.rung.lever)
        yield from (hanging("", text, indent="    ") for text in what)
    yield f"  digest {plan.digest}"
    if yes.break_glass:
        yield loud("  !! BREAK-GLASS: this counts alone, against the rule, and stays in the headline for ever")
