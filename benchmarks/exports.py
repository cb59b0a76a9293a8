"""The written analysis of an incident of 10,000 entries as a page, for Word and as PDF, beside that of one of 1,000."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.frame import Figure, Pair, compare
from psfir.app import incident_deeds, rca
from psfir.app.incident import Declared, declare
from psfir.app.rca_export import exported, render
from psfir.app.session import Door, Session, open_session
from psfir.domain.kinds import Kind

AIM = 12.0
FEW, MANY = 1_000, 10_000
BESIDE = 6
"""Entries that are no notes: it is declared, and resolved."""

WORKSPACE = """\
schema: psfir.workspace/1
name: Bench
people:
  dana: {name: Dana Bench, roles: [on_call, owner]}
connections:
  estate: {kind: memory, path: estate.json}
systems:
  assistant: {title: Assistant, owner: dana}
"""


def figures() -> list[Figure]:
    gc.set_threshold(50_000)  # as every command of psfir does
    with TemporaryDirectory() as folder:
        few, many = (_incident(Path(folder) / str(entries), entries) for entries in (FEW, MANY))
        name = "export: an analysis of {} entries as {}"
        return [
            compare(
                _pair(name.format(f"{MANY:,}", form), partial(many, form), partial(few, form)),
                runs=1 if form == "pdf" else 3,
            )
            for form in ("html", "docx", "pdf")
        ]


def _pair(name: str, many: Callable[[], None], few: Callable[[], None]) -> Pair:
    """In the processor's own seconds: all of it is work, and another's load would count for one of them only."""
    return Pair(name, many, f"one of {FEW:,}", few, AIM, timer=time.process_time)


def _incident(root: Path, entries: int) -> Callable[[str], None]:
    """A whole export: the record is read, the analysis is read, and what comes of it is written."""
    root.mkdir()
    (root / "psfir.yaml").write_text(WORKSPACE)
    (root / "estate.json").write_text("{}")
    session = open_session(Door(env={"PSFIR_ME": "dana", "HOME": str(root)}), workspace=root)
    incident = declare(session, ("assistant",), words=Declared(title="It told of others' orders"))
    notes = ({"text": f"note {number}: something was seen", "about": "note"} for number in range(entries - BESIDE))
    session.record(*(session.draft(incident.id, Kind.NOTE, one) for one in notes))
    resolved = incident_deeds.resolve(session, session.incident(incident.id))
    rca.new(session, resolved, owner="", facilitator="")
    return partial(_export, session, resolved.id)


def _export(session: Session, name: str, form: str) -> None:
    made = render(exported(session, session.incident(name), external=False).document, form)
    assert len(made) > FEW
