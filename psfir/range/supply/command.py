"""Programs in the place of a workspace's own: a rehearsal runs none that could reach the real thing.

A stand-in speaks as docs/command.md says and keeps what it was told in a file beside it. Like any other program it is
run only if psfir.yaml allows it, which the range cannot do in its place; until then the rung is refused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import ClassVar

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.supply.on_disk import OnDisk
from psfir.range.supply.unlike import same, unlike
from psfir.range.supply.uses import Use, of_rung

RUN = "command.run"
_PROGRAM = """\
#!{python} -I
import json, os, sys
from pathlib import Path
told, kept = json.load(sys.stdin), Path(__file__).with_suffix(".json")
states, thing, verb = json.loads(kept.read_text()), told["target"]["thing"], told["verb"]
if thing not in states:
    print(json.dumps({{"says": f"the range has no {{thing}}: no runbook named it when it came up"}}))
    sys.exit(13)
if verb == "verify":
    print(json.dumps({{"held": "held" if states[thing] == told["wanted"] else "not_held"}}))
    sys.exit(0)
if verb in {{"apply", "restore"}}:
    if states[thing] != told["expected"]:
        print(json.dumps({{"says": "somebody else has changed it", "state": states[thing]}}))
        sys.exit(11)
    states[thing] = told["wanted"]
    new = kept.with_suffix(".new")
    new.write_text(json.dumps(states))
    os.replace(new, kept)
print(json.dumps({{"state": states[thing]}}))
"""


class CommandSupplier(OnDisk):
    """Every connection is re-pointed, also one that no rung names: what is not known is not run either."""

    levers: ClassVar[frozenset[str]] = frozenset({RUN})
    place: ClassVar[str] = "programs"

    def make(self, one: Connection, uses: Sequence[Use]) -> Iterator[str]:
        path = self._folder.put(one.name, _PROGRAM.format(python=sys.executable), mode=0o700)
        things = {use.text("thing"): _before(uses, use.text("thing")) for use in uses}
        self._folder.put(f"{one.name}.json", json.dumps(things))
        instead = f"connection {one.name}: its program is not run on the range, where {path} stands in for it"
        if str(path) in self._home.programs:
            yield instead
        else:
            yield f"{instead}; until psfir.yaml has that under commands: allow:, its rungs are refused"

    def pulled(self, rung: Rung) -> bool:
        use = of_rung(rung)
        try:
            states = json.loads((self._folder.path / f"{use.connection}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False  # the range is going, or the file is being replaced by somebody who does not replace it whole
        return use.text("thing") in states and same(states[use.text("thing")], use.set.get("value"))

    def instead(self, one: Connection) -> dict[str, Json]:
        return {"argv": [str(self._folder.path / one.name)]}


def _before(uses: Sequence[Use], thing: str) -> Json:
    return unlike([use.set.get("value") for use in uses if use.text("thing") == thing])
