"""What alters a system waits until evidence of it was kept and legal said yes. What contains never does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psfir.app.adhoc import ByHand, by_hand
from psfir.app.clocks import acknowledge, open_, set_aside
from psfir.app.evidence import held
from psfir.app.kill import Order, leases_of, press
from psfir.app.session import Session
from psfir.domain.canon import Json
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.plan import Plan
from psfir.errors import Refusal, UsageError
from psfir.loading.runbook import load_runbook
from psfir.vendors.memory import Estate
from tests.app.incident_kit import at_work, opened, plan, ran
from tests.app.legal_kit import emma, with_legal
from tests.app.workspaces import RUNBOOK
from tests.cli.keyboard import Keyboard

PURGE = (
    RUNBOOK.replace('id: "off"', "id: purge")
    .replace("system: assistant", "system: search")
    .replace("mode: disable", "mode: degrade\nalters_evidence: true")
    .replace("SOAK", "100ms")
)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    with_legal(tmp_path)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "purge.yaml").write_text(PURGE)
    return emma(tmp_path)


@pytest.fixture
def incident(session: Session) -> Incident:
    return opened(at_work(session.root), "search")


def purging(session: Session, system: str = "search") -> Plan:
    """A plan of that runbook as it is now."""
    book = load_runbook(session.root / "runbooks" / "purge.yaml")
    return replace(plan(system=system), runbook=replace(book, system=system))


def keep(session: Session, incident: Incident) -> None:
    data: dict[str, Json] = {
        "run": "run-1",
        "source": "memory",
        "target": {},
        "name": "x.json",
        "sha256": "sha256:x",
        "size": 1,
    }
    ran(session, incident, plan(system="search"))
    session.record(session.draft(incident.id, Kind.EVIDENCE, data))


def test_it_is_refused_step_by_step_until_legal_said_yes(session: Session, incident: Incident) -> None:
    """First evidence, then the yes, then it goes."""
    with pytest.raises(Refusal, match="nothing of search was kept yet") as caught:
        held(session, [purging(session)], incident.id)
    assert "containment never waits" in caught.value.todo
    with pytest.raises(Refusal, match="nothing of search was kept"):
        acknowledge(session, incident, "purge", why="I saw nothing")
    keep(session, incident)
    with pytest.raises(Refusal, match="legal has not said yes"):
        held(session, [purging(session)])
    acknowledge(session, incident, "purge", why="copies were checked")
    held(session, [purging(session)], incident.id)
    with pytest.raises(Refusal, match="already"):
        acknowledge(session, incident, "purge", why="again")


def test_what_was_kept_of_another_system_does_not_count(session: Session) -> None:
    """An incident may be about two."""
    incident = opened(at_work(session.root), "support-assistant", "search")
    ran(session, incident, plan(), "run-0")
    data: dict[str, Json] = {
        "run": "run-0",
        "source": "memory",
        "target": {},
        "name": "x",
        "sha256": "sha256:y",
        "size": 1,
    }
    session.record(session.draft(incident.id, Kind.EVIDENCE, data))
    with pytest.raises(Refusal, match="nothing of search was kept"):
        acknowledge(session, incident, "purge", why="x")
    keep(session, incident)
    acknowledge(session, incident, "purge", why="x")


def test_the_yes_is_to_the_runbook_as_it_is(session: Session, incident: Incident) -> None:
    """An edit makes it void."""
    keep(session, incident)
    acknowledge(session, incident, "purge", why="checked")
    path = session.root / "runbooks" / "purge.yaml"
    path.write_text(PURGE.replace("switch: gateway", "switch: index"))
    with pytest.raises(Refusal, match="as it is now"):
        held(session, [purging(session)], incident.id)


def test_containment_is_never_looked_at(session: Session, incident: Incident) -> None:
    """Also for a high-risk system whose clock is open and overdue: a runbook that alters nothing goes at once."""
    open_(session, incident, "eu-ai-73-2", why="harm")
    held(session, [plan(system="search")], incident.id)


def test_what_alters_one_system_keeps_no_other_from_being_contained(session: Session, incident: Incident) -> None:
    """Pressed together, the one is refused with its reason and the other goes."""
    open_(session, incident, "eu-ai-73-2", why="harm")
    other = plan(system="support-assistant")
    pressed = press(session, [purging(session), other], Order(incident=incident.id))
    said = {one.plan.runbook.system: one for one in pressed}
    assert said["support-assistant"].ours
    assert "alters the system" in str(said["search"].refused)
    session.heart.drop(leases_of(other, said["support-assistant"].run))


def test_without_such_a_clock_nothing_is_asked(session: Session) -> None:
    """A system that is not high-risk, and one whose clocks legal set aside."""
    held(session, [purging(session, "support-assistant")])
    found = opened(at_work(session.root), "search")
    with pytest.raises(Refusal):
        held(session, [purging(session)], found.id)
    for name in ("eu-ai-73-2", "eu-ai-73-3", "eu-ai-73-4"):
        set_aside(session, found, name, why="nobody was harmed")
    held(session, [purging(session)], found.id)


def test_an_opened_clock_holds_what_psfir_yaml_rules_out(session: Session) -> None:
    """A person's word goes before a file's."""
    found = opened(at_work(session.root), "support-assistant")
    open_(session, found, "eu-ai-73-2", why="it is high-risk after all")
    with pytest.raises(Refusal, match="eu-ai-73-2"):
        held(session, [purging(session, "support-assistant")], found.id)


def test_where_nobody_said_what_the_company_is_it_is_asked_for(session: Session, incident: Incident) -> None:
    """Not known rules nothing out."""
    path = session.root / "psfir.yaml"
    path.write_text(path.read_text().partition("review:")[0])
    with pytest.raises(Refusal, match="may run"):
        held(emma(session.root), [purging(session)], incident.id)


def test_who_may_say_yes_and_to_what(session: Session, incident: Incident) -> None:
    """Legal, to a runbook that is there and says of itself that it alters."""
    keep(session, incident)
    with pytest.raises(Refusal, match="alice"):
        acknowledge(at_work(session.root), incident, "purge", why="x")
    with pytest.raises(UsageError, match="there is no runbook"):
        acknowledge(session, incident, "purg", why="x")
    (session.root / "runbooks" / "purge.yaml").write_text(
        PURGE.replace("alters_evidence: true", "alters_evidence: false")
    )
    with pytest.raises(Refusal, match="needs no yes of this kind"):
        acknowledge(session, incident, "purge", why="x")


def by_example(session: Session, lever: str, system: str, *, contains: bool = False) -> ByHand:
    """The lever's own example, pulled by hand."""
    example: Any = session.catalog.lever(lever).example
    return ByHand(lever, example["target"], example["set"], system, contains=contains)


