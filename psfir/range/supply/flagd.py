"""Copies of the flag files that a workspace's connections name; where one is not there, a file with what is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import yaml

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.supply.files import Home
from psfir.range.supply.on_disk import OnDisk
from psfir.range.supply.unlike import unlike
from psfir.range.supply.uses import Use, of_rung

FILE = "flagd.file"


class FlagdSupplier(OnDisk):
    """Nobody on the range reads them: what a flag does to the feature goes by the stand-in rule."""

    levers: ClassVar[frozenset[str]] = frozenset({FILE})
    place: ClassVar[str] = "flags"

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use], folder: Path, home: Home) -> None:
        super().__init__(connections, uses, folder, home)
        self._copies: dict[str, Path] = {}

    def make(self, one: Connection, uses: Sequence[Use]) -> Iterator[str]:
        source = self._home.root / Path(str(one.settings["file"])).expanduser()
        try:
            text = source.read_text(encoding="utf-8")
            name = f"{one.name}{source.suffix}"
        except (OSError, UnicodeDecodeError):
            yield f"connection {one.name}: {source} cannot be read, so a file is made with what runbooks name in it"
            text, name = _invented(uses), f"{one.name}.json"
        self._copies[one.name] = self._folder.put(name, text)

    def pulled(self, rung: Rung) -> bool:
        use = of_rung(rung)
        flag = _flags(self._copies[use.connection]).get(use.text("flag"))
        if not isinstance(flag, Mapping):
            return False
        here = flag.get("state", "ENABLED"), flag.get("defaultVariant"), bool(flag.get("targeting"))
        return here == ("ENABLED", use.set.get("variant"), False)

    def instead(self, one: Connection) -> dict[str, Json]:
        return {"file": str(self._copies[one.name])}


def _invented(uses: Sequence[Use]) -> str:
    flags: dict[str, Any] = {}
    for flag in dict.fromkeys(use.text("flag") for use in uses):
        named = [use.set.get("variant") for use in uses if use.text("flag") == flag]
        before = str(unlike(named))
        variants = {str(name): str(name) for name in (before, *named)}
        flags[flag] = {"state": "ENABLED", "variants": variants, "defaultVariant": before}
    return json.dumps({"flags": flags}, indent=2)


def _flags(path: Path) -> Mapping[str, Any]:
    """What cannot be read serves nothing."""
    try:
        text = path.read_text(encoding="utf-8")
        found = yaml.safe_load(text) if path.suffix in {".yaml", ".yml"} else json.loads(text)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    flags = found.get("flags") if isinstance(found, Mapping) else None
    return flags if isinstance(flags, Mapping) else {}
