"""The reference runbooks on the range: every rung of every ladder finds its target, and knows what to make of it."""

import pytest

from psfir.app.choose import Aim
from psfir.app.init import lay_out
from psfir.app.plan import plan
from psfir.app.session import Door, Session, open_session
from psfir.domain.change import Held, Result
from psfir.domain.plan import Plan
from psfir.domain.runbook import ProbeUse
from psfir.range.estate import Range
from tests.content.test_reference import NAMES, SYSTEM

ALWAYS = ("works only where the cluster's network enforces it", "the off variation is itself a yes")
"""What is true of every network policy, and of every flag whose variations are words."""


@pytest.fixture(scope="module")
def session(brought_up: Range, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Whoever pulls puts back, so one range as new does for all of them."""
    brought_up.reset()
    root = lay_out(tmp_path_factory.mktemp("ops"), reference=True).root
    door = Door(env={"PSFIR_ME": "ada", "HOME": str(root), **brought_up.environment()})
    return open_session(door, workspace=root)


def planned(session: Session, name: str) -> Plan:
    (found,) = plan(session, Aim((SYSTEM,), runbook=f"{SYSTEM}-{name}"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_rung_can_be_read_and_has_something_to_change(session: Session, name: str) -> None:
    """Each target is there, each setting means something to it, and nothing is so already."""
    rungs = planned(session, name).rungs
    assert rungs
    assert [(one.step, one.index, one.unreadable) for one in rungs if one.change is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_plan_warns_of_more_than_is_always_so(session: Session, name: str) -> None:
    """Built as the README says, nothing would undo a rung, let traffic through, start it anew or bar the way back."""
    notes = {note for one in planned(session, name).rungs for note in one.notes}
    assert [note for note in notes if not any(known in note for known in ALWAYS)] == []


@pytest.mark.parametrize("name", NAMES)
def test_evidence_can_be_taken_where_the_vendors_are(session: Session, name: str) -> None:
    """Each capture gives something."""
    book = planned(session, name).runbook
    for use in book.capture:
        assert session.binder.capture(use).take(use.target, within=use.within).content, use.source


@pytest.mark.parametrize("name", NAMES)
def test_every_rung_can_be_pulled_and_put_back(session: Session, name: str) -> None:
    """One after the other, each on its own: it changes something, reads back as wanted, and goes back."""
    for one in planned(session, name).rungs:
        lever, change = session.binder.lever(one.rung), one.change
        assert change, one
        said = f"{one.step}, rung {one.index}: {one.rung.lever}"
        assert (pulled := lever.apply(change, within=10)).result is Result.CHANGED, f"{said}: {pulled}"
        assert (looked := lever.verify(change, within=10)).held is Held.HELD, f"{said}: {looked}"
        assert (back := lever.restore(change, within=10)).result is Result.CHANGED, f"{said}: {back}"


def test_what_the_cluster_shows_is_what_the_probes_expect(session: Session) -> None:
    """After the first rungs of the agents' isolation no pod is sent traffic and no digest runs; before, some are."""
    plan = planned(session, "isolate-agents")
    (serving,) = (use for use in plan.runbook.verify if use.probe == "kubernetes.endpoints")
    assert look(session, serving) == {Held.NOT_HELD}
    (rung,) = (one for one in plan.rungs if one.rung.lever == "kubernetes.quarantine")
    lever = session.binder.lever(rung.rung)
    assert rung.change
    assert lever.apply(rung.change, within=10).result is Result.CHANGED
    assert look(session, serving) == {Held.HELD}
    assert lever.restore(rung.change, within=10).result is Result.CHANGED


def look(session: Session, use: ProbeUse) -> set[Held]:
    return {sight.held for sight in session.binder.probe(use).look(use.target, use.expect, within=use.each)}
