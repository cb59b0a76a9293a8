"""`psfir drill run` and `join`: real processes at a real socket, and a scenario clock that the test speeds up."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.domain.kinds import Kind
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.log import LogKind
from psfir.rehearsal.state import fold
from psfir.rehearsal.words import Met
from tests.app.incident_kit import at_work
from tests.cli.drilling import Table, stage
from tests.cli.keyboard import on_a_terminal


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    seats = Table(stage(tmp_path / "work"))
    yield seats
    seats.close()


def test_it_runs_to_its_end_and_is_recorded_once(table: Table) -> None:
    """An hour in a second: each inject at its own scenario instant, and one entry in the live record."""
    lead = table.start("drill", "run", "small", "--speed", "7200")
    assert lead.end() == 0, lead.last_words
    run = table.run
    fired = {one.data["inject"]: one.data["at"] // SECOND for one in run.log() if one.kind is LogKind.FIRED}
    assert fired == {"first": 0, "doubt": 300, "worse": 15 * 60 + 120}
    (entry,) = [one for one in at_work(table.root).journal.read("") if one.kind == Kind.DRILL_RECORDED]
    assert entry.data is not None
    assert entry.data["run"] == run.name
    assert entry.data["log_digest"] == run.log_digest()
    assert entry.data["counts"] is False
    assert "its time did not run at the speed of real time" in entry.data["practice"]
    assert lead.said[-1]["event"] == "result"


def test_a_player_sees_what_comes_for_the_role_and_nothing_else(table: Table) -> None:
    """Everything that its process was ever sent is looked through for what only the facilitator knows."""
    lead = table.lead()
    desk, chief = table.join("desk", "carol"), table.join("lead", "alice")
    lead.type("fire ask they are bored", "hint first", "add desk Somebody calls.", "pause to talk", "show")
    asked = desk.until("What do we say?")
    number = asked["view"]["injects"][0]["number"]
    desk.type(f"answer {number} 2", "ack")
    desk.until("noted")
    chief.until("Who may stop it?")
    lead.type("fire worse it is time", "end enough")
    for player in (desk, chief):
        assert player.end() == 0
    assert lead.end() == 0
    assert "Answers are odd." in chief.heard
    assert "Answers are odd." not in desk.heard
    assert "Somebody calls." not in chief.heard
    secret = ("prompt was cut", "Which button", "red_flag", "declared", "stopped", "doubt", "worse", "correct", "small")
    for player in (desk, chief):
        assert [word for word in secret if word in player.heard.replace("the drill is broken off", "")] == []
    state = fold(table.run.scenario(), table.run.log())
    assert state.expectations["said"].met is Met.MET
    assert state.acknowledged


def test_the_socket_and_all_of_the_run_are_its_owners(table: Table) -> None:
    """Nobody else on the machine can look into a drill, or speak in it."""
    lead = table.lead()
    table.join("desk", "carol")
    assert stat.S_IMODE(table.run.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(table.run.path.stat().st_mode) == 0o700
    lead.type("abort enough")
    assert lead.end() == 1
    assert not table.run.socket.exists()


def test_a_decision_of_a_player_is_in_the_record_of_the_drill(table: Table) -> None:
    """And in no other; without an incident there is nothing to decide on, which is said."""
    lead = table.lead()
    chief = table.join("lead", "alice")
    chief.type("decide it stays off")
    chief.until("there is no incident")
    chief.type(
        "psfir incident declare support-assistant --severity sev2 --json", "decide it stays off", "consult legal: fine"
    )
    chief.until("incident.declare")
    chief.until("noted")
    chief.until("noted")
    lead.type("wait 1s", "show")
    lead.until("expect declared: met")
    lead.type("end enough")
    assert (lead.end(), chief.end()) == (0, 0)
    assert [entry.kind for entry in at_work(table.root).journal.read()] == [Kind.DRILL_RECORDED]


def test_a_word_of_any_player_ends_it_at_once_and_opens_what_is_real(table: Table) -> None:
    """REAL WORLD: everybody hears, and the incident is in the live record, by whoever said it."""
    lead = table.lead()
    desk, chief = table.join("desk", "carol"), table.join("lead", "alice")
    chief.type("REAL WORLD incident search: it leaks in earnest")
    assert (lead.end(), desk.end(), chief.end()) == (1, 1, 1)
    (real,) = at_work(table.root).incidents()
    assert real.systems == ("search",)
    assert "asserted:alice" in [one.actor for one in at_work(table.root).journal.read(real.id)]
    assert "it is broken off" not in desk.heard


def test_orders_that_cannot_be_done_are_said_and_the_drill_goes_on(table: Table) -> None:
    """In every state: each with its sentence, none of them the end."""
    lead = table.lead()
    lead.type("frie first x", "fire first again", "skip doubt", "hold doubt they talk", "release worse", "speed 0")
    for said in ("is no order", "was fired already", "needs a reason", "held doubt", "nobody holds it", "is no speed"):
        lead.until(said)
    lead.type(
        "note X", "note M contain @first slow", "met declared I saw it", "there desk carol", "rewind 1m once more"
    )
    for said in ("is no rating", "noted M (contain): slow", "MET declared", "carol is desk", "play on from T+01:00"):
        lead.until(said)
    lead.type("end enough")
    assert lead.end() == 0


def test_a_facilitator_that_was_killed_is_followed_and_players_join_again(table: Table) -> None:
    """By kill -9: the same scenario time, the same players, by themselves; nobody can lead it twice meanwhile."""
    lead = table.lead()
    desk = table.join("desk", "carol")
    second = table.start("drill", "resume", me="bob")
    assert second.end() == 3
    assert "led by somebody else" in second.heard
    lead.type("add desk Before it.")
    desk.until("Before it.")
    lead.kill()
    again = table.start("drill", "resume", me="bob")
    again.until("taken up again by bob")
    again.type("add desk Behind it.")
    desk.until("Behind it.")
    again.type("end enough")
    assert (again.end(), desk.end()) == (0, 0)
    kinds = [one.kind for one in table.run.log()]
    assert kinds.count(LogKind.TAKEN_UP) == 1
    assert kinds.count(LogKind.JOINED) == 1


def test_a_second_facilitator_shares_it_and_nothing_forks(table: Table) -> None:
    """Their orders go through the one process that writes, and both are told all of it."""
    lead = table.lead()
    other = table.start("drill", "resume", "--share", me="bob")
    other.until("you lead it together")
    other.type("note S slow but well", "skip doubt no time")
    lead.until("skipped doubt: no time")
    other.until("skipped doubt: no time")
    other.type("end enough")
    assert (lead.end(), other.end()) == (0, 0)
    assert {one.by for one in table.run.log()} == {"alice", "bob", "psfir"}


def test_what_nobody_leads_any_more_can_be_stopped(table: Table) -> None:
    """Its log ends, and the live record has it as practice."""
    lead = table.lead()
    lead.kill()
    assert table.start("drill", "stop").end() == 0
    assert table.run.log()[-1].kind is LogKind.ABORTED
    (entry,) = at_work(table.root).journal.read("")
    assert entry.data is not None
    assert "it was broken off" in entry.data["practice"]
    assert table.start("drill", "stop").end() == 0
    assert len(list(at_work(table.root).journal.read(""))) == 1, "it is recorded once"


def test_stop_returns_when_whoever_led_it_is_done(table: Table) -> None:
    """Told from another terminal: by then the lead is free, the log has its end, and the record its entry."""
    lead = table.lead()
    assert table.start("drill", "stop").end() == 0
    assert not table.run.led()
    assert lead.end() == 1
    assert len(list(at_work(table.root).journal.read(""))) == 1


def test_one_person_alone_plays_all_roles(table: Table) -> None:
    """Each message in the same terminal, answered in the role that it went to; nothing is given away."""
    lead = table.start("drill", "run", "small", "--solo")
    lead.type("psfir incident declare support-assistant --json", "decide it goes off", "as desk", "note we wait")
    lead.type("speed 7200", "wait over")
    assert lead.end() == 0, lead.last_words
    state = fold(table.run.scenario(), table.run.log())
    assert state.expectations["declared"].met is Met.MET


def test_the_list_says_when_it_was_played_last_and_what_is_running(table: Table) -> None:
    """From the live record, and from who holds the lead."""
    lead = table.lead()
    listed = table.start("drill", "list")
    assert listed.end() == 0
    assert [one["scenario"] for one in listed.said[-1]["running"]] == ["small"]
    assert listed.said[-1]["drills"][0]["last_run"] is None
    lead.type("end enough")
    assert lead.end() == 0
    listed = table.start("drill", "list")
    assert listed.end() == 0
    assert listed.said[-1]["running"] == []
    assert listed.said[-1]["drills"][0]["last_run"]["run"] == table.run.name


def test_a_live_drill_only_looks_on(table: Table) -> None:
    """It has no copy, no range and no levers: it follows the live record, in which people do what they do."""
    path = table.root / "drills" / "small.yaml"
    path.write_text(path.read_text().replace("safety:", "level: live\nsafety:"))
    lead = table.lead()
    session = at_work(table.root, clock=None)
    assert table.start("incident", "declare", "support-assistant", "--severity", "sev1").end() == 0
    lead.until("MET declared: declared sev1")
    lead.type("end enough")
    assert lead.end() == 0
    assert not (table.run.path / "ws").exists()
    assert len(session.incidents()) == 1


def test_on_a_terminal_everything_is_said_in_its_width(table: Table) -> None:
    """Alone at a narrow one: the banner first, each message with whom it is from and for, the word ends it."""
    done = on_a_terminal(table.root, "drill", "run", "small", "--solo", typed="as desk\nREAL WORLD\n", columns=60)
    assert done.code == 1
    said = done.out
    assert said.index("EXERCISE EXERCISE EXERCISE") < said.index("Answers are odd.")
    assert "you are desk; roles: lead, desk" in said
    assert "practice and no evidence: it was broken off" in said
    assert max(len(line) for line in said.splitlines() if "/" not in line) <= 60
