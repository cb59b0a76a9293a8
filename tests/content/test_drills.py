"""The scenarios that ship: sound by every rule, and their shorter versions as well."""

from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.app.clock import RealClock
from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.loading.content import files_of, shipped
from psfir.rehearsal.drill_file import load_drill

DRILLS = sorted(files_of(shipped("drills").parent, "drills"))


@pytest.mark.parametrize("reference", [False, True], ids=["tiny", "reference"])
def test_they_are_sound_in_each_workspace(tmp_path: Path, reference: bool) -> None:
    """Without an error or a warning."""
    lay_out(tmp_path, reference=reference)
    today = RealClock().now().date()
    report = lint(tmp_path, [tmp_path / "drills"], catalog=installed_catalog(), today=today)
    assert [str(problem) for problem in report.problems] == []
    assert len(report.files) == len(DRILLS)


@pytest.mark.parametrize("path", DRILLS, ids=[path.stem for path in DRILLS])
def test_each_is_complete(path: Path) -> None:
    """Named like its file, with a summary, facilitator's notes, a cut, a way to end, and questions for afterwards."""
    found = load_drill(path)
    assert found.id == path.stem
    assert found.summary
    assert found.backstage.summary
    assert found.systems == ("support-assistant",)
    assert {cut.name for cut in found.cuts} | {f"{found.duration // 60}m"} == {"30m", "90m"}
    assert len(found.hot_wash) >= 3
    assert any(one.critical for one in found.expected.values())
