"""A whole incident on one page of a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from psfir.app.analysis import Awaited
from psfir.app.incident_view import clock, flags, run_line, runs_told, stands, verdict_words
from psfir.app.overview import Running
from psfir.cli.show import columns, dim, hanging, heading, loud, verdict, warning
from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import Entry
from psfir.domain.incident import Incident
from psfir.domain.tally import FEW
from psfir.domain.timeline import line
from psfir.domain.wording import NAMED, plain, short, some


def page(
    incident: Incident, entries: Iterable[Entry], now: datetime, *, analysis: Awaited | None = None
) -> Iterator[str]:
    """Line by line, the loudest first."""
    yield from head(incident, now, analysis=analysis)
    yield from _part("Still standing", [hanging("", text) for text in stands(incident)], "nothing")
    yield from _part("Runs", [hanging("", text) for text in runs_told(incident)], "none")
    yield from _part("Approvals", columns([_approval(one, now) for one in incident.approvals]), "none")
    rows = [(f"{entry.at[:10]} {entry.at[11:19]}", _who(entry.actor), line(entry)) for entry in entries]
    yield from _part("Timeline (UTC)", columns(rows), "nothing")


def head(incident: Incident, now: datetime, *, analysis: Awaited | None = None) -> Iterator[str]:
    """What somebody who comes in must see at once."""
    status = incident.status.value.replace("_", " ").upper()
    into = f" into {incident.merged_into}" if incident.merged_into else ""
    yield heading(f"{incident.id}  {incident.severity.value}  {status}{into}  {plain(incident.title)}")
    for flag in flags(incident):
        yield loud(f"  !! {flag}")
    trigger = f"{instants.write(incident.trigger_at)[:19]}Z"
    source = f", {plain(incident.trigger_source)}" if incident.trigger_source else ""
    yield f"  clock    {clock(incident, now)} since the trigger ({trigger}{source})"
    yield f"  verdict  {verdict(incident.verdict.value if incident.verdict else None, verdict_words(incident))}"
    yield hanging("systems", some(incident.systems, NAMED))
    seats = ", ".join(f"{seat.value.replace('_', ' ')}: {person}" for seat, person in incident.seats.items())
    yield hanging("seats  ", seats or "nobody seated")
    if analysis:
        said = hanging("analysis", analysis.counted)
        yield loud(said) if analysis.too_late else warning(said) if analysis.pressing else said


def last_runs(incident: Incident, running: Iterable[Running]) -> Iterator[str]:
    """Its runs, newest last, and of those under way whether anybody is at work on them."""
    if len(incident.runs) > FEW:
        yield from _many_runs(incident, running)
        return
    states = {one.run.id: one.alive for one in running}
    unsoaked = {run.id for run in incident.contained if run.unsoaked}
    for run in incident.runs.values():
        if run.id in unsoaked:
            said = f"{run_line(run)}  SOAK NOT WATCHED TO ITS END: psfir verify {incident.id}"
            yield hanging("run    ", said)
        elif run.id not in states:
            yield hanging("run    ", run_line(run))
        elif states[run.id] is False:
            yield loud(f"  run      {run_line(run)}  STOPPED HALF-WAY: psfir resume {incident.id}")
        else:
            yield hanging("run    ", f"{run_line(run)}  {'at work' if states[run.id] else 'at work?'}")


def _many_runs(incident: Incident, running: Iterable[Running]) -> Iterator[str]:
    """Each verdict with its number, and what somebody has to do about which."""
    for text in runs_told(incident):
        yield hanging("runs   ", text)
    known = list(running)
    for alive, words in ((True, "at work"), (None, "at work?")):
        if names := [one.run.plan.runbook.system for one in known if one.alive is alive]:
            yield hanging("run    ", f"{len(names)} {words}: {some(names, NAMED)}")
    if dead := [one.run.plan.runbook.system for one in known if one.alive is False]:
        yield loud(f"  run      {len(dead)} STOPPED HALF-WAY ({some(dead, 3)}): psfir resume {incident.id}")
    if unsoaked := [run.plan.runbook.system for run in incident.contained if run.unsoaked]:
        said = f"{len(unsoaked)} SOAKS NOT WATCHED TO THEIR END ({some(unsoaked, 3)}): psfir verify {incident.id}"
        yield hanging("run    ", said)


def _part(title: str, lines: list[str], empty: str) -> Iterator[str]:
    yield ""
    yield heading(title) if lines else heading(title) + dim(f": {empty}")
    yield from lines


def _approval(approval: Approval, now: datetime) -> tuple[str, str, str]:
    state = "expired" if now >= approval.expires else f"until {instants.write(approval.expires)[11:19]}Z"
    kind = "BREAK-GLASS" if approval.break_glass else approval.of
    signed = ", signed" if approval.signature else ""
    reason = f": {plain(approval.reason)}" if approval.reason else ""
    who = f"{approval.actor.id or 'unknown'} ({approval.actor.identity.value}{signed})"
    return kind, short(approval.digest), f"{who}, {state}{reason}"


def _who(actor: str) -> str:
    """Asserted is what nearly everybody is; what is surer or less sure is said."""
    identity, _, name = actor.partition(":")
    return name if identity == "asserted" and name else actor
