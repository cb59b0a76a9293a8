"""What the levers say of themselves, against what a runbook asks: modes, time to spread, what fails together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from psfir.domain.about import About, LeverAbout, Stops
from psfir.domain.catalog import Catalog
from psfir.domain.durations import show
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.system import Connection, System, Workspace
from psfir.errors import CatalogError
from psfir.loading.files import Loaded
from psfir.loading.rules import Draft

_A = TypeVar("_A", bound=About)

Abouts = Mapping[str, LeverAbout]

ONE_FOR_ALL = frozenset({"aws", "launchdarkly"})
"""Kinds of connections that all lead to one company, whatever their names: they are down together."""


def check_ladders(loaded: Loaded, workspace: Workspace | None, catalog: Catalog) -> None:
    """Rules that ask the catalog; those that need psfir.yaml are left out where it is wrong."""
    draft = Draft(loaded.value, loaded.root, loaded.problems)
    abouts = _abouts(draft.book, catalog)
    levers(draft, abouts)
    if workspace is None:
        single(draft)
        return
    kinds(draft, workspace, catalog)
    ladders(draft, abouts, workspace)
    runners(draft, workspace)
    system = workspace.systems.get(draft.book.system)
    if system is not None:
        agentic(draft, abouts, system)


def levers(draft: Draft, abouts: Abouts) -> None:
    """The lever serves the mode, and its share leaves time for the change to spread."""
    mode = draft.book.mode
    for s, r, rung in _rungs(draft.book):
        about = abouts.get(rung.lever)
        if about is None:
            continue
        where = ("steps", s, "ladder", r)
        if mode not in about.modes:
            modes = ", ".join(one.value for one in about.modes)
            draft.add((*where, "lever"), f"{rung.lever} cannot {mode.value} anything; it can {modes}", "mode")
        if rung.within < about.propagation:
            says = f"{show(rung.within)} is less than the {show(about.propagation)} that {rung.lever} takes to spread"
            draft.add((*where, "within"), says, "propagation", warning=True)


def kinds(draft: Draft, workspace: Workspace, catalog: Catalog) -> None:
    """A lever, probe or capture can only work on the kinds of connections it knows."""
    book = draft.book
    uses: list[tuple[tuple[str | int, ...], str, About | None]] = []
    for s, r, rung in _rungs(book):
        uses.append((("steps", s, "ladder", r), rung.connection, _ask(partial(catalog.lever, rung.lever))))
    for i, use in enumerate(book.verify):
        uses.append((("verify", i), use.connection, _ask(partial(catalog.probe, use.probe))))
    for i, capture in enumerate(book.capture):
        uses.append((("capture", i), capture.connection, _ask(partial(catalog.capture, capture.source))))
    for where, name, about in uses:
        link = workspace.connections.get(name)
        if about is not None and link is not None and link.kind not in about.connects:
            wanted = " or ".join(about.connects)
            says = f"{about.name} works on a connection of kind {wanted}, and {name} is of kind {link.kind}"
            draft.add((*where, "target", "connection"), says, "reference")


def single(draft: Draft) -> None:
    for index, step in enumerate(draft.book.steps):
        if len(step.ladder) == 1:
            says = f"the step {step.id!r} has a single rung: if it fails, there is no other way"
            draft.add(("steps", index, "ladder"), says, "ladder", warning=True)


def ladders(draft: Draft, abouts: Abouts, workspace: Workspace) -> None:
    """A ladder whose rungs fail together is one lever."""
    single(draft)
    for index, step in enumerate(draft.book.steps):
        links = [workspace.connections[r.connection] for r in step.ladder if r.connection in workspace.connections]
        if len(step.ladder) == 1 or len(links) < len(step.ladder):
            continue
        shared = list(_shared(step.ladder, links, abouts))
        if shared:
            says = f"all rungs of the step {step.id!r} share {' and '.join(shared)}: they can fail together"
            draft.add(("steps", index, "ladder"), says, "ladder", warning=True)


def runners(draft: Draft, workspace: Workspace) -> None:
    """A rung that only a worker can pull is as good as that worker: one must be meant to be there, or another rung."""
    for s, r, rung in _rungs(draft.book):
        if rung.runner and rung.runner not in workspace.runners:
            says = f"psfir.yaml names no runner {rung.runner!r} under runners: nobody may be there to pull it"
            draft.add(("steps", s, "ladder", r, "runner"), says, "runner", warning=True)
    for s, step in enumerate(draft.book.steps):
        if all(rung.runner for rung in step.ladder):
            says = f"every rung of the step {step.id!r} needs a worker: without one nothing is pulled"
            draft.add(("steps", s, "ladder"), says, "runner", warning=True)


def _shared(ladder: Sequence[Rung], links: Sequence[Connection], abouts: Abouts) -> Iterator[str]:
    if len({link.name for link in links}) == 1:
        yield f"the connection {links[0].name}"
    vendors = {vendor_of(abouts.get(rung.lever), link) for rung, link in zip(ladder, links, strict=True)}
    if len(vendors) == 1 and "" not in vendors:
        yield f"the vendor {vendors.pop()}"
    credentials = set.intersection(*(set(link.secrets.values()) for link in links))
    if credentials:
        yield f"the credential {', '.join(sorted(credentials))}"
    networks = {network_of(link) for link in links}
    if len(networks) == 1 and "" not in networks:
        yield f"the network {networks.pop()}"


def vendor_of(about: LeverAbout | None, link: Connection) -> str:
    """Whose the other end is: what the connection says, else the one company of its kind, else the lever's vendor.

    A generic lever has no vendor of its own: there only the connection can say.
    """
    own = "" if about is None or about.vendor in {"any", link.kind} else about.vendor
    return link.vendor or (link.kind if link.kind in ONE_FOR_ALL else own)


def network_of(link: Connection) -> str:
    """By which way it is reached: the one that is named, else its host."""
    url = link.settings.get("url")
    host = url.partition("://")[2].partition("/")[0] if isinstance(url, str) else ""
    return link.network or host


def agentic(draft: Draft, abouts: Abouts, system: System) -> None:
    """Long runs go on when only new work is stopped."""
    known = [abouts.get(rung.lever) for _, _, rung in _rungs(draft.book)]
    if system.agentic and known and all(about is not None and about.stops is Stops.NEW for about in known):
        says = f"{system.id} is agentic, and every lever here stops only new work: what is in flight would go on"
        draft.add(("steps",), says, "in-flight")


def _rungs(book: Runbook) -> Iterator[tuple[int, int, Rung]]:
    for s, step in enumerate(book.steps):
        for r, rung in enumerate(step.ladder):
            yield s, r, rung


def _abouts(book: Runbook, catalog: Catalog) -> Abouts:
    found = {rung.lever: _ask(partial(catalog.lever, rung.lever)) for _, _, rung in _rungs(book)}
    return {name: about for name, about in found.items() if about is not None}


def _ask(ask: partial[_A]) -> _A | None:
    """None for one that cannot be had: that is a problem already, where it is named."""
    try:
        return ask()
    except CatalogError:
        return None
