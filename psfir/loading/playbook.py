"""Playbooks: Markdown that a person follows, in a format strict enough that psfir can show it step by step.

    ---
    schema: psfir.playbook/1
    id: harmful-output
    title: The assistant says what it must not
    covers: [harmful_output]
    last_reviewed: 2026-01-31
    last_tested: null
    ---

    ## Checklist

    - [ ] name-commander | commander | due 2m | Say that you are in command.
      say: "I have command. Who is on?"

    ## Details

    ### name-commander

    What to know about it.

A checklist line is `- [ ] id | seat | due SPAN | text`; the words to say may follow, indented, as `say: "words"`.
Nothing else stands in a checklist, so that no misspelt step is taken for prose. Details stand under the same ids, in
the same order, one for each step; a heading inside a fenced block is none. Other `## ` sections are the author's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from psfir.domain import durations
from psfir.domain.canon import canonical_text, digest_bytes
from psfir.domain.modes import PlanCase
from psfir.domain.people import Seat
from psfir.domain.playbook import Playbook, PlaybookStep
from psfir.loading.files import Loaded, schema_key
from psfir.loading.front_matter import read_fronted
from psfir.loading.nodes import SCALAR, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import ID, Day, Key, ListOf, Record, Text, Words

FRONT = Record(
    "playbook",
    (
        schema_key("playbook"),
        Key("id", ID, "what to call it", required=True),
        Key("title", Text(), "what it is about, in a line", required=True),
        Key("covers", ListOf(Words(PlanCase), least=1), "which cases of the response plan it is for", required=True),
        Key("last_reviewed", Day(), "when somebody last read it through", required=True),
        Key("last_tested", Day(optional=True), "when it was last rehearsed; null if never", required=True),
    ),
)

_STEP = re.compile(r"- \[ \] (?P<id>[^|]+)\|(?P<seat>[^|]+)\|(?P<due>[^|]+)\|(?P<text>.+)")
_SAY = re.compile(r"\s+say: +\"(?P<words>.*\S.*)\"\s*")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_FORM = "a checklist line is `- [ ] id | seat | due 5m | text`"
_SAID = 'the words to say stand indented under their step as `say: "words"`, once'


def load_playbook(path: Path) -> Playbook:
    """The playbook; ContentError with all its problems."""
    return read_playbook(path).get()  # type: ignore[no-any-return]  # built as one below


def read_playbook(path: Path, *, shown: str = "") -> Loaded:
    """The same with the front matter's tree to point at."""
    file = read_fronted(path, "playbook", FRONT, shown=shown)
    loaded = file.head
    if not file.lines:
        return loaded
    steps = _Body(file.lines, file.start, loaded.problems).steps()
    if loaded.value is not None:
        front: dict[str, Any] = {key: value for key, value in loaded.value.items() if key != "schema"}
        loaded.value = Playbook(**front, steps=steps, digest=digest_bytes(canonical_text(file.text).encode()))
    return loaded


