"""A workspace whose customers are written to by a real mail server, an inventory, and a correction for it."""

from __future__ import annotations

from pathlib import Path

from psfir.app.approve import Yes
from psfir.app.messages import approve, record, sheet, table
from psfir.app.session import Door, Session, open_session
from psfir.app.templates import approve as approve_templates
from psfir.app.templates import shelf
from psfir.comms.choose import Wanted
from psfir.comms.record import Told
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase
from tests.app.incident_kit import opened
from tests.comms.shelf import put

WORDS = """\
schema: psfir.workspace/1
name: Test Works
people:
  alice: {name: Alice, roles: [on_call, incident_commander], email: alice@acme.example}
  carol: {name: Carol, roles: [comms]}
  dan: {name: Dan, roles: [comms_approver]}
connections:
  mail: {kind: smtp, url: "MAIL", plain_smtp: true}
  outbox: {kind: folder, path: out}
systems:
  support-assistant: {title: Support assistant, owner: alice}
comms:
  facts: {product: the assistant, contact: help@acme.example}
  channels:
    mail: {connection: mail, audiences: [customers], set: {from: Acme <status@acme.example>}}
    paste: {connection: outbox, audiences: [press]}
"""
TEXT = """\
---
schema: psfir.template/1
id: customers-correction
audience: customers
phase: correction
channel: email
title: Correction of an answer
author: cleo
fields:
  wrong: {type: line, source: row, fact: wrong, line: what they were told}
  right: {type: line, source: row, fact: right, line: what is right}
  count: {type: count, source: record, fact: count, line: how many}
  as_of: {type: instant, source: record, fact: as_of, line: when}
---
You were told: {{ wrong }}

Right is: {{ right }}

This went to {{ count }} people as of {{ as_of }}.
"""


def inventory(path: Path, count: int) -> Path:
    """So many customers, each with an answer of their own."""
    lines = (f"c{number}@example.com,{number} days,{number + 1} days\n" for number in range(count))
    path.write_text("email,wrong,right\n" + "".join(lines), encoding="utf-8")
    return path


def lay_out(root: Path, mail: str) -> Path:
    """The workspace, with its template approved and an incident open."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "psfir.yaml").write_text(WORDS.replace("MAIL", mail), encoding="utf-8")
    put(root, TEXT, name="customers/correction.en.md")
    there = shelf(root)
    approve_templates(session(root, "dan"), there, there.templates)
    opened(session(root), case=PlanCase.HARMFUL_OUTPUT)
    return root


def session(root: Path, me: str = "alice") -> Session:
    return open_session(Door({"PSFIR_ME": me, "HOME": str(root)}), workspace=root)


def drafted(root: Path, file: Path) -> Told:
    at = table(session(root, "carol"))
    wanted = Wanted(Audience.CUSTOMERS, Phase.CORRECTION, "en", PlanCase.HARMFUL_OUTPUT)
    return record(at, sheet(at, wanted, {}, inventory=file))


def approved(root: Path, file: Path) -> Told:
    """Drafted by one, and said yes to by the commander."""
    told = drafted(root, file)
    at = table(session(root))
    approve(at, at.message(told.id), Yes())
    return told
