"""What must not stand in a message, and what must: rules of the packs, and those that need more than words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from psfir.comms.finding import About, Finding, short
from psfir.comms.lint_form import form
from psfir.comms.lint_private import private
from psfir.comms.pack import Level, Rule


def lint(title: str, body: str, about: About, rules: Sequence[Rule]) -> list[Finding]:
    """Every finding, in order of lines, errors first on each."""
    found = [*_words(title, body, about, rules), *private(title, body, about), *form(title, body, about)]
    order = {Level.ERROR: 0, Level.HINT: 1}
    return sorted(dict.fromkeys(found), key=lambda one: (one.line, order[one.level], one.rule))


def blocks(found: Iterable[Finding]) -> bool:
    """Whether any of them keeps the text from going out."""
    return any(one.level is Level.ERROR for one in found)


def _words(title: str, body: str, about: About, rules: Sequence[Rule]) -> Iterator[Finding]:
    counting = [rule for rule in rules if rule.counts(about.audience, about.lang)]
    for start, text in ((0, title), (1, body)):
        for rule in counting:
            for match in rule.looks.finditer(text):
                line = start + text.count("\n", 0, match.start())
                yield Finding(rule.id, rule.level, line, short(match[0]), rule.says, rule.better)
