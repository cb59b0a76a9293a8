"""Incidents in Slack: declare, status, note, role, approve, close; each is the same verb as at the command line."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.app import incident_deeds
from psfir.app.approve import Yes, find, give
from psfir.app.incident import Declared, declare
from psfir.app.incident_deeds import Step, pick
from psfir.app.incident_view import clock, headline, summary
from psfir.app.overview import overview
from psfir.app.session import Session
from psfir.domain.incident import Status
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.near import near
from psfir.domain.people import Seat
from psfir.domain.wording import short
from psfir.errors import UsageError
from psfir.slackbot.blocks import Button
from psfir.slackbot.mrkdwn import bold, code, safe
from psfir.slackbot.talk import Talk, wrong

STATUS = "psfir.status"
_DECLARE = "declare SYSTEM [sev1|sev2|sev3|sev4] [harmful_output|data_leakage|model_failure] [title]"


def declare_(talk: Talk, words: Sequence[str]) -> None:
    """`declare SYSTEM ...`: open an incident. It contains nothing."""
    if not words:
        raise wrong(_DECLARE)
    severity, case, title = Severity.SEV2, None, list(words[1:])
    if title and title[0].lower() in {one.value for one in Severity}:
        severity = Severity(title.pop(0).lower())
    if title and title[0].lower() in {one.value for one in PlanCase}:
        case = PlanCase(title.pop(0).lower())
    session = talk.session()
    said = Declared(" ".join(title), severity=severity, case=case, source="Slack", trigger_at=session.clock.now())
    opened = declare(session, [words[0]], words=said)
    talk.whisper(f"Declared {bold(opened.id)}. To contain it: {code('/psfir kill ' + words[0])}")


def status(talk: Talk, words: Sequence[str]) -> None:
    """`status [INC]`: one incident's summary; without a word, that of this channel or all that is open."""
    session = talk.session()
    if words or talk.incident_here:
        found = talk.incident(session, words[0] if words else "")
        talk.whisper("\n".join(safe(line) for line in summary(session, found).splitlines()))
        return
    menu(talk, ())


def menu(talk: Talk, _: Sequence[str]) -> None:
    """What is going on, what waits, and the next thing to type."""
    session = talk.session()
    seen, now = overview(session), session.clock.now()
    page = talk.house.page()
    lines = [f"{bold(safe(headline(one)))}  T+{clock(one, now)}" for one in (*seen.open, *seen.left)]
    page.lines(lines or ["Nothing is open."])
    waits = [f"• {safe(one.incident)}: {safe(one.what)}{_whom(one.whom)}  {code(one.command)}" for one in seen.waiting]
    if waits:
        page.lines([bold("Waits"), *waits[:20]])
    page.lines([f"{bold('Systems')} {safe(', '.join(session.workspace.systems))}"])
    page.note([f"{code('/psfir kill SYSTEM')} shows what it would do.  {code('/psfir help')} lists the rest."])
    if not session.actor.known:
        page.lines([f"psfir.yaml does not name {safe(talk.heard.user)}: you can read, and do nothing else."])
    page.buttons([Button(STATUS, f"Status {one.id[-6:]}", one.id) for one in seen.open[:10]])
    talk.whisper(page.message())


def _whom(whom: str) -> str:
    return f" ({safe(whom)})" if whom else ""


def pressed_status(talk: Talk) -> None:
    """The card's button: told to whoever pressed it, as the record has it now."""
    status(talk, [talk.heard.value])


def note(talk: Talk, words: Sequence[str]) -> None:
    """`note [INC] TEXT`: words for the timeline."""
    ref, text = _named(words)
    if not text:
        raise wrong("note [INC] TEXT")
    session = talk.session()
    found = session.incident(ref or talk.incident_here) if ref or talk.incident_here else pick(session, "", Step.NOTE)
    incident_deeds.note(session, found, " ".join(text))
    talk.whisper(f"Noted in {found.id}.")


def role(talk: Talk, words: Sequence[str]) -> None:
    """`role [INC] SEAT [PERSON]`: who sits where; without a person, you."""
    ref, rest = _named(words)
    seats = {one.value: one for one in Seat}
    if not rest or len(rest) > 2:  # noqa: PLR2004 - seat, person
        raise wrong(f"role [INC] {'|'.join(seats)} [PERSON]")
    word = rest[0].lower().replace("-", "_")
    if word not in seats:
        raise UsageError(f"there is no seat {rest[0]!r}", todo=near(word, seats))
    session = talk.session()
    person = _person(session, rest[1]) if len(rest) > 1 else session.actor.id
    found = talk.incident(session, ref)
    incident_deeds.seat(session, found, seat=seats[word], person=person)
    talk.whisper(f"{word.replace('_', ' ')} of {found.id} is {safe(person)}.")


def _person(session: Session, word: str) -> str:
    """By id, or by a mention, which Slack gives as `<@U0123|name>`."""
    member = word.strip("<@>").partition("|")[0]
    mapped = {one.slack: one.id for one in session.workspace.team.people.values() if one.slack}
    return mapped.get(member, word)


def approve(talk: Talk, words: Sequence[str]) -> None:
    """`approve DIGEST`: your yes to exactly that plan."""
    if len(words) != 1:
        raise wrong("approve DIGEST")
    session = talk.session()
    found = find(session, words[0])
    give(session, found, Yes())
    digest = short(found.plan.digest)
    talk.whisper(f"Your yes to {found.plan.verb.value} {digest} is recorded in {found.incident.id}.")


def pressed_approve(talk: Talk) -> None:
    approve(talk, [talk.heard.value])


def close(talk: Talk, words: Sequence[str]) -> None:
    """`close [INC]`: an open incident is resolved, a resolved one is closed; each says what stands in the way."""
    session = talk.session()
    found = talk.incident(session, words[0] if words else "")
    if found.status is Status.OPEN:
        incident_deeds.resolve(session, found)
        talk.whisper(f"{found.id} is resolved; the clock of its analysis runs. Once more closes it.")
        return
    incident_deeds.close(session, found)
    talk.whisper(f"{found.id} is closed.")


def _named(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """An incident in front of the rest."""
    return (words[0], words[1:]) if words and words[0].upper().startswith("INC-") else ("", words)
