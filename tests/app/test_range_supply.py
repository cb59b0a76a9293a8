"""A team's own workspace on the range: all that its runbooks name is there, and each of them contains and puts back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from json import dumps, loads
from pathlib import Path
from shutil import copytree

import pytest

from psfir.app.carry import new_run_id
from psfir.app.catalog import installed_catalog
from psfir.app.choose import Aim
from psfir.app.init import lay_out
from psfir.app.kill import Order, press, start
from psfir.app.lint import lint
from psfir.app.plan import plan
from psfir.app.preflight import preflight
from psfir.app.range_supply import supply_of
from psfir.app.restore import ask, restore, say_yes
from psfir.app.session import Door, Session, open_session
from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held
from psfir.domain.modes import Mode
from psfir.domain.preflight import Ready
from psfir.domain.run import RunFacts
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step
from psfir.domain.system import Connection
from psfir.domain.verdict import Verdict
from psfir.engine.kit import Control
from psfir.loading.workspace import load_workspace
from psfir.range.estate import Range, Wanted
from psfir.range.kubernetes import resources
from psfir.range.supply.files import Home
from psfir.range.supply.supply import MADE, Supply
from psfir.testing.waiting import eventually
from tests.app.supplied import GATE, SYSTEM, own_workspace, renamed
from tests.content.test_reference import NAMES

WITHIN = 20.0
LEVERS = sorted(MADE & set(installed_catalog().names("levers")))
FAR = {
    "kubernetes": "cluster-2",
    "aws": "aws-us",
    "http": "gate",
    "unleash": "toggles",
    "litellm": "llm",
    "flagd": "flag-file",
    "command": "kill-tool",
}
"""A second cluster that has a namespace of the same name, another region, an API nobody knows; and what is one."""
UNTRIED = {"litellm.key"}
"""What its consumers get only they can tell, who come with a key that nobody can make."""
MAY: dict[str, Json] = {"connection": "aws-us", "role": "claims-looker", "actions": ["bedrock:InvokeModel"]}
UNKNOWN = Runbook(
    "by-others",
    "By a lever of others",
    GATE,
    Mode.DISABLE,
    (Step("turn", (Rung("acme.valve", {"connection": "gate", "valve": "main"}, {"open": False}, 5.0),)),),
    (ProbeUse("calls", "cloudwatch", {"connection": "aws-us"}, {}), ProbeUse("may", "aws.policy_simulation", MAY, {})),
)
BOOKS = [(SYSTEM, f"{SYSTEM}-{name}") for name in NAMES] + [(GATE, "claims-gate-off")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_workspace(tmp_path_factory.mktemp("own") / "ops")


@pytest.fixture(scope="module")
def brought_up(home: Path) -> Iterator[Range]:
    folder = home.parent / "range"
    own = supply_of(home, folder, pytest.fail)
    words = load_workspace(home / "psfir.yaml")
    books = [*own.runbooks, *(book_of(name) for name in LEVERS), UNKNOWN]
    supply = Supply(words.connections, books, folder, home=Home(home, tuple(words.programs)))
    with Range(Wanted(folder, rate=0, scrape=0.1, supply=supply)) as estate:
        yield estate


@pytest.fixture
def root(home: Path, tmp_path: Path) -> Path:
    """With a record of its own."""
    return copytree(home, tmp_path / "ops")


@pytest.fixture
def at_desk(brought_up: Range, home: Path) -> Session:
    """Somebody who only pulls levers, and records nothing."""
    return at_work(brought_up, home, "ada")


@pytest.fixture
def own(brought_up: Range) -> Iterator[Range]:
    """Not reset for each test, which takes seconds: each puts back what it pulls, or leaves it to no other."""
    yield brought_up
    if supply(brought_up).contained():
        brought_up.reset()


def example(lever: str) -> Rung:
    """A lever's own example, in the words of this workspace."""
    about = installed_catalog().lever(lever)
    said = loads(renamed(dumps(dict(about.example))))
    kind = about.connects[0]
    connection = FAR.get(kind) or ("ld-backup" if lever == "launchdarkly.trigger" else "ld")
    return Rung(lever, {**said["target"], "connection": connection}, said["set"], WITHIN)


