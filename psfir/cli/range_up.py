"""`psfir range up` while it is up: in this terminal until ^C or a signal, or in the background."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

from psfir.app.range import folder_of, workspace_of
from psfir.app.range_detach import Watched, start
from psfir.app.range_up import Ear, Options, up
from psfir.cli import range_view
from psfir.cli.demo_stage import ended_whole
from psfir.cli.desk import Desk, clean, coloured, deafen, heard
from psfir.cli.range_coming import coming
from psfir.cli.show import width

if TYPE_CHECKING:
    from types import FrameType

TICK = 1.0
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CLEAR = "\r\x1b[2K"


def foreground(desk: Desk, options: Options, *, quiet: bool) -> int:
    """Up until somebody ends it; what was seen last is the result."""
    with _signals() as over, ExitStack() as stack:
        with coming(desk, stream=True) as told:
            ear = Ear(desk.warn, lambda line: _posted(desk, line), over, told)
            here = stack.enter_context(up(options, os.environ, ear))
        said = here.status()
        desk.event("ready", {"schema": "psfir.out.range.up/1", "took": round(here.took, 3), **said})
        for line in range_view.come_up(said, here.took):
            desk.say(line)
        while not over.wait(TICK):
            known, said = len(said["history"]), here.status()
            _tell_faults(desk, said["history"][known:])
            if not quiet:
                _tell(desk, said)
    _leave(desk)
    desk.event("result", {"schema": "psfir.out.range.up/1", **said})
    desk.say("the range is down")
    return 0


def detached(desk: Desk, options: Options) -> int:
    """Started, and left to itself once it is ready; what it says instead is said here, with its exit code."""
    folder = folder_of(workspace_of(options.named, os.environ), os.environ)
    with ended_whole(), coming(desk) as told:  # also told to end, it leaves no range that comes up behind it
        started = start(_words(options), folder, Watched(desk.warn, told))
    if not started.ready:
        if desk.json and started.said:
            import json

            heard(json.dumps(started.said))
        heard(clean(started.told), err=True)
        return started.code or 1
    said = {name: value for name, value in started.said.items() if name not in {"event", "schema"}}
    desk.result("range.up", {"detached": True, **said})
    for line in range_view.come_up(said, said["took"], detached=True):
        desk.say(line)
    desk.say("psfir range down ends it")
    return 0


def _words(options: Options) -> list[str]:
    """The same command for a process of its own, whose first line says that it is ready."""
    words = ["range", "up", "--json", "--quiet", "--systems", str(options.systems), "--seed", str(options.seed)]
    words += ["--workspace", str(options.named)] if options.named else []
    words += ["--faults", str(options.faults)] if options.faults else []
    return [*words, *([] if options.customers else ["--no-customers"])]


@contextmanager
def _signals() -> Iterator[Event]:
    """An event that ^C, a request to end, and the end of the terminal set, instead of tearing the range down midway."""
    over = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        # In a thread: a handler that came while the event's own lock is held would wait for it for ever.
        Thread(target=over.set, daemon=True).start()

    before = {number: signal.signal(number, ask) for number in _ENDS}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(desk: Desk, said: Mapping[str, Any]) -> None:
    desk.event("traffic", {"uptime": said["uptime"], "traffic": said["traffic"], "faults": said["faults"]})
    if not desk.live:
        desk.say(range_view.second(said))
        return
    line = range_view.second(said, width() - 1)
    _redraw(desk, click.unstyle(line) if coloured() is False else line)


def _redraw(desk: Desk, line: str = "") -> None:
    """In the place of the line that is redrawn; without one, the place is free for a line that stays."""
    if not desk.live:
        return
    try:
        click.echo(f"{_CLEAR}{line}", nl=False, color=True)  # to clear is no colour: it is there without any, too
    except OSError:
        deafen()  # the terminal is gone; the range ends by the signal that says so


def _tell_faults(desk: Desk, news: Sequence[Mapping[str, Any]]) -> None:
    """A line of its own for each that began or ended, which stays when the line of the second goes."""
    for one in news:
        desk.event("fault", one)
        _redraw(desk)
        desk.say(range_view.happened(one))


def _posted(desk: Desk, line: str) -> None:
    """Whoever plays at incident response here sees what went to Slack."""
    desk.event("slack", {"says": line})
    _redraw(desk)
    desk.say(f"slack: {clean(line)}")


def _leave(desk: Desk) -> None:
    """The line that was redrawn stays where it is."""
    if desk.live:
        desk.say()
