"""What each connection's credential must be allowed for the runbooks at hand: derived from `about`, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from psfir.app import rights_iam, rights_kubernetes, rights_launchdarkly, rights_unleash
from psfir.app.choose import Aim, systems
from psfir.app.rights_document import NAME, Document
from psfir.app.runbooks import shelf
from psfir.app.session import Session
from psfir.domain.about import Phase
from psfir.domain.canon import Json
from psfir.domain.needs import Need, Use, needs
from psfir.domain.runbook import Runbook
from psfir.domain.values import frozen
from psfir.errors import UsageError


@frozen
class Wish:
    """For what a credential is wanted; `to` is whom roles are bound to, where a vendor binds them."""

    phase: Phase | None = None
    to: str = ""

    @property
    def name(self) -> str:
        """Of a role: those of all phases can stand side by side."""
        return f"{NAME}-{self.phase.value}" if self.phase else NAME


@frozen
class Rights:
    """All that one connection's credential needs, and the documents that give it no more than that.

    `notes` say what the vendor cannot tell apart: with it a credential for the kill can do more than kill.
    """

    connection: str
    kind: str
    phase: Phase | None
    needs: tuple[Need, ...]
    documents: tuple[Document, ...]
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[tuple[str, str, str, list[str]]]:
        """Action, resource, where alone it is needed, and who needs it."""
        by: dict[tuple[str, str, str], set[str]] = {}
        for need in self.needs:
            by.setdefault((need.permission.action, need.resource, need.permission.only), set()).add(need.by)
        return [(*key, sorted(who)) for key, who in sorted(by.items())]

    def to_json(self) -> dict[str, Any]:
        rights = [{"action": a, "resource": r, "only": only, "by": by} for a, r, only, by in self.lines]
        return {
            "connection": self.connection,
            "kind": self.kind,
            "phase": self.phase.value if self.phase else None,
            "rights": rights,
            "documents": [one.to_json() for one in self.documents],
            "notes": list(self.notes),
        }


@frozen
class Derived:
    """By connection. `broken` runbooks are not in it: with one of them the documents are too narrow."""

    connections: tuple[Rights, ...]
    broken: Mapping[str, str]


def rights(session: Session, aim: Aim, wish: Wish | None = None) -> Derived:
    """For every runbook of these systems: rungs, probes and captures."""
    wish = wish or Wish()
    chosen = {system.id for system in systems(session, aim)}
    found = shelf(session)
    by: dict[str, list[Need]] = {}
    for book in found.books:
        for use in uses(session, book) if book.system in chosen else ():
            for need in needs(use, wish.phase):
                by.setdefault(str(use.target.get("connection", "")), []).append(need)
    made = (_rights(session, name, tuple(by[name]), wish) for name in sorted(by))
    return Derived(tuple(made), found.broken)


def one(derived: Derived, kind: str, connection: str | None) -> Rights:
    """The connection that a document is asked for. UsageError if it could be several, or none."""
    fits = [each for each in derived.connections if each.kind == kind and each.documents]
    if connection is not None:
        fits = [each for each in fits if each.connection == connection]
    if len(fits) != 1:
        names = ", ".join(each.connection for each in fits)
        what = f"{len(fits)} connections need a document of this kind" if fits else "no runbook needs such a document"
        raise UsageError(what, todo=f"say --connection with one of: {names}" if fits else "leave out --for")
    return fits[0]


def uses(session: Session, book: Runbook) -> Iterator[Use]:
    """Everything in a runbook that asks something of a vendor."""
    catalog = session.catalog
    for step in book.steps:
        for rung in step.ladder:
            yield Use(catalog.lever(rung.lever), rung.target, book.id, rung.set)
    for probe in book.verify:
        yield Use(catalog.probe(probe.probe), probe.target, book.id, {**probe.target, **probe.expect})
    for capture in book.capture:
        yield Use(catalog.capture(capture.source), capture.target, book.id)


def _rights(session: Session, name: str, wanted: tuple[Need, ...], wish: Wish) -> Rights:
    known = session.workspace.connections.get(name)
    kind = known.kind if known else ""
    settings: Mapping[str, Json] = known.settings if known else {}
    theirs = [need for need in wanted if need.permission.system == kind]
    make = _MAKERS.get(kind)
    documents = tuple(make(theirs, settings, wish)) if make and theirs else ()
    notes = (_DIRECTIONS[kind],) if documents and wish.phase is Phase.KILL and kind in _DIRECTIONS else ()
    return Rights(name, kind, wish.phase, wanted, documents, notes)


def _kubernetes(wanted: list[Need], _settings: Mapping[str, Json], wish: Wish) -> list[Document]:
    return rights_kubernetes.roles(((need.permission, need.target) for need in wanted), wish.name, wish.to)


def _aws(wanted: list[Need], settings: Mapping[str, Json], _wish: Wish) -> list[Document]:
    return [rights_iam.policy(_said(wanted), settings)]


def _launchdarkly(wanted: list[Need], _settings: Mapping[str, Json], wish: Wish) -> list[Document]:
    role = rights_launchdarkly.custom_role(_said(wanted), wish.name)
    return [role] if role else []


def _unleash(wanted: list[Need], _settings: Mapping[str, Json], wish: Wish) -> list[Document]:
    return rights_unleash.project_roles(_said(wanted), wish.name)


def _said(wanted: list[Need]) -> Iterator[tuple[str, str, str]]:
    return ((need.permission.action, need.resource, need.permission.only) for need in wanted)


_MAKERS: Mapping[str, Callable[[list[Need], Mapping[str, Json], Wish], list[Document]]] = {
    "kubernetes": _kubernetes,
    "aws": _aws,
    "launchdarkly": _launchdarkly,
    "unleash": _unleash,
}
"""What makes the documents for a kind of connection. Of any other the rights are listed, and no document gives them."""

_DIRECTIONS = {
    "kubernetes": rights_kubernetes.DIRECTION,
    "aws": rights_iam.DIRECTION,
    "launchdarkly": rights_launchdarkly.DIRECTION,
    "unleash": rights_unleash.DIRECTION,
}
