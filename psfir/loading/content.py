"""Where content is: in a workspace, in a checkout, and in the installed package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from psfir.errors import ContentError, Problem

SUFFIX = {"runbooks": ".yaml", "playbooks": ".md", "comms_templates": ".md", "drills": ".yaml"}
FOLDERS = tuple(SUFFIX)


def find_workspace(start: Path) -> Path | None:
    """The nearest folder upwards that holds psfir.yaml."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if (folder / "psfir.yaml").is_file()), None)


def files_of(root: Path, kind: str) -> Iterator[Path]:
    """The files of one content folder, sorted; README.md and hidden files are not content."""
    folder = root / kind
    if folder.is_dir():
        for path in sorted(folder.rglob(f"*{SUFFIX[kind]}")):
            if path.name != "README.md" and not path.name.startswith(".") and path.is_file():
                yield path


def content_files(root: Path, kind: str) -> dict[str, Path]:
    """Each file by its id, which its first lines say. Two of one id are an error that names both."""
    found: dict[str, Path] = {}
    for path in files_of(root, kind):
        name = id_of(path) or path.stem
        if name in found:
            other = found[name].relative_to(root)
            sentence = f"the id {name!r} is taken by {other}; ids are used once"
            raise ContentError([Problem(str(path.relative_to(root)), 1, 1, sentence, "duplicate-id")])
        found[name] = path
    return found


def id_of(path: Path) -> str:
    """The value of the top-level key `id`, from the first lines alone; '' where it stands further down."""
    try:
        with path.open("rb") as file:
            head = file.read(8192).decode("utf-8", "replace")
    except OSError:
        return ""
    for line in head.splitlines():
        if line.startswith("id:"):
            return line.partition(":")[2].partition(" #")[0].strip().strip("'\"")
    return ""


def shipped(kind: str) -> Path:
    """The content that ships: beside the package in a checkout, inside it once installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_content" / kind
    return installed if installed.is_dir() else package.parent / kind
