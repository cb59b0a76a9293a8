"""`psfir clocks`: which duties to report may run, when each is due, what it waits for, and the words it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

import click

from psfir.cli.complete import clocks, incidents
from psfir.cli.desk import Desk, common
from psfir.cli.show import dim, hanging, heading, loud

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from psfir.app.clocks import Clockwork
    from psfir.review.clock import Clock
    from psfir.review.clock_board import ClockRow

DEEDS: dict[str, str] = {
    "record": "Record when something was: aware, discovered, ...",
    "open": "Say that a duty is taken to apply.",
    "set-aside": "Say that a duty does not apply, and why.",
    "submitted": "Say that a report went out.",
    "delay": "Record that law enforcement asks to wait.",
    "acknowledge": "Let a runbook alter a system, once evidence was kept.",
}
OWN = {"show": "The clocks of an incident; so does no command.", "catalogue": "Every clock, with the words of the law."}
EPILOG = """\b
Examples:
  psfir clocks                                  what may run in the open incident
  psfir clocks record aware --at '2h ago' --why 'on-call saw customer names'
  psfir clocks open gdpr-33-1 --why 'names of customers were shown'"""


class Clocks(click.Group):
    """A first word that is no command is an incident: `psfir clocks INC`. Deeds are loaded when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*OWN, *DEEDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in DEEDS:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module("psfir.cli.clocks_deeds"), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)  # noqa: S101 - a wrong table row is our own bug
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        named = args[0] in {*OWN, *DEEDS} or not args[0].lower().startswith("inc-")
        return super().resolve_command(ctx, args if named else ["show", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # only under TAB

        named = [CompletionItem(name) for name in incidents(ctx, click.Argument(["inc"]), incomplete)]
        return [*super().shell_complete(ctx, incomplete), *named]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list({**OWN, **DEEDS}.items()))


@click.group("clocks", cls=Clocks, invoke_without_command=True, subcommand_metavar="[INC] | COMMAND", epilog=EPILOG)
@click.option("-w", "--workspace", metavar="PATH", help="The folder with psfir.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "--all", "everything", is_flag=True, help="Also what was set aside or submitted, and what may only maybe run."
)
@click.option("--check", is_flag=True, help="Exit 1 if an open clock is due.")
@click.pass_context
def clocks_(ctx: click.Context, workspace: str | None, *, as_json: bool, everything: bool, check: bool) -> int | None:
    """Duties to report that may run in an incident, and what people say of them. Never legal advice."""
    before = ctx.find_root().params
    before.update(workspace=workspace or before.get("workspace"), as_json=as_json or before.get("as_json"))
    return int(ctx.invoke(show, everything=everything, check=check)) if ctx.invoked_subcommand is None else None


@clocks_.command(
    epilog="\b\nExample: psfir clocks show --all\n\nExit codes: 0 shown, 1 --check and one is due, 2 none such."
)
@click.argument("inc", default="", shell_complete=incidents)
@click.option(
    "--all", "everything", is_flag=True, help="Also what was set aside or submitted, and what may only maybe run."
)
@click.option("--check", is_flag=True, help="Exit 1 if an open clock is due.")
@common
def show(desk: Desk, *, inc: str = "", everything: bool = False, check: bool = False) -> int:
    """The clocks of INC: what may run, when it is due, what it waits for, and the words of the law."""
    from psfir.app.clocks import clockwork

    session = desk.session()
    work = clockwork(session, session.incident(inc))
    desk.result("clocks", as_json(work))
    for line in page(work, everything=everything):
        desk.say(line)
    return 1 if check and any(row.alarms for row in work.rows) else 0


@clocks_.command(epilog="\b\nExample: psfir clocks catalogue gdpr-33-1\n\nExit codes: 0 shown, 2 no such clock.")
@click.argument("clock", default="", shell_complete=clocks)
@common
def catalogue(desk: Desk, *, clock: str) -> int:
    """Every clock there is, or CLOCK: the words of the law, where they were read and when."""
    from psfir.app.clocks import catalogue_of
    from psfir.review.clock import NOTICE
    from psfir.review.clock_board import clock_json

    session = desk.session()
    today = session.clock.now().date()
    found = catalogue_of(session, clock)
    desk.result("clocks.catalogue", {"clocks": [clock_json(one, today) for one in found], "notice": NOTICE})
    for one in found:
        desk.say(heading(f"{one.id}: {one.regime}, {one.title}") + ("" if one.enabled else "  OFF"))
        for line in _law(one):
            desk.say(line)
        for warning in [*([] if one.enabled else [f"off: {one.reason}"]), *one.warnings(today)]:
            desk.say(dim(hanging("!", warning, indent="    ")))
    desk.say(NOTICE)
    return 0


def as_json(work: Clockwork) -> dict[str, object]:
    """What every command of this group answers."""
    from psfir.review.clock import NOTICE
    from psfir.review.clock_board import facts_json, to_json

    analysis = work.analysis.to_json() if work.analysis else None
    rows = [to_json(row) for row in work.rows]
    known = {"incident": work.incident.id, "analysis": analysis, "instants": facts_json(work.facts)}
    return {**known, "clocks": rows, "notice": NOTICE}


def page(work: Clockwork, *, everything: bool) -> Iterator[str]:
    from psfir.review.clock import NOTICE
    from psfir.review.clock_applies import May
    from psfir.review.clock_board import State

    yield heading(f"{work.incident.id}: clocks")
    if work.analysis:
        yield hanging("written analysis:", work.analysis.counted)
    yield from _instants(work)
    sure = [row for row in work.rows if row.state is State.OPEN or row.proposal.may is May.YES]
    shown = [row for row in sure if row.state in {State.OPEN, State.PROPOSED}]
    for row in work.rows if everything else shown:
        yield ""
        yield from block(row)
    hidden = [row for row in work.rows if row not in shown]
    if not work.rows:
        yield "no clock may run, by what psfir.yaml says of the company: psfir clocks catalogue"
    elif hidden and not everything:
        yield ""
        yield from _hidden(work.incident.id, hidden)
    yield ""
    yield NOTICE


def block(row: ClockRow) -> Iterator[str]:
    """One clock: its state, its time, the words it rests on."""
    clock = row.clock
    word = _word(row)
    head = hanging(word, f"{clock.id}: {clock.title}, to {clock.to}", indent="")
    yield loud(head) if row.alarms else head
    for label, text in _lines(row):
        yield hanging(label, text, indent="    ")
    yield from _law(clock)
    warnings = [*clock.warnings(row.now.date()), *(["it changed since it was opened"] if row.stale else [])]
    for warning in warnings:
        yield dim(hanging("!", warning, indent="    "))


def _word(row: ClockRow) -> str:
    from psfir.review.clock_board import State, Timing

    if row.state in {State.SET_ASIDE, State.SUBMITTED}:
        return row.state.value.replace("_", " ").upper() + (", LATE" if row.late else "")
    may = "MAY RUN" if row.state is State.PROPOSED else "OPEN"
    timing = row.timing.value.replace("_", " ")
    return f"{may}, {timing.upper() if row.timing in {Timing.OVERDUE, Timing.DUE_NOW} else timing}"


def _lines(row: ClockRow) -> Iterator[tuple[str, str]]:
    from psfir.review.clock_board import State

    deeds, reckoned = row.deeds, row.reckoned
    if row.due and reckoned.binding:
        yield "due:", f"{_when(row)}; {reckoned.binding.limit.line}"
    if deeds.delayed and deeds.delayed.at and reckoned.at:
        until = f"{deeds.delayed.at:%Y-%m-%d %H:%M}Z by {deeds.delayed.data['document']}"
        yield "delayed:", f"until {until}; without that, due {reckoned.at:%Y-%m-%d %H:%M}Z"
    if row.waits_for:
        others = [bound.limit.line for bound in reckoned.bounds if bound.missing]
        worst = f"; at the worst due {reckoned.worst:%Y-%m-%d %H:%M}Z" if reckoned.worst and not row.due else ""
        yield "waits for:", f"{', '.join(row.waits_for)} ({', '.join(others)}){worst}"
    if row.behind:
        yield "stands back:", f"{row.behind} runs in its place"
    elif reckoned.idle:
        yield "does not run:", reckoned.idle
    for one in reckoned.informal:
        yield "only to know:", f"{one.at:%Y-%m-%d %H:%M}Z by {one.basis}"
    if row.state is State.SET_ASIDE and deeds.aside:
        yield "set aside:", f"by {deeds.aside.by}: {deeds.aside.why}"
    if deeds.first_submitted:
        yield "submitted:", f"{deeds.first_submitted:%Y-%m-%d %H:%M}Z"
    if row.proposal.says:
        yield "may it run:", row.proposal.says


def _when(row: ClockRow) -> str:
    from psfir.domain.durations import show as span

    assert row.due is not None  # noqa: S101 - asked by whom has looked
    seconds = round((row.left or 0) / 60) * 60
    if row.reckoned.immediate:
        return f"now, for {span(-seconds)}"
    over = f"overdue by {span(-seconds)}" if seconds < 0 else f"{span(seconds)} left"
    return f"{row.due:%Y-%m-%d %H:%M}Z, {over}"


def _law(clock: Clock) -> Iterator[str]:
    read = f"read on {clock.retrieved_on}, {clock.grade.value}"
    yield hanging("", f'{clock.paragraph} ({clock.who}): "{clock.quote}"', indent="    ")
    if clock.note:
        yield hanging("", clock.note, indent="    ")
    yield dim(hanging("", f"{clock.source_url} ({read})", indent="    "))


def _instants(work: Clockwork) -> Iterator[str]:
    from psfir.domain.wording import plain

    for name, said in work.facts.instants.items():
        last = said[-1]
        at = f"{last.at:%Y-%m-%d %H:%M}Z" if last.at else "taken back"
        corrected = f", corrected {len(said) - 1} times" if len(said) > 1 else ""
        yield hanging(f"{name}:", f"{at} by {last.by}{corrected}: {plain(last.why)}")


def _hidden(incident: str, hidden: list[ClockRow]) -> Iterator[str]:
    from psfir.review.clock_board import State

    done = [row.clock.id for row in hidden if row.state in {State.SET_ASIDE, State.SUBMITTED}]
    maybe = [row.clock.id for row in hidden if row.clock.id not in done]
    if maybe:
        says = "more could run: psfir.yaml does not say what the company is (review.legal)"
        yield hanging(f"{len(maybe)} {says}:", ", ".join(maybe), indent="")
    if done:
        yield hanging(f"{len(done)} set aside or submitted:", ", ".join(done), indent="")
    yield f"psfir clocks show {incident} --all"
