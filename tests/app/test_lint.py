"""Which workspace lint means, and that it tells of broken parts that are installed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from psfir.app.lint import lint, root_of
from psfir.errors import CatalogError, UsageError
from tests.loading.desk import TODAY, Catalog, Works


class Flawed(Catalog):
    """Something that is installed cannot be loaded."""

    def flaws(self) -> Sequence[CatalogError]:
        return [CatalogError("lever acme.flag of acme-psfir 1.0 cannot be imported", todo="uninstall it")]


def test_a_broken_part_is_told_of(tmp_path: Path) -> None:
    """In a look at the whole workspace, though no runbook names it; not beside a file that somebody asked about."""
    works = Works(tmp_path / "works")
    whole = lint(works.root, [], catalog=Flawed(), today=TODAY)
    (problem,) = whole.problems
    assert problem.rule == "catalog"
    assert "acme.flag of acme-psfir 1.0 cannot be imported (uninstall it)" in problem.sentence
    assert list(whole.budgets) == ["off"]
    assert lint(works.root, [works.root / "psfir.yaml"], catalog=Flawed(), today=TODAY).problems == ()


def test_the_workspace_is_named_or_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First what is said, then what the environment says, then around the first path, then around here."""
    one, two = Works(tmp_path / "one").root, Works(tmp_path / "two").root
    monkeypatch.chdir(one / "drills")
    env = {"PSFIR_WORKSPACE": str(two)}
    assert root_of(one, [], env) == one
    assert root_of(None, [], env) == two
    assert root_of(None, [two / "runbooks" / "off.yaml"], {}) == two
    assert root_of(None, [two / "runbooks"], {}) == two
    assert root_of(None, [], {}) == one


def test_a_path_without_a_folder_is_one_of_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`psfir lint off.yaml` within runbooks/."""
    root = Works(tmp_path / "one").root
    monkeypatch.chdir(root / "runbooks")
    assert root_of(None, [Path("off.yaml")], {}) == root


def test_no_workspace_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do; an empty variable is none."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no psfir\.yaml here"):
        root_of(None, [], {"PSFIR_WORKSPACE": ""})
    with pytest.raises(UsageError, match="is not a folder"):
        root_of(tmp_path / "nothing", [], {})
    with pytest.raises(UsageError, match="there is no"):
        root_of(None, [tmp_path / "nothing.yaml"], {})
