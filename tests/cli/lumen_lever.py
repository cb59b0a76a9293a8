"""An hour's work after `psfir lever new lumen.switch`: what its author writes anew, and what changes in the lever.

Lumen is made up, and unlike the scaffold: a header of its own, revisions in the body, one more key of a connection, and
workspaces that are frozen.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from psfir.app.catalog import installed_catalog
from psfir.app.scaffold import write_package

ANEW = {"connection.py": "psfir_lumen", "client.py": "psfir_lumen", "stage_switch.py": "tests"}

LEVER = {
    '"""One switch, open or closed."""': '"""One switch of Lumen, on or off."""',
    'line="Opens or closes one switch."': 'line="Switches one thing of Lumen on or off."',
    '"open", FieldType.FLAG, "whether anything comes through"': '"on", FieldType.FLAG, "whether it is on"',
    '"set": {"open": False}': '"set": {"on": False}',
    '{**before, "open": settings["open"]}': '{**before, "on": settings["on"]}',
    "gets open = {word(settings['open'])}": "gets on = {word(settings['on'])}",
    """        if _WRITE in self._client.rights(within=deadline.left):
            return [*findings, Finding(Matter.PERMISSION, Ready.READY, f"the token has {_WRITE}")]
        return [*findings, Finding(Matter.PERMISSION, Ready.WOULD_FAIL, f"the token lacks {_WRITE}", "give it that")]
""": """        if not self._client.frozen(within=deadline.left):
            return findings
        todo = "ask Lumen's owner to thaw it"
        return [*findings, Finding(Matter.APPROVAL, Ready.WOULD_FAIL, "the workspace is frozen", todo)]
""",
}
TESTS = {
    "a_token_that_may_only_look": "a_frozen_workspace",
    'stage.may = ["switchs:read"]': "stage.frozen = True",
    "the token lacks switchs:write": "the workspace is frozen",
}
CASES = {"open: true": '"on": true', "open: false": '"on": false', "note: stays as it is": "serves: large"}


def write_lumen(folder: Path) -> Path:
    """The package as its author leaves it."""
    root = write_package("lumen.switch", folder, installed_catalog()).root
    for name, where in ANEW.items():
        text = (Path(__file__).parent / "lumen" / f"{name}.txt").read_text(encoding="utf-8")
        (root / where / name).write_text(text, encoding="utf-8")
    _swap(root / "psfir_lumen" / "switch.py", LEVER)
    _swap(root / "tests" / "test_switch.py", TESTS)
    for case in (root / "tests" / "cases" / "switch").iterdir():
        found = {old: new for old, new in CASES.items() if old in case.read_text(encoding="utf-8")}
        _swap(case, found)
    return root


def install(root: Path, site: Path) -> None:
    """What pip leaves behind of it, beside its files: the entry points of its pyproject.toml, and a version."""
    points = root.joinpath("pyproject.toml").read_text(encoding="utf-8").partition("[project.entry-points.")[2]
    lines = [line for line in f"[project.entry-points.{points}".partition("[tool.")[0].splitlines() if line]
    text = "\n".join(
        line.replace("project.entry-points.", "").replace('"', "") for line in lines if not line.startswith("#")
    )
    info = site / "psfir_lever_lumen_switch-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(text + "\n", encoding="utf-8")


def run_tests(package: Path, *only: str) -> subprocess.CompletedProcess[str]:
    """The tests of a package, in its own folder as its author runs them."""
    plain = ("-p", "no:cacheprovider", "-p", "no:randomly")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", *plain, *only],
        cwd=package,
        env={**kept, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def _swap(path: Path, swaps: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in swaps.items():
        assert old in text, f"{path.name} has no {old!r}: the scaffold has changed"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
