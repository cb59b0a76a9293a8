"""docs/runbooks.md lists every key with the default that the words give it, and the shares of the arithmetic."""

from dataclasses import Field, fields
from pathlib import Path

import pytest

from psfir.domain.budget import worst_case
from psfir.domain.durations import seconds, show
from psfir.domain.modes import Mode
from psfir.domain.runbook import ApprovalRule, CaptureUse, ProbeUse, Runbook, Rung, Step
from psfir.loading.runbook import APPROVAL, CAPTURE, PROBE, RUNBOOK, RUNG, STEP
from tests.docs.pages import table

HEADER = ("key", "holds", "left out means")
TABLES = {
    "The file": (RUNBOOK, Runbook),
    "A step": (STEP, Step),
    "A rung": (RUNG, Rung),
    "A probe": (PROBE, ProbeUse),
    "Evidence": (CAPTURE, CaptureUse),
    "Approval": (APPROVAL, ApprovalRule),
}
LADDER = Step("stop", (Rung("memory.switch", {}, {}, 5.0),))
PROBES = tuple(ProbeUse(name, "memory", {}, {}) for name in ("a", "b"))
KEPT = CaptureUse("memory", {})
KINDS = {"step": "steps", "probe": "probes"}
SPANS = {"deadline", "within", "every", "each", "soak", "expires", "mistake"}


@pytest.fixture(scope="module")
def sections(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each section as a page of its own, so that its one table can be read."""
    folder = tmp_path_factory.mktemp("sections")
    found = {}
    for part in (root / "docs" / "runbooks.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, text = part.partition("\n")
        found[heading] = folder / f"{heading}.md"
        found[heading].write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize("section", TABLES)
def test_every_key_is_listed(sections: dict[str, Path], section: str) -> None:
    """The keys are those that the loader knows, and the required ones are those that it asks for."""
    listed = {row[0]: row[2] == "required" for row in table(sections[section], *HEADER)}
    assert listed == {key.name: key.required for key in TABLES[section][0].keys}


@pytest.mark.parametrize("section", TABLES)
def test_every_default_is_that_of_the_word(sections: dict[str, Path], section: str) -> None:
    """A number, a span or a yes-or-no that is left out means what a run would use."""
    rows = {row[0]: row[2] for row in table(sections[section], *HEADER)}
    plain = [field for field in fields(TABLES[section][1]) if isinstance(field.default, int | float)]
    assert [f"{f.name}: {rows[f.name]}" for f in plain if rows[f.name].split(",")[0] != worded(f)] == []


def worded(field: Field[object]) -> str:
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if field.name in SPANS:
        assert isinstance(field.default, float)
        return show(field.default)
    return str(field.default)


def test_the_shares_are_those_of_the_arithmetic(sections: dict[str, Path]) -> None:
    """The fixed shares on the page are what the arithmetic gives a runbook that has nothing else."""
    rows = {row[0]: row[1] for row in table(sections["The fifteen minutes"], "share", "worst case")}
    bare = worst_case(Runbook("id", "title", "system", Mode.DISABLE, (), ()))
    shown = {share.name: seconds(rows[share.name].replace(",", " ").split()[0]) for share in bare.shares}
    assert shown == {share.name: share.seconds for share in bare.shares}
    full = Runbook("id", "title", "system", Mode.DISABLE, (LADDER,), PROBES, capture=(KEPT,))
    kinds = {KINDS.get(share.name.split()[0], share.name) for share in worst_case(full).shares}
    assert set(rows) == kinds


def test_every_unit_of_a_span_is_named(sections: dict[str, Path], root: Path) -> None:
    """What the loader takes, the page names."""
    head = (root / "docs" / "runbooks.md").read_text(encoding="utf-8").partition("\n## ")[0]
    for unit in ("d", "h", "m", "s", "ms"):
        assert seconds(f"1{unit}") > 0
        assert f"`{unit}`" in head
