"""Declaring: ids, triggers in the past, and the killer whom psfir does not know."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from psfir.app.incident import Declared, declare, new_id, since
from psfir.domain.modes import PlanCase, Severity
from psfir.errors import Refusal, UsageError
from tests.app.incident_kit import NOW, at_work, lay_out, opened


def test_an_id_has_the_day_and_six_letters_of_chance() -> None:
    """Ids sort by day and differ by chance, so that records spooled apart can be merged."""
    assert new_id(NOW, b"\x00\x00\x00\x00") == "INC-20261121-aaaaaa"
    assert new_id(NOW, b"\xff\xff\xff\xff\xff") == "INC-20261121-777777"
    assert len({new_id(NOW, bytes([n, 1, 2, 3])) for n in range(256)}) == 256


def test_too_little_chance_is_refused() -> None:
    """An id that two people could draw at once is not made."""
    with pytest.raises(ValueError, match="4 bytes"):
        new_id(NOW, b"\x00")


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("10m", 600),
        ("10m ago", 600),
        (" 1h30m  ago ", 5400),
        ("0s", 0),
        ("2026-11-21T03:02:00Z", 600),
        ("2026-11-21T04:02:00+01:00", 600),
    ],
)
def test_since_takes_spans_and_instants(text: str, ago: float) -> None:
    """A trigger is said as a span or as a time with its zone."""
    assert NOW - since(text, NOW) == timedelta(seconds=ago)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-21T03:12:01Z", "lies in the future"),
        ("2026-11-21T03:02:00", "no time zone"),
        ("yesterday", "neither a time nor a span"),
        ("", "neither a time nor a span"),
        ("0001-01-01T00:00:00+14:00", "neither a time nor a span"),
        ("-5m", "neither a time nor a span"),
        ("9000d", "more than a year ago"),
        ("9" * 400 + "d", "neither a time nor a span|more than a year ago"),
    ],
)
def test_since_refuses_what_cannot_be_a_trigger(text: str, says: str) -> None:
    """The future, a time without zone, and rubbish are sentences."""
    with pytest.raises(UsageError, match=says):
        since(text, NOW)


def test_declaring_records_trigger_systems_and_title(tmp_path: Path) -> None:
    """The incident is what was said, read back from the record."""
    session = at_work(lay_out(tmp_path))
    words = Declared(
        title="It promises refunds",
        reason="three tickets",
        severity=Severity.SEV1,
        case=PlanCase.HARMFUL_OUTPUT,
        trigger_at=NOW - timedelta(minutes=10),
        source="pager",
    )
    declared = declare(session, ["support-assistant", "search", "search"], words=words)
    again = session.incident(declared.id)
    assert again == declared
    assert again.systems == ("support-assistant", "search")
    assert (again.title, again.severity, again.case) == ("It promises refunds", Severity.SEV1, PlanCase.HARMFUL_OUTPUT)
    assert again.trigger_at == datetime(2026, 11, 21, 3, 2, tzinfo=UTC)
    assert [note.about for note in again.notes] == ["title", "reason"]
    assert again.declared_by == "asserted:alice"


def test_without_a_word_the_trigger_is_now(tmp_path: Path) -> None:
    """The clock counts from the declaration where nobody says otherwise."""
    assert opened(at_work(lay_out(tmp_path))).trigger_at == NOW


def test_a_system_that_is_none_is_refused(tmp_path: Path) -> None:
    """A typing error declares nothing, and the near miss is named."""
    session = at_work(lay_out(tmp_path))
    with pytest.raises(UsageError, match="did you mean support-assistant"):
        opened(session, "suport-assistant")
    with pytest.raises(UsageError, match="at least one system"):
        declare(session, [], words=Declared())
    assert session.incidents() == []


def test_a_trigger_in_the_future_is_refused(tmp_path: Path) -> None:
    """Also for callers that work out the time themselves."""
    with pytest.raises(UsageError, match="in the future"):
        opened(at_work(lay_out(tmp_path)), trigger_at=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("me", ["", "mallory"])
def test_somebody_unknown_cannot_declare(tmp_path: Path, me: str) -> None:
    """Outside of a kill an incident is declared by people psfir.yaml names."""
    session = at_work(lay_out(tmp_path), me)
    with pytest.raises(Refusal, match="cannot declare"):
        opened(session)
    assert session.incidents() == []


def test_somebody_unknown_kills_by_saying_who_and_why(tmp_path: Path) -> None:
    """The claim, the login and the reason stay in the incident, marked as unverified."""
    session = at_work(lay_out(tmp_path), "")
    words = Declared(reason="it leaks", claimed_name="Eve from sales")
    declared = declare(session, ["search"], words=words, killing=True)
    assert [(c.text, c.about, c.actor) for c in declared.claims] == [("Eve from sales", "it leaks", "unverified")]
    entries = list(session.journal.read(declared.id))
    assert [entry.kind for entry in entries] == ["incident.declared", "actor.claimed", "incident.note"]
    assert (entries[1].data or {})["login"] == "nobody@box"


@pytest.mark.parametrize("words", [Declared(), Declared(reason="x"), Declared(claimed_name="Eve", reason="  ")])
def test_somebody_unknown_who_says_nothing_is_refused(tmp_path: Path, words: Declared) -> None:
    """A name and a reason are all that is asked, and both are asked."""
    session = at_work(lay_out(tmp_path), "")
    with pytest.raises(Refusal, match="who you are and why"):
        declare(session, ["search"], words=words, killing=True)
    assert session.incidents() == []


def test_a_known_person_who_kills_claims_nothing(tmp_path: Path) -> None:
    """An auditor may kill too, and is no unverified person for that."""
    session = at_work(lay_out(tmp_path), "dora")
    assert declare(session, ["search"], words=Declared(), killing=True).claims == ()
