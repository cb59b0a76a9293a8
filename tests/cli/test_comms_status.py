"""`psfir comms status|cadence`: what each audience last heard, and what is due."""

from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.comms_status import overview, set_cadence
from psfir.app.messages import Table, record, sheet, table
from psfir.app.session import Session
from psfir.comms.choose import Wanted
from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase
from psfir.errors import Refusal, UsageError
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out, opened
from tests.cli.keyboard import Keyboard
from tests.comms.shelf import put

COMMS = "comms: {facts: {product: the assistant}}\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    root = lay_out(tmp_path)
    put(root)
    words = root / "psfir.yaml"
    words.write_text(words.read_text() + COMMS)
    return at_work(root)


def told(session: Session, *, minutes: float) -> str:
    """A holding message that went out so many minutes after the declaration; its id."""
    at = table(session)
    wanted = Wanted(Audience.PUBLIC, Phase.HOLDING, "en", PlanCase.DATA_LEAKAGE)
    message = record(at, sheet(at, wanted, {}))
    move(session, minutes)
    where: dict[str, Json] = {"message": message.id, "digest": message.digest, "channel": "status", "attempt": 1}
    session.record(session.draft(at.incident.id, Kind.SENDING, where))
    session.record(session.draft(at.incident.id, Kind.SENT, {**where, "result": "sent", "says": "posted"}))
    return message.id


def move(session: Session, minutes: float) -> None:
    assert isinstance(session.clock, StandingClock)
    session.clock.at = NOW + timedelta(minutes=minutes)


def public(at: Table) -> tuple[str, int]:
    seen = overview(at)
    line = next(line for line in seen.lines if line.audience is Audience.PUBLIC)
    return line.state, seen.missed


def test_the_first_word_is_due_in_ten_minutes(session: Session) -> None:
    """And its being late is counted until it is out, and after."""
    opened(session)
    assert public(table(session)) == ("ahead", 0)
    move(session, 6)
    assert public(table(session)) == ("soon", 0)
    move(session, 11)
    assert public(table(session)) == ("overdue", 1)


def test_each_message_promises_the_next(session: Session) -> None:
    """Twenty minutes after a holding statement; a missed one stays missed."""
    opened(session)
    told(session, minutes=1)
    assert public(table(session)) == ("ahead", 0)
    move(session, 22)
    assert public(table(session)) == ("overdue", 1)
    told(session, minutes=23)
    assert public(table(session)) == ("ahead", 1)


def test_slower_is_the_commanders_and_not_before_two_hours(session: Session) -> None:
    """Faster is anybody's who may send, at any time."""
    opened(session)
    told(session, minutes=1)
    set_cadence(table(session), Audience.PUBLIC, every=600.0, why="many ask")
    with pytest.raises(Refusal, match="first two hours"):
        set_cadence(table(session), Audience.PUBLIC, every=7200.0, why="nothing new")
    move(session, 121)
    set_cadence(table(session), Audience.PUBLIC, every=7200.0, why="nothing new")
    carol = at_work(session.root, "carol", clock=StandingClock(session.clock.now()))
    with pytest.raises(Refusal, match="commander's to decide"):
        set_cadence(table(carol), Audience.PUBLIC, every=9000.0, why="nothing new")
    with pytest.raises(UsageError, match="say why"):
        set_cadence(table(session), Audience.PUBLIC, every=600.0, why=" ")


def test_nor_is_it_anybodys_before_the_first_message(session: Session) -> None:
    """An audience that heard nothing yet is owed what the next message would promise by itself."""
    opened(session)
    with pytest.raises(Refusal, match="first two hours"):
        set_cadence(table(session), Audience.PUBLIC, every=7 * 86400.0, why="nothing to say")
    set_cadence(table(session), Audience.PUBLIC, every=1200.0, why="as usual")


def test_what_somebody_set_is_what_the_next_draft_promises(session: Session) -> None:
    """From the next message on."""
    opened(session)
    set_cadence(table(session), Audience.PUBLIC, every=600.0, why="many ask")
    at = table(session)
    made = sheet(at, Wanted(Audience.PUBLIC, Phase.HOLDING, "en", PlanCase.DATA_LEAKAGE), {})
    assert made.next_update_at == NOW + timedelta(minutes=10)


def test_what_is_not_out_says_what_it_waits_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A yes, sending, or a person's look."""
    desk = Keyboard(tmp_path, capsys, monkeypatch)
    put(desk.root)
    words = desk.root / "psfir.yaml"
    words.write_text(
        words.read_text().replace("people:\n", "people:\n  dan: {name: D, roles: [comms_approver]}\n", 1) + COMMS
    )
    desk.me("dan")
    desk.ok("comms", "approve", "--all", "--yes")
    desk.me("alice")
    desk.ok("incident", "declare", "support-assistant", "--case", "data_leakage")
    name = desk.ok("comms", "draft", "--json").json["message"]["id"]
    assert f"{name}  public holding: needs a yes as incident_commander" in desk.ok("comms", "status").out
    desk.ok("comms", "approve", name, "--yes")
    assert (
        f"{name}  public holding: cleared for people to send: psfir comms text {name}" in desk.ok("comms", "status").out
    )
    desk.ok("comms", "withdraw", name, "--reason", "wrong")
    assert name not in desk.ok("comms", "status").out
    assert "60 <= " not in desk.type("comms", "cadence", "public", "5s", "--reason", "x").err
    assert desk.type("comms", "cadence", "public", "5s", "--reason", "x").code == 2
    assert desk.ok("comms", "cadence", "public", "15m", "--reason", "many ask").out
