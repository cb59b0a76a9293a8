"""`psfir clocks`: what may run and when it is due, what people say of it, and the notice on every answer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.incident_kit import StandingClock, at_work, opened
from tests.app.legal_kit import with_legal
from tests.app.test_evidence import PURGE
from tests.app.workspaces import lay_out, psfir
from tests.cli.keyboard import Keyboard, on_a_terminal
from tests.cli.test_completion import tab

NOTICE = "Computed from the recorded times and the cited text. Not legal advice: confirm with counsel."


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    board = Keyboard(tmp_path, capsys, monkeypatch)
    with_legal(tmp_path)
    board.me("emma")
    return board


def declared(keyboard: Keyboard, system: str = "support-assistant") -> str:
    now = datetime.now(UTC)
    session = at_work(keyboard.root, clock=StandingClock(now))
    return opened(session, system, trigger_at=now - timedelta(minutes=5)).id


def test_from_what_may_run_to_what_was_sent(keyboard: Keyboard) -> None:
    """The whole way of one duty, each command saying where it stands."""
    incident = declared(keyboard)
    page = keyboard.ok("clocks").out
    assert "MAY RUN, waits  gdpr-33-1: Notify the supervisory authority" in page
    assert "    waits for:  aware (72 hours from aware)" in page
    done = keyboard.ok("clocks", "record", "aware", "--at", "80h ago", "--why", "the report was read")
    assert "aware at 20" in done.out
    done = keyboard.ok("clocks", "open", incident, "gdpr-33-1", "--why", "names of customers")
    assert f"gdpr-33-1 is open in {incident}" in done.out
    assert "OPEN, OVERDUE  gdpr-33-1" in done.out
    page = keyboard.ok("clocks", incident).out
    assert "overdue by 8h; 72 hours from aware" in page
    assert '"without undue delay and, where feasible, not later than 72 hours after having become aware of it"' in page
    assert "https://eur-lex.europa.eu/eli/reg/2016/679/oj (read on 2026-11-21, copy)" in page
    assert "!  verified by nobody yet" in page
    keyboard.ok("clocks", "submitted", "gdpr-33-1", "--receipt", "A-1")
    assert "gdpr-33-1" in keyboard.ok("clocks").out.partition("set aside or submitted:")[2]
    assert "SUBMITTED, LATE  gdpr-33-1" in keyboard.ok("clocks", "show", "--all").out


def test_the_notice_stands_on_every_answer(keyboard: Keyboard) -> None:
    """For people and for programs, whatever was asked."""
    declared(keyboard)
    for words in (
        ["clocks"],
        ["clocks", "catalogue", "gdpr-33-1"],
        ["clocks", "record", "aware", "--why", "read"],
        ["clocks", "open", "gdpr-33-1", "--why", "names"],
        ["clocks", "set-aside", "gdpr-33-1", "--why", "none after all"],
        ["clocks", "submitted", "gdpr-34-1"],
    ):
        assert keyboard.ok(*words).out.rstrip().endswith(NOTICE), words
    for words in (["clocks", "--json"], ["clocks", "record", "detected", "--why", "x", "--json"]):
        assert keyboard.ok(*words).json["notice"] == NOTICE


def test_check_fails_while_something_open_is_due(keyboard: Keyboard) -> None:
    """What is only proposed, or set aside, makes nobody late."""
    declared(keyboard)
    keyboard.ok("clocks", "record", "aware", "--at", "80h ago", "--why", "read")
    keyboard.ok("clocks", "--check")
    keyboard.ok("clocks", "open", "gdpr-33-1", "--why", "names")
    assert keyboard.type("clocks", "--check").code == 1
    assert keyboard.ok("clocks").code == 0
    keyboard.ok("clocks", "set-aside", "gdpr-33-1", "--why", "nobody's data")
    keyboard.ok("clocks", "show", "--check")


def test_what_is_due_comes_first_and_what_waits_knows_the_worst(keyboard: Keyboard) -> None:
    """An open clock before one that is only proposed."""
    declared(keyboard)
    keyboard.ok("clocks", "record", "aware", "--at", "1h ago", "--why", "read")
    keyboard.ok("clocks", "open", "gdpr-33-1", "--why", "names")
    page = keyboard.ok("clocks").out
    assert page.index("gdpr-33-1") < page.index("dora-5-1-a")
    assert "2d23h left" in page
    assert "at the worst due" in page


def test_the_json_is_complete(keyboard: Keyboard) -> None:
    """Every row says what it counts, what it rests on, and how that was read."""
    incident = declared(keyboard)
    keyboard.ok("clocks", "record", "aware", "--at", "2026-11-20T12:00Z", "--why", "read")
    said = keyboard.ok("clocks", "--json").json
    assert (said["schema"], said["incident"], said["analysis"]) == ("psfir.out.clocks/1", incident, None)
    assert said["instants"]["aware"][0]["why"] == "read"
    [row] = [one for one in said["clocks"] if one["id"] == "dora-5-1-a"]
    assert row["due"] == "2026-11-21T12:00:00.000000Z"
    assert row["counted"] == "24 hours from aware"
    assert row["informational"][0]["rule"] == "next_working_noon"
    assert (row["state"], row["may_run"], row["grade"]) == ("proposed", "yes", "copy")
    assert row["retrieved_on"] == "2026-11-21"
    assert row["waits_for"] == ["classified_major"]


def test_the_catalogue_shows_every_word(keyboard: Keyboard) -> None:
    """Also of what is off, with the reason."""
    page = keyboard.ok("clocks", "catalogue").out
    assert "circia-72h: CIRCIA, Report a covered cyber incident  OFF" in page
    assert "off: the rule was not final" in page
    said = keyboard.ok("clocks", "catalogue", "sec-8k-105", "--json").json["clocks"]
    assert [one["limits"] for one in said] == [["4 business days from determined_material"]]
    assert keyboard.type("clocks", "catalogue", "gdpr-33").code == 2


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["record", "awre", "--why", "x"], 2, "did you mean aware?"),
        (["record", "aware"], 2, "needs a reason"),
        (["record", "aware", "--at", "tomorrow", "--why", "x"], 2, "neither a time nor a span"),
        (["open", "gdpr-33", "--why", "x"], 2, "did you mean gdpr-33-"),
        (["set-aside", "gdpr-33-1"], 2, "needs a reason"),
        (["submitted", "gdpr-33-1", "--update"], 3, "nothing to update"),
        (["delay", "gdpr-33-1", "--until", "2030-01-01T00:00Z", "--document", "x", "--why", "x"], 3, "knows no delay"),
        (["acknowledge", "purge", "--why", "x"], 2, "there is no runbook"),
        (["show", "INC-20200101-aaaaaa"], 2, "there is no incident"),
        (["INC-20200101-aaaaaa"], 2, "there is no incident"),
        (["shw"], 2, "No such command"),
    ],
)
def test_wrong_words_are_sentences(keyboard: Keyboard, words: list[str], code: int, says: str) -> None:
    """And nothing is recorded."""
    declared(keyboard)
    done = keyboard.type("clocks", *words)
    assert (done.code, says in done.err) == (code, True), done
    assert keyboard.ok("clocks", "--json").json["instants"] == {}


def test_who_may_not_is_told_who_may(keyboard: Keyboard) -> None:
    """Exit code 3."""
    declared(keyboard)
    keyboard.me("alice")
    done = keyboard.type("clocks", "set-aside", "gdpr-33-1", "--why", "x")
    assert done.code == 3
    assert "allowed: emma" in done.err


def test_without_a_word_on_the_company_everything_may_run(keyboard: Keyboard) -> None:
    """In one line, and in full on request."""
    path = keyboard.root / "psfir.yaml"
    path.write_text(path.read_text().partition("review:")[0])
    declared(keyboard)
    page = keyboard.ok("clocks").out
    assert "more could run: psfir.yaml does not say what the company is (review.legal)" in page
    assert "hipaa-404" in page
    assert (
        "may it run:  psfir.yaml does not say: roles, data, jurisdictions" in keyboard.ok("clocks", "show", "--all").out
    )


def test_words_of_people_are_shown_and_never_obeyed(keyboard: Keyboard) -> None:
    """No escape of a reason reaches the terminal."""
    declared(keyboard)
    keyboard.ok("clocks", "record", "aware", "--why", "read\x1b[2J it")
    keyboard.ok("clocks", "set-aside", "gdpr-33-1", "--why", "no\x1b[2J data")
    assert "\x1b[2J" not in keyboard.ok("clocks", "show", "--all").out


def test_no_line_is_wider_than_a_narrow_terminal(keyboard: Keyboard) -> None:
    """Quotes and all; an address is one word and may stick out."""
    declared(keyboard)
    keyboard.ok("clocks", "record", "aware", "--at", "1h ago", "--why", "read")
    done = on_a_terminal(keyboard.root, "clocks", columns=50, PSFIR_ME="emma", NO_COLOR="1")
    assert done.code == 0
    wide = [line for line in done.out.splitlines() if len(line) > 50 and "https://" not in line]
    assert [line for line in wide if not line.strip().startswith("psfir ")] == []


def test_tab_offers_facts_clocks_and_incidents(keyboard: Keyboard) -> None:
    """Each where it may stand."""
    incident = declared(keyboard)
    assert tab("clocks", "rec") == ["record"]
    assert incident in tab("clocks", "INC")
    assert tab("clocks", "record", "aw") == ["aware"]
    assert tab("clocks", "open", incident, "gdpr-33") == ["gdpr-33-1", "gdpr-33-2"]
    assert tab("clocks", "catalogue", "sec") == ["sec-8k-105"]


def test_a_purge_waits_and_a_kill_does_not(tmp_path: Path) -> None:
    """The real commands: the kill contains at once, the purge is refused until legal said yes."""
    lay_out(tmp_path)
    words = (
        (tmp_path / "psfir.yaml")
        .read_text()
        .replace("connections:", "  emma: {name: Emma, roles: [legal]}\nconnections:")
    )
    legal = "review: {legal: {roles: [provider], jurisdictions: [eu], high_risk: true}}\n"
    (tmp_path / "psfir.yaml").write_text(words + legal)
    purge = PURGE.replace("system: search", "system: assistant")
    (tmp_path / "runbooks" / "purge.yaml").write_text(purge)
    assert psfir(tmp_path, "kill", "assistant", "--runbook", "purge", "--yes").returncode == 3
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    refused = psfir(tmp_path, "kill", "assistant", "--runbook", "purge", "--yes")
    assert (refused.returncode, "legal has not said yes" in refused.stderr) == (3, True)
    said = psfir(tmp_path, "clocks", "acknowledge", "purge", "--why", "copies were checked", me="emma")
    assert said.returncode == 0, said.stderr
    assert psfir(tmp_path, "kill", "assistant", "--runbook", "purge", "--yes").returncode == 0
