"""It has got real: the word that ends a drill, and the incident that is opened in the live record if that was said."""

from __future__ import annotations

import re

from psfir.app.drill_run_folder import RunFolder
from psfir.app.drill_run_record import live
from psfir.app.incident import Declared, declare
from psfir.app.session import Door
from psfir.domain.incident import Incident
from psfir.domain.values import frozen, remade

_INCIDENT = re.compile(r"incident +([a-z0-9][a-z0-9_.-]*):? *(.*)", re.IGNORECASE)


@frozen
class RealWords:
    """What was said with the word. `system` is "" where no incident is wanted."""

    why: str
    system: str = ""
    title: str = ""


def real_words(text: str, word: str) -> RealWords | None:
    """`REAL WORLD`, `REAL WORLD why`, `REAL WORLD incident SYSTEM: title`. None if the word does not stand first."""
    if not text.casefold().startswith(word.casefold()):
        return None
    rest = text[len(word) :].strip(" :,.!")
    found = _INCIDENT.fullmatch(rest)
    if found is None:
        return RealWords(f"{word}: {rest}" if rest else word)
    return RealWords(f"{word}: {rest}", found[1], found[2] or "Declared out of a drill")


def opened_in_earnest(run: RunFolder, door: Door, said: RealWords, by: str) -> Incident:
    """By whoever said it, in the live record. Refusal, and no incident, if they may not."""
    session = live(run, remade(door, env={**door.env, "PSFIR_ME": by}))
    return declare(session, [said.system], words=Declared(title=said.title, source="a drill that got real"))
