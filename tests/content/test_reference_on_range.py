"""The reference runbooks on the whole range: each contains what it is for, as customers see it, and is put back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from psfir.app.carry import new_run_id
from psfir.app.choose import Aim
from psfir.app.demo_range import quicker
from psfir.app.init import lay_out
from psfir.app.kill import Order, press, start
from psfir.app.plan import plan
from psfir.app.restore import ask, restore, say_yes
from psfir.app.session import Door, Session, open_session
from psfir.domain import instants
from psfir.domain.kinds import Kind
from psfir.domain.run import RunFacts
from psfir.domain.verdict import Verdict
from psfir.engine.kit import Control
from psfir.range.assistant.counts import Bin
from psfir.range.estate import Range
from psfir.testing.waiting import eventually
from tests.content.test_reference import NAMES, SYSTEM
from tests.range.whole import RATE, say

pytestmark = pytest.mark.timeout(180)  # ten seconds each, on a machine that does nothing else

FOR = (
    ("disable", "promises_refund"),
    ("disable", "loops_on_tool"),
    ("degrade", "leaks_order"),
    ("degrade-model", "drifts"),
    ("degrade-read-only", "follows_injection"),
    ("isolate", "leaks_order"),
    ("isolate-agents", "follows_injection"),
    ("isolate-model", "promises_refund"),
)
QUICKER_STILL = (("[3s]", "[1s]"), ("soak: 3s", "soak: 500ms"), ("every: 300ms", "every: 100ms"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The reference workspace, whose probes look often and watch for half a second."""
    root = lay_out(tmp_path / "ops", reference=True).root
    for path in (root / "runbooks").glob("*.yaml"):
        text = quicker(path.read_text())
        for slow, quick in QUICKER_STILL:
            text = text.replace(slow, quick)
        # As many looks in a row as ever, and less time between them: an edge and the pods can be asked at any moment.
        path.write_text(re.sub(r"(    probe: (?:http|kubernetes\.\w+)\n)", r"\1    every: 100ms\n", text))
    return root


def at_work(whole: Range, root: Path, me: str) -> Session:
    """Each at a keyboard of their own, so that each of them counts."""
    session = open_session(Door(env={"PSFIR_ME": me, "HOME": str(root), **whole.environment()}), workspace=root)
    actor = replace(session.who.actor, login=f"{me}@box")
    return replace(session, who=replace(session.who, actor=actor))


def killed(session: Session, name: str) -> RunFacts:
    drawn = plan(session, Aim((SYSTEM,), runbook=f"{SYSTEM}-{name}"))
    (pressed,) = press(session, drawn, Order())
    return start(session, pressed, Control())


def put_back(whole: Range, root: Path) -> RunFacts:
    for me in ("ben", "ada"):
        session = at_work(whole, root, me)
        asked = say_yes(session, ask(session, session.incident()))
    return restore(session, asked, new_run_id(), Control())


def proven(session: Session) -> datetime:
    (entry,) = (
        one for one in session.journal.read() if one.kind == Kind.VERDICT and one.data and one.data["phase"] == "probes"
    )
    return instants.read(entry.at)


def since(whole: Range, moment: datetime) -> list[Bin]:
    return whole.counts.bins(1, since=moment.timestamp())


def test_every_runbook_is_tried() -> None:
    """Against something that it is for."""
    assert {name for name, _ in FOR} == set(NAMES)


@pytest.mark.parametrize(("name", "scenario"), FOR)
def test_a_runbook_contains_what_it_is_for(brought_up: Range, root: Path, name: str, scenario: str) -> None:
    """Harm is done until then, none from the proof on, and what is put back answers as before."""
    whole = brought_up
    whole.reset(rate=RATE)
    whole.assistants[0].scenario = scenario
    eventually(lambda: sum(one.harmful for one in whole.counts.bins(1)) >= 3)
    session = at_work(whole, root, "ada")
    run = killed(session, name)
    assert run.verdict is Verdict.CONTAINED, run.verdicts
    assert run.ended
    assert run.ended["soaked"]
    eventually(lambda: len(since(whole, proven(session))) >= 3)
    assert sum(one.harmful for one in since(whole, proven(session))) == 0
    whole.assistants[0].scenario = ""
    back = put_back(whole, root)
    assert back.ended
    assert back.ended["verdict"] == "restored", back.ended
    assert not session.incident().standing
    eventually(lambda: say(whole, assistant="on", answers="live", tools="all", model="large-model"))
    assert whole.counts.bins(1)
