"""What each connection's credential must be allowed for the runbooks at hand: derived from `about`, not guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psfir.app.choose import Aim, systems
from psfir.app.rights_iam import policy
from psfir.app.rights_kubernetes import roles
from psfir.app.rights_launchdarkly import custom_role
from psfir.app.rights_unleash import project_roles
from psfir.app.runbooks import shelf
from psfir.app.session import Session
from psfir.contracts import Target
from psfir.domain.about import About
from psfir.domain.canon import Json
from psfir.domain.needs import Need, needs
from psfir.domain.runbook import Runbook
from psfir.domain.values import frozen
from psfir.errors import UsageError

FORMATS = {"kubernetes": "kubernetes", "iam": "aws", "launchdarkly": "launchdarkly", "unleash": "unleash"}
"""What a document is called, and the kind of connection it is for."""


@frozen
class Rights:
    """All that one connection's credential needs, and the documents that give it no more than that."""

    connection: str
    kind: str
    needs: tuple[Need, ...]
    documents: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        lines: dict[tuple[str, str], set[str]] = {}
        for need in self.needs:
            lines.setdefault((need.permission.action, need.resource), set()).add(need.by)
        rights = [{"action": a, "resource": r, "by": sorted(by)} for (a, r), by in sorted(lines.items())]
        return {"connection": self.connection, "kind": self.kind, "rights": rights, "documents": list(self.documents)}


@frozen
class Derived:
    """By connection. `broken` runbooks are not in it: with one of them the documents are too narrow."""

    connections: tuple[Rights, ...]
    broken: Mapping[str, str]


def rights(session: Session, aim: Aim) -> Derived:
    """For every runbook of these systems: rungs, probes and captures."""
    chosen = {system.id for system in systems(session, aim)}
    found = shelf(session)
    books = [book for book in found.books if book.system in chosen]
    by: dict[str, list[Need]] = {}
    for book in books:
        for about, target in _uses(session, book):
            for need in needs(about, target, book.id):
                by.setdefault(str(target.get("connection", "")), []).append(need)
    made = (_rights(session, name, by[name]) for name in sorted(by))
    return Derived(tuple(made), found.broken)


def one(derived: Derived, style: str, connection: str | None) -> Rights:
    """The connection that a document is asked for. UsageError if it could be several, or none."""
    fits = [each for each in derived.connections if each.kind == FORMATS[style]]
    if connection is not None:
        fits = [each for each in fits if each.connection == connection]
    if len(fits) != 1:
        names = ", ".join(each.connection for each in fits)
        what = f"{len(fits)} connections need a document of this kind" if fits else "no runbook needs such a document"
        raise UsageError(what, todo=f"say --connection with one of: {names}" if fits else "leave out --format")
    return fits[0]


def _uses(session: Session, book: Runbook) -> Iterator[tuple[About, Target]]:
    catalog = session.catalog
    for step in book.steps:
        for rung in step.ladder:
            yield catalog.lever(rung.lever), rung.target
    for probe in book.verify:
        yield catalog.probe(probe.probe), probe.target
    for capture in book.capture:
        yield catalog.capture(capture.source), capture.target


def _rights(session: Session, name: str, wanted: Sequence[Need]) -> Rights:
    known = session.workspace.connections.get(name)
    kind = known.kind if known else ""
    settings: Mapping[str, Json] = known.settings if known else {}
    return Rights(name, kind, tuple(wanted), tuple(_documents(kind, wanted, settings)))


def _documents(kind: str, wanted: Sequence[Need], settings: Mapping[str, Json]) -> list[dict[str, Any]]:
    theirs = [need for need in wanted if need.permission.system == kind]
    if kind == "kubernetes" and theirs:
        return roles((need.permission, need.target) for need in theirs)
    pairs = [(need.permission.action, need.resource) for need in theirs]
    if kind == "aws" and pairs:
        return [policy(pairs, settings)]
    if kind == "unleash":
        return project_roles(pairs)
    role = custom_role(pairs) if kind == "launchdarkly" else None
    return [role] if role else []
