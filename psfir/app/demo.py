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
MARK = "# laid out by psfir demo\n"
REFUSES = "approval required for this flag (405)"


@frozen
class Demo:
    """Where it is; `key` signs for the second person, None where no key can be made here."""

    root: Path
    key: Path | None


def demo(root: Path) -> Demo:
    """A fresh estate each time; the record of earlier demos in the same folder is kept."""
    root = root.resolve()
    words = root / "psfir.yaml"
    if words.is_file():
        if not words.read_text(encoding="utf-8").endswith(MARK):
            raise Refusal(f"{root} is a workspace that no demo laid out", todo="psfir demo --dir another-folder")
    elif root.is_dir() and any(root.iterdir()):
        raise Refusal(f"{root} is not empty", todo="psfir demo --dir another-folder")
    else:
        lay_out(root)
        _second_way(words)
    _estate(root)
    return Demo(root, _key(root, words))


def _second_way(words: Path) -> None:
    """The flag vendor becomes a file of its own, so that it can refuse while the other way still works."""
    text = words.read_text(encoding="utf-8")
    once = "path: .psfir/estate.json"
    words.write_text(text.replace(once, "path: .psfir/flag-vendor.json", 1) + MARK, encoding="utf-8")


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


def _key(root: Path, words: Path) -> Path | None:
    """Two asserted names from one login count once, so the second person signs."""
    key = root / ".psfir" / f"{SECOND}.key"
    if key.is_file():
        return key
    if ready():
        return None
    try:
        public = make_key(key)
    except LeverError:
        return None
    line = f"    email: {SECOND}@example.com\n"
    text = words.read_text(encoding="utf-8")
    words.write_text(text.replace(line, f'{line}    ssh_keys: ["{public}"]\n', 1), encoding="utf-8")
    return key
