"""A fleet: forty small systems of one vendor on the memory estate, each with a switch, a runbook and a probe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psfir.vendors.memory import Estate

SIZE = 40

HEAD = """\
schema: psfir.workspace/1
name: Fleet
people:
  dana: {name: Dana, roles: [on_call]}
  lee: {name: Lee, roles: [incident_commander]}
connections:
  estate: {kind: memory, path: .psfir/estate.json}
systems:
"""

RUNBOOK = """\
schema: psfir.runbook/1
id: off-{name}
title: Off
system: {name}
mode: disable
approval: {{kill: {kill}, restore: 1, within: 1s}}
steps:
  - id: stop
    ladder:
      - lever: memory.switch
        target: {{connection: estate, switch: {switch}}}
        set: {{"on": false}}
        within: {within}
verify:
  - probe: memory
    target: {{connection: estate, switch: {switch}}}
    expect: {{state: {{"on": false}}}}
    times: 1
    every: 20ms
    within: {proof}
    soak: 0s
"""


def names(size: int = SIZE) -> list[str]:
    return [f"sys-{number:02}" for number in range(size)]


class Fleet:
    """What is odd about which system is said by its name: `shared`, `two_people` and `bookless` of it."""

    def __init__(self, root: Path, size: int = SIZE) -> None:
        self.root = root
        self.size = size
        self.shared: dict[str, str] = {}
        self.two_people: set[str] = set()
        self.bookless: set[str] = set()
        self.faults: dict[str, dict[str, Any]] = {}
        self.slow = 0.0

    def lay_out(self) -> Estate:
        (self.root / "runbooks").mkdir(parents=True)
        lines = HEAD
        for name in names(self.size):
            lines += f"  {name}: {{title: One, owner: lee, vendors: [acme], labels: {{tier: gold}}}}\n"
            if name not in self.bookless:
                self._book(name)
        (self.root / "psfir.yaml").write_text(lines)
        switches = {
            name: {"state": {"on": True}, "faults": {"slow": self.slow, **self.faults.get(name, {})}}
            for name in names(self.size)
            if name not in self.shared
        }
        return Estate.create(self.root / ".psfir" / "estate.json", switches)

    def _book(self, name: str) -> None:
        kill = 2 if name in self.two_people else 1
        # What is waited for in vain is short, and what must come about is not: the machine may be busy.
        odd = self.faults.get(name, {})
        within, proof = "600ms" if "hang" in odd else "20s", "1s" if odd else "20s"
        switch = self.shared.get(name, name)
        words = RUNBOOK.format(name=name, switch=switch, kill=kill, within=within, proof=proof)
        (self.root / "runbooks" / f"{name}.yaml").write_text(words)
