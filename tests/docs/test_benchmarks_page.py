"""docs/benchmarks.md explains every benchmark there is, and fits a terminal and a printed page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.__main__ import ROWS

WIDTH = 100


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_every_benchmark_is_explained(page: str) -> None:
    """And none that there is not."""
    assert sorted(re.findall(r"^- \*\*`(\w+)`\*\*: ", page, re.MULTILINE)) == sorted(ROWS)


def test_no_line_is_too_wide_to_be_printed(page: str) -> None:
    """Rows of its tables too."""
    assert [line for line in page.splitlines() if len(line) > WIDTH] == []
