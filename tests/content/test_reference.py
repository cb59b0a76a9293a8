"""The runbooks for the real vendors: lint is silent, rungs are independent, and nothing that fails lacks a way."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.domain.about import Stops
from psfir.domain.budget import worst_case
from psfir.domain.modes import CASE_OF, FailureMode, Mode
from psfir.domain.people import Deed
from psfir.domain.runbook import Runbook, Rung, Step
from psfir.domain.system import Workspace
from psfir.loading.playbook import load_playbook
from psfir.loading.runbook import load_runbook
from psfir.loading.workspace import load_workspace
from psfir.vendors.secrets import resolve
from tests.docs.pages import table

SYSTEM = "support-assistant"
NAMES = (
    "disable",
    "degrade",
    "degrade-model",
    "degrade-read-only",
    "isolate",
    "isolate-agents",
    "isolate-model",
)


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "runbooks" / "reference"


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Workspace:
    return load_workspace(folder / "psfir.yaml")


@pytest.fixture(scope="module", params=NAMES)
def book(request: pytest.FixtureRequest, folder: Path) -> Runbook:
    return load_runbook(folder / f"{SYSTEM}-{request.param}.yaml", installed_catalog())


def books(folder: Path) -> dict[str, Runbook]:
    found = (load_runbook(folder / f"{SYSTEM}-{name}.yaml", installed_catalog()) for name in NAMES)
    return {book.id: book for book in found}


def rungs(book: Runbook) -> Iterator[tuple[Step, Rung]]:
    return ((step, rung) for step in book.steps for rung in step.ladder)


def test_these_are_all(folder: Path) -> None:
    """No runbook lies there that is not tested here, and each is named for its id."""
    assert {path.stem for path in folder.glob("*.yaml")} == {*books(folder), "psfir"}


def test_lint_says_nothing(tmp_path: Path) -> None:
    """Laid out by init it has no error and no warning, and each runbook's worst case is known."""
    root = lay_out(tmp_path / "ops", reference=True).root
    report = lint(root, (), catalog=installed_catalog(), today=date(2026, 11, 21))
    assert [str(problem) for problem in report.problems] == []
    assert sorted(report.budgets) == sorted(f"{SYSTEM}-{name}" for name in NAMES)


def test_each_failure_mode_has_a_way_in_every_mode(folder: Path) -> None:
    """The table of its README names for each the runbook to take, which is of that mode and covers that case."""
    known = books(folder)
    rows = table(folder / "README.md", "failure mode", *(mode.value for mode in Mode))
    assert [row[0] for row in rows] != []
    assert {row[0] for row in rows} == {mode.value for mode in FailureMode}
    for failure, *names in rows:
        for mode, name in zip(Mode, names, strict=True):
            assert known[name].mode is mode, (failure, name)
            assert CASE_OF[FailureMode(failure)] in known[name].covers, (failure, name)
    assert {name for row in rows for name in row[1:]} == set(known), "each is somebody's way"


def test_each_mode_has_one_that_is_taken_without_a_name(workspace: Workspace) -> None:
    """`psfir kill support-assistant --mode ...` has to choose nothing."""
    assert workspace.systems[SYSTEM].runbooks == {mode: f"{SYSTEM}-{mode}" for mode in Mode}


def test_it_has_the_people_of_a_new_workspace(workspace: Workspace, root: Path) -> None:
    """Whoever can act in the one can in the other: what a page shows of people holds for both demos."""
    plain = load_workspace(root / "psfir" / "app" / "workspace" / "psfir.yaml")
    assert workspace.team.people == plain.team.people


def test_no_ladder_hangs_on_one_thing(book: Runbook, workspace: Workspace) -> None:
    """Vendor, credential and network differ within each ladder: whatever single one is away, a rung is left."""
    for step in book.steps:
        ways = [workspace.connections[rung.connection] for rung in step.ladder]
        assert len({rung.lever.partition(".")[0] for rung in step.ladder}) > 1, step.id
        assert len({way.network for way in ways}) > 1, step.id
        shared = set.intersection(*({*way.secrets.values(), way.name} for way in ways))
        assert shared == set(), step.id


