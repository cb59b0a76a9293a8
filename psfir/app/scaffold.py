"""Writes the skeleton of somebody's own lever: small, working, and with the tests that hold it to its promises.

The files are in `lever_package/`, with `.txt` behind their names and `<<word>>` where a word is filled in.
"""

from __future__ import annotations

import re
import shutil
from keyword import iskeyword
from pathlib import Path

from psfir.app.catalog import InstalledCatalog
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.loading.connection_kinds import KINDS

TEMPLATE = Path(__file__).parent / "lever_package"
_NAME = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")
_TAKEN = frozenset({"client", "connection"})
"""The package's other files, and the other key of its target."""


@frozen
class Package:
    """What was written: the folder, and its files by their paths inside it."""

    root: Path
    files: tuple[str, ...]


def write_package(name: str, folder: Path, catalog: InstalledCatalog) -> Package:
    """All files or none, in a new folder inside `folder`."""
    words = _words(name)
    _check_free(name, words["vendor"], catalog)
    root = folder / words["dist"]
    if root.exists():
        raise Refusal(f"{root} is there already", todo="move it away, or say --dir")
    made = root.with_name(f".{root.name}.new")
    try:
        shutil.rmtree(made, ignore_errors=True)
        files = _files(words)
        for path, text in files:
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        made.rename(root)
    except OSError as error:
        raise UsageError(f"{root} cannot be written: {error.strerror}", todo="name a folder that is yours") from None
    return Package(root, tuple(path for path, _ in files))


def _check_free(name: str, vendor: str, catalog: InstalledCatalog) -> None:
    """The package brings a lever and a kind of connection: two of one name are an error."""
    if name in catalog.names("levers"):
        raise Refusal(f"there is a lever {name} already", todo="two of one name are an error: choose another")
    if vendor in KINDS:
        todo = f"name it my_{name}, and let `about` connect to {vendor} if it is to work on those"
        raise Refusal(f"connections of kind {vendor} are psfir's own", todo=todo)
    if vendor in catalog.names("connections"):
        source = catalog.source("connections", vendor)
        raise Refusal(f"{source} brings connections of kind {vendor} already", todo="add the lever to that package")


def _words(name: str) -> dict[str, str]:
    found = _NAME.fullmatch(name)
    if not found or any(iskeyword(word) or word in _TAKEN for word in found.groups()):
        raise UsageError(f"{name!r} cannot name a lever", todo="write it as vendor.thing in small letters: acme.gate")
    vendor, thing = found.groups()
    return {
        "name": name,
        "vendor": vendor,
        "VENDOR": vendor.upper(),
        "thing": thing,
        # Never the name of something that its file imports.
        "Class": "".join(part.capitalize() for part in thing.split("_")) + "Lever",
        "package": f"psfir_{vendor}",
        "dist": f"psfir-lever-{vendor}-{thing}".replace("_", "-"),
    }


def _files(words: dict[str, str]) -> list[tuple[str, str]]:
    """Path inside the package, and text."""
    found = []
    for source in sorted(TEMPLATE.rglob("*.txt")):
        path = source.relative_to(TEMPLATE).as_posix().removesuffix(".txt")
        path = path.replace("PACKAGE", words["package"]).replace("THING", words["thing"])
        text = re.sub(r"<<(\w+)>>", lambda word: words[word.group(1)], source.read_text(encoding="utf-8"))
        found.append((path, text))
    return found
