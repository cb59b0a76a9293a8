"""The budgets of DESIGN 7 that no linter counts: lines, rooms, names and module docstrings."""

import ast
from pathlib import Path

FILE_LINES = 300
FUNCTION_LINES = 60
ROOMS = {
    *("cli", "slackbot", "server", "app", "comms", "rehearsal", "review", "assurance", "engine", "levers", "probes"),
    *("captures", "messengers", "records", "loading", "range", "charts", "pages", "vendors", "domain", "testing"),
}
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}
VENDORS_OWN = {"ecs_service"}
"""A lever's file bears the lever's name, and that the vendor's word for the thing it pulls: ECS calls it a service."""


def modules(root: Path) -> list[Path]:
    return sorted((root / "psfir").rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def test_no_file_is_longer_than_its_budget(root: Path) -> None:
    """A file of psfir has at most 300 lines."""
    lengths = {
        str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(root)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_its_budget(root: Path) -> None:
    """The body of a function of psfir has at most 60 lines."""
    long = {}
    for path in modules(root):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{path.relative_to(root)}:{node.lineno} {node.name}"] = lines
    assert long == {}


def test_only_the_rooms_of_the_house_are_open(root: Path) -> None:
    """A folder right under psfir is one of the rooms that the house has."""
    folders = {path.name for path in (root / "psfir").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - ROOMS == set()


def test_no_module_has_a_name_that_says_nothing(root: Path) -> None:
    """No file or folder is called utils, helpers, common, manager, service or misc, nor ends so."""
    paths = [path.relative_to(root).with_suffix("") for path in modules(root)]
    assert [str(path) for path in paths if any(nothing(part) for part in path.parts)] == []


def nothing(name: str) -> bool:
    return name not in VENDORS_OWN and not SAY_NOTHING.isdisjoint(name.strip("_").split("_"))


def test_every_module_says_why_it_exists(root: Path) -> None:
    """Each module of psfir opens with a docstring."""
    assert [str(path.relative_to(root)) for path in modules(root) if not ast.get_docstring(tree(path))] == []
