"""Words for people outside: roles instead of names, nothing that only means something inside, and all counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from psfir.domain.values import frozen
from psfir.pages.blocks import Bullets, Heading, Paragraph, Run, Runs, Table, plain
from psfir.pages.inline import runs
from psfir.review.nameless import role
from psfir.review.rca.material import Material

_OUT = "[left out]"
_REFERENCE = re.compile(r"\s?\[(?:entry \d+|E\d+)\]|\bsha256:[0-9a-f]{6,64}|\b[0-9a-f]{32,64}\b")
_INCIDENT = re.compile(r"\bINC-[0-9]{8}-[a-z0-9]{6}\b")
_PATH = re.compile(r"(?<![\w:/.])(?:(?:\.{1,2}|~)?/[\w.-]+(?:/[\w.-]+)*/?|(?:[\w.-]+/)+[\w-]*\.[a-z0-9]{1,8}\b)")
_SHORTEST_NAME = 3
_ID_LIKE = re.compile(r".*[-_.0-9].*")
_BY_ROLE, _INSIDE = "names said by role", "names of what is inside"

Words = Paragraph | Bullets | Table | Heading


@frozen
class Known:
    """What the workspace calls its own: people by id, then ids, systems with what outsiders call them, and hosts."""

    people: Mapping[str, str]
    systems: Mapping[str, str]
    ids: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


def known(material: Material, *, ids: Iterable[str] = (), hosts: Iterable[str] = ()) -> Known:
    """From the team and from the runbooks that ran; `ids` and `hosts` are the connections'."""
    people: dict[str, str] = {}
    for name, person in material.team.people.items():
        said = role(material.team, f"asserted:{name}")
        parts = [part for part in person.name.split() if len(part) >= _SHORTEST_NAME]
        people.update(dict.fromkeys((person.name, name, *parts), f"the {said}" if person.roles else said))
    own = {one for run in (*material.kills, *material.restores) for one in _ids_of(run.plan.runbook.id, run.rungs)}
    levers = {rung.rung.lever for run in (*material.kills, *material.restores) for rung in run.plan.rungs}
    inside = frozenset(one for one in (*own, *levers, *ids) if _ID_LIKE.fullmatch(one))
    return Known(people, material.systems, inside, frozenset(hosts))


def _ids_of(runbook: str, rungs: Iterable[tuple[str, int]]) -> list[str]:
    return [runbook, *(step for step, _ in rungs)]


class Redactor:
    """Counts what it takes out, by kind. What is taken out is never told again."""

    def __init__(self, known: Known) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()
        self.section = ""
        people = {name.lower(): role for name, role in known.people.items()}
        systems = {name: title for name, title in known.systems.items() if _ID_LIKE.fullmatch(name)}
        inside = {**dict.fromkeys((*known.ids, *known.hosts), "an internal system"), **systems}
        self._steps: list[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]]] = [
            ("paths", _PATH, lambda _: _OUT),
            (_INSIDE, _any(inside), lambda found: inside[found[0]]),
            ("references to the record", _INCIDENT, lambda _: "the incident"),
            ("references to the record", _REFERENCE, lambda _: ""),
            (_BY_ROLE, _any(people, fold=True), lambda found: people[found[0].lower()]),
        ]

    def count(self, kind: str, times: int = 1) -> None:
        self.taken[self.section, kind] += times

    def whole_section(self) -> None:
        """Nothing of this section is left, so that its parts need no numbers of their own."""
        for section, kind in list(self.taken):
            if section == self.section:
                del self.taken[section, kind]
        self.count("whole section")

    def text(self, text: str) -> str:
        for kind, pattern, instead in self._steps:
            text, times = pattern.subn(instead, text)
            if times:
                self.count(kind, times)
        return text

    def runs(self, words: Runs) -> Runs:
        """Code goes, as it is a name of something or somebody's prompt; links keep their words and lead nowhere."""
        found = []
        for one in words:
            if one.code:
                self.count("code")
                found.append(Run(_OUT, slanted=True))
                continue
            if one.link:
                self.count("links")
            text = "" if one.link and one.text == one.link else one.text
            found.append(Run(text, one.strong, one.slanted))
        return self._whole(found)

    def _whole(self, words: list[Run]) -> Runs:
        """A name may be written half in bold: what is found only in the whole takes its emphasis with it."""
        whole = plain(words)
        parts = [self.quietly(one.text) for one in words]
        if "".join(parts) != self.quietly(whole):
            return (Run(self.text(whole)),)
        return tuple(Run(self.text(one.text), one.strong, one.slanted) for one in words)

    def quietly(self, text: str) -> str:
        """The same, and not counted."""
        for _, pattern, instead in self._steps:
            text = pattern.sub(instead, text)
        return text

    def title(self, text: str) -> str:
        """Of something that has been counted where it stands in the text."""
        return self.quietly("".join(_OUT if one.code else one.text for one in runs(text)))

    def words(self, block: Words) -> Words:
        if isinstance(block, Heading):
            return Heading(block.level, self.runs(block.runs))
        if isinstance(block, Paragraph):
            return Paragraph(self.runs(block.runs))
        if isinstance(block, Bullets):
            return Bullets(tuple(self.runs(item) for item in block.items), block.ordered)
        rows = tuple(tuple(self.runs(cell) for cell in row) for row in block.rows)
        return Table(tuple(self.runs(cell) for cell in block.head), rows)


def _any(words: Iterable[str], *, fold: bool = False) -> re.Pattern[str]:
    """Any of them as a whole word, the longest first."""
    listed = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    if not listed:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, listed))})(?![\w-])", re.IGNORECASE if fold else 0)
