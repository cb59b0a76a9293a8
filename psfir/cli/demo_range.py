"""The demo on the range: harm flows, a kill climbs down its ladder past a vendor that is down, and is proven."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from psfir.app.demo import FIRST, SYSTEM
from psfir.app.demo_range import Theatre, demo
from psfir.app.demo_report import Figures, Seen, figures, picture, report
from psfir.charts.lines import Paper, lines
from psfir.cli import show
from psfir.cli.demo_stage import DECLARE, KILL, Act, Stage, ended_whole, outcome, resolved, second_yes, way_here
from psfir.cli.desk import Desk

WATCHED = 3.0
"""Seconds that harmful answers are watched before the kill, and good ones after the restore."""


def play(desk: Desk, folder: Path, page: Path | None) -> int:
    with ended_whole(), demo(folder, desk.warn) as laid:
        desk.say(show.heading("A support assistant answers customers. The range brings up all that it runs on ..."))
        with Theatre(laid.root) as theatre:
            stage = Stage(desk, laid, theatre.environment)
            seen = _acts(desk, stage, theatre)
            told = outcome(stage)
    found = figures(seen)
    good = told["good"] and found.harmful_after == 0 and found.harmful_before > 0
    _chart(desk, seen, found)
    if page:
        facts = [("incident", told["incident"]), ("verdict", told["verdict"]), *found.lines]
        page.write_text(report(seen, f"{SYSTEM}: {told['incident']}", facts), encoding="utf-8")
        desk.say(f"report: {page.resolve()}")
    more = {
        "contained_after": found.contained,
        "proven_after": found.proven,
        "harmful_after_proof": found.harmful_after,
    }
    desk.result("demo", {**told, **more, "good": good, "report": str(page.resolve()) if page else None})
    _farewell(desk, folder)
    return 0 if good else 1


def _acts(desk: Desk, stage: Stage, theatre: Theatre) -> Seen:
    clock = stage.session().clock
    faults: list[tuple[datetime, str]] = []
    desk.say(f"workspace: {stage.laid.root}")
    if not theatre.has_aws:
        desk.warn("the AWS of the range is not installed, so its rungs would fail; pip install 'psfir[range]'")
    theatre.misbehave()
    faults.append((clock.now(), "the model begins to promise refunds"))
    _watch(desk, theatre)
    theatre.take_vendor_away()
    faults.append((clock.now(), "LaunchDarkly is down"))
    desk.say(show.loud("\nAnd now, of all times, LaunchDarkly is down."))
    stage.play(Act("Say that something is wrong: the clock begins.", DECLARE))
    stage.play(Act("Contain it. Two rungs need LaunchDarkly: watch the third one.", KILL))
    incident = stage.incident()
    theatre.behave()
    theatre.bring_vendor_back()
    faults.append((clock.now(), "the model is mended, LaunchDarkly is back"))
    stage.play(
        Act("Put it back? That takes two people, and one has said yes.", ("restore", incident.id, "--yes"), code=3)
    )
    stage.play(second_yes(stage.laid, stage.incident()))
    stage.play(Act("Now it may go back on.", ("restore", incident.id, "--yes")))
    time.sleep(WATCHED)  # noqa: TID251 - people are to see the answers flow again
    stage.play(resolved(incident))
    stage.play(Act("Nobody has altered the record.", ("audit", "verify")))
    stage.play(Act("And this is what it says.", ("incident", "show", incident.id)))
    session = stage.session()
    return Seen(list(session.journal.read(incident.id)), theatre.traffic, faults, clock.now())


def _watch(desk: Desk, theatre: Theatre) -> None:
    """Long enough to see what customers get."""
    time.sleep(WATCHED)  # noqa: TID251 - the same
    answers, harmful = theatre.rate
    desk.say(f"customers get {answers:.0f} answers a second, {harmful:.0f} of them harmful. One of them:")
    if harm := theatre.harm:
        desk.say(show.hanging("customer ", harm.asked))
        desk.say(show.hanging("assistant", harm.got))
        desk.say(show.loud(f"  !! {harm.why}"))


def _chart(desk: Desk, seen: Seen, found: Figures) -> None:
    desk.say(show.heading("\nWhat customers got, from first harm to the end:"))
    paper = Paper(show.width() or 100)
    for line in lines(picture(seen), paper):
        desk.say(f"  {line}", verbatim=True)
    desk.say()
    for line in show.columns(found.lines):
        desk.say(line)


def _farewell(desk: Desk, folder: Path) -> None:
    desk.say(show.heading("\nYours to try:"))
    for line in _yours(folder):
        desk.say(f"  {line}")


def _yours(folder: Path) -> Iterator[str]:
    yield from way_here()
    yield f"cd {folder}"
    yield f"export PSFIR_ME={FIRST}"
    yield "psfir incident show"
    yield "psfir range up --detach        # the estate again"
    yield 'eval "$(psfir range env)"'
    yield f"psfir kill {SYSTEM} --mode degrade"
    yield "psfir range down"
