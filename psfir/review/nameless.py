"""People by their role: what is written about an incident asks what made sense to do, not who did it."""

from __future__ import annotations

import re

from psfir.domain.people import Team


def role(team: Team, actor: str) -> str:
    """Who did it, without a name."""
    kind, _, name = actor.partition(":")
    person = team.people.get(name)
    if person and person.roles:
        return person.roles[0].replace("_", " ")
    return {"trigger": f"trigger {name}", "unverified": "somebody unknown"}.get(kind, "somebody")


def nameless(team: Team, words: str) -> str:
    """Words of the record, which names people, with roles in their places."""
    for name, person in team.people.items():
        said = role(team, f"asserted:{name}")
        words = re.sub(rf"(?<![\w-])(?:{re.escape(name)}|{re.escape(person.name)})(?![\w-])", said, words)
    return words
