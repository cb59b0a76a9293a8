"""What people do with templates before anything goes wrong: look, approve, take back, and check as a gate for CI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from psfir.app.session import Session
from psfir.comms.check import Row, State, Yes, approved, table
from psfir.comms.ledger import LONGEST, Given, Ledger, alone, load_ledger, write_ledger
from psfir.comms.reading import read_templates
from psfir.comms.required import load_required
from psfir.comms.template import Template
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.domain.system import Workspace
from psfir.domain.values import frozen
from psfir.errors import ContentError, Problem, Refusal, UsageError
from psfir.loading.workspace import load_workspace

LASTS = timedelta(days=365)


@frozen
class Shelf:
    """The templates of a workspace, what was approved, and what is wrong with the files."""

    root: Path
    workspace: Workspace
    templates: tuple[Template, ...] = ()
    ledger: Ledger = Ledger()
    problems: tuple[Problem, ...] = ()

    def one(self, ref: str, lang: str = "") -> Template:
        """By `id` or `id.lang`, by its file, or by `audience/phase`."""
        found = self.all(ref, lang)
        if len(found) > 1:
            raise UsageError(f"{ref} is there {len(found)} times", todo=", ".join(one.key for one in found))
        return found[0]

    def all(self, ref: str, lang: str = "") -> list[Template]:
        """In each language that it is there in; at least one."""
        found = [one for one in self.templates if ref in _names(one) and lang in {"", one.lang}]
        if found:
            return found
        broken = [problem for problem in self.problems if Path(problem.file).name.startswith(Path(ref).name)]
        if broken:
            raise ContentError(broken, todo="psfir lint comms_templates")
        raise UsageError(f"there is no template {ref!r}", todo=near(ref, [one.key for one in self.templates]))

    def left_to(self, person: str) -> list[Template]:
        """Those to which they have not said yes as they are now."""
        said = {(one.key, one.sha256) for one in self.ledger.given if one.by == person}
        return [one for one in self.templates if (one.key, one.digest) not in said]

    def standing(self, template: Template, today: date) -> Yes:
        return approved(template, self.ledger, team=self.workspace.team, today=today)


@frozen
class Checked:
    """The gate's answer: what must ship, what else there is, and files that cannot be read."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]

    @property
    def good(self) -> bool:
        return not self.problems and all(row.state.good for row in self.rows if row.required)


def shelf(root: Path, workspace: Workspace | None = None) -> Shelf:
    """Everything that lies in comms_templates. A file that cannot be read is told and not there."""
    templates, files = read_templates(root)
    found = tuple(problem for one in files for problem in one.problems.found if not problem.warning)
    words = workspace or load_workspace(root / "psfir.yaml")
    return Shelf(root, words, tuple(templates), load_ledger(root), found)


def today(workspace: Workspace, now: datetime) -> date:
    """The day it is where the workspace says its days end."""
    return now.astimezone(ZoneInfo(workspace.comms.zone)).date()


def check(shelf: Shelf, now: datetime) -> Checked:
    cells = load_required(shelf.root)
    day = today(shelf.workspace, now)
    rows = table(cells, shelf.templates, shelf.ledger, team=shelf.workspace.team, today=day)
    broken = {problem.file for problem in shelf.problems}
    return Checked(tuple(_unsound(row, broken) for row in rows), shelf.problems)


def approve(
    session: Session,
    shelf: Shelf,
    templates: Sequence[Template],
    *,
    role: str = "",
    until: date | None = None,
    conditions: str = "",
) -> list[Given]:
    """One person's yes to the texts as they were read. Of several, all count or none.

    What others have said since the shelf was read stays: reading so many texts takes a while.
    """
    session.need(Deed.APPROVE_TEMPLATE)
    day = today(session.workspace, session.clock.now())
    end = until or day + LASTS
    if end <= day or end - day > LONGEST:
        raise UsageError(f"{end} is not between tomorrow and two years from now", todo="--until YYYY-MM-DD")
    named = _role(session, role)
    given = [Given(one.id, one.lang, one.digest, session.actor.id, named, day, end, conditions) for one in templates]
    with alone(shelf.root):
        ledger = load_ledger(shelf.root)
        for one in given:
            _says_nothing_new(ledger, one)
            ledger = ledger.with_(one)
        write_ledger(shelf.root, ledger)
    return given


def revoke(session: Session, shelf: Shelf, template: Template, *, by: str = "") -> None:
    """Take a yes out of the ledger: one's own, or anybody's by whoever may approve."""
    session.need(Deed.APPROVE_TEMPLATE)
    with alone(shelf.root):
        write_ledger(shelf.root, load_ledger(shelf.root).without(template.key, by or session.actor.id))


def _says_nothing_new(ledger: Ledger, new: Given) -> None:
    same = [one for one in ledger.of(new.key) if (one.sha256, one.by) == (new.sha256, new.by)]
    if any(one.until >= new.until and one.role == new.role for one in same):
        raise Refusal(f"{new.by} has approved this text of {new.key} already, until {same[0].until}")


def _role(session: Session, role: str) -> str:
    """In which of one's roles: the one that is named, or the only one that may."""
    team = session.workspace.team
    person = team.people[session.actor.id]
    may = [one for one in person.roles if Deed.APPROVE_TEMPLATE in team.roles.get(one, ())]
    if role and role not in may:
        raise Refusal(f"{person.id} cannot approve a template as {role}", todo=f"as: {', '.join(may)}")
    if not role and len(may) > 1:
        raise UsageError(f"{person.id} may approve in {len(may)} roles", todo=f"--as {' or --as '.join(may)}")
    return role or may[0]


def _unsound(row: Row, broken: Iterable[str]) -> Row:
    """A required file that is there and cannot be read is not missing."""
    file = f"comms_templates/{row.cell}.{row.lang}.md"
    if row.state is State.MISSING and file in broken:
        return Row(row.key, row.cell, row.lang, State.UNSOUND, f"{file} cannot be read: psfir lint", row.required, file)
    return row


def _names(one: Template) -> set[str]:
    cell = f"{one.audience.value}/{one.phase.value}" + (f".{one.variant}" if one.variant else "")
    return {one.id, one.key, one.file, cell, f"{cell}.{one.lang}"}
