"""No lever goes without its contract test."""

from pathlib import Path

from psfir.app.catalog import installed_catalog
from tests.levers.stages import STAGES


def test_every_built_in_lever_is_held_to_the_contract(root: Path) -> None:
    """Each lever that psfir brings, or its stage, is imported by a test file that subclasses LeverContract."""
    texts = [path.read_text(encoding="utf-8") for path in (root / "tests" / "levers").rglob("test_*contract*.py")]
    held = "\n".join(text for text in texts if "(LeverContract)" in text)
    catalog = installed_catalog()
    ours = [name for name in catalog.names("levers") if catalog.source("levers", name).startswith("psfir ")]
    assert "memory.switch" in ours
    staged = {stage.lever_name() for stage in STAGES if f"{stage.__module__} import" in held}
    assert [name for name in ours if name not in staged and f"psfir.levers.{name} import" not in held] == []