def book_of(lever: str) -> Runbook:
    return Runbook(f"example-{lever}", lever, GATE, Mode.DISABLE, (Step("pull", (example(lever),)),), ())


def supply(own: Range) -> Supply:
    assert own.wanted.supply
    return own.wanted.supply


def at_work(own: Range, root: Path, me: str) -> Session:
    """Each at a keyboard of their own, so that each of them counts."""
    session = open_session(Door(env={"PSFIR_ME": me, "HOME": str(root), **own.environment()}), workspace=root)
    actor = replace(session.who.actor, login=f"{me}@box")
    return replace(session, who=replace(session.who, actor=actor))


def killed(session: Session, aim: Aim) -> RunFacts:
    drawn = plan(session, aim)
    (pressed,) = press(session, drawn, Order())
    return start(session, pressed, Control())


def holding(session: Session, aim: Aim) -> list[str]:
    """The probes that hold already, but for rates, which have to be counted for a while."""
    (drawn,) = plan(session, aim)
    looks = [use for use in drawn.runbook.verify if use.probe != "prometheus"]
    sights = {use.id: session.binder.probe(use).look(use.target, use.expect, within=WITHIN) for use in looks}
    return [name for name, seen in sights.items() if not all(one.held is Held.NOT_HELD for one in seen)]


@pytest.mark.parametrize(("system", "name"), BOOKS)
def test_a_runbook_of_their_own_contains_and_puts_back(own: Range, root: Path, system: str, name: str) -> None:
    """By its own probes, none of which holds before."""
    session = at_work(own, root, "ada")
    aim = Aim((system,), runbook=name)
    assert not holding(session, aim)
    run = killed(session, aim)
    assert run.verdict is Verdict.CONTAINED, run.verdicts
    assert name in supply(own).contained()
    for me in ("ben", "ada"):
        session = at_work(own, root, me)
        asked = say_yes(session, ask(session, session.incident()))
    back = restore(session, asked, new_run_id(), Control())
    assert back.ended
    assert back.ended["verdict"] == "restored", back.ended
    assert supply(own).contained() == []


@pytest.mark.parametrize("lever", LEVERS)
def test_every_lever_finds_its_target(own: Range, at_desk: Session, lever: str) -> None:
    """Its own example, on another connection: it is planned, pulled, seen to be pulled, and put back."""
    rung, name = example(lever), f"example-{lever}"
    pull = at_desk.binder.lever(rung)
    change = pull.plan(rung.target, pull.read(rung.target, within=WITHIN), Mode.DISABLE, rung.set)
    assert isinstance(change, Change), change
    assert name not in supply(own).contained()
    pull.apply(change, within=WITHIN)
    eventually(partial(_holds, pull, change, Held.COULD_NOT_TELL if lever in UNTRIED else Held.HELD))
    assert name in supply(own).contained()
    pull.restore(change, within=WITHIN)
    assert name not in supply(own).contained()


def _holds(lever: Lever, change: Change, held: Held) -> bool:
    return lever.verify(change, within=WITHIN).held is held


def test_the_files_and_the_preflight_are_clean(own: Range, root: Path) -> None:
    """So that a team can tell its own slips from the range's."""
    report = lint(root, (), catalog=installed_catalog(), today=date(2026, 11, 21))
    assert [str(one) for one in report.problems if not one.warning] == []
    seen = preflight(at_work(own, root, "ada"), Aim((SYSTEM, GATE)))
    findings = [(one.rung.lever, finding) for one in seen.rungs for finding in one.findings]
    assert [finding for _, finding in findings if finding.ready is Ready.WOULD_FAIL] == []
    untold = {lever for lever, finding in findings if finding.ready is Ready.COULD_NOT_TELL}
    assert untold <= {"launchdarkly.ai_config", "http.request"}, "these alone have no way to try"
    assert not seen.broken


def test_what_cannot_be_made_is_told(own: Range) -> None:
    """A lever that the range does not know, and a role that is one here and two in the world."""
    told = supply(own).told
    assert (
        "runbook by-others, step turn: the range does not know the lever acme.valve, so nothing is made for it to pull"
        in told
    )
    calls = "nothing is logged or measured in CloudWatch on the range, so cloudwatch finds nothing"
    assert f"runbook by-others, probe calls: {calls}" in told
    assert "the role claims-bot is named in 2 accounts, and is one on the range" in told
    assert "by-others" not in supply(own).contained()


