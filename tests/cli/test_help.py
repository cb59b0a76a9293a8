"""Every command's help: an example to copy, the exit codes, and nothing that only a renderer would understand."""

import re
from collections.abc import Iterator

import click
import pytest

from psfir.cli.main import psfir
from tests.docs.commands import flaw


def walk(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, click.Command, str]]:
    """Each command by its whole name, with its help as it is printed."""
    yield ctx.command_path, command, command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            yield from walk(below, click.Context(below, info_name=name, parent=ctx))


HELPS = list(walk(psfir, click.Context(psfir, info_name="psfir")))
NARROW, WIDE = (
    {name: text for name, _, text in walk(psfir, click.Context(psfir, info_name="psfir", terminal_width=columns))}
    for columns in (60, 400)
)
each = pytest.mark.parametrize(("name", "command", "text"), HELPS, ids=[name for name, _, _ in HELPS])


def examples(text: str) -> list[str]:
    """Lines that can be copied; what stands behind two blanks or more is a remark."""
    lines = re.findall(r"^ *(?:Examples?: +)?(psfir (?!\[).+)$", text, re.MULTILINE)
    return [re.split(r"  +|\s>|\s\.\.\.", line)[0] for line in lines]


def test_every_command_is_walked() -> None:
    """Groups are gone into."""
    assert {"psfir kill", "psfir audit erase", "psfir incident hand-over", "psfir lever new"} <= {
        n for n, _, _ in HELPS
    }


@each
def test_there_is_an_example_that_parses(name: str, command: click.Command, text: str) -> None:
    """At least one is of this very command, and each is one psfir would understand."""
    shown = examples(text)
    assert [line for line in shown if line.startswith(name)], text
    assert [flaw(line) for line in shown if flaw(line)] == []


@each
def test_the_exit_codes_are_told(name: str, command: click.Command, text: str) -> None:
    """A script needs them; of a group each command below it says its own."""
    assert isinstance(command, click.Group) or "Exit codes:" in text, name


@each
def test_nothing_is_left_unrendered(name: str, command: click.Command, text: str) -> None:
    """No backslash-b, written out or as the sign it stands for, and incident ids as psfir gives them."""
    assert "\\b" not in text
    assert "\x08" not in text
    assert [found for found in re.findall(r"INC-\S+", text) if not re.fullmatch(r"INC-\d{8}-[a-z2-7]{6}", found)] == []


@each
def test_on_a_narrow_terminal_no_word_is_broken(name: str, command: click.Command, text: str) -> None:
    """At sixty columns it says what it says on a wide screen, word by word; a group cuts what its commands say."""
    if isinstance(command, click.Group):
        return
    narrow, wide = (re.sub(r"-\s+", "-", one).split() for one in (NARROW[name], WIDE[name]))
    assert narrow == wide
