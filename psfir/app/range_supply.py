"""What a workspace's own runbooks name, for a range that is to make it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from psfir.app.catalog import installed_catalog
from psfir.errors import PsfirError
from psfir.loading.content import content_files
from psfir.loading.runbook import load_runbook
from psfir.loading.workspace import load_workspace
from psfir.range.supply.files import Home
from psfir.range.supply.supply import Supply

WORDS = "psfir.yaml"


def supply_of(workspace: Path, folder: Path, warn: Callable[[str], None]) -> Supply:
    """For the workspace as psfir.yaml says it, without any overlay; `folder` is the range's.

    A runbook that cannot be read is told and left out: it hides no other.
    """
    catalog, books = installed_catalog(), []
    words = load_workspace(workspace / WORDS, kinds=catalog)
    files = content_files(workspace, "runbooks")
    for name in files:
        try:
            books.append(load_runbook(files[name], catalog))
        except PsfirError as error:
            warn(f"runbook {name} cannot be read, so nothing is made for it: {error}")
    return Supply(words.connections, books, folder, home=Home(workspace, tuple(words.programs)))
