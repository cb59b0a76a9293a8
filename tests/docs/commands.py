"""Whether a command as a page shows it is one that psfir would understand; nothing is run."""

import shlex
from itertools import takewhile

import click

from psfir.cli.main import psfir
from psfir.errors import PsfirError


def flaw(shown: str, *, whole: bool = False) -> str:
    """What is wrong with `psfir ...` as it is shown, or nothing; if `whole`, nothing that it needs may be missing.

    Values may be placeholders in capitals.
    """
    words = list(takewhile(lambda word: word not in {"|", "&&", ";", ">"}, shlex.split(shown, comments=True)))
    if words[:1] != ["psfir"]:
        return f"{shown!r} is not a psfir command"
    try:
        return _walk(psfir, click.Context(psfir, info_name="psfir"), words[1:], whole=whole)
    except (click.ClickException, PsfirError) as error:
        return f"{shown!r}: {error.format_message() if isinstance(error, click.ClickException) else error}"


def _walk(command: click.Command, context: click.Context, words: list[str], *, whole: bool) -> str:
    values, rest, _ = command.make_parser(context).parse_args(list(words))
    if not isinstance(command, click.Group):
        needed = [p.name for p in command.params if whole and p.required and values.get(p.name or "") in {None, ()}]
        if needed:
            return f"{command.name} needs {needed}"
        return f"{command.name} does not take {' '.join(rest)!r}" if rest else ""
    if not rest:
        named = values or command.invoke_without_command
        return "" if named or not whole else f"{command.name} needs a command behind it"
    name, below, left = command.resolve_command(context, rest)
    assert below is not None
    return _walk(below, click.Context(below, info_name=name, parent=context), left, whole=whole)


def names(command: click.Command = psfir) -> set[str]:
    """The name of every command, and of every one below a group."""
    found = {command.name or ""}
    if isinstance(command, click.Group):
        context = click.Context(command)
        below = [command.get_command(context, name) for name in command.list_commands(context)]
        found.update(*(names(one) for one in below if one))
    return found
