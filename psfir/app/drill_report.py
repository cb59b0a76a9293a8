"""The report of a drill: its material gathered, lint of its messages asked, its improvements made remediation items."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from psfir.app.comms_lint import of_message
from psfir.app.drill_runs import Played, record
from psfir.app.drill_schedule import recorded
from psfir.app.remediation import add_for_drill, items_of
from psfir.app.remediation_terms import Wanted
from psfir.app.session import Session
from psfir.comms.pack import Level
from psfir.domain import instants
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.message import Message
from psfir.domain.values import remade
from psfir.errors import RecordError, Refusal, UsageError
from psfir.pages.blocks import Document
from psfir.pages.markdown_writer import markdown
from psfir.pages.pdf import pdf
from psfir.pages.web import html
from psfir.pages.word_document import docx
from psfir.rehearsal.report.improve import improvements
from psfir.rehearsal.report.material import Material, Remark, Said, Tracked
from psfir.review.remediation_item import ItemType, RemediationItem

EVERY = 90
"""Days from one drill to the next."""

FORMS = ("md", "html", "docx", "pdf")
_HOT_WASH = "hot-wash.jsonl"


def material(session: Session, run: Played, *, every: int = EVERY) -> Material:
    """Everything that the report is made of. Asked for again, it is the same."""
    entries = record(session, run)
    bare = Material(run.id, run.scenario, run.digest, run.log, run.log_digest, entries)
    return remade(
        bare,
        remarks=tuple(_remarks(session, entries)),
        said=tuple(_said(run.folder / _HOT_WASH)),
        tracked=tuple(Tracked(o.title, o.ref, o.owner, o.due) for o in items_of(session, run.id).values()),
        following=(bare.ended + timedelta(days=every)).date() if bare.state.over else None,
    )


def altered(session: Session, run: Played) -> str:
    """What of a run is no longer what the live record says it was; "" where it is, or where nothing was recorded."""
    now = {"log": run.log_digest, "scenario": run.digest}
    for one in recorded(session):
        then = {"log": one.get("log_digest"), "scenario": one.get("scenario_digest")}
        if one.get("run") == run.id and then != now:
            names = " and the ".join(name for name, digest in now.items() if then[name] != digest)
            return f"the {names} of {run.id} is not what the record of this workspace holds the digest of"
    return ""


def render(document: Document, form: str) -> bytes:
    """One of FORMS."""
    if form == "md":
        return markdown(document).encode()
    if form == "html":
        return html(document).encode()
    return docx(document) if form == "docx" else pdf(document)


def answer(session: Session, run: Played, question: int, text: str) -> None:
    """Somebody's answer to a question of the hot wash, kept beside the log, which is closed."""
    asked = len(run.scenario.hot_wash)
    if not 1 <= question <= asked:
        todo = f"1 to {asked}" if asked else "the scenario asks nothing afterwards"
        raise UsageError(f"there is no question {question}", todo=todo)
    if not text.strip():
        raise UsageError("an empty answer says nothing")
    words = " ".join(session.scrubber.text(text).split())
    told = {"question": question, "text": words, "by": session.actor.id, "at": instants.write(session.clock.now())}
    handle = os.open(run.folder / _HOT_WASH, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(told, ensure_ascii=False) + "\n")


def add_remediation(session: Session, told: Material, *, owner: str = "", due: str = "") -> list[RemediationItem]:
    """Each improvement as an item of the live record, once: those that are there already stay as they are.

    Where nobody is named, whoever answers for the first system of the scenario owns them.
    """
    if not told.state.over:
        raise Refusal(f"{told.run} is not over", todo="end it first")
    systems = [one for one in told.scenario.systems if one in session.workspace.systems]
    system = systems[0] if systems else ""
    owner = owner or (session.workspace.systems[system].owner if system else "")
    known = {one.title for one in items_of(session, told.run).values()}
    found: list[RemediationItem] = []
    for one in improvements(told):
        title = " ".join(session.scrubber.text(one.title).split())
        if title not in known:
            wanted = Wanted(title=title, priority=one.priority, owner=owner, due=due, verify=one.verify)
            found.append(add_for_drill(session, told.run, wanted, kind=ItemType(one.kind), system=system))
    return found


def _remarks(session: Session, entries: Sequence[Entry]) -> Iterator[Remark]:
    for entry in entries:
        if entry.kind != Kind.DRAFTED or entry.data is None:
            continue
        message = Message.from_json(entry.data["message"])
        for one in of_message(session, message, exercise=True):
            error = one.level is Level.ERROR
            yield Remark(message.id, error, one.rule, session.scrubber.text(one.text), one.says, one.better)


def _said(path: Path) -> Iterator[Said]:
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            told = json.loads(line)
            yield Said(int(told["question"]), str(told["text"]))
        except (ValueError, KeyError, TypeError) as error:
            raise RecordError(f"line {number} of the hot wash cannot be read: {error}", where=str(path)) from error