@pytest.mark.parametrize("lever", ["http.request", "command.run"])
def test_by_hand_nothing_goes_round_it(session: Session, incident: Incident, lever: str) -> None:
    """A lever that is not put back exactly may alter what nobody said it does not."""
    with pytest.raises(Refusal, match=r"so it may alter search, for which eu-ai-73-2.* may run") as caught:
        by_hand(session, by_example(session, lever, "search"))
    assert "--contains" in caught.value.todo
    assert by_hand(session, by_example(session, lever, "search", contains=True)).system == "search"
    assert by_hand(session, by_example(session, lever, "support-assistant")).system == "support-assistant"


def test_by_hand_what_is_put_back_exactly_goes_at_once(session: Session, incident: Incident) -> None:
    """Containment never waits."""
    assert session.catalog.lever("memory.switch").exact
    assert by_hand(session, by_example(session, "memory.switch", "search")).system == "search"


def test_by_hand_nothing_is_asked_where_nobody_said_that_a_law_applies(session: Session) -> None:
    """Unlike for a runbook that says it alters: but an opened clock is somebody's word."""
    path = session.root / "psfir.yaml"
    path.write_text(path.read_text().partition("review:")[0])
    unsaid = emma(session.root)
    assert by_hand(unsaid, by_example(unsaid, "http.request", "search")).system == "search"
    found = opened(at_work(session.root), "search")
    open_(unsaid, found, "eu-ai-73-2", why="it did harm")
    with pytest.raises(Refusal, match="eu-ai-73-2"):
        by_hand(unsaid, by_example(unsaid, "http.request", "search"))


def test_the_word_that_it_only_contains_is_recorded_with_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a reason it is refused; with one, both stand in the timeline."""
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    Estate.create(tmp_path / "estate.json", {"switch": {"state": {"on": True}}})
    words = ("--target", "connection=estate", "--target", "switch=switch", "--set", "on=false")
    asked = ("pull", "memory.switch", *words, "--system", "search", "--yes", "--contains")
    assert keyboard.type(*asked).code == 2
    assert keyboard.type(*asked, "--reason", "it lies").code == 5
    assert "it only contains, and alters no evidence: it lies" in keyboard.ok("incident", "show").out
