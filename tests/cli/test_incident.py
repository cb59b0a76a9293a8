"""`psfir incident`: each command by its words, what it leaves in the record, and how it refuses."""

from pathlib import Path

import pytest

from psfir.domain.incident import Status
from psfir.domain.people import Seat
from psfir.domain.plan import Verb
from psfir.domain.wording import short
from tests.app.incident_kit import opened, plan, planned, ran
from tests.cli.keyboard import Keyboard, on_a_terminal


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def declare(keyboard: Keyboard, *words: str) -> str:
    said = keyboard.ok("incident", "declare", *(words or ("support-assistant",)), "--json").json
    assert isinstance(said["incident"]["id"], str)
    return said["incident"]["id"]


def test_declaring_says_how_to_go_on(keyboard: Keyboard) -> None:
    """The id, and the kill that joins it."""
    done = keyboard.ok("incident", "declare", "support-assistant", "--title", "Refunds", "--severity", "sev1")
    incident = keyboard.session().incidents()[0]
    assert done.out.splitlines() == [
        f"declared {incident.id}, sev1: Refunds",
        f"  -> psfir kill support-assistant --incident {incident.id}",
    ]


def test_declaring_takes_case_trigger_and_source(keyboard: Keyboard) -> None:
    """All of it is in the record and in the JSON."""
    words = ["support-assistant", "search", "--case", "data_leakage", "--since", "10m ago", "--source", "pager"]
    said = keyboard.ok("incident", "declare", *words, "--json").json
    assert said["schema"] == "psfir.out.incident.declare/1"
    incident = said["incident"]
    assert (incident["systems"], incident["case"]) == (["support-assistant", "search"], "data_leakage")
    assert incident["trigger"]["source"] == "pager"
    assert 599 < incident["seconds_since_trigger"] < 660


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["declare", "nothing"], 2, "psfir.yaml has no system 'nothing'"),
        (["declare"], 2, "Missing argument"),
        (["declare", "search", "--since", "2999-01-01T00:00:00Z"], 2, "lies in the future"),
        (["declare", "search", "--since", "2026-01-01T00:00:00"], 2, "no time zone"),
        (["declare", "search", "--severity", "sev9"], 2, "sev9"),
        (["show", "INC-none"], 2, "there is no incident INC-none"),
        (["show"], 2, "there is no incident in this record"),
        (["note", "hm"], 2, "there is no incident"),
        (["seat", "captain", "bob"], 2, "there is no incident"),
        (["hand-over"], 2, "Missing option"),
        (["severity", "bad"], 2, "'bad' is no severity"),
        (["frob"], 2, "frob"),
    ],
)
def test_wrong_words_are_sentences(keyboard: Keyboard, words: list[str], code: int, says: str) -> None:
    """Exit code 2, on standard error, and nothing recorded."""
    done = keyboard.type("incident", *words)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert keyboard.session().incidents() == []


def test_somebody_unknown_can_look_and_not_write(keyboard: Keyboard) -> None:
    """Looking needs no papers; every deed is refused with code 3."""
    declare(keyboard)
    keyboard.me("mallory")
    for words in (["show"], ["list"], ["status"], ["show", "--summary"]):
        keyboard.ok("incident", *words)
    deeds = [
        ["declare", "search"],
        ["note", "hm"],
        ["seat", "scribe", "bob"],
        ["severity", "sev1"],
        ["false-alarm"],
        ["hand-over", "--to", "bob"],
        ["resolve"],
    ]
    for words in deeds:
        done = keyboard.type("incident", *words)
        assert done.code == 3, (words, done)
        assert "'mallory' is not a person in psfir.yaml" in done.err


def test_notes_are_taken_as_words_or_from_standard_input(keyboard: Keyboard) -> None:
    """With or without the incident before them; a word that only looks like one is text."""
    incident = declare(keyboard)
    keyboard.ok("incident", "note", "all", "of", "this")
    keyboard.ok("incident", "note", incident, "with the id")
    keyboard.ok("incident", "note", incident[-6:], "with its end")
    keyboard.ok("incident", "note", "-", stdin="from a pipe\n")
    keyboard.ok("incident", "note", "abcdef", "is text")
    texts = [note.text for note in keyboard.session().incident().notes]
    assert texts == ["all of this", "with the id", "with its end", "from a pipe", "abcdef is text"]


