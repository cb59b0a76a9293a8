"""Whether every template that must ship is there, whole and approved: the framework's fourth statement as a gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum

from psfir.comms.ledger import Given, Ledger
from psfir.comms.required import Cell
from psfir.comms.template import Template
from psfir.domain.people import Deed, Team
from psfir.domain.values import frozen

SOON = timedelta(days=30)
ZONES = timedelta(days=1)
"""By so much may a day differ from another's, where the workspace's zone has been changed since."""


class State(StrEnum):
    """How a template stands, the worst first. Only the last two are good enough to go live."""

    MISSING = "missing"
    UNSOUND = "unsound"
    UNAPPROVED = "unapproved"
    ALTERED = "altered"
    NO_ROLE = "no_role"
    AUTHOR_ALONE = "author_alone"
    EXPIRED = "expired"
    EXPIRES_SOON = "expires_soon"
    APPROVED = "approved"

    @property
    def good(self) -> bool:
        return self in {State.APPROVED, State.EXPIRES_SOON}


@frozen
class Row:
    """One template in one language; `required` ones decide the gate."""

    key: str
    cell: str
    lang: str
    state: State
    says: str
    required: bool = True
    file: str = ""
    until: date | None = None
    by: tuple[str, ...] = ()


@frozen
class Yes:
    """What the approvals of one text come to."""

    state: State
    says: str
    until: date | None = None
    by: tuple[str, ...] = ()


def table(
    cells: Iterable[Cell], templates: Sequence[Template], ledger: Ledger, *, team: Team, today: date
) -> list[Row]:
    """A row for each cell that must ship in each of its languages, then one for each further template."""
    rows: list[Row] = []
    seen: set[str] = set()
    for cell in cells:
        for lang in _languages(cell, templates):
            row = _required(cell, lang, templates, ledger, team=team, today=today)
            seen.add(row.key)
            rows.append(row)
    for one in templates:
        if one.key not in seen:
            yes = approved(one, ledger, team=team, today=today)
            rows.append(_row(one, yes, required=False))
    return rows


def approved(template: Template, ledger: Ledger, *, team: Team, today: date, roles: Iterable[str] = ()) -> Yes:
    """Whether this text may be used now. Each role of `roles` must be somebody's; without any, one approver's yes."""
    given = ledger.of(template.key)
    if not given:
        return Yes(State.UNAPPROVED, "nobody has approved it")
    current = [one for one in given if one.sha256 == template.digest]
    if not current:
        last = max(given, key=lambda one: one.on)
        return Yes(State.ALTERED, f"was altered since {last.by} approved it on {last.on}")
    entitled = [one for one in current if _entitled(one, team)]
    if not entitled:
        return Yes(State.NO_ROLE, " and ".join(_why_not(one, team) for one in current))
    begun = [one for one in entitled if one.on - today <= ZONES]
    if not begun:
        return Yes(State.UNAPPROVED, f"{entitled[0].by}'s approval is dated {entitled[0].on}, which is yet to come")
    standing = [one for one in begun if one.until >= today]
    if not standing:
        last = max(begun, key=lambda one: one.until)
        return Yes(State.EXPIRED, f"{last.by}'s approval ended on {last.until}", last.until)
    return _standing(template, standing, roles, today)


def _standing(template: Template, standing: Sequence[Given], roles: Iterable[str], today: date) -> Yes:
    by = tuple(one.by for one in standing)
    if all(one.by == template.author for one in standing):
        return Yes(State.AUTHOR_ALONE, f"{template.author} wrote it and approved it alone", by=by)
    missing = [role for role in roles if role not in {one.role for one in standing}]
    if missing:
        return Yes(State.NO_ROLE, f"nobody approved it as {' or as '.join(missing)}", by=by)
    until = max(one.until for one in standing) if not roles else min(one.until for one in standing)
    if until - today <= SOON:
        return Yes(State.EXPIRES_SOON, f"approved until {until}", until, by)
    return Yes(State.APPROVED, f"approved until {until}", until, by)


def _entitled(one: Given, team: Team) -> bool:
    person = team.people.get(one.by)
    return person is not None and one.role in person.roles and Deed.APPROVE_TEMPLATE in team.roles.get(one.role, ())


def _why_not(one: Given, team: Team) -> str:
    person = team.people.get(one.by)
    if person is None:
        return f"{one.by} is nobody in psfir.yaml"
    if one.role not in person.roles:
        return f"{one.by} is not {one.role} any more"
    return f"the role {one.role} may not approve templates"


def _languages(cell: Cell, templates: Iterable[Template]) -> Iterator[str]:
    """Those that the cell names, and those that the template itself says it must exist in."""
    named = dict.fromkeys(cell.languages)
    for one in templates:
        if (one.audience, one.phase, one.variant) == (cell.audience, cell.phase, cell.variant):
            named |= dict.fromkeys(one.languages)
    yield from named


def _required(cell: Cell, lang: str, templates: Iterable[Template], ledger: Ledger, *, team: Team, today: date) -> Row:
    wanted = (cell.audience, cell.phase, cell.variant, lang)
    found = next((one for one in templates if (one.audience, one.phase, one.variant, one.lang) == wanted), None)
    if found is None:
        return Row(f"{cell}.{lang}", str(cell), lang, State.MISSING, f"there is no comms_templates/{cell}.{lang}.md")
    return _row(found, approved(found, ledger, team=team, today=today, roles=cell.roles), required=True)


def _row(one: Template, yes: Yes, *, required: bool) -> Row:
    cell = str(Cell(one.audience, one.phase, one.variant))
    return Row(one.key, cell, one.lang, yes.state, yes.says, required, one.file, yes.until, yes.by)
