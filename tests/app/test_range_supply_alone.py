"""A workspace's files, programs and flags on a range without AWS: what is made, what is told, what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.app.init import lay_out
from psfir.app.range_supply import supply_of
from psfir.app.session import Door, Session, open_session
from psfir.domain.change import Change
from psfir.domain.modes import Mode
from psfir.domain.runbook import ProbeUse, Rung
from psfir.errors import Drift, NoSuchTarget, Refusal
from psfir.range.estate import Range, Wanted

WITHIN = 10.0
CONNECTIONS = """\
  tool: {kind: command, argv: [PROGRAM]}
  flag-file: {kind: flagd, file: gone/flags.yaml}
  toggles:
    kind: unleash
    url: https://unleash.example.com
    token: env:UNLEASH_TOKEN
    client_token: env:UNLEASH_CLIENT
  llm: {kind: litellm, url: "https://llm.example.com", token: "env:ADMIN", key: "env:KEY"}
  network: {kind: aws, region: eu-west-1}
  outbox: {kind: folder, path: sent}
"""
RUNBOOK = """\
schema: psfir.runbook/1
id: all-off
title: All of it
system: support-assistant
mode: disable
approval: {kill: 1, restore: 2}
steps:
  - id: small
    ladder:
      - lever: unleash.flag
        target: {connection: toggles, project: shop, environment: live, flag: assistant}
        set: {variant: small}
        within: 5s
      - lever: flagd.file
        target: {connection: flag-file, flag: assistant}
        set: {variant: "off"}
        within: 5s
      - lever: command.run
        target: {connection: tool, thing: assistant}
        set: {value: "off"}
        within: 5s
      - lever: litellm.key
        target: {connection: llm, key: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef}
        set: {blocked: true}
        within: 5s
      - lever: litellm.model
        target: {connection: llm, model: large}
        set: {blocked: true}
        within: 5s
      - lever: aws.sqs_policy
        target: {connection: network, queue: jobs}
        set: {deny: [send]}
        within: 5s
verify:
  - id: seen
    probe: unleash.evaluation
    target: {connection: toggles, environment: live, flag: assistant}
    expect: {variant: small}
    within: 5s
    soak: 1s
