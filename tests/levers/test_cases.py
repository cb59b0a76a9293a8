"""Every file in `cases/` is one plan: a reading, a mode and settings, and what planning makes of them.

Anyone can add one without a line of Python: `tests/levers/<vendor>/cases/<thing>/<what happens>.yaml` with the keys
`reading` (`state`, and `version`, `notes` where they matter), `mode`, `set`, `target` (left out: the example's own),
and one of `change` (`before` and `after`, and `detail`, `why` where they matter), `nothing` (words of the sentence) or
`error` (words of the sentence).
"""

from pathlib import Path
from typing import Any

import pytest

from psfir.app.catalog import installed_catalog
from psfir.contracts import Lever
from psfir.domain.change import Change, NothingToDo, Reading
from psfir.domain.modes import Mode
from psfir.errors import PsfirError
from psfir.loading.nodes import parse
from psfir.loading.problems import Problems
from psfir.loading.shapes import Anything
from psfir.testing import FakeConnection

CASES = sorted(Path(__file__).parent.glob("*/cases/*/*.yaml"))
SETTINGS: dict[str, dict[str, Any]] = {
    "memory": {"path": "estate.json"},
    "http": {"url": "http://127.0.0.1:9"},
    "flagd": {"file": "flags.json"},
    "litellm": {"url": "http://127.0.0.1:9"},
    "command": {"argv": ["/usr/local/bin/kill-tool"]},
    "launchdarkly": {"url": "http://127.0.0.1:9"},
    "kubernetes": {"kubeconfig": "kubeconfig"},
    "unleash": {"url": "http://127.0.0.1:9"},
    "aws": {"region": "eu-west-1"},
}
KEYS = {"reading", "mode", "set", "target", "change", "nothing", "error"}


def _name(path: Path) -> str:
    return f"{path.parts[-4]}.{path.parts[-2]}"


def _read(path: Path) -> dict[str, Any]:
    """As psfir reads a runbook: `on` is a word, and no file says a key twice."""
    problems = Problems(path.name)
    root = parse(path.read_text(encoding="utf-8"), problems)
    found = Anything().check(root, problems) if root else None
    assert not problems.found, problems.found
    assert isinstance(found, dict)
    return found


def _lever(name: str) -> Lever:
    """On a connection that leads nowhere: a plan looks at nothing."""
    make = installed_catalog().load_lever(name)
    kind = installed_catalog().lever(name).connects[0]
    return make(FakeConnection("somewhere", kind, SETTINGS[kind], {}))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{_name(path)}: {path.stem}")
def test_case(path: Path) -> None:
    """Planning makes of the reading what the file says."""
    case = _read(path)
    assert set(case) <= KEYS, f"{path.name} has keys that say nothing: {sorted(set(case) - KEYS)}"
    lever = _lever(_name(path))
    reading = Reading(case["reading"]["state"], case["reading"].get("version"), tuple(case["reading"].get("notes", ())))
    target = case.get("target") or lever.about.example["target"]
    assert isinstance(target, dict)
    if "error" in case:
        with pytest.raises(PsfirError) as refused:
            lever.plan(target, reading, Mode(case["mode"]), case["set"])
        assert case["error"] in str(refused.value)
        return
    planned = lever.plan(target, reading, Mode(case["mode"]), case["set"])
    if "nothing" in case:
        assert isinstance(planned, NothingToDo), planned
        assert case["nothing"] in planned.why
        return
    assert isinstance(planned, Change), planned
    wanted = case["change"]
    assert (planned.before, planned.after) == (wanted["before"], wanted["after"])
    assert wanted.get("why", "") in planned.why
    assert {key: planned.detail.get(key) for key in wanted.get("detail", {})} == wanted.get("detail", {})


def test_every_lever_has_cases() -> None:
    """One that changes something, and one that finds nothing to do: else nobody sees how to add a third."""
    for name in installed_catalog().names("levers"):
        made = [_read(path) for path in CASES if _name(path) == name]
        assert any("change" in case for case in made), f"{name} has no case that changes something"
        assert any("nothing" in case for case in made), f"{name} has no case with nothing to do"
