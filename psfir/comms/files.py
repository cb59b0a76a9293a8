"""The kinds of files that this wing brings: how each is read, its shape, and what must hold between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psfir.comms.ledger import LEDGER, read_ledger
from psfir.comms.pack import PACK, read_pack
from psfir.comms.reading import HEAD, read_template, twice
from psfir.comms.required import REQUIRED, read_required
from psfir.comms.template import Template
from psfir.loading.files import Loaded
from psfir.loading.jsonschema import Shapes

SHAPES: Shapes = {
    "template": (HEAD, "the head of a message template"),
    "approvals": (LEDGER, "who approved which text of which template"),
    "pack": (PACK, "rules of what must not stand in a message"),
    "required": (REQUIRED, "which templates must ship"),
}

_READ = {"pack": read_pack, "template": read_template, "approvals": read_ledger, "required": read_required}


def read(kind: str, path: Path, *, shown: str) -> Loaded:
    return _READ[kind](path, shown=shown)


def once(read: Mapping[str, Loaded]) -> None:
    """One id and language are one template."""
    twice([loaded for loaded in read.values() if isinstance(loaded.value, Template)])


RULES = (once,)