"""
RUNGS = {
    "command.run": ({"connection": "tool", "thing": "assistant"}, {"value": "off"}),
    "flagd.file": ({"connection": "flag-file", "flag": "assistant"}, {"variant": "off"}),
    "unleash.flag": (
        {"connection": "toggles", "project": "shop", "environment": "live", "flag": "assistant"},
        {"variant": "small"},
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("alone") / "ops"
    lay_out(root)
    program = root / "tool"
    program.write_text(f"#!/bin/sh\ntouch {root}/it-ran\n")
    program.chmod(0o700)
    words = (root / "psfir.yaml").read_text()
    words = words.replace("\nsystems:\n", f"\n{CONNECTIONS.replace('PROGRAM', str(program))}\nsystems:\n", 1)
    (root / "psfir.yaml").write_text(f"{words}\ncommands: {{allow: [{program}]}}\n")
    (root / "runbooks" / "all-off.yaml").write_text(RUNBOOK)
    return root


@pytest.fixture(scope="module")
def brought_up(home: Path) -> Iterator[Range]:
    folder = home.parent / "range"
    supply = supply_of(home, folder, pytest.fail)
    with Range(Wanted(folder, rate=0, aws=False, supply=supply)) as estate:
        yield estate
    assert [path.name for path in folder.iterdir()] == [], "what it made of files is gone with it"


@pytest.fixture
def session(brought_up: Range, home: Path) -> Session:
    return open_session(Door(env={"PSFIR_ME": "ada", "HOME": str(home), **brought_up.environment()}), workspace=home)


def told(brought_up: Range) -> list[str]:
    assert brought_up.wanted.supply
    return list(brought_up.wanted.supply.told)


def rung(lever: str) -> Rung:
    target, wanted = RUNGS[lever]
    return Rung(lever, target, wanted, WITHIN)


def change_of(session: Session, lever: str) -> Change:
    pull, one = session.binder.lever(rung(lever)), rung(lever)
    change = pull.plan(one.target, pull.read(one.target, within=WITHIN), Mode.DISABLE, one.set)
    assert isinstance(change, Change)
    return change


def test_a_program_of_the_workspace_is_not_run(brought_up: Range, session: Session, home: Path) -> None:
    """Though psfir.yaml allows it: its connection leads to a stand-in, which is refused until it is allowed too."""
    with pytest.raises(Refusal, match="does not allow this program"):
        session.binder.lever(rung("command.run")).read(rung("command.run").target, within=WITHIN)
    assert not (home / "it-ran").exists()
    program = brought_up.wanted.folder.resolve() / "programs" / "tool"
    assert (
        f"connection tool: its program is not run on the range, where {program} stands in for it; "
        "until psfir.yaml has that under commands: allow:, its rungs are refused"
    ) in told(brought_up)


def test_a_stand_in_that_is_allowed_is_pulled_and_put_back(brought_up: Range, home: Path) -> None:
    """It keeps a state for each thing that is named, compares, and knows no other thing."""
    program = brought_up.wanted.folder.resolve() / "programs" / "tool"
    words = home / "psfir.yaml"
    before = words.read_text()
    words.write_text(before.replace("allow: [", f"allow: [{program}, "))
    door = Door(env={"PSFIR_ME": "ada", "HOME": str(home), **brought_up.environment()})
    session = open_session(door, workspace=home)
    words.write_text(before)
    change = change_of(session, "command.run")
    pull = session.binder.lever(rung("command.run"))
    assert (change.before, change.after) == ("live", "off")
    pull.apply(change, within=WITHIN)
    assert pull.read(change.target, within=WITHIN).state == "off"
    assert pull.verify(change, within=WITHIN).held.value == "held"
    pull.restore(change, within=WITHIN)
    assert pull.read(change.target, within=WITHIN).state == "live"
    with pytest.raises(NoSuchTarget):
        pull.read({**change.target, "thing": "another"}, within=WITHIN)


def test_a_flag_file_that_is_not_there_is_made(brought_up: Range, session: Session, home: Path) -> None:
    """With the flags and variants that are named, and is nowhere in the workspace; nobody else may read it."""
    change = change_of(session, "flagd.file")
    pull = session.binder.lever(rung("flagd.file"))
    pull.apply(change, within=WITHIN)
    with pytest.raises(Drift):
        pull.apply(change_of_other(change), within=WITHIN)
    pull.restore(change, within=WITHIN)
    assert not (home / "gone").exists()
    (made,) = (brought_up.wanted.folder / "flags").iterdir()
    assert made.stat().st_mode & 0o077 == 0
    assert any("gone/flags.yaml cannot be read" in one for one in told(brought_up))


def change_of_other(change: Change) -> Change:
    assert isinstance(change.after, dict)
    return Change(change.lever, change.target, {**change.after, "default": "else"}, change.before, "")


def test_a_variant_of_unleash_is_served_to_those_who_ask(session: Session) -> None:
    """In the environment of the runbook, by the token that its probe has; to nobody before."""
    use = ProbeUse(
        "seen",
        "unleash.evaluation",
        {k: v for k, v in RUNGS["unleash.flag"][0].items() if k != "project"},
        {"variant": "small"},
    )

    def seen() -> list[str]:
        looks = session.binder.probe(use).look(use.target, use.expect, within=WITHIN)
        return [one.held.value for one in looks]

    change = change_of(session, "unleash.flag")
    assert seen() == ["not_held"]
    pull = session.binder.lever(rung("unleash.flag"))
    pull.apply(change, within=WITHIN)
    assert seen() == ["held"]
    pull.restore(change, within=WITHIN)
    assert seen() == ["not_held"]


def test_what_has_no_aws_is_told_once(brought_up: Range) -> None:
    """And that a key of LiteLLM's is not the one of its connection."""
    said = told(brought_up)
    assert [one for one in said if "AWS" in one] == [
        "there is no AWS on this range, so nothing of it can be pulled: pip install 'psfir[range]' brings it"
    ]
    assert "connection outbox: the range stands in for nothing of kind folder: it leads where psfir.yaml says" in said
    assert "connection llm: its key is none here, so whether a replica still takes it is not told" in said


def test_a_reset_puts_back_what_is_in_files(brought_up: Range, session: Session) -> None:
    """As they were when the range came up, at the same places."""
    change = change_of(session, "flagd.file")
    session.binder.lever(rung("flagd.file")).apply(change, within=WITHIN)
    places = brought_up.environment()
    brought_up.reset()
    assert change_of(session, "flagd.file").before == change.before
    assert brought_up.environment() == places
    assert os.access(brought_up.wanted.folder / "programs" / "tool", os.X_OK)