class _Body:
    """The Markdown behind the front matter."""

    def __init__(self, lines: Sequence[str], start: int, problems: Problems) -> None:
        self._lines = lines
        self._start = start
        self._problems = problems
        self._broken = False

    def steps(self) -> tuple[PlaybookStep, ...]:
        sections = self._sections()
        for wanted in ("Checklist", "Details"):
            if wanted not in sections:
                self._problem(len(self._lines) - 1, f"has no `## {wanted}`")
        if not {"Checklist", "Details"} <= set(sections):
            return ()
        details = self._details(*sections["Details"])
        steps = self._checklist(*sections["Checklist"], details=details)
        if not self._broken:
            self._match(steps, details)
        return tuple(step for step, _ in steps)

    def _sections(self) -> dict[str, tuple[int, int]]:
        """Each `## ` heading with the lines below it."""
        heads = [(i, self._lines[i][3:].strip()) for i in self._heads("## ", self._start, len(self._lines))]
        ends = [*(i for i, _ in heads[1:]), len(self._lines)] if heads else []
        found: dict[str, tuple[int, int]] = {}
        for (i, name), end in zip(heads, ends, strict=True):
            if name in found:
                self._problem(i, f"the section {self._problems.shown(name)} stands here a second time")
            found[name] = (i + 1, end)
        return found

    def _heads(self, mark: str, start: int, end: int) -> list[int]:
        """Lines that begin with a mark, outside fenced blocks."""
        found, fence = [], ""
        for i in range(start, end):
            line = self._lines[i]
            seen = _FENCE.match(line)
            if seen and not fence:
                fence = seen[1]
            elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            elif not fence and line.startswith(mark):
                found.append(i)
        return found

    def _checklist(
        self, start: int, end: int, *, details: dict[str, tuple[int, str]]
    ) -> list[tuple[PlaybookStep, int]]:
        steps: list[tuple[PlaybookStep, int]] = []
        broken = False  # whether the step above could not be read: its words are then nobody's
        for i in range(start, end):
            line = self._lines[i]
            if not line.strip():
                continue
            if line.lstrip().startswith("say:"):
                if not broken:
                    self._say(i, line, steps)
                continue
            found = self._step(i, line, details)
            broken = found is None
            self._broken |= broken
            steps += [(found, i)] if found else []
        if not steps and not self._broken:
            self._problem(start - 1, f"the checklist is empty; {_FORM}")
        return steps

    def _say(self, i: int, line: str, steps: list[tuple[PlaybookStep, int]]) -> None:
        words = _SAY.fullmatch(line)
        if not words or not steps or steps[-1][0].say:
            self._problem(i, _SAID)
            return
        step, at = steps[-1]
        steps[-1] = (replace(step, say=words["words"].strip()), at)

    def _step(self, i: int, line: str, details: dict[str, tuple[int, str]]) -> PlaybookStep | None:
        parts = _STEP.fullmatch(line.rstrip())
        if not parts:
            self._problem(i, _FORM)
            return None
        name, seat, due = parts["id"].strip(), parts["seat"].strip(), parts["due"].strip()
        good = True
        if not re.fullmatch(ID.pattern, name):
            self._problem(i, f"{self._problems.shown(name)} is not {ID.like}", column=line.index(name) + 1)
            good = False
        if seat not in set(Seat):
            sentence = f"there is no seat {self._problems.shown(seat)}; {self._problems.near(seat, list(Seat))}"
            self._problem(i, sentence, column=parts.start("seat") + 2)
            good = False
        span = self._due(i, due, parts.start("due") + 2)
        if not good or span is None:
            return None
        detail = details.get(name, (0, ""))[1]
        return PlaybookStep(name, parts["text"].strip(), Seat(seat), span, detail=detail)

    def _due(self, i: int, due: str, column: int) -> float | None:
        word, _, span = due.partition(" ")
        if word != "due":
            self._problem(i, "the third part says when it is due after the trigger, such as `due 5m`", column=column)
            return None
        try:
            return durations.seconds(span.strip())
        except ValueError:
            sentence = f"{self._problems.shown(span.strip())} is not a span of time; write it like 30s, 15m or 1h30m"
            self._problem(i, sentence, column=column + len("due "))
            return None

    def _details(self, start: int, end: int) -> dict[str, tuple[int, str]]:
        heads = self._heads("### ", start, end)
        found: dict[str, tuple[int, str]] = {}
        for i, until in zip(heads, [*heads[1:], end] if heads else [], strict=True):
            name = self._lines[i][4:].strip()
            if name in found:
                self._problem(i, f"the details of {self._problems.shown(name)} stand here a second time")
            found[name] = (i, "\n".join(self._lines[i + 1 : until]).strip())
        return found

    def _match(self, steps: list[tuple[PlaybookStep, int]], details: dict[str, tuple[int, str]]) -> None:
        shown, near = self._problems.shown, self._problems.near
        names: dict[str, int] = {}
        for step, i in steps:
            if step.id in names:
                self._problem(i, f"the step {shown(step.id)} stands here a second time")
            elif step.id not in details:
                sentence = f"the step {shown(step.id)} has no details; {near(step.id, details)}"
                self._problem(i, sentence)
            names.setdefault(step.id, i)
        for name, (i, _) in details.items():
            if name not in names:
                self._problem(i, f"no step is called {shown(name)}; {near(name, names)}")
        if set(details) == set(names) and list(details) != list(names):
            late = next(d for d, n in zip(details, names, strict=True) if d != n)
            self._problem(details[late][0], "the details must stand in the order of the checklist")

    def _problem(self, i: int, sentence: str, *, column: int = 1) -> None:
        self._problems.add(Node(SCALAR, i + 1, column), sentence, rule="playbook")
