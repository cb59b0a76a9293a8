"""A file or folder as an option. click's own asks the environment for a language as it is made, at import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _PathType = click.ParamType[Path]
else:
    _PathType = click.ParamType  # not generic in older ones


class PathWord(_PathType):
    """Gives a Path; whether anything is there is for the deed to say. TAB offers files, or folders only."""

    def __init__(self, offers: str) -> None:
        self.name = "path"
        self._offers = offers

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return value if isinstance(value, Path) else Path(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # only under TAB

        return [CompletionItem(incomplete, type=self._offers)]


FILE = PathWord("file")
FOLDER = PathWord("dir")
