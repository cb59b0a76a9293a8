"""A case file is one plan: a reading, a mode and settings, and what planning makes of them.

Anyone can add one without a line of Python. Its keys are `reading` (`state`, and `version`, `notes` where they matter),
`mode`, `set`, `target` (left out: the example's own), and one of `change` (`before` and `after`, and `detail`, `why`
where they matter), `nothing` (words of the sentence) or `error` (words of the sentence).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psfir.contracts import Lever
from psfir.domain.change import Change, NothingToDo, Reading
from psfir.domain.modes import Mode
from psfir.errors import PsfirError
from psfir.loading.nodes import parse
from psfir.loading.problems import Problems
from psfir.loading.shapes import Anything

KEYS = {"reading", "mode", "set", "target", "change", "nothing", "error"}


def read_case(path: Path) -> dict[str, Any]:
    """As psfir reads a runbook: `on` is a word, and no file says a key twice."""
    problems = Problems(path.name)
    root = parse(path.read_text(encoding="utf-8"), problems)
    found = Anything().check(root, problems) if root else None
    assert not problems.found, "; ".join(str(problem) for problem in problems.found)
    assert isinstance(found, dict), f"{path.name} is no mapping"
    assert set(found) <= KEYS, f"{path.name} has keys that say nothing: {sorted(set(found) - KEYS)}"
    return found


def check_case(lever: Lever, path: Path) -> None:
    """Planning makes of the reading what the file says. A plan looks at nothing: the connection may lead nowhere."""
    case = read_case(path)
    planned = _planned(lever, case)
    if isinstance(planned, PsfirError):
        assert "error" in case, f"planning raised {planned!r}: {planned}"
        assert case["error"] in str(planned), f"planning raised {planned}"
    elif "nothing" in case:
        assert isinstance(planned, NothingToDo), f"planning gives {planned}"
        assert case["nothing"] in planned.why, f"it says {planned.why!r}"
    else:
        assert "error" not in case, f"planning goes well: {planned}"
        _check_change(planned, case["change"])


def _planned(lever: Lever, case: Mapping[str, Any]) -> Change | NothingToDo | PsfirError:
    said = case["reading"]
    reading = Reading(said["state"], said.get("version"), tuple(said.get("notes", ())))
    target = case.get("target") or lever.about.example["target"]
    assert isinstance(target, Mapping), "the target is a mapping"
    try:
        return lever.plan(target, reading, Mode(case["mode"]), case["set"])
    except PsfirError as error:
        return error


def _check_change(planned: Change | NothingToDo, wanted: dict[str, Any]) -> None:
    assert isinstance(planned, Change), f"planning gives {planned}"
    found = {"before": planned.before, "after": planned.after}
    assert found == {key: wanted[key] for key in found}, f"planning gives {found}"
    assert wanted.get("why", "") in planned.why, f"it says {planned.why!r}"
    detail = {key: planned.detail.get(key) for key in wanted.get("detail", {})}
    assert detail == wanted.get("detail", {}), f"its detail is {detail}"
