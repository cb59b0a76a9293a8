"""From a runbook to a model: the shares of `psfir lint`, what fails together, and where a team's own times go."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psfir.app.catalog import installed_catalog
from psfir.domain.budget import approval_share, worst_case
from psfir.domain.runbook import Runbook
from psfir.domain.system import Workspace
from psfir.loading.runbook import load_runbook
from psfir.loading.workspace import load_workspace
from psfir.rehearsal.odds.build import Known, model
from psfir.rehearsal.odds.draws import Chance
from psfir.rehearsal.odds.drills import drills, usual
from psfir.rehearsal.odds.history import History
from psfir.rehearsal.odds.model import Model, Pull, Spread
from psfir.rehearsal.odds.priors import shipped

FOREVER = Spread(1e9, 0.1)
PEOPLE = {"acknowledge", "declare", "decide", "approve", "further yeses"}


@pytest.fixture(scope="module")
def workspace(root: Path) -> Workspace:
    return load_workspace(root / "runbooks" / "reference" / "psfir.yaml", kinds=installed_catalog())


@pytest.fixture(scope="module")
def book(root: Path) -> Runbook:
    return load_runbook(root / "runbooks" / "reference" / "support-assistant-disable.yaml", installed_catalog())


def built(book: Runbook, workspace: Workspace, history: History | None = None, approvers: int = 3) -> Model:
    catalog = installed_catalog()
    abouts = {rung.lever: catalog.lever(rung.lever) for step in book.steps for rung in step.ladder}
    return model(book, Known(abouts, workspace.connections, approvers, shipped(), history or History()))


def by_lever(made: Model, lever: str) -> Pull:
    return next(pull for pull in made.rungs if pull.name.endswith(lever))


def endless(made: Model) -> Model:
    """Nothing ever answers: each stretch takes all that it may."""
    return replace(
        made,
        plan=replace(made.plan, spread=FOREVER),
        captures=tuple(replace(one, spread=FOREVER) for one in made.captures),
        steps=tuple(
            replace(step, pulls=tuple(replace(pull, spread=FOREVER, fails=0.0) for pull in step.pulls))
            for step in made.steps
        ),
        watches=tuple(replace(one, settle=FOREVER, look=FOREVER) for one in made.watches),
        reread=replace(made.reread, spread=FOREVER),
        events=dict.fromkeys(made.events, 0.0),
    )


def mechanical(made: Model, runs: int) -> np.ndarray:
    """The seconds of all but people."""
    found = drills(made, Chance(1).chunk(runs))
    return sum(seconds for name, seconds in found.parts.items() if name not in PEOPLE)  # type: ignore[return-value]


def test_at_worst_it_is_what_lint_adds_up(book: Runbook, workspace: Workspace) -> None:
    """Where nothing ever answers, the run takes to the millisecond what `psfir lint` says, but for the people."""
    allowed = worst_case(book).total - approval_share(book)
    assert mechanical(endless(built(book, workspace)), 10) == pytest.approx(allowed)


def test_no_run_takes_longer_than_lint_allows(book: Runbook, workspace: Workspace) -> None:
    """However slow all is, no machine's part is beyond the worst case."""
    made = built(book, workspace)
    slow = tuple(
        replace(
            step,
            pulls=tuple(replace(pull, spread=Spread(pull.share, 1.5), fails=0.4) for pull in step.pulls),
        )
        for step in made.steps
    )
    allowed = worst_case(book).total - approval_share(book)
    assert mechanical(replace(made, steps=slow, fail=Spread(20.0, 2.0)), 20_000).max() <= allowed + 1e-6


def test_steps_follow_one_another_as_the_runbook_says(book: Runbook, workspace: Workspace) -> None:
    """A step comes after those it names, in whatever order the file has them."""
    first, second, third = book.steps
    turned = replace(book, steps=(replace(first, after=(third.id,)), second, third))
    made = built(turned, workspace)
    ids = [step.id for step in made.steps]
    assert ids.index(third.id) < ids.index(first.id)
    allowed = worst_case(
        replace(
            turned, steps=tuple(replace(s, ladder=tuple(replace(r, retries=0) for r in s.ladder)) for s in turned.steps)
        )
    )
    assert mechanical(endless(made), 10) == pytest.approx(allowed.total - approval_share(turned))


def test_what_fails_together_is_one_event(book: Runbook, workspace: Workspace) -> None:
    """Both rungs at LaunchDarkly depend on it, each on a credential of its own; a probe on what it looks through."""
    made = built(book, workspace)
    flag, trigger = by_lever(made, "launchdarkly.flag"), by_lever(made, "launchdarkly.trigger")
    shared = set(flag.needs) & set(trigger.needs)
    assert shared == {"vendor launchdarkly", "network internet"}
    assert "credential env:LAUNCHDARKLY_TOKEN" in flag.needs
    assert "connection prod-eu" in by_lever(made, "kubernetes.replicas").needs
    assert set(made.events) == {
        need for needs in [*(r.needs for r in made.rungs), *(w.needs for w in made.watches)] for need in needs
    }


def test_no_pull_is_quicker_than_its_change_spreads(book: Runbook, workspace: Workspace) -> None:
    """A lever that says how long that takes is believed."""
    least = installed_catalog().lever("aws.iam_deny").propagation
    assert least > 0
    assert by_lever(built(book, workspace), "aws.iam_deny").spread.median >= least


def test_further_yeses_are_asked_of_the_others(book: Runbook, workspace: Workspace) -> None:
    """Whoever presses is one of those who may approve."""
    people = built(replace(book, approval=replace(book.approval, kill=2, within=90.0)), workspace).people
    assert (people.yeses, people.others, people.wait) == (1, 2, 90.0)
    assert built(book, workspace, approvers=0).people.others == 0


def test_own_times_move_what_they_tell_of(book: Runbook, workspace: Workspace) -> None:
    """A lever that was slow and failed is slower and likelier to fail, and so are people; the others stay."""
    before = built(book, workspace)
    lever = "kubernetes.replicas"
    seen = History(
        declared=(900.0,) * 3,
        pulls={lever: (60.0,) * 5},
        tries={lever: (5, 10)},
        settled={True: (100.0,)},
    )
    after = built(book, workspace, seen)
    assert by_lever(after, lever).spread.median > by_lever(before, lever).spread.median
    assert by_lever(after, lever).fails == pytest.approx((0.05 * 20 + 5) / 30)
    assert by_lever(after, lever).n == 10
    assert by_lever(after, "aws.iam_deny") == by_lever(before, "aws.iam_deny")
    assert after.people.declare.median > before.people.declare.median
    assert after.people.declare.n == 3
    assert after.people.decide == before.people.decide
    metric = {one.id: one.settle.median for one in after.watches}
    assert metric["writes-nothing"] > metric["says-off"]
    assert after.watches[0].settle == before.watches[0].settle


def test_each_part_has_its_usual(book: Runbook, workspace: Workspace) -> None:
    """What a miss is laid to is measured against it, so none may be without."""
    for kill in (1, 2):
        made = built(replace(book, approval=replace(book.approval, kill=kill)), workspace)
        assert usual(made).keys() == drills(made, Chance(1).chunk(5)).parts.keys()