def test_a_role_that_is_only_looked_at_is_made(own: Range, root: Path) -> None:
    """It may do everything, so that a probe of what it may finds something before a kill."""
    probe = at_work(own, root, "ada").binder.probe(UNKNOWN.verify[1])
    (sight,) = probe.look(MAY, {"decision": "allowed"}, within=WITHIN)
    assert sight.held is Held.HELD, sight.says


def test_clusters_that_would_clash_are_two(own: Range) -> None:
    """Both have a namespace of one name; what is done to one is not done to the other."""
    assert [part.name for part in own.reach("kubernetes")] == ["kubernetes", "kubernetes/2"]
    assert own.kubernetes.get(resources.DEPLOYMENTS, "claims-bot-runs", "claims")


def test_no_connection_leads_to_the_real_thing(own: Range, root: Path) -> None:
    """To 127.0.0.1 or into the folder of the range; whose they are, and over what network, stays."""
    words = load_workspace(root / "psfir.yaml")
    overlaid = at_work(own, root, "ada").workspace.connections
    for name, one in overlaid.items():
        urls = [value for key, value in one.settings.items() if key.endswith("url")]
        assert all(str(url).startswith("http://127.0.0.1:") for url in urls), name
        file = one.settings.get("kubeconfig") or one.settings.get("file") or ("" if urls else _program(one))
        assert urls or str(file).startswith(str(own.wanted.folder)), name
        assert (one.vendor, one.network) == (words.connections[name].vendor, words.connections[name].network)
        assert all(ref.startswith("env:") for ref in one.secrets.values())
        assert {ref.removeprefix("env:") for ref in one.secrets.values()} <= own.environment().keys()
    assert overlaid["ld"].secrets["token"] == words.connections["ld"].secrets["token"]
    assert overlaid["gate"].secrets["token"] == "env:PSFIR_RANGE_GATE_TOKEN"


def _program(one: Connection) -> str:
    """What it would run, which is told nothing of where the real one is."""
    argv = one.settings["argv"]
    assert isinstance(argv, list | tuple)
    assert (len(argv), "env" in one.settings) == (1, False)
    return str(argv[0])


def test_files_and_programs_of_the_workspace_are_left_alone(own: Range, root: Path, home: Path) -> None:
    """A rung changes a copy of the flag file; what stands in for a program is run, and the program is not."""
    before = (home / "flags" / "claims.json").read_bytes()
    binder = at_work(own, root, "ada").binder
    for lever in ("flagd.file", "command.run"):
        rung = example(lever)
        pull = binder.lever(rung)
        change = pull.plan(rung.target, pull.read(rung.target, within=WITHIN), Mode.DISABLE, rung.set)
        assert isinstance(change, Change)
        pull.apply(change, within=WITHIN)
        assert f"example-{lever}" in supply(own).contained()
        pull.restore(change, within=WITHIN)
    assert (home / "flags" / "claims.json").read_bytes() == before
    told = [one for one in supply(own).told if one.startswith("connection kill-tool: ")]
    program = own.wanted.folder.resolve() / "programs" / "kill-tool"
    assert told == [f"connection kill-tool: its program is not run on the range, where {program} stands in for it"]


def test_a_reset_leaves_addresses_and_secrets(own: Range) -> None:
    """Whoever was told them goes on."""
    before = own.environment(), supply(own).overlaid
    own.reset()
    assert (own.environment(), supply(own).overlaid) == before


def test_a_workspace_on_the_tiny_estate_is_told_that_nothing_of_it_reaches_the_range(tmp_path: Path) -> None:
    """Its levers pull a file; nobody is to wait for the customers here to notice."""
    lay_out(tmp_path / "tiny")
    supply = supply_of(tmp_path / "tiny", tmp_path / "range", pytest.fail)
    with Range(Wanted(tmp_path / "range", rate=0, aws=False, supply=supply)):
        (told,) = supply.told
    assert told.startswith("every connection of this workspace leads to its own file")
    assert supply.guesses == []
