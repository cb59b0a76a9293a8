"""The front door: names every command without importing it; turns every error into a sentence and an exit code."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence

import click

from psfir import __version__
from psfir.cli.lazy import Lazy
from psfir.errors import ContentError, PsfirError, Refusal, UsageError

_SELDOM = 50_000
"""New objects between two looks for garbage, which Python has at 700."""

EXERCISE = "PSFIR_DRILL_BANNER"
"""Set in a shell that has joined a drill: whatever psfir says there says so first."""

COMPLETE = "_PSFIR_COMPLETE"
"""Set by the shell's completion script: nothing may then be said but what TAB offers."""

COMMANDS: dict[str, tuple[str, str]] = {
    "kill": ("psfir.cli.kill:kill", "Contain a system, and prove it."),
    "plan": ("psfir.cli.plan:plan", "Show what a kill would do; touches nothing."),
    "status": ("psfir.cli.status:status", "What is open, what stands, what each run came to."),
    "verify": ("psfir.cli.verify:verify", "Look at the effect again."),
    "resume": ("psfir.cli.resume:resume", "Carry on a run whose process died."),
    "restore": ("psfir.cli.restore:restore", "Put back exactly what a containment changed."),
    "approve": ("psfir.cli.approve:approve", "Say yes to one digest."),
    "pull": ("psfir.cli.pull:pull", "Pull one lever, without a runbook."),
    "incident": ("psfir.cli.incident:incident", "Declare, show, note, hand over, resolve, close."),
    "runbook": ("psfir.cli.runbook:runbook", "List and show runbooks."),
    "playbook": ("psfir.cli.playbook:playbook", "Show a playbook and tick its steps."),
    "comms": ("psfir.cli.comms:comms", "Templates, drafts, approvals, sending."),
    "clocks": ("psfir.cli.clocks:clocks_", "Duties to report that may run, and when they are due."),
    "rca": ("psfir.cli.rca:rca", "The written root cause analysis."),
    "remediation": ("psfir.cli.remediation:remediation", "What follows from an analysis, until it is verified."),
    "slack": ("psfir.cli.slack:slack", "The Slack app: its manifest, its check, the app itself."),
    "lever": ("psfir.cli.lever:lever", "List and describe levers; write a new one."),
    "permissions": ("psfir.cli.permissions:permissions", "Print the least that credentials must be allowed."),
    "lint": ("psfir.cli.lint:lint", "Check every file of a workspace."),
    "audit": ("psfir.cli.audit:audit", "Verify and export the record; erase from it."),
    "hold": ("psfir.cli.hold:hold", "Legal holds: what must stay."),
    "retention": ("psfir.cli.retention:retention", "How long files stay, and letting them go."),
    "worker": ("psfir.cli.worker:worker", "Carry what nobody carries; any number of them."),
    "store": ("psfir.cli.store:store", "Where the record is kept: check it, move it."),
    "schema": ("psfir.cli.schema_cmd:schema", "Print the JSON Schema of a file kind."),
    "init": ("psfir.cli.init:init", "Lay out a workspace."),
    "demo": ("psfir.cli.demo:demo", "Kill, prove and restore on a simulated estate."),
    "range": ("psfir.cli.range:range_", "A simulated estate to rehearse on, with faults."),
    "drill": ("psfir.cli.drill:drill", "Rehearse, and what the odds are before."),
    "doctor": ("psfir.cli.doctor:doctor", "Check what a kill would need."),
    "whoami": ("psfir.cli.whoami:whoami", "Who psfir takes you for, and what you may do."),
    "sync": ("psfir.cli.sync:sync", "Merge entries spooled while the record was away."),
    "completion": ("psfir.cli.completion:completion", "Print the shell completion script."),
}

EXIT_CODES = """\b
Exit codes:
  0  done and proven
  1  failed, or a check found something
  2  the command or a file is wrong
  3  refused
  4  partly contained
  5  changed, but the probes did not finish
  6  unknown: the probes could not tell"""

HELP = """Disable, degrade or isolate an AI feature in production, and prove that it is off.

\b
psfir kill support-assistant       contain it now
psfir                              what is open, what waits for me"""


