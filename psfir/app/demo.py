"""Lay out a workspace in which everything can be tried: a flag vendor that refuses, and a second person's key."""

from __future__ import annotations

import json
from pathlib import Path

from psfir.app.init import lay_out
from psfir.domain.values import frozen
from psfir.errors import LeverError, Refusal
from psfir.vendors.memory import Estate
from psfir.vendors.ssh import make_key, ready

SYSTEM = "support-assistant"
FIRST, SECOND = "ada", "ben"
MARK, TINY = "# laid out by psfir demo\n", "# laid out by psfir demo --tiny\n"
REFUSES = "approval required for this flag (405)"


@frozen
class Demo:
    """Where it is; `key` signs for the second person, None where no key can be made here."""

    root: Path
    key: Path | None


def tiny(root: Path) -> Demo:
    """On a file that stands for production, fresh each time; the record of earlier demos in the same folder is kept."""
    root = root.resolve()
    if not claimed(root, TINY):
        lay_out(root)
        _second_way(root / "psfir.yaml")
        mark(root, TINY)
    _estate(root)
    return Demo(root, second_key(root))


def claimed(root: Path, by: str) -> bool:
    """Whether the demo with this mark has laid it out already; Refusal if somebody else did."""
    words = root / "psfir.yaml"
    if words.is_file():
        if words.read_text(encoding="utf-8").endswith(by):
            return True
        raise Refusal(f"{root} is a workspace that this demo did not lay out", todo="psfir demo --dir another-folder")
    if root.is_dir() and any(root.iterdir()):
        raise Refusal(f"{root} is not empty", todo="psfir demo --dir another-folder")
    return False


def _second_way(words: Path) -> None:
    """The flag vendor becomes a file of its own, so that it can refuse while the other way still works."""
    text = words.read_text(encoding="utf-8")
    once = "path: .psfir/estate.json"
    words.write_text(text.replace(once, "path: .psfir/flag-vendor.json", 1), encoding="utf-8")


def mark(root: Path, by: str) -> None:
    with (root / "psfir.yaml").open("a", encoding="utf-8") as stream:
        stream.write(by)


def _estate(root: Path) -> None:
    """Everything on, as before the first kill; the flag vendor asks for an approval that nobody can give at night."""
    template = json.loads((Path(__file__).parent / "workspace" / "private" / "estate.json").read_text(encoding="utf-8"))
    switches = {
        name: {"state": one["wanted"], "replicas": one["replicas"], "lag": one["lag"]}
        for name, one in template["switches"].items()
    }
    Estate.create(root / ".psfir" / "estate.json", switches)
    stubborn = {name: {**one, "faults": {"refuse": REFUSES}} for name, one in switches.items()}
    Estate.create(root / ".psfir" / "flag-vendor.json", stubborn)


def key_of(root: Path) -> Path:
    """Where the second person's key is, if it was made."""
    return root / ".psfir" / f"{SECOND}.key"


def second_key(root: Path) -> Path | None:
    """Two asserted names from one login count once, so the second person signs."""
    words = root / "psfir.yaml"
    key = key_of(root)
    if key.is_file():
        return key
    line = f"    email: {SECOND}@example.com\n"
    text = words.read_text(encoding="utf-8")
    if line not in text or f"{line}    ssh_keys:" in text or ready():
        return None  # somebody has put other people in, or a key of their own
    key.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        public = make_key(key)
    except LeverError:
        return None
    words.write_text(text.replace(line, f'{line}    ssh_keys: ["{public}"]\n', 1), encoding="utf-8")
    return key
