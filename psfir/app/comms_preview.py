"""The preview of all templates: what the workspace holds goes in, one page or document comes out."""

from __future__ import annotations

from datetime import datetime

from psfir.app.comms_lint import of_template
from psfir.app.templates import Shelf, check, today
from psfir.comms.check import Row, Yes
from psfir.comms.pack import Rule, load_packs
from psfir.comms.preview import Leaf, Preview, reading
from psfir.comms.preview_document import docx
from psfir.comms.preview_page import html
from psfir.comms.samples import filled
from psfir.comms.template import Template
from psfir.domain.modes import PlanCase


def preview(shelf: Shelf, now: datetime) -> Preview:
    """Every template that can be read, and those that must be there and cannot."""
    checked = check(shelf, now)
    rules = load_packs(shelf.root, shelf.workspace.comms.packs)
    day = today(shelf.workspace, now)
    states = {row.key: row for row in checked.rows}
    leaves = tuple(_leaf(shelf, one, states[one.key], rules) for one in shelf.templates)
    problems = tuple(str(problem) for problem in checked.problems)
    return Preview(shelf.workspace.name, day, leaves, checked.rows, problems)


def render(made: Preview, form: str) -> bytes:
    """`html` or `docx`."""
    return docx(made) if form == "docx" else html(made).encode()


def _leaf(shelf: Shelf, one: Template, row: Row, rules: tuple[Rule, ...]) -> Leaf:
    """The approval is that which the gate sees, with the roles that it asks for."""
    case = one.covers[0] if one.covers else PlanCase.HARMFUL_OUTPUT
    read = reading(filled(one, shelf.workspace.comms.facts, case))
    findings = () if read.fails else tuple(of_template(shelf.workspace, one, rules))
    yes = Yes(row.state, row.says, row.until, row.by)
    given = tuple(shelf.ledger.of(one.key))
    return Leaf(one, yes, given, findings, title=read.title, body=read.body, fails=read.fails)