def test_work_that_has_begun_is_stopped_too(book: Runbook) -> None:
    """One step stops runs under way at its first rung, or refuses their role at each call; another stops new work."""
    catalog = installed_catalog()
    first = [catalog.lever(step.ladder[0].lever) for step in book.steps]
    assert any(about.stops is not Stops.NEW for about in first)
    assert any(about.stops is not Stops.IN_FLIGHT for about in first)
    touched = {str(rung.target.get(key)) for _, rung in rungs(book) for key in ("deployment", "role", "function")}
    assert touched & {"support-agent-runs", "support-agent-tools"}


def test_every_share_leaves_time_to_spread(book: Runbook) -> None:
    """At least a quarter more than the lever says it takes, and never above three minutes."""
    catalog = installed_catalog()
    for step, rung in rungs(book):
        assert catalog.lever(rung.lever).propagation * 1.25 <= rung.within <= 180, (step.id, rung.lever)


def test_it_fits_into_fifteen_minutes_with_room(book: Runbook) -> None:
    """Two minutes are left for what nobody thought of."""
    budget = worst_case(book)
    assert book.deadline == 900
    assert budget.total <= 780


def test_what_proves_it_is_seen_from_outside(book: Runbook, workspace: Workspace) -> None:
    """At least one probe depends on no vendor of any rung, and all of them soak for four minutes."""
    pulled = {rung.connection for _, rung in rungs(book)}
    assert any(use.connection not in pulled for use in book.verify)
    assert {workspace.connections[use.connection].vendor for use in book.verify} >= {"own"}
    assert all(use.times >= 3 and use.soak == 240 for use in book.verify)


def test_a_metric_is_never_taken_without_its_source(book: Runbook) -> None:
    """Each query says what has to be fresh behind it, for no longer than it sums over."""
    for use in book.verify:
        if use.probe == "prometheus":
            assert use.expect["fresh"] == "1m"
            assert str(use.target["source"]).partition("{")[0] in str(use.target["query"])


def test_evidence_is_taken_in_seconds(book: Runbook) -> None:
    """There is some of more than one kind, and the kill waits for it ten seconds at most."""
    assert len({use.source for use in book.capture}) > 1
    assert max(use.within for use in book.capture) <= 10


def test_every_built_in_part_for_these_vendors_is_shown(folder: Path) -> None:
    """Between them they use what a reader may look for: each capture, and the probes that see an effect."""
    known = books(folder).values()
    captures = {use.source for book in known for use in book.capture}
    probes = {use.probe for book in known for use in book.verify}
    assert captures == {"kubernetes.logs", "kubernetes.describe", "launchdarkly.flag_state", "http.get"}
    assert probes == {"http", "prometheus", "kubernetes.pods", "kubernetes.endpoints"}


def test_its_playbook_covers_what_it_covers_first(book: Runbook, root: Path) -> None:
    """Whoever pulls it finds the playbook for its first case beside it."""
    assert book.covers[0] in load_playbook(root / "playbooks" / f"{book.playbook}.md").covers


def test_going_back_takes_two(book: Runbook, workspace: Workspace) -> None:
    """One kills, two restore; a mistake may be taken back by one only where the feature goes on."""
    assert (book.approval.kill, book.approval.restore) == (1, 2)
    assert bool(book.approval.mistake) == (book.mode is Mode.DEGRADE)
    assert len(workspace.team.who_may(Deed.APPROVE_RESTORE)) >= 2


def test_there_is_no_secret_in_it(workspace: Workspace) -> None:
    """Each is a reference that leads into the environment, to nothing here."""
    found = [ref for connection in workspace.connections.values() for ref in connection.secrets.values()]
    assert found
    for ref in found:
        assert resolve(ref, env={ref.removeprefix("env:"): "canary"}, root=Path()) == "canary"


def test_what_the_feature_has_to_be_is_written_down(folder: Path) -> None:
    """Every name that a target aims at stands in the README's table of what the runbooks rely on."""
    page = (folder / "README.md").read_text(encoding="utf-8")
    aims = ("flag", "ai_config", "deployment", "cronjob", "ingress", "function")
    targets = [rung.target for book in books(folder).values() for _, rung in rungs(book)]
    named = {str(target[key]) for target in targets for key in aims if key in target}
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def test_the_docs_list_them(root: Path, folder: Path) -> None:
    """Each with its mode, in docs/runbooks.md."""
    rows = table(root / "docs" / "runbooks.md", "runbook", "mode", "what it leaves")
    assert {row[0]: row[1] for row in rows} == {name: book.mode.value for name, book in books(folder).items()}
