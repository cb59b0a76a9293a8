"""Every file in `cases/` is one plan, in the words of psfir/testing/cases.py.

Anyone can add one without a line of Python: `tests/levers/<vendor>/cases/<thing>/<what happens>.yaml`.
"""

from pathlib import Path
from typing import Any

import pytest

from psfir.app.catalog import installed_catalog
from psfir.contracts import Lever
from psfir.testing import FakeConnection, check_case, read_case

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


def _name(path: Path) -> str:
    return f"{path.parts[-4]}.{path.parts[-2]}"


def _lever(name: str) -> Lever:
    """On a connection that leads nowhere: a plan looks at nothing."""
    make = installed_catalog().load_lever(name)
    kind = installed_catalog().lever(name).connects[0]
    return make(FakeConnection("somewhere", kind, SETTINGS[kind], {}))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{_name(path)}: {path.stem}")
def test_case(path: Path) -> None:
    """Planning makes of the reading what the file says."""
    check_case(_lever(_name(path)), path)


def test_every_lever_has_cases() -> None:
    """One that changes something, and one that finds nothing to do: else nobody sees how to add a third."""
    for name in installed_catalog().names("levers"):
        made = [read_case(path) for path in CASES if _name(path) == name]
        assert any("change" in case for case in made), f"{name} has no case that changes something"
        assert any("nothing" in case for case in made), f"{name} has no case with nothing to do"
