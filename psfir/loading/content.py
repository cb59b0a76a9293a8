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
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.name != "README.md" and not hidden and path.is_file():
                yield path


class Files(dict[str, Path]):
    """By id. Asking for one that two files claim is an error naming both; every other one can be had all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.doubled: dict[str, Problem] = {}

    def __getitem__(self, name: str) -> Path:
        if name in self.doubled:
            raise ContentError([self.doubled[name]], todo="psfir lint")
        return super().__getitem__(name)


def content_files(root: Path, kind: str) -> Files:
    """Each file by its id, which its first lines say; a file that says none goes by its name where that is free."""
    found, unnamed = Files(), []
    for path in files_of(root, kind):
        name = id_of(path)
        if not name:
            unnamed.append(path)
        elif name in found:
            other = found.setdefault(name, path).relative_to(root)
            sentence = f"the id {name!r} is taken by {other}; ids are used once"
            found.doubled[name] = Problem(str(path.relative_to(root)), 1, 1, sentence, "duplicate-id")
        else:
            found[name] = path
    for path in unnamed:
        found.setdefault(path.stem, path)
    return found


def id_of(path: Path) -> str:
    """The value of the top-level key `id`, from the first lines alone; '' where it stands further down."""
    try:
        if not path.is_file():  # opening a pipe would wait for somebody at its other end
            return ""
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
