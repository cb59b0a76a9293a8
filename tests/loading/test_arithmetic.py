"""The fifteen minutes in lint are those of the run: the same functions over the same values."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain import budget
from psfir.domain.durations import show
from psfir.loading.runbook import load_runbook
from tests.loading.desk import BOOK, Catalog, Works

TAIL = BOOK[BOOK.index("verify:") :]
HEAD = BOOK[: BOOK.index("steps:")] + "steps:\n"
RUNG = "{{lever: memory.switch, target: {{connection: {0}, switch: bot}}, set: {{on: false}}, within: {1}}}"


def _book(steps: list[tuple[int, list[int]]], *, head: str = HEAD) -> str:
    """Steps as (seconds of each of two rungs, earlier steps)."""
    lines = []
    for number, (seconds, after) in enumerate(steps):
        earlier = f"    after: [{', '.join(f's{one}' for one in after)}]\n" if after else ""
        rungs = "".join(f"      - {RUNG.format(name, show(seconds))}\n" for name in ("estate", "direct"))
        lines.append(f"  - id: s{number}\n{earlier}    ladder:\n{rungs}")
    return head + "".join(lines) + TAIL


@st.composite
def _steps(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    count = draw(st.integers(1, 6))
    earlier = st.integers(0, count - 1)
    return [
        (draw(st.integers(1, 400)), sorted({i for i in draw(st.lists(earlier, max_size=3)) if i < n}))
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    return Works(tmp_path_factory.mktemp("works") / "w")


@settings(max_examples=40)
@given(steps=_steps())
def test_the_figure_of_lint_is_the_worst_case(works: Works, steps: list[tuple[int, list[int]]]) -> None:
    """Share by share; and over the deadline it is an error, else none."""
    path = works.write("runbooks/off.yaml", _book(steps))
    worst = budget.worst_case(load_runbook(path))
    report = works.lint(catalog=Catalog())
    if worst.total <= 900:
        assert report.problems == ()
        assert report.budgets == {"off": worst}
    else:
        (problem,) = report.problems
        assert problem.sentence.startswith(f"the worst case is {show(worst.total)}, over the deadline of 15m: ")
        assert report.budgets == {}


@settings(max_examples=40)
@given(steps=_steps())
def test_the_path_is_the_longest_of_all(works: Works, steps: list[tuple[int, list[int]]]) -> None:
    """Worked out here once more, by trying every chain."""
    path = works.write("runbooks/off.yaml", _book(steps))

    def ends(number: int) -> int:
        seconds, after = steps[number]
        return 2 * seconds + max((ends(one) for one in after), default=0)

    shares = budget.worst_case(load_runbook(path)).shares
    on_the_path = sum(share.seconds for share in shares if share.name.startswith("step "))
    assert on_the_path == max(ends(number) for number in range(len(steps)))


def test_a_thousand_steps(tmp_path: Path) -> None:
    """Side by side or one behind the other, linted whole; over the deadline the sentence stays readable."""
    works = Works(tmp_path / "works")
    works.write("runbooks/off.yaml", _book([(1, []) for _ in range(1000)]))
    assert works.said() == []
    works.write("runbooks/off.yaml", _book([(1, [n - 1] if n else []) for n in range(1000)]))
    (problem,) = works.lint().problems
    assert "more" in problem.sentence
    assert len(problem.sentence) < 1500


def test_a_cycle_of_a_thousand_steps_is_one_sentence(tmp_path: Path) -> None:
    """The first ones, how many more, and the first again."""
    works = Works(tmp_path / "works")
    works.write("runbooks/off.yaml", _book([(1, [(n - 1) % 1000]) for n in range(1000)]))
    (said,) = works.said()
    assert "these steps wait for each other: s0 after s999 after s998" in said
    assert said.endswith("(988 more) after s0 [cycle]")


def test_a_thousand_warnings_are_no_error(tmp_path: Path) -> None:
    """However many there are, the runbook is sound and its worst case is shown."""
    works = Works(tmp_path / "works")
    one = f"    ladder: [{RUNG.format('estate', '100ms')}]\n"
    works.write("runbooks/off.yaml", HEAD + "".join(f"  - id: s{n}\n{one}" for n in range(1000)) + TAIL)
    report = works.lint()
    assert (report.errors, report.warnings) == (0, 101)
    assert list(report.budgets) == ["off"]
