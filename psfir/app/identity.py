"""Who is at the keyboard, and how sure of that psfir is. A configured name is asserted: nobody is verified here."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from psfir.domain.canon import Json
from psfir.domain.people import SLACK_LOGIN, Actor, Deed, Identity, Person, Team
from psfir.domain.values import frozen
from psfir.errors import UsageError

ME = "PSFIR_ME"


@frozen
class Who:
    """The actor, and where the name came from, "" if from nowhere. `unknown` is a name that psfir.yaml lacks."""

    actor: Actor
    origin: str
    unknown: str = ""


@frozen
class Me:
    """What `whoami` tells. `person` is None for somebody psfir does not know, who may look and kill."""

    who: Who
    person: Person | None
    may: tuple[Deed, ...]
    settings: str

    def to_json(self) -> dict[str, Json]:
        actor = self.who.actor
        return {
            "person": actor.id or None,
            "name": self.person.name if self.person else None,
            "identity": actor.identity.value,
            "login": actor.login,
            "origin": self.who.origin,
            "unknown": self.who.unknown or None,
            "roles": list(self.person.roles) if self.person else [],
            "may": [deed.value for deed in self.may],
            "ssh_keys": len(self.person.ssh_keys) if self.person else 0,
        }


def about(team: Team, who: Who, env: Mapping[str, str]) -> Me:
    """Who somebody is taken for, and every deed that is theirs."""
    person = team.people.get(who.actor.id) if who.actor.known else None
    may = tuple(deed for deed in Deed if team.may(who.actor, deed))
    return Me(who, person, may, str(settings_path(env)))


def settings_path(env: Mapping[str, str]) -> Path:
    """Where the user's own settings are."""
    base = env.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path(env.get("HOME", "/")) / ".config"
    return folder / "psfir" / "settings.yaml"


def login() -> str:
    """The operating system's word for who is typing, and where."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{os.uname().nodename}"


def identify(team: Team, env: Mapping[str, str]) -> Who:
    """The person this login says it is, if psfir.yaml knows one of that name."""
    name, origin = env.get(ME, "").strip(), ME
    if not name:
        name, origin = _from_settings(env)
    if name in team.people:
        return Who(Actor(name, Identity.ASSERTED, login()), origin)
    return Who(Actor("", Identity.UNVERIFIED, login()), origin if name else "", name)


def by_slack(team: Team, member: str) -> Who:
    """Whom Slack says it is: the person of psfir.yaml with this member id, and verified, for Slack vouches for it."""
    login_ = f"{SLACK_LOGIN}{member}"
    for person in team.people.values():
        if member and person.slack == member:
            return Who(Actor(person.id, Identity.VERIFIED, login_), "Slack")
    return Who(Actor("", Identity.UNVERIFIED, login_), "Slack", member)


def _from_settings(env: Mapping[str, str]) -> tuple[str, str]:
    path = settings_path(env)
    if not path.is_file():
        return "", ""
    from psfir.loading.settings import load_settings  # noqa: PLC0415 - most people set PSFIR_ME: YAML stays unloaded

    return load_settings(path).me, str(path)


def home_workspace(env: Mapping[str, str]) -> Path | None:
    """The workspace that the user's settings name for when they are in none."""
    path = settings_path(env)
    if not path.is_file():
        return None
    from psfir.loading.settings import load_settings  # noqa: PLC0415 - only outside of any workspace

    named = load_settings(path).workspace
    if not named:
        return None
    folder = Path(named).expanduser()
    if not (folder / "psfir.yaml").is_file():
        raise UsageError(f"{path} names the workspace {named}, and that holds no psfir.yaml")
    return folder.resolve()
