"""The example of a lever as a runbook's only rung: the contract loads it as anybody's would be."""

from __future__ import annotations

import json
from pathlib import Path

from psfir.domain.about import CaptureAbout, LeverAbout, MessengerAbout, ProbeAbout
from psfir.domain.connecting import ConnectionKind
from psfir.domain.runbook import Rung
from psfir.errors import CatalogError
from psfir.loading.runbook import load_runbook
from psfir.probes.memory import MemoryProbe


class _OneLever:
    """A catalog with this lever and a probe that the example runbook needs to be complete."""

    def __init__(self, about: LeverAbout) -> None:
        self._about = about

    def lever(self, name: str) -> LeverAbout:
        if name != self._about.name:
            raise CatalogError(f"the example names {name!r}, the lever is {self._about.name!r}")
        return self._about

    def probe(self, name: str) -> ProbeAbout:
        return MemoryProbe.about

    def capture(self, name: str) -> CaptureAbout:
        raise CatalogError(f"the example names a capture {name!r}")

    def messenger(self, name: str) -> MessengerAbout:
        raise CatalogError(f"the example names a messenger {name!r}")

    def connection(self, name: str) -> ConnectionKind:
        raise CatalogError(f"the example needs no kind of connection {name!r}")

    def names(self, group: str) -> list[str]:
        return [self._about.name] if group == "levers" else []


def load_example(about: LeverAbout, path: Path) -> Rung:
    """The rung as the loader takes it; ContentError where it does not."""
    probe = {"probe": "memory", "target": {"connection": "estate", "switch": "a"}, "expect": {"state": {"on": False}}}
    book = {
        "schema": "psfir.runbook/1",
        "id": "example",
        "title": "The example of a lever",
        "system": "support-assistant",
        "mode": about.modes[0].value,
        "steps": [{"id": "pull", "ladder": [about.example]}],
        "verify": [probe],
    }
    path.write_text(json.dumps(book, indent=1, default=dict), encoding="utf-8")
    return load_runbook(path, _OneLever(about)).steps[0].ladder[0]
