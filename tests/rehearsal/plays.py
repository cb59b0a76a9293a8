"""Scenarios for tests: the smallest one that can be played, and what is changed in it."""

from __future__ import annotations

from pathlib import Path

from psfir.loading.files import Loaded
from psfir.rehearsal.drill_file import read_drill
from psfir.rehearsal.scenario import Scenario

HEAD = """\
schema: psfir.drill/1
id: small
title: Something is odd
safety: {banner: EXERCISE EXERCISE EXERCISE, levers: none, comms: sink, abort_word: REAL WORLD}
objectives: [{id: contain, text: Contain in time, psf: 2}]
"""
FULL = (
    HEAD
    + """\
duration: 1h
roles: {lead: {}, desk: {brief: You read what customers read.}}
injects:
  - id: first
    to: [lead]
    title: A page
    body: Answers are odd.
    expect:
      - {id: declared, kind: declared, due: 5m, weight: 2}
      - {id: stopped, kind: containment, runbooks: [all-off], due: 15m, critical: true, weight: 5}
    facilitator: {note: The prompt was cut short., hints: ["Who may stop it?", "Which button is red?"], red_flag: Talk}
  - {id: doubt, at: 5m, purpose: [conflict], to: [desk], body: Engineering sees nothing.}
  - id: worse
    after: stopped
    is: missed
    delay: 2m
    purpose: [escalation]
    body: It goes on.
  - id: ask
    after: stopped
    delay: 1m
    purpose: [decision]
    to: [desk]
    body: What do we say?
    poll: {options: [Nothing, The truth], correct: [The truth]}
    expect: [{id: said, kind: poll, due: 5m}]
  - {id: extra, by: hand, body: One more thing.}
"""
)


def read(folder: Path, text: str) -> Loaded:
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return read_drill(path, shown="small.yaml")


def play(folder: Path, text: str = FULL) -> Scenario:
    """ContentError if it cannot be played."""
    found = read(folder, text).get()
    assert isinstance(found, Scenario)
    return found


def said(loaded: Loaded) -> list[str]:
    """Every problem as `line:column: sentence [rule]`."""
    return [f"{one.line}:{one.column}: {one.sentence} [{one.rule}]" for one in sorted(loaded.problems.found)]
