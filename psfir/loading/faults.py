"""A script of faults for the range: which begins when, and for how long. Their names and settings the range knows."""

from __future__ import annotations

from pathlib import Path

from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.shapes import Key, ListOf, Object, Record, Span, Text

ENTRY = Record(
    "fault",
    (
        Key("at", Span(), "how long after the script is begun; default at once"),
        Key("fault", Text(), "its name: `psfir range fault` lists all", required=True),
        Key("for", Span(0.001), "how long it is on; default until it is healed"),
        Key("set", Object(), "its settings"),
    ),
)

SCRIPT = Record(
    "fault script",
    (schema_key("faults"), Key("faults", ListOf(ENTRY, least=1), "what goes wrong, and when", required=True)),
)


def read_script(path: Path, *, shown: str = "") -> Loaded:
    """Its value is a mapping with `faults`, each a mapping with the keys above; spans in seconds."""
    return load(path, "faults", SCRIPT, shown=shown)
