"""What is published holds no path of one machine, no registry's address and no note to self."""

import re
import subprocess
from pathlib import Path

MACHINE_PATHS = "work|root|home/[a-z]+|Users"
REGISTRIES = "pypi|pythonhosted"
NOTES = "TODO|FIXME|XXX"
FORBIDDEN = re.compile(rf"(?<![\w.~*])/(?:{MACHINE_PATHS})/|\b(?:{REGISTRIES})\.org|\b(?:{NOTES})\b")


def published(root: Path) -> list[Path]:
    # The owner of a checkout may be another than the one who runs the tests; git would refuse to list it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    # This file names what it looks for, so it is the one that is left out.
    # Of a picture's bytes any three may look like a word.
    told = [root / name for name in names if name and not name.endswith(".png")]
    return [path for path in told if path.is_file() and path != Path(__file__)]


def test_no_published_file_holds_what_is_only_ours(root: Path) -> None:
    """No file that git tracks names a machine's path, a registry's address or a note to self."""
    found = []
    for path in published(root):
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
        bad = [(at, line) for at, line in enumerate(lines, 1) if FORBIDDEN.search(line)]
        found += [f"{path.relative_to(root)}:{at}: {line.strip()[:100]}" for at, line in bad]
    assert found == []


def test_the_words_are_found() -> None:
    """The pattern finds each kind, and leaves web addresses and longer words alone."""
    bad = ("cd /work/x", "/root/.kube", "/home/someone/x", "pypi.org/simple", "# TODO: later")
    assert [text for text in bad if not FORBIDDEN.search(text)] == []
    good = ("https://example.com/work/x", "TODOS", "framework/x", "/usr/lib", "./work/x")
    assert [text for text in good if FORBIDDEN.search(text)] == []
