"""`comms_templates/required.yaml`: which templates must be there and approved before the system goes live."""

from __future__ import annotations

from pathlib import Path

from psfir.comms.reading import LANG
from psfir.domain.message import Audience, Phase
from psfir.domain.values import frozen
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.shapes import ID, Key, ListOf, Record, Text, Words

NAME = "required.yaml"
_ROLE = Text(r"[a-z][a-z0-9_]*", "the name of a role")


@frozen
class Cell:
    """One template that must ship: by audience, phase and variant, in each of the languages, approved in each role."""

    audience: Audience
    phase: Phase
    variant: str = ""
    languages: tuple[str, ...] = ("en",)
    roles: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.audience.value}/{self.phase.value}" + (f".{self.variant}" if self.variant else "")


CELL = Record(
    "cell",
    (
        Key("audience", Words(Audience), "who reads it", required=True),
        Key("phase", Words(Phase), "at which point of an incident", required=True),
        Key("variant", ID, "which of several for the same point"),
        Key("languages", ListOf(LANG, least=1), "in which it must exist; default en"),
        Key("roles", ListOf(_ROLE, least=1), "whose yes it needs; default any one who may approve templates"),
    ),
    Cell,
)
REQUIRED = Record(
    "list of required templates",
    (schema_key("required"), Key("templates", ListOf(CELL, least=1), "what must ship", required=True)),
)


def read_required(path: Path, *, shown: str = "") -> Loaded:
    """The cells with their problems."""
    loaded = load(path, "required", REQUIRED, shown=shown)
    if loaded.value is None:
        return loaded
    cells: tuple[Cell, ...] = loaded.value["templates"]
    seen: set[str] = set()
    for cell, node in zip(cells, loaded.root.each("templates"), strict=True):
        if str(cell) in seen:
            loaded.problems.add(node, f"{cell} stands further up already", rule="duplicate-id")
        seen.add(str(cell))
    loaded.value = cells
    return loaded


def load_required(root: Path) -> tuple[Cell, ...]:
    """What this workspace requires; nothing where it has no such file."""
    path = root / "comms_templates" / NAME
    if not path.exists():
        return ()
    found: tuple[Cell, ...] = read_required(path, shown=str(path.relative_to(root))).get()
    return found
