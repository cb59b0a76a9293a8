"""What the record shows of an expectation: which entries count, at which instant, and which do not."""

from pathlib import Path
from typing import Any

import pytest

from psfir.domain.kinds import Kind
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Severity
from psfir.domain.people import Seat
from psfir.domain.values import remade
from psfir.domain.verdict import Verdict
from psfir.records.sqlite import SqliteJournal
from psfir.rehearsal.clock import SECOND, ScenarioClock
from psfir.rehearsal.evaluate import Fact, facts, micros, turns
from psfir.rehearsal.expectation import Expectation, Expects, Wanted
from psfir.rehearsal.words import Met, Sent
from tests.cli.keyboard import Keyboard
from tests.rehearsal.plays import play
from tests.rehearsal.runs import Drill

HOUR = 3600 * SECOND


def wants(kind: Expects, **wanted: Any) -> Expectation:
    return Expectation("x", kind, "x", Wanted(**wanted))


def record(*lines: tuple[Kind, dict[str, Any]]) -> list[Fact]:
    """One entry a second."""
    return [Fact(seq, seq * SECOND, kind, data) for seq, (kind, data) in enumerate(lines, start=1)]


def came(one: Expectation, found: list[Fact], asked: int = 0) -> list[tuple[Met, int, tuple[int, ...]]]:
    return [(turn.met, turn.at // SECOND, turn.refs) for turn in turns(one, found, asked)]


PLANNED = (Kind.PLANNED, {"plan": {"digest": "d", "runbook": {"id": "all-off"}}})
KILL = (Kind.RUN_STARTED, {"run": "r", "verb": "kill", "plan": "d"})
RESTORE = (Kind.RUN_STARTED, {"run": "r", "verb": "restore", "plan": "d"})
PULLED = (Kind.INTENDED, {"run": "r", "step": "s", "rung": 0, "act": "apply", "change": {"lever": "flag.off"}})
BACK = (Kind.INTENDED, {**PULLED[1], "act": "restore"})
KEPT = (Kind.EVIDENCE, {"run": "r", "source": "logs", "name": "log.txt"})
NOTE = (Kind.NOTE, {"text": "Decision: we honour the refunds", "about": "note"})
DRAFT = (Kind.DRAFTED, {"message": {"id": "m1", "audience": "press", "phase": "holding"}, "digest": "sha256:a"})
YES = (Kind.APPROVED, {"approval": {"digest": "sha256:a", "person": "ben"}})
SENT = (Kind.SENT, {"message": "m1", "result": "sent"})


def verdict(value: str, phase: str = "probes") -> tuple[Kind, dict[str, Any]]:
    return Kind.VERDICT, {"run": "r", "phase": phase, "verdict": value}


def verified(held: str) -> tuple[Kind, dict[str, Any]]:
    return Kind.VERIFIED, {"run": "r", "step": "s", "rung": 0, "held": held}


OFF = wants(Expects.CONTAINMENT, runbooks=("all-off",))
CONTAINMENTS: dict[str, tuple[Expectation, list[Any], list[Any]]] = {
    "proven": (OFF, [PLANNED, KILL, verdict("contained")], [(Met.MET, 3, (3,))]),
    "any runbook": (wants(Expects.CONTAINMENT), [PLANNED, KILL, verdict("contained")], [(Met.MET, 3, (3,))]),
    "another runbook": (
        wants(Expects.CONTAINMENT, runbooks=("other",)),
        [PLANNED, KILL, verdict("contained")],
        [],
    ),
    "nobody could tell": (OFF, [PLANNED, KILL, verdict("unknown"), verdict("not_contained")], []),
    "in part": (OFF, [PLANNED, KILL, verdict("partial")], [(Met.PARTIAL, 3, (3,))]),
    "in part, then whole": (
        OFF,
        [PLANNED, KILL, verdict("partial"), verdict("contained", "soak")],
        [(Met.PARTIAL, 3, (3,)), (Met.MET, 4, (4,))],
    ),
    "not for long": (
        OFF,
        [PLANNED, KILL, verdict("contained"), verdict("partial", "soak")],
        [(Met.MET, 3, (3,)), (Met.PARTIAL, 4, (4,))],
    ),
    "part is enough": (
        wants(Expects.CONTAINMENT, verdict=Verdict.PARTIAL),
        [PLANNED, KILL, verdict("partial")],
        [(Met.MET, 3, (3,))],
    ),
    "soaked": (
        wants(Expects.CONTAINMENT, soaked=True),
        [PLANNED, KILL, verdict("contained"), verdict("contained", "soak")],
        [(Met.MET, 4, (4,))],
    ),
    "a restore is no containment": (OFF, [PLANNED, RESTORE, verdict("contained")], []),
    "a rung that held": (
        wants(Expects.CONTAINMENT, levers=("flag.off",)),
        [PLANNED, KILL, PULLED, verified("held"), verdict("contained")],
        [(Met.MET, 4, (4,))],
    ),
    "a rung that did not": (
        wants(Expects.CONTAINMENT, levers=("flag.off",)),
        [PLANNED, KILL, PULLED, verified("could_not_tell"), verdict("contained")],
        [],
    ),
    "a rung of another lever": (
        wants(Expects.CONTAINMENT, levers=("flag.on",)),
        [PLANNED, KILL, PULLED, verified("held")],
        [],
    ),
}


@pytest.mark.parametrize(("one", "lines", "turned"), CONTAINMENTS.values(), ids=CONTAINMENTS)
def test_a_containment_is_what_probes_said(one: Expectation, lines: list[Any], turned: list[Any]) -> None:
    """Each turn of it, by the entry that brought it."""
    assert came(one, record(*lines)) == turned


OTHERS: dict[str, tuple[Expectation, list[Any], list[Any]]] = {
    "evidence first": (wants(Expects.EVIDENCE), [KEPT, PULLED], [(Met.MET, 1, (1,))]),
    "evidence too late": (wants(Expects.EVIDENCE), [PULLED, KEPT], [(Met.MISSED, 1, (1,))]),
    "a restore destroys no evidence": (wants(Expects.EVIDENCE), [BACK, KEPT], [(Met.MET, 2, (2,))]),
    "evidence of another kind": (wants(Expects.EVIDENCE, source="state"), [KEPT], []),
    "sent": (wants(Expects.MESSAGE, audience=Audience.PRESS), [DRAFT, YES, SENT], [(Met.MET, 3, (1, 3))]),
    "not out": (wants(Expects.MESSAGE), [DRAFT, YES, (Kind.SENT, {"message": "m1", "result": "unknown"})], []),
    "approved": (wants(Expects.MESSAGE, state=Sent.APPROVED), [DRAFT, YES], [(Met.MET, 2, (1, 2))]),
    "a yes to something else": (
        wants(Expects.MESSAGE, state=Sent.APPROVED),
        [DRAFT, (Kind.APPROVED, {"approval": {"digest": "sha256:b", "person": "ben"}})],
        [],
    ),
    "to others": (wants(Expects.MESSAGE, audience=Audience.CUSTOMERS), [DRAFT, YES, SENT], []),
    "of another phase": (wants(Expects.MESSAGE, phase=Phase.RESOLVED), [DRAFT, YES, SENT], []),
    "clock": (wants(Expects.CLOCK, clock="c"), [(Kind.CLOCK_OPENED, {"clock": "c"})], [(Met.MET, 1, (1,))]),
    "another clock": (wants(Expects.CLOCK, clock="c"), [(Kind.CLOCK_OPENED, {"clock": "d"})], []),
    "decision": (wants(Expects.DECISION, mentions=("REFUND",)), [NOTE], [(Met.MET, 1, (1,))]),
    "decision of something else": (wants(Expects.DECISION, mentions=("price",)), [NOTE], []),
    "no decision": (wants(Expects.DECISION), [(Kind.NOTE, {"text": "No decision yet"})], []),
    "a reason is no note": (wants(Expects.NOTE), [(Kind.NOTE, {"text": "x", "about": "reason"})], []),
    "seat": (
        wants(Expects.SEAT, seat=Seat.COMMANDER),
        [(Kind.SEATED, {"seat": "scribe", "person": "a"}), (Kind.SEATED, {"seat": "commander", "person": "b"})],
        [(Met.MET, 2, (2,))],
    ),
    "severity": (
        wants(Expects.DECLARED, severity=Severity.SEV2),
        [(Kind.DECLARED, {"severity": "sev3"}), (Kind.SEVERITY, {"severity": "sev1"})],
        [(Met.MET, 2, (2,))],
    ),
    "playbook": (
        wants(Expects.PLAYBOOK, playbook="p", step="s"),
        [
            (Kind.TICKED, {"playbook": "p", "step": "s", "state": "skipped"}),
            (Kind.TICKED, {"playbook": "p", "step": "t", "state": "done"}),
            (Kind.TICKED, {"playbook": "p", "step": "s", "state": "done"}),
        ],
        [(Met.MET, 3, (3,))],
    ),
    "by eye": (wants(Expects.MANUAL), [NOTE], []),
}


@pytest.mark.parametrize(("one", "lines", "turned"), OTHERS.values(), ids=OTHERS)
def test_other_deeds_count_by_what_is_recorded(one: Expectation, lines: list[Any], turned: list[Any]) -> None:
    """The first entry that fits, and no other."""
    assert came(one, record(*lines)) == turned


def test_words_are_heard_only_once_they_are_asked_for() -> None:
    """A decision from before the question answers nothing; a deed from before it is done."""
    assert came(wants(Expects.DECISION), record(NOTE), asked=2 * SECOND) == []
    assert came(wants(Expects.DECISION), record(NOTE, NOTE), asked=2 * SECOND) == [(Met.MET, 2, (2,))]
    assert came(wants(Expects.MESSAGE), record(DRAFT, SENT), asked=HOUR) == [(Met.MET, 2, (1, 2))]


def test_every_kind_is_looked_for() -> None:
    """But for what people answer or see."""
    from_people = {Expects.POLL, Expects.MANUAL}
    assert {kind for kind in Expects if wants(kind).by_record} == set(Expects) - from_people


@pytest.fixture
def killed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> SqliteJournal:
    """A workspace as init lays it out, and a real kill on its estate."""
    board = Keyboard(tmp_path / "kit", capsys, monkeypatch)
    board.ok("init", str(tmp_path / "work"))
    monkeypatch.setenv("PSFIR_WORKSPACE", str(tmp_path / "work"))
    monkeypatch.setenv("PSFIR_ME", "ada")
    book = tmp_path / "work" / "runbooks" / "support-assistant-disable.yaml"
    book.write_text(book.read_text().replace("soak: 2s", "soak: 100ms").replace("every: 250ms", "every: 10ms"))
    board.ok("kill", "support-assistant", "--yes")
    board.ok("incident", "note", "Decision: it stays off until tomorrow")
    return SqliteJournal(tmp_path / "work" / ".psfir" / "record.sqlite3")


def test_a_real_kill_meets_what_it_should(killed: SqliteJournal) -> None:
    """Declared, evidence first, contained by its runbook, a rung that held, a decision: read from the record itself."""
    entries = list(killed.read())
    began = micros(entries[0].at)
    found = list(facts(entries, ScenarioClock().started(began, ScenarioClock().speed), began))
    assert len(found) == len(entries)
    meets = {
        "declared": wants(Expects.DECLARED, severity=Severity.SEV2),
        "evidence": wants(Expects.EVIDENCE, source="memory"),
        "runbook": wants(Expects.CONTAINMENT, runbooks=("support-assistant-disable",)),
        "soaked": wants(Expects.CONTAINMENT, soaked=True),
        "lever": wants(Expects.CONTAINMENT, levers=("memory.switch",)),
        "decision": wants(Expects.DECISION, mentions=("stays off",)),
    }
    assert {name: [turn.met for turn in turns(one, found, 0)] for name, one in meets.items()} == {
        name: [Met.MET] for name in meets
    }
    at = {name: next(turns(one, found, 0)).at for name, one in meets.items()}
    assert 0 == at["declared"] <= at["evidence"] <= at["lever"] <= at["runbook"] <= at["soaked"] <= at["decision"]
    missing = wants(Expects.CONTAINMENT, runbooks=("support-assistant-isolate",))
    assert list(turns(missing, found, 0)) == []


def test_what_is_older_or_erased_tells_nothing(tmp_path: Path) -> None:
    """An entry from before the drill began, and one whose words are gone."""
    drill = Drill(play(tmp_path))
    drill.now = -1
    drill.happens(Kind.CLOCK_OPENED, clock="old")
    drill.now = 1
    drill.happens(Kind.NOTE, text="gone", about="note")
    drill.happens(Kind.CLOCK_OPENED, clock="new")
    drill.record[1] = remade(drill.record[1], data=None, salt=None)
    found = facts(drill.record, drill.state.clock, drill.state.started or 0)
    assert [(one.seq, one.at, one.data["clock"]) for one in found] == [(3, SECOND, "new")]
