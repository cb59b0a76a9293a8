"""How `psfir restore` ends: the feature is on again, which mends nothing, and what is to be watched is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from psfir.app import afterwards
from psfir.app.afterwards import Again
from psfir.cli.desk import Desk
from psfir.cli.ending_restore import finish_restore, watch
from psfir.domain.change import Held
from psfir.domain.incident import Incident
from psfir.domain.modes import Mode
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.verdict import Sight
from psfir.engine.kit import Control
from tests.app.incident_kit import at_work, opened, plan, put_back, ran
from tests.app.incident_kit import lay_out as lay_out_incident
from tests.app.workspaces import lay_out, psfir, result


def test_what_is_back_is_loud_and_what_to_watch_is_said(tmp_path: Path) -> None:
    """By every replica, in the words of the probes; the kill for the case that it goes wrong again can be copied."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes", "--title", "promises refunds").returncode == 0
    done = psfir(tmp_path, "restore", "--yes")
    assert done.returncode == 0, done.stderr
    tail = done.stdout[done.stdout.index("RESTORED: ") :]
    incident = done.stdout.split("psfir incident resolve ")[1].split()[0]
    assert "  assistant is ON again. To restore puts back what was there, and mends nothing\n" in tail
    assert "  BACK AGAIN, which the kill had stopped:\n    memory: r1: on = true\n    memory: r2: on = true\n" in tail
    assert "watch:  does it go wrong again? It was: promises refunds. If so, at once:\n" in tail
    assert f"\n    psfir kill assistant --incident {incident}\n  next:\n" in tail


def test_a_program_is_told_too(tmp_path: Path) -> None:
    """Under `again`, by system."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    (again,) = result(psfir(tmp_path, "restore", "--yes", "--json"))["again"]
    assert (again["system"], again["back"][0]) == ("assistant", "memory: r1: on = true")
    assert (again["away"], again["untold"]) == ([], [])


@pytest.fixture
def restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a function
    """The ending of a restore, on a workspace whose one probe finds nothing to look at."""
    monkeypatch.setattr(afterwards, "SHARE", 0.1)
    session = at_work(lay_out_incident(tmp_path))
    incident = put_back(session, ran(session, opened(session), plan()))

    def end() -> None:
        backs: Sequence[RunFacts] = [run for run in incident.runs.values() if run.verb is Verb.RESTORE]
        assert finish_restore(Desk(tmp_path, as_json=False), session, "restore", incident, backs) == 0

    return end


def test_not_being_able_to_tell_is_no_good_news(restored: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401
    """It is as loud as what is back."""
    restored()
    said = capsys.readouterr().out
    assert "COULD NOT TELL whether it is back:" in said
    assert "BACK AGAIN" not in said


def test_whoever_does_not_wait_is_told_the_rest(
    restored: Any,  # noqa: ANN401 - a function
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """^C ends the looking, and not the closing words."""
    real = afterwards.again

    def interrupted(session: Any, incident: Incident, runs: Sequence[RunFacts], control: Control) -> Any:  # noqa: ANN401
        if not control.let_go.is_set():
            raise KeyboardInterrupt
        return real(session, incident, runs, control)

    monkeypatch.setattr("psfir.cli.ending_restore.again", interrupted)
    restored()
    said = capsys.readouterr().out
    assert "support-assistant is ON again" in said
    assert "no probe was looked at" in said
    assert "psfir audit verify" in said


def test_of_many_systems_it_is_counted(tmp_path: Path) -> None:
    """Nobody reads a hundred lines: which are back and which could not be told, and how to kill the first of them."""
    incident = opened(at_work(lay_out_incident(tmp_path)))
    back, blind = Sight("all", Held.NOT_HELD, "on"), Sight("all", Held.COULD_NOT_TELL, "no answer")
    seen = [Again(f"s{number}", Mode.DISABLE, (("seen", back if number else blind),)) for number in range(9)]
    said = [click.unstyle(text) for text in watch(seen, incident)]
    assert said[0].startswith("  9 systems are on again. ")
    assert "BACK AGAIN, which the kill had stopped:  8: s1, s2, s3" in said[1]
    assert said[2].endswith("COULD NOT TELL whether they are back:  1: s0")
    assert len(said) <= 10
