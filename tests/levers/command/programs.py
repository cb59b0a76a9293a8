"""A real small program that keeps one thing's state in a file, and others that behave badly."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from psfir.levers.command.run import CommandRun
from psfir.testing import FakeConnection

TARGET = {"connection": "kill-tool", "thing": "support-assistant"}
SECRET = "canary-kill-tool-91ab"

KILL_TOOL = f"""#!{sys.executable} -IS
import json, os, sys, time
folder, verb = sys.argv[1], sys.argv[2]
path = os.path.join(folder, "state.json")
asked = json.load(sys.stdin)
world = json.load(open(path))
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(verb + "\\n")
if world["hang"]:
    time.sleep(60)
if verb == "read":
    print(json.dumps({{"state": world["state"]}}))
elif verb == "verify":
    held = "held" if world["state"] == asked["wanted"] else "not_held"
    print(json.dumps({{"held": held, "says": "it is " + str(world["state"])}}))
else:
    if world["state"] == asked["wanted"]:
        sys.exit(10)
    if world["state"] != asked["expected"]:
        sys.exit(11)
    world["state"] = asked["wanted"]
    world["writes"] += 1
    json.dump(world, open(path + ".new", "w"))
    os.replace(path + ".new", path)
    if world["lost"]:
        time.sleep(60)
    print(json.dumps({{"state": world["state"], "says": "done by hand"}}))
"""


def program(folder: Path, text: str, name: str = "tool") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def python(folder: Path, body: str) -> Path:
    """A program that runs this, once it has heard everything."""
    return program(
        folder, f"#!{sys.executable} -IS\nimport json, os, sys, time\nasked = json.load(sys.stdin)\n{body}\n"
    )


def lever(path: Path, *more: str, env: tuple[str, ...] = (), allowed: bool = True) -> CommandRun:
    settings = {
        "argv": [str(path), *more],
        "env": list(env),
        "secrets": ["TOOL_TOKEN"],
        "allowed": [str(path)] if allowed else [],
    }
    return CommandRun(FakeConnection("kill-tool", "command", settings, {"secrets.TOOL_TOKEN": SECRET}))


class World:
    """What the kill tool keeps, as the tests see it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tool = program(folder, KILL_TOOL, "kill-tool")
        self._set({"state": "on", "writes": 0, "hang": False, "lost": False})

    def get(self, key: str) -> object:
        return json.loads((self.folder / "state.json").read_text(encoding="utf-8"))[key]

    def set(self, **values: object) -> None:
        self._set({**json.loads((self.folder / "state.json").read_text(encoding="utf-8")), **values})

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def lever(self) -> CommandRun:
        return lever(self.tool, str(self.folder))

    def _set(self, values: dict[str, object]) -> None:
        new = self.folder / "state.json.test"
        new.write_text(json.dumps(values), encoding="utf-8")
        new.replace(self.folder / "state.json")