def _version(ctx: click.Context, _: click.Parameter, asked: object) -> None:
    """Not click's own option: that one asks the environment for a language at import."""
    if asked and not ctx.resilient_parsing:
        click.echo(f"psfir {__version__}")
        ctx.exit()


@click.group(
    cls=Lazy,
    table=COMMANDS,
    invoke_without_command=True,
    help=HELP,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-w", "--workspace", metavar="PATH", help="The folder with psfir.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    *("-V", "--version"), is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
@click.pass_context
def psfir(ctx: click.Context, /, **_: object) -> int | None:
    # What else stands before a command's name is read by the command: see `desk.common`.
    if ctx.invoked_subcommand is None:
        from psfir.cli.overview import overview  # only `psfir` alone needs it

        return int(ctx.invoke(overview))
    return None


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script: run one command, show what went wrong, exit with the documented code."""
    if arguments is None:
        _one_short_life()
    argv = list(sys.argv[1:] if arguments is None else arguments)
    _exercise()
    try:
        code = psfir.main(argv, prog_name="psfir", standalone_mode=False, complete_var=COMPLETE)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Abort:
        code = _show("stopped: nothing more was done", 130)
    except click.ClickException as error:
        code = _usage(error, as_json="--json" in argv)
    except FileNotFoundError as error:
        code = _show(f"{error.filename or 'the current folder'} is gone: {error.strerror}", 2)
    except PsfirError as error:
        code = 0 if COMPLETE in os.environ else _error(error, as_json="--json" in argv)
    except KeyboardInterrupt:
        code = _show("stopped by you", 130)
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more while closing it.
        sys.stderr.close()
        code = 1
    except Exception as error:  # noqa: BLE001 - the outermost call: a bug is shown as a sentence, with where to look
        code = _broke(error)
    sys.exit(code if isinstance(code, int) else 0)


def _one_short_life() -> None:
    """Look for garbage seldom, and not at the end: nearly all that a command loads lives as long as it does.

    Measured on a kill on Kubernetes: a fifth of its CPU time.
    """
    gc.set_threshold(_SELDOM)
    atexit.register(gc.freeze)


def _exercise() -> None:
    if os.environ.get(EXERCISE) and COMPLETE not in os.environ:
        _say(os.environ[EXERCISE])


def exit_code(error: PsfirError) -> int:
    """The one place where a class of error gets its number."""
    if isinstance(error, (ContentError, UsageError)):
        return 2
    return 3 if isinstance(error, Refusal) else 1


def _error(error: PsfirError, *, as_json: bool) -> int:
    if as_json:
        problems = [vars(problem) for problem in getattr(error, "problems", ())]
        _error_object(type(error).__name__, error.what, error.where, error.todo, problems=problems)
    if isinstance(error, ContentError):
        for problem in error.problems:
            _say(str(problem))
        return _show(error.todo or f"{len(error.problems)} problem(s) found", exit_code(error))
    where = f"{error.where}: " if error.where else ""
    return _show(f"{where}{error.what}" + (f"\n  -> {error.todo}" if error.todo else ""), exit_code(error))


def _error_object(kind: str, what: str, where: str = "", todo: str = "", *, problems: Sequence[object] = ()) -> None:
    """What a program gets instead of the sentence: one object on standard output."""
    import json

    said = {"kind": kind, "what": what, "where": where, "todo": todo, "problems": list(problems)}
    click.echo(json.dumps({"schema": "psfir.out.error/1", "error": said}))


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        _error_object("UsageError", error.format_message())
    context = getattr(error, "ctx", None)
    if context and error.format_message() == context.get_help():
        # A group without a command: what it can do is the answer, and still no command was said.
        _say(error.format_message())
        return 2
    hint = f"\n  -> {context.command_path} --help" if context else ""
    return _show(error.format_message() + hint, 2)


def _say(line: str) -> None:
    from psfir.cli.desk import clean, folded, heard  # only on the way to an error

    heard(folded(clean(line)), err=True)


def _show(sentence: str, code: int) -> int:
    _say(f"psfir: {sentence}")
    return code


def _broke(error: Exception) -> int:
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition('psfir/')[2]}:{frame.lineno}"
    click.echo(f"psfir: a bug in psfir: {type(error).__name__}: {error} at {place}", err=True)
    click.echo("  -> the record has what was done; `psfir status` shows it, `psfir resume` carries it on", err=True)
    return 1