def test_a_note_that_says_nothing_or_too_much_is_refused(keyboard: Keyboard) -> None:
    """An endless pipe is not read to its end."""
    declare(keyboard)
    assert keyboard.type("incident", "note", "-", stdin="  \n").code == 2
    assert "at most 65536" in keyboard.type("incident", "note", "-", stdin="x" * 70_000).err
    assert "there is no incident INC-nope" in keyboard.type("incident", "note", "INC-nope", "x").err


def test_seats_severity_and_hand_over(keyboard: Keyboard) -> None:
    """By words with or without the incident; hand-over prints what to paste."""
    incident = declare(keyboard)
    keyboard.ok("incident", "seat", "comms-lead", "carol")
    keyboard.ok("incident", "seat", incident, "scribe", "bob")
    keyboard.ok("incident", "severity", "sev1")
    keyboard.ok("incident", "severity", incident, "sev3")
    done = keyboard.ok("incident", "hand-over", "--to", "bob")
    assert done.out.splitlines()[0] == f"bob is commander of {incident}. Paste this:"
    assert "Seats: comms lead carol, scribe bob, commander bob" in done.out
    folded = keyboard.session().incident()
    assert folded.severity == "sev3"
    assert folded.seats == {Seat.COMMS_LEAD: "carol", Seat.SCRIBE: "bob", Seat.COMMANDER: "bob"}
    said = keyboard.ok("incident", "hand-over", "--to", "alice", "--json").json
    assert sorted(said) == ["incident", "schema", "summary"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["seat", "captain", "bob"], "there is no seat 'captain'"),
        (["seat", "scribe", "zoe"], "psfir.yaml names no person 'zoe'"),
        (["seat", "scribe"], "say a seat and a person"),
        (["hand-over", "--to", "zoe"], "no person 'zoe'"),
        (["merge", "INC-zzz"], "there is no incident INC-zzz"),
    ],
)
def test_names_that_are_none_are_refused(keyboard: Keyboard, words: list[str], says: str) -> None:
    """With the near miss or the list."""
    declare(keyboard)
    done = keyboard.type("incident", *words)
    assert done.code == 2
    assert says in done.err


def test_the_way_to_the_end_and_back(keyboard: Keyboard) -> None:
    """Resolve, close, reopen, false alarm, each with its sentence; a second time is refused with what to do."""
    incident = declare(keyboard)
    done = keyboard.ok("incident", "resolve")
    assert done.out == f"{incident} is resolved. The RCA clock begins now: 5 business days.\n"
    done = keyboard.type("incident", "resolve", incident)
    assert done.code == 3
    assert f"psfir incident reopen {incident}" in done.err
    assert keyboard.ok("incident", "close").out == f"{incident} is closed\n"
    assert keyboard.ok("incident", "reopen").out == f"{incident} is open again\n"
    assert keyboard.ok("incident", "false-alarm").out == f"{incident} was a false alarm\n"
    assert keyboard.session().incident(incident).status is Status.FALSE_ALARM


def test_resolving_anyway_is_loud(keyboard: Keyboard) -> None:
    """Refused while not contained, and shouted about when forced."""
    incident = declare(keyboard)
    session = keyboard.session()
    ran(session, session.incident(incident), plan(), verdict="not_contained")
    done = keyboard.type("incident", "resolve")
    assert done.code == 3
    assert "the verdict is not contained" in done.err
    done = keyboard.ok("incident", "resolve", "--anyway", "vendor pulled it")
    assert "resolved ANYWAY" in done.err
    assert "1 changes still stand" in done.out
    assert "resolved ANYWAY" in keyboard.ok("incident", "show", incident).out
    assert keyboard.type("incident", "close", incident).code == 3
    keyboard.ok("incident", "close", incident, "--anyway", "it is retired")


def test_merging(keyboard: Keyboard) -> None:
    """The other one carries on, with both systems."""
    one, other = declare(keyboard), declare(keyboard, "search")
    assert keyboard.ok("incident", "merge", one, other).out == f"{one} goes on in {other}\n"
    assert f"MERGED into {other}" in keyboard.ok("incident", "show", one).out
    noted = keyboard.ok("incident", "note", one, "it began there").out
    assert noted == f"noted in {other}, in which {one} goes on\n"
    assert "it began there" in keyboard.ok("incident", "show", other).out
    assert "it began there" not in keyboard.ok("incident", "show", one).out
    assert keyboard.session().incident(other).systems == ("search", "support-assistant")


