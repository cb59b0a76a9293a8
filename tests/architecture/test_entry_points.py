"""Entry points and files say the same: nothing registered is missing, no lever is forgotten."""

import ast
import tomllib
from pathlib import Path

GROUPS = ("psfir.levers", "psfir.probes", "psfir.captures", "psfir.messengers")


def registered(root: Path) -> dict[str, str]:
    """Where each entry point of psfir's groups leads, by group and name."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups: dict[str, dict[str, str]] = project["entry-points"]
    return {f"{group} {name}": where for group in GROUPS for name, where in groups.get(group, {}).items()}


def classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]


def has_file_and_class(root: Path, where: str) -> bool:
    module, _, name = where.partition(":")
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    return path.is_file() and name in {each.name for each in classes(path)}


def is_lever(node: ast.ClassDef) -> bool:
    """It says about itself what a lever says; a shape that levers share does not."""
    said = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.value, ast.Call)]
    return any(ast.unparse(each.value.func) == "LeverAbout" for each in said if isinstance(each.value, ast.Call))


def test_every_entry_point_leads_to_a_class(root: Path) -> None:
    """What pyproject.toml registers exists as a file with that class."""
    assert {name: where for name, where in registered(root).items() if not has_file_and_class(root, where)} == {}


def test_every_lever_is_registered(root: Path) -> None:
    """A class that says what a lever says, in psfir/levers/<vendor>/ is an entry point."""
    levers = {
        f"{'.'.join(path.relative_to(root).with_suffix('').parts)}:{node.name}"
        for path in (root / "psfir" / "levers").glob("*/*.py")
        for node in classes(path)
        if is_lever(node)
    }
    assert levers - set(registered(root).values()) == set()


def test_a_lever_is_named_after_its_vendor_and_file(root: Path) -> None:
    """The lever http.request is found in psfir/levers/http/request.py: the name leads to the file."""
    wrong = {}
    for name, where in registered(root).items():
        group, _, lever = name.partition(" ")
        if group == "psfir.levers" and not where.startswith(f"psfir.levers.{lever}:"):
            wrong[lever] = where
    assert wrong == {}
