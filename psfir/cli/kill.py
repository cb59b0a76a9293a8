"""`psfir kill`: contain, and prove it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from psfir.app.choose import Aim
from psfir.app.incident import Declared, since
from psfir.app.kill import Order, Pressed, press, start_all
from psfir.app.plan import Drawn, draw, plan_runbooks
from psfir.app.session import Session
from psfir.cli import complete, ending, planview
from psfir.cli.desk import Desk, common
from psfir.cli.live import Watched, view
from psfir.cli.steer import Crew, into_background, let_go
from psfir.domain.approval import Approval
from psfir.domain.modes import Mode, PlanCase, Severity
from psfir.domain.run import RunFacts
from psfir.domain.tally import FEW
from psfir.domain.values import frozen
from psfir.domain.wording import some
from psfir.engine.kit import Control
from psfir.engine.work import Work
from psfir.errors import Refusal

EPILOG = """\b
Examples:
  psfir kill support-assistant
  psfir kill support-assistant --mode degrade --reason "promises refunds" --since 12m
  psfir kill --where vendor=acme --yes
  psfir kill support-assistant --climb        pull the next rungs of a partial containment

\b
Exit codes: 0 contained, and it stayed so through the soak; 1 not contained; 2 wrong command or file, or nobody
here to ask and no --yes; 3 refused; 4 partly contained; 5 changed, but the probes did not finish; 6 the probes
could not tell."""


@frozen
class Asked:
    """The command's words."""

    aim: Aim
    incident: str = ""
    reason: str = ""
    since: str = ""
    name: str = ""
    title: str = ""
    severity: str = Severity.SEV2.value
    case: str | None = None
    yes: bool = False
    climb: bool = False
    details: bool = False
    approvals: tuple[str, ...] = ()


