"""The after-action report: every section there, every number from the log and the record, and the same to the byte."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from psfir.domain.kinds import Kind
from psfir.domain.values import remade
from psfir.pages.blocks import Figure, Heading, Table, plain
from psfir.pages.markdown_writer import markdown
from psfir.pages.web import html
from psfir.rehearsal import deeds
from psfir.rehearsal.report.document import SIGN_OFF, document
from psfir.rehearsal.report.improve import improvements
from psfir.rehearsal.report.material import Material, Remark, Said
from psfir.rehearsal.report.sections import SECTIONS
from psfir.rehearsal.report.times import in_time, measures, pulls
from psfir.rehearsal.report.verdict import deadline, not_done
from psfir.rehearsal.words import Met
from tests.rehearsal.afterwards import FUNCTIONAL, good, poor, pulled, told
from tests.rehearsal.plays import FULL, play
from tests.rehearsal.runs import Drill

_SECOND = 1_000_000


def rows(material: Material, section: str) -> list[list[str]]:
    """The first table of a section."""
    blocks = list(document(material).blocks)
    first = next(n for n, one in enumerate(blocks) if isinstance(one, Heading) and plain(one.runs) == section)
    found = next(one for one in blocks[first + 1 :] if isinstance(one, Table | Figure))
    table = found.table if isinstance(found, Figure) else found
    return [[plain(cell) for cell in row] for row in table.rows]


def took(material: Material) -> dict[str, float | None]:
    return {one.name: None if one.took is None else one.took / _SECOND for one in measures(material)}


@pytest.mark.parametrize("make", [good, poor])
def test_every_section_is_always_there(tmp_path: Path, make: Callable[[Path], Drill]) -> None:
    """In their order, with something in each, whatever happened."""
    blocks = list(document(told(make(tmp_path))).blocks)
    heads = [plain(one.runs) for one in blocks if isinstance(one, Heading)]
    assert heads == [*SECTIONS, SIGN_OFF]
    at = [number for number, one in enumerate(blocks) if isinstance(one, Heading)]
    assert all(later - number > 1 for number, later in zip(at, [*at[1:], len(blocks)], strict=True))


def test_a_run_that_has_only_begun_has_a_report(tmp_path: Path) -> None:
    """Marked as not over; nothing of it is evidence."""
    material = told(Drill(play(tmp_path, FUNCTIONAL)))
    assert document(material).status == "NOT OVER"
    assert "it is not over" in markdown(document(material))
    assert not in_time(material)


def test_times_count_from_the_trigger(tmp_path: Path) -> None:
    """Each from the record of the drill; all that never happened says so."""
    assert took(told(good(tmp_path))) == {
        "detect": 60,
        "declare": 60,
        "decide": 180,
        "contain": 300,
        "first message": 600,
    }
    assert took(told(poor(tmp_path))) == {
        "detect": 400,
        "declare": 400,
        "decide": None,
        "contain": None,
        "first message": None,
    }
    assert ["contain", "containment proven by probes", "-", "no probe proved it"] in rows(told(poor(tmp_path)), "Times")


def test_a_trigger_that_comes_later_starts_the_times(tmp_path: Path) -> None:
    """What was done before it counts for nothing."""
    late = FUNCTIONAL.replace("  - id: first\n", "  - id: first\n    at: 40s\n    starts_clock: true\n")
    assert took(told(good(tmp_path, late)))["contain"] == 260


def test_contained_is_what_was_proven_and_stayed_so(tmp_path: Path) -> None:
    """A verdict that fell is none, and the report says why there is no time."""
    drill = Drill(play(tmp_path, FUNCTIONAL))
    drill.wait(60)
    drill.kill("contained")
    drill.wait(60)
    drill.verdict("r1", "not_contained", "soak")
    drill.wait(4000)
    found = next(one for one in measures(told(drill)) if one.name == "contain")
    assert (found.took, found.why) == (None, "it was proven, and did not stay so")
    assert deadline(told(drill)).startswith("Containment was not proven within the 15 minutes")


def test_levers_are_timed(tmp_path: Path) -> None:
    """From the intention to the outcome, and to the look that saw it hold; a restore is no pull."""
    drill = good(tmp_path)
    (one,) = pulls(told(drill))
    assert (one.lever, one.result, one.took, one.held, one.proof) == ("memory.switch", "changed", 0.5, "held", 1.0)
    assert rows(told(drill), "Levers")[0][1:4] == ["memory.switch", "changed", "0.500 s"]
    open_end = Drill(play(tmp_path, FUNCTIONAL))
    open_end.happens(Kind.INTENDED, run="r", step="s", rung=1, attempt=1, act="restore", change={"lever": "x"})
    open_end.happens(Kind.INTENDED, run="r", step="s", rung=0, attempt=1, act="apply", change={"lever": "y"})
    open_end.wait(4000)
    assert [(one.lever, one.result, one.took, one.held) for one in pulls(told(open_end))] == [
        ("y", "no outcome", None, "not looked at")
    ]


def test_it_shows_the_fifteen_minutes_only_where_levers_were_pulled_in_real_time(tmp_path: Path) -> None:
    """A tabletop never, at another speed never, broken off never, too late not."""
    drill = good(tmp_path)
    assert in_time(told(drill))
    assert deadline(told(drill)) == "Containment was proven 5:00 after the trigger on the range: within the 15 minutes."
    tabletop = told(good(tmp_path, FULL))
    assert not in_time(tabletop)
    page = markdown(document(tabletop))
    assert "It measured decision time only. No lever was pulled, so it never proves the 15 minutes." in page
    fast = Drill(play(tmp_path, FUNCTIONAL))
    fast.do(deeds.speed(fast.state, Fraction(4), by="fay"))
    fast.kill("contained")
    fast.wait(4000)
    assert not in_time(told(fast))
    assert deadline(told(fast)).startswith("It proves nothing about the 15 minutes: its time did not run")
    assert any("compressed time is never evidence" in one for one in not_done(told(fast)))
    broken = Drill(play(tmp_path, FUNCTIONAL))
    broken.kill("contained")
    broken.wait(1)
    broken.do(deeds.abort(broken.state, by="ada", why="it got real"))
    assert not in_time(told(broken))


def test_a_pause_does_not_buy_time(tmp_path: Path) -> None:
    """Contained five minutes after the trigger by the scenario, but twenty in real time: not in time."""
    drill = Drill(play(tmp_path, FUNCTIONAL))
    drill.wait(60)
    drill.do(deeds.pause(drill.state, by="fay"))
    drill.wait(1200)
    drill.do(deeds.resume(drill.state, by="fay"))
    drill.wait(60)
    drill.kill("contained")
    drill.wait(4000)
    found = next(one for one in measures(told(drill)) if one.name == "contain")
    assert (found.took, found.real) == (120 * _SECOND, 1320 * _SECOND)
    assert not in_time(told(drill))
    assert "NOT within the 15 minutes" in deadline(told(drill))
    assert any("the clock stood still for 20m" in one for one in not_done(told(drill)))


def test_what_was_not_real_is_listed(tmp_path: Path) -> None:
    """Roles that nobody played, injects that never came, and that no message left."""
    found = list(not_done(told(poor(tmp_path))))
    assert "roles that nobody played: lead, desk" in found
    assert "injects that never came: ask, extra" in found
    assert any("no message left the folder" in one for one in found)
    assert any("on the range, a simulated estate" in one for one in found)


def test_the_score_is_explained_line_by_line(tmp_path: Path) -> None:
    """Points of points with the reason, the sum, and what caps it."""
    found = rows(told(poor(tmp_path)), "How it was scored")
    assert found == [
        ["declared", "1", "2", "too late, worth 50 %"],
        ["stopped", "0", "5", "missed"],
        ["said", "0", "0", "nobody was asked for it"],
        ["in all", "1", "7", "U, 14 %"],
    ]
    assert "stopped: critical and missed: M at best" in markdown(document(told(poor(tmp_path)))).replace("\\", "")


def test_every_expectation_has_its_evidence(tmp_path: Path) -> None:
    """The entries of the record, or whose word it was."""
    drill = good(tmp_path)
    found = {one[0]: one[5] for one in rows(told(drill), "What was expected")}
    assert found["declared"] == "declared sev2; [entry 1]"
    assert found["stopped"].startswith("all-off came to contained (probes); [entry ")
    other = Drill(play(tmp_path, FUNCTIONAL))
    other.wait(1)
    other.do(deeds.settle(other.state, "stopped", Met.WAIVED, by="fay", why="the range was away"))
    other.wait(4000)
    assert "the range was away; by the word of fay" in {one[5] for one in rows(told(other), "What was expected")}


def test_planned_and_actual_stand_on_one_axis(tmp_path: Path) -> None:
    """As a drawing, and as a table by time with what never came at its end."""
    drill = poor(tmp_path)
    drill_rows = rows(told(drill), "Planned and actual")
    assert ["5:00", "5:00", "inject doubt", "fired"] in drill_rows
    assert ["2m after stopped is missed", "17:00", "inject worse", "fired"] in drill_rows
    assert drill_rows[-1][1] == "never"
    figure = next(one for one in document(told(drill)).blocks if isinstance(one, Figure))
    assert "injects planned" in figure.svg
    assert "missed 15:00" in figure.svg


def test_what_is_to_be_better_comes_from_what_was_missed_seen_and_linted(tmp_path: Path) -> None:
    """The most urgent first; each once, with how somebody will tell that it helps."""
    remark = Remark("M1", True, "number", "12 customers", "is a number", "Leave it out.")
    found = improvements(told(poor(tmp_path), remarks=(remark, remark)))
    assert [(one.priority, one.kind, one.title) for one in found] == [
        ("p0", "mitigate", "Make sure of this: contained, and proven by probes"),
        ("p1", "process", "Nobody led"),
        ("p2", "process", "Get faster at this: an incident is declared"),
        ("p2", "process", "Mend the templates, or how they are filled: number"),
    ]
    assert found[0].verify == "small is played again, and stopped is met in time"
    assert improvements(told(good(tmp_path))) == ()


def test_answers_of_the_hot_wash_and_the_next_date(tmp_path: Path) -> None:
    """Each question with what was said to it, or that nobody has."""
    said = (Said(1, "A probe"), Said(1, "Not the dashboard"))
    material = told(good(tmp_path), said=said, following=date(2027, 4, 15))
    assert rows(material, "Hot wash") == [
        ["What told you?", "A probe; Not the dashboard"],
        ["What was missing?", "nobody answered yet"],
    ]
    assert "By 2027-04-15" in markdown(document(material))


def test_lint_of_messages_is_shown(tmp_path: Path) -> None:
    """By message; one that lint found nothing in is named as well."""
    drill = good(tmp_path)
    drill.log.pop()
    for name in ("M1", "M2"):
        drill.happens(Kind.DRAFTED, message={"id": name, "audience": "press", "phase": "holding"}, digest=name)
    drill.now += 1
    drill.do(deeds.abort(drill.state, by="fay", why="enough"))
    remark = Remark("M1", True, "number", "12 customers", "is a number", "Leave it out.")
    page = markdown(document(told(drill, remarks=(remark,)))).replace("\\", "")
    assert "| M1 | error | number | '12 customers' is a number | Leave it out. |" in page
    assert "Lint found nothing in M2." in page


def test_the_digest_is_of_the_text(tmp_path: Path) -> None:
    """Another word anywhere is another digest; the digests of all it was made of stand beside it."""
    drill = good(tmp_path)
    page, other = (markdown(document(told(drill, said=said))) for said in ((), (Said(1, "x"),)))
    first, second = (text.split("| This report | ")[1][:71] for text in (page, other))
    assert first.startswith("sha256:")
    assert first != second
    for digest in ("sha256:s", "sha256:l", drill.record[-1].hash):
        assert digest in page


def test_the_same_in_gives_the_same_bytes_out(tmp_path: Path) -> None:
    """Replayed from its log as JSON, in another process with another hash seed and another day: to the byte."""
    drill = good(tmp_path)
    pulled(drill, run="r9")
    mine = told(drill)
    again = told(drill, log=tuple(type(one).from_json(one.to_json()) for one in drill.log))
    expected = markdown(document(mine)) + html(document(mine))
    assert markdown(document(again)) + html(document(again)) == expected
    kept = tmp_path / "material"
    kept.write_bytes(pickle.dumps(remade(told(drill))))
    code = (
        "import pickle,sys;from pathlib import Path;from psfir.rehearsal.report.document import document;"
        "from psfir.pages.markdown_writer import markdown;from psfir.pages.web import html;"
        "m=pickle.loads(Path(sys.argv[1]).read_bytes());sys.stdout.write(markdown(document(m))+html(document(m)))"
    )
    env = {**os.environ, "PYTHONHASHSEED": "4242", "TZ": "Asia/Tokyo", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code, kept], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == expected


def test_players_words_are_words(tmp_path: Path) -> None:
    """Markup, a table's cell or a tag in what somebody typed becomes no part of the page."""
    drill = Drill(play(tmp_path, FUNCTIONAL))
    drill.do(deeds.join(drill.state, "lead", "<script>|x"))
    drill.wait(4000)
    assert "<script>" not in html(document(told(drill)))
    assert "\\<script\\>\\|x" in markdown(document(told(drill)))
