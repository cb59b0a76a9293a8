"""A channel that could tell nobody is found by lint, and not while people wait to be told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.loading.lint import lint_workspace

WORDS = """\
schema: psfir.workspace/1
name: Works
people:
  ben: {name: Ben, roles: [owner]}
connections:
  status: {kind: statuspage, token: env:KEY}
  mail: {kind: smtp, url: "smtp://mail.example.com"}
  estate: {kind: memory, path: estate.json}
systems:
  bot: {title: Bot, owner: ben}
comms:
  lists:
    all: {file: all.csv}
  channels:
    it: CHANNEL
"""


def told(folder: Path, channel: str) -> list[str]:
    (folder / "psfir.yaml").write_text(WORDS.replace("CHANNEL", channel))
    report = lint_workspace(folder, catalog=installed_catalog(), today=date(2026, 11, 21))
    return [problem.sentence for problem in report.problems if problem.line == 15]


@pytest.mark.parametrize(
    "channel",
    [
        "{connection: status, audiences: [public], set: {page: abc, notify: false}}",
        "{connection: mail, audiences: [customers], list: all, set: {from: a@acme.example}}",
    ],
)
def test_a_sound_channel_is_nothing_to_speak_of(tmp_path: Path, channel: str) -> None:
    """Its connection has a messenger, and that is told what it needs."""
    assert told(tmp_path, channel) == []


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ("{connection: estate, audiences: [public]}", "nothing tells people over a connection of kind memory"),
        ("{connection: status, audiences: [public]}", "statuspage needs the key 'set' with page, notify"),
        ("{connection: status, audiences: [public], set: {page: abc}}", "the field 'notify' is missing"),
        (
            "{connection: status, audiences: [public], set: {page: abc, notify: sometimes}}",
            "notify must be true or false",
        ),
        (
            "{connection: status, audiences: [public], set: {page: abc, notify: true, pages: x}}",
            "there is no field 'pages' here; did you mean page?",
        ),
        ("{connection: mail, audiences: [customers], set: {from: a@acme.example}}", "name the list of them"),
        (
            "{connection: status, audiences: [public], list: all, set: {page: abc, notify: true}}",
            "statuspage posts once, and writes to no list",
        ),
    ],
)
def test_what_a_channel_lacks_is_said(tmp_path: Path, channel: str, says: str) -> None:
    """In one sentence, at its place."""
    (sentence,) = told(tmp_path, channel)
    assert says in sentence