def test_the_list_shows_what_is_open_or_stands(keyboard: Keyboard) -> None:
    """A closed one without anything standing is only in --all; `psfir incident` alone is the list."""
    assert keyboard.ok("incident", "list").out == "nothing is open\n"
    assert keyboard.ok("incident", "list", "--all").out == "no incident ever\n"
    first, second = declare(keyboard), declare(keyboard, "search")
    keyboard.ok("incident", "false-alarm", first)
    assert first not in keyboard.ok("incident").out
    for words in (["--json"], ["list", "--json"], ["-w", str(keyboard.root), "--json", "list"]):
        found = keyboard.ok("incident", *words).json
        assert (found["schema"], [one["id"] for one in found["incidents"]]) == ("psfir.out.incident.list/1", [second])
    assert second in keyboard.ok("incident").out
    assert first in keyboard.ok("incident", "list", "--all").out
    listed = keyboard.ok("incident", "list", "--json").json
    assert listed["schema"] == "psfir.out.incident.list/1"
    assert [one["id"] for one in listed["incidents"]] == [second]


def test_the_page_has_every_part(keyboard: Keyboard) -> None:
    """Headline, clock, verdict, seats, what stands, runs with proof, approvals, timeline."""
    incident = declare(keyboard, "support-assistant", "--source", "pager")
    session = keyboard.session()
    ran(session, session.incident(incident), plan(), verdict="partial")
    page = keyboard.ok("incident", "show").out
    for part in (
        f"{incident}  sev2  OPEN  support-assistant",
        "verdict  PARTIAL",
        "seats    nobody seated",
        "Still standing\n  stop, rung 1: memory.switch",
        "PARTIAL  5 probe answers from 1 replica over 4s",
        "Approvals: none",
        "Timeline (UTC)",
        "alice  declared sev2 for support-assistant",
    ):
        assert part in page
    said = keyboard.ok("incident", "show", "--json").json
    assert sorted(said) == ["incident", "schema", "summary", "timeline"]
    assert said["timeline"][0]["kind"] == "incident.declared"
    assert keyboard.ok("incident", "show", "--summary").out.rstrip("\n") == said["summary"]


def test_two_open_incidents_are_told_apart(keyboard: Keyboard) -> None:
    """Nothing is written into one of two that could be meant."""
    one, other = declare(keyboard), declare(keyboard, "search")
    done = keyboard.type("incident", "note", "which?")
    assert done.code == 2
    assert one in done.err
    assert other in done.err


def test_resolving_says_that_a_restore_still_waits(keyboard: Keyboard) -> None:
    """What was asked for before the end waits beyond it, and its digest is at hand."""
    session = keyboard.session()
    incident = ran(session, opened(session), plan())
    restore = plan(Verb.RESTORE, containment="run-1")
    planned(session, incident, restore)
    said = keyboard.ok("incident", "resolve").out
    waits = f"its restore still waits, with 0 of 2 yeses: psfir approve {short(restore.digest)}"
    assert said.splitlines()[-1] == f"  {waits}"


@pytest.mark.parametrize("command", ["note", "seat", "severity", "status", "reopen", "false-alarm", "resolve", "close"])
def test_every_deed_answers_in_json(keyboard: Keyboard, command: str) -> None:
    """One object with the incident as it then is."""
    words = {"note": ["hm"], "seat": ["scribe", "bob"], "severity": ["sev1"]}.get(command, [])
    incident = declare(keyboard)
    if command in {"reopen", "close"}:
        keyboard.ok("incident", "resolve")
    said = keyboard.ok("incident", command, *words, "--json").json
    assert said["schema"] == f"psfir.out.incident.{command.replace('-', '_')}/1"
    assert said["incident"]["id"] == incident


def test_a_refusal_answers_in_json_too(keyboard: Keyboard) -> None:
    """A program reads why on standard output, a person on standard error."""
    declare(keyboard)
    keyboard.me("dora")
    done = keyboard.type("incident", "resolve", "--json")
    assert (done.code, done.json["schema"]) == (3, "psfir.out.error/1")
    assert done.json["error"]["kind"] == "Refusal"
    assert "allowed: alice" in done.json["error"]["todo"]


def test_a_terminal_is_filled_and_not_overrun(keyboard: Keyboard) -> None:
    """On sixty columns no line is longer, with colour, and without if the person wants none."""
    declare(keyboard, "support-assistant", "--title", "word " * 40)
    keyboard.ok("incident", "note", "word " * 60)
    plain = on_a_terminal(keyboard.root, "incident", "show", columns=60, NO_COLOR="1")
    assert plain.code == 0
    timeline = plain.out.partition("Timeline")[2].splitlines()
    assert max(len(line) for line in timeline) <= 60
    assert "\x1b[" not in plain.out
    assert "\x1b[1m" in on_a_terminal(keyboard.root, "incident", "show", columns=60).out