@click.command(short_help="Contain a system, and prove it.", epilog=EPILOG)
@click.argument("systems", metavar="[SYSTEM]...", nargs=-1, shell_complete=complete.systems)
@click.option("--mode", type=click.Choice([m.value for m in Mode]), help="Off, reduced, or cut off. Default: disable.")
@click.option(
    "--runbook", default="", metavar="ID", shell_complete=complete.runbooks, help="This runbook and no other."
)
@click.option("--incident", default="", metavar="ID", shell_complete=complete.incidents, help="Join this incident.")
@click.option("--reason", default="", help="Why, for the record.")
@click.option(
    "--since", default="", metavar="TIME", help="When it began: 10m ago, or an instant. The clock counts from it."
)
@click.option("--title", default="", help="What to call a new incident.")
@click.option("--severity", type=click.Choice([s.value for s in Severity]), default="sev2", show_default=True)
@click.option("--case", type=click.Choice([c.value for c in PlanCase]), help="What kind of failure it is.")
@click.option("--name", default="", help="Who you are, where psfir does not know you. Recorded as unverified.")
@click.option("--approval", "approvals", multiple=True, metavar="FILE", help="An approval that came as a file.")
@click.option(
    "--where", default="", metavar="KEY=VALUE", help="All systems with this vendor, owner, audience or label."
)
@click.option("--all", "everything", is_flag=True, help="All systems.")
@click.option("--climb", is_flag=True, help="Pull the next rungs of what is only partly contained.")
@click.option("--details", is_flag=True, help="Show the whole plan, as psfir plan does.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@common
def kill(desk: Desk, *, systems: tuple[str, ...], mode: str | None, runbook: str, **words: Any) -> int:
    """Disable, degrade or isolate a system: plan, ask once, pull, prove, soak.

    Opens an incident, or joins the open one of that system. Anybody may kill; somebody psfir does not know says who
    they are and why. Without the record the kill goes on and its entries are spooled.
    """
    aim = Aim(systems, words.pop("where"), words.pop("everything"), Mode(mode) if mode else None, runbook)
    return contain(desk, Asked(aim, **words))


def contain(desk: Desk, asked: Asked, drawing: Callable[[Session], Drawn] | None = None) -> int:
    """The whole of it; `drawing` gives other plans than those of the aim."""
    session = desk.session(killing=True)
    begun = session.clock.now()
    asked_since = since(asked.since, begun) if asked.since else begun
    name, reason = _papers(desk, session, asked)
    drawn = drawing(session) if drawing else _plans(session, asked)
    desk.say("\n".join(planview.several(drawn.plans, drawn.left_out, session.catalog, in_full=asked.details)))
    for plan in drawn.plans if desk.json else ():
        desk.event("plan", {"plan": planview.as_json(plan, session.catalog)})
    _ask(desk, asked, drawn)
    case = PlanCase(asked.case) if asked.case else None
    source = f"psfir {session.door.channel}"
    words = Declared(asked.title, reason, Severity(asked.severity), case, asked_since, source, name)
    approvals = _carried(session, asked.approvals)
    also = tuple(drawn.left_out)
    pressed = press(session, drawn.plans, Order(asked.incident, words, approvals, waiting=desk.warn, also=also))
    left_out = {name: str(error) for name, error in drawn.left_out.items()}
    return carry(desk, session, pressed, left_out)


def carry(desk: Desk, session: Session, pressed: list[Pressed], left_out: dict[str, str]) -> int:
    """Show the runs until they end; the exit code. `left_out` are systems that should be contained and are not."""
    incident = pressed[0].incident
    desk.say(f"\n{incident}")
    watched = Watched(session.clock, {one.run: one.plan for one in pressed if one.refused is None})
    for one in pressed:
        if one.dead:
            watched.know(one.dead)
        if one.refused:
            left_out[one.plan.runbook.system] = str(one.refused)
    _beforehand(desk, pressed)
    shown = view(desk, watched)
    session.journal.tell(shown.add)
    crew = Crew(desk, session, shown, watched)
    joined = [one for one in pressed if one.joined]
    runs = crew.run(
        start_all(session, [one for one in pressed if one.ours], crew.control),
        joined=_watching(session, joined, shown.add, crew.control) if joined else None,
    )
    if let_go(runs) and not all(one.joined for one in pressed):
        log = into_background(session, incident)
        desk.warn(f"goes on in the background, writing to {log}; psfir status {incident} --watch shows it")
    return ending.finish(desk, session, ending.End("kill", session.incident(incident), runs, left_out))


def _beforehand(desk: Desk, pressed: list[Pressed]) -> None:
    """What is not ours to begin: said before the board is drawn, by name or counted."""
    dead = [one.run for one in pressed if one.dead]
    if dead:
        desk.warn(f"{_those(dead)} left unfinished by another process: taking it over")
    joined = [one.run for one in pressed if one.joined]
    if joined:
        desk.warn(f"{_those(joined, 'is', 'are')} under way already: joined, nothing is pulled twice")
    refused = [one for one in pressed if one.refused]
    for one in refused[:FEW]:
        desk.warn(f"{one.plan.runbook.system} is left out: {one.refused}")
    if refused[FEW:]:
        desk.warn(f"and {len(refused) - FEW} more systems are left out")


def _those(runs: list[str], one: str = "was", many: str = "were") -> str:
    return f"{runs[0]} {one}" if len(runs) == 1 else f"{len(runs)} runs {many}"


def _carried(session: Session, files: tuple[str, ...]) -> tuple[Approval, ...]:
    if not files:
        return ()
    from psfir.app.approve import from_file  # few kills come with papers

    return tuple(from_file(session, path) for path in files)


def _watching(
    session: Session, joined: list[Pressed], tell: Callable[..., None], control: Control
) -> Work[list[RunFacts]]:
    from psfir.app.join import watching  # only who comes second

    return watching(session, joined[0].incident, [one.run for one in joined], tell, stop=control.let_go)


def _plans(session: Session, asked: Asked) -> Drawn:
    if not asked.climb:
        return draw(session, asked.aim)
    from psfir.app.adhoc import climb_all  # few kills need more than their runbook

    incident = session.incident(asked.incident)
    return Drawn(tuple(plan_runbooks(session, climb_all(incident, asked.aim.systems))))


def _papers(desk: Desk, session: Session, asked: Asked) -> tuple[str, str]:
    """Somebody unknown says who they are and why; that is all a kill asks for."""
    if session.actor.known:
        return "", asked.reason
    name, reason = asked.name, asked.reason
    if desk.interactive:
        who = f"psfir.yaml has no {session.who.unknown!r}. " if session.who.unknown else ""
        name = name or click.prompt(f"{who}Who are you", err=True)
        reason = reason or click.prompt("Why do you kill it", err=True)
    if not name.strip() or not reason.strip():
        raise Refusal(
            "psfir does not know you: say who you are and why", todo="--name NAME --reason TEXT, or set PSFIR_ME"
        )
    desk.warn(f"UNVERIFIED: {name} is nobody psfir.yaml names; the record says so")
    return name, reason


def _ask(desk: Desk, asked: Asked, drawn: Drawn) -> None:
    if asked.yes:
        return
    names = some([plan.runbook.system for plan in drawn.plans], FEW)
    if not desk.ask(f"\n{drawn.plans[0].runbook.mode.value} {names} now?", default=True):
        raise click.Abort
