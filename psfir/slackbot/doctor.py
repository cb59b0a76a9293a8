"""Checks before an incident what the app will need: tokens, scopes, its channel, Slack's speed, both clocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from psfir.app.chat import Line, line
from psfir.app.session import Session
from psfir.contracts import Clock
from psfir.domain.values import frozen
from psfir.errors import LeverError, PsfirError
from psfir.slackbot.manifest import scopes

OK, BAD = "ok", "wrong"
SLOW = 1.0
SKEW = 60.0
_WITHIN = 10.0


@frozen
class Finding:
    held: str
    what: str
    todo: str = ""


def look(session: Session, *, exercise: bool = False) -> list[Finding]:
    """All of it, also behind what is wrong; a wrong token leaves nothing to look at."""
    found = line(session, exercise=exercise)
    findings = list(_tokens(found, session.clock))
    if findings[0].held == OK:
        findings += _channel(found)
    return [*findings, *_people(session)]


def _tokens(line_: Line, clock: Clock) -> Iterator[Finding]:
    began = clock.elapsed()
    try:
        who, headers = line_.api.told("auth.test", within=_WITHIN)
    except PsfirError as error:
        yield Finding(BAD, f"the bot token: {error.what}", error.todo)
        return
    took = clock.elapsed() - began
    yield Finding(OK, f"the bot token is {who.get('user')}'s in {who.get('team')}")
    yield from _scopes(line_, headers)
    slow = f"Slack answered in {took * 1000:.0f} ms"
    yield Finding(OK, slow) if took < SLOW else Finding(BAD, slow, "an acknowledgement has 3 s: look at the network")
    if date := headers.get("date"):
        yield _apart(date, clock)
    yield from _app_token(line_)


def _apart(date: str, clock: Clock) -> Finding:
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Finding(OK, "Slack did not say what time it is")
    skew = abs((clock.now() - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))).total_seconds())
    words = f"this clock and Slack's are {skew:.0f} s apart"
    return Finding(OK, words) if skew < SKEW else Finding(BAD, words, "set the clock: signatures last 5 minutes")


def _scopes(line_: Line, headers: Mapping[str, str]) -> Iterator[Finding]:
    given = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",") if one.strip()}
    if not given:
        yield Finding(OK, "Slack did not say which scopes the token has")
        return
    needed = scopes(line_.app)
    for scope in sorted(needed.keys() - given):
        yield Finding(BAD, f"the scope {scope} is missing: {needed[scope]}", "add it, and install the app again")
    if needed.keys() <= given:
        yield Finding(OK, f"all {len(needed)} scopes are there")


def _app_token(line_: Line) -> Iterator[Finding]:
    if line_.bound.refs.get("app_token") is None and line_.bound.refs.get("signing_secret") is None:
        yield Finding(BAD, "neither app_token nor signing_secret is named: nothing comes in", "docs/slack.md")
        return
    for name in ("app_token", "signing_secret"):
        try:
            there = line_.bound.secret(name)
        except PsfirError as error:
            yield Finding(BAD, f"{name}: {error.what}", error.todo)
            continue
        if name == "app_token" and there and not there.startswith("xapp-"):
            yield Finding(
                BAD, "app_token is no token of an app: one begins with xapp-", "make one for connections:write"
            )
        elif there:
            yield Finding(OK, f"{name} is at hand")


def _channel(line_: Line) -> Iterator[Finding]:
    home = line_.desk.home
    try:
        said: Mapping[str, Any] = line_.api.call("conversations.info", {"channel": home}, within=_WITHIN, writes=False)
    except LeverError as error:
        yield Finding(BAD, f"the home channel {home}: {error.what}", error.todo)
        return
    channel = said.get("channel") or {}
    if channel.get("is_member") is False:
        yield Finding(BAD, f"the app is not in #{channel.get('name')}", "say /invite @psfir there")
    else:
        yield Finding(OK, f"the home channel is #{channel.get('name')}")


def _people(session: Session) -> Iterator[Finding]:
    people = session.workspace.team.people
    lacking = [one.id for one in people.values() if not one.slack]
    if lacking:
        named = ", ".join(lacking[:8])
        yield Finding(
            BAD, f"without a Slack member id, so they can only read: {named}", "add slack: U... in psfir.yaml"
        )
    else:
        yield Finding(OK, f"all {len(people)} people are known by their member ids")
