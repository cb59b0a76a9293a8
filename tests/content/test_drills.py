"""The scenarios that ship: sound by every rule, and their shorter versions as well."""

import csv
import json
from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.app.clock import RealClock
from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.domain.message import EXERCISE
from psfir.loading.content import files_of, shipped
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.expectation import Expects
from psfir.rehearsal.inject import At
from psfir.rehearsal.words import Level, Purpose, Sent
from psfir.review.rca.tags import ATLAS, OWASP

DRILLS = sorted(files_of(shipped("drills").parent, "drills"))
EACH = pytest.mark.parametrize("path", DRILLS, ids=[path.stem for path in DRILLS])


@pytest.mark.parametrize("reference", [False, True], ids=["tiny", "reference"])
def test_they_are_sound_in_each_workspace(tmp_path: Path, reference: bool) -> None:
    """Without an error or a warning."""
    lay_out(tmp_path, reference=reference)
    today = RealClock().now().date()
    report = lint(tmp_path, [tmp_path / "drills"], catalog=installed_catalog(), today=today)
    assert [str(problem) for problem in report.problems] == []
    assert len(report.files) == len(DRILLS)


@EACH
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


@EACH
def test_each_is_led_with_ease(path: Path) -> None:
    """At every inject the facilitator has something to go by; and where something is asked for mostly a hint."""
    found = load_drill(path)
    assert all(one.guide.hints or one.guide.note or one.guide.questions for one in found.injects)
    asks = [one for one in found.injects if one.expect]
    assert sum(bool(one.guide.hints) for one in asks) >= len(asks) - 2
    assert sum(bool(one.guide.red_flag) for one in found.injects) >= 2
    assert len(found.backstage.facts) >= 2
    assert found.backstage.note
    assert any(not role.required and role.npc for role in found.roles.values())


@EACH
def test_each_version_has_its_arc(path: Path) -> None:
    """Also the short one has a report that conflicts, a decision, and something that gets worse."""
    found = load_drill(path)
    for version in (found, *(found.cut(cut.name) for cut in found.cuts)):
        purposes = {purpose for one in version.injects for purpose in one.purposes}
        assert {Purpose.CONFLICT, Purpose.DECISION, Purpose.ESCALATION} <= purposes
        assert any(one.critical for one in version.expected.values())


@EACH
def test_it_does_not_end_while_somebody_has_time_left(path: Path) -> None:
    """What is due later than the last question of its end belongs to the end itself."""
    found = load_drill(path)
    starts = {one.id: one.trigger.seconds for one in found.injects if isinstance(one.trigger, At)}
    named = {test.expectation for test in found.end.when.tests} if found.end.when else set(found.expected)
    last = max(starts.get(found.expected[name].inject, 0) for name in named)
    later = [
        name
        for name, one in found.expected.items()
        if name not in named and one.inject in starts and starts[one.inject] + (one.due or 0) > last
    ]
    assert later == []


@EACH
def test_its_tags_are_of_the_pinned_lists(path: Path) -> None:
    """OWASP's with their name before them, those of ATLAS as they are; at least one."""
    tags = [tag.upper() for tag in load_drill(path).tags if tag.startswith(("owasp-", "aml."))]
    assert tags
    assert {tag.removeprefix("OWASP-") for tag in tags} <= OWASP.keys() | ATLAS.keys()


@EACH
def test_levels_ask_for_what_they_can_show(path: Path) -> None:
    """Without levers nothing is contained and no message has a way out; with them there is something to contain."""
    found = load_drill(path)
    kinds = {one.kind for one in found.expected.values()}
    tabletop = found.level is Level.TABLETOP
    assert (Expects.CONTAINMENT in kinds) is not tabletop
    assert bool(found.faults) is not tabletop
    sent = {one.wanted.state for one in found.expected.values() if one.kind is Expects.MESSAGE}
    assert sent == {Sent.APPROVED if tabletop else Sent.SENT}
    assert {2, 4} <= {one.psf for one in found.objectives}


@EACH
def test_what_comes_with_it_is_its_own_and_says_that_it_is_an_exercise(path: Path) -> None:
    """Each file below its name is handed out by an inject, opens with the banner or holds it, and can be read."""
    folder = path.parent / "artefacts" / path.stem
    there = {file.relative_to(path.parent).as_posix() for file in folder.iterdir()}
    assert there == {name for one in load_drill(path).injects for name in one.shown.attachments}
    for name in there:
        text = (path.parent / name).read_text(encoding="utf-8")
        assert EXERCISE in "".join(text.splitlines(keepends=True)[:3])
        if name.endswith(".json"):
            assert json.loads(text)["exercise"] == EXERCISE
        if name.endswith(".csv"):
            rows = list(csv.reader(text.splitlines()[1:]))
            assert len({len(row) for row in rows}) == 1
            assert len(rows) > 2


def test_there_are_twelve() -> None:
    """And the list of them names each with its level, once."""
    page = (shipped("drills") / "README.md").read_text(encoding="utf-8")
    found = [load_drill(path) for path in DRILLS]
    assert len(found) == 12
    assert [page.count(f"| `{one.id}` | {one.level} |") for one in found] == [1] * 12
    assert {number for one in found for number in (goal.psf for goal in one.objectives)} == {1, 2, 3, 4}
    modes = {mode for one in found for mode in one.failure_modes}
    assert len(modes) == 7
