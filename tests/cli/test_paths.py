"""Files and folders as words of a command."""

from pathlib import Path

import click
import pytest

from psfir.cli.paths import FILE, FOLDER, PathWord


@pytest.mark.parametrize(("word", "kind"), [(FILE, "file"), (FOLDER, "dir")])
def test_tab_offers_what_is_meant(word: PathWord, kind: str) -> None:
    """The shell fills in files, or folders only."""
    ctx = click.Context(click.Command("x"))
    offered = word.shell_complete(ctx, click.Option(["--x"]), "ab")
    assert [(item.value, item.type) for item in offered] == [("ab", kind)]


def test_a_word_becomes_a_path() -> None:
    """A default that is one stays as it is, and nothing is looked at."""
    assert FILE.convert("no/such", None, None) == Path("no/such")
    assert FOLDER.convert(Path("here"), None, None) == Path("here")
