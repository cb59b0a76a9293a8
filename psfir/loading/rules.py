"""What makes a runbook that can be read a runbook that will work: references, arithmetic, ladders, people."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.domain.about import LeverAbout, Stops
from psfir.domain.budget import Share, ordered, worst_case
from psfir.domain.catalog import Catalog
from psfir.domain.durations import show
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.domain.runbook import PSF_DEADLINE, Runbook, Rung
from psfir.domain.system import Connection, Workspace
from psfir.errors import CatalogError
from psfir.loading.files import Loaded


def check_runbook(
    book: Runbook, loaded: Loaded, catalog: Catalog, workspace: Workspace | None, playbooks: frozenset[str]
) -> None:
    """Every rule; those that need psfir.yaml are left out where it is wrong."""
    steps(book, loaded)
    arithmetic(book, loaded)
    probes(book, loaded)
    levers(book, loaded, catalog)
    if book.playbook and book.playbook not in playbooks:
        _add(
            loaded,
            ("playbook",),
            f"there is no playbook {book.playbook!r}; {near(book.playbook, playbooks)}",
            "reference",
        )
    if workspace is None:
        return
    references(book, loaded, workspace)
    ladders(book, loaded, catalog, workspace)
    agentic(book, loaded, catalog, workspace)
    people(book, loaded, workspace)


def steps(book: Runbook, loaded: Loaded) -> None:
    """Ids are used once, `after` names steps, and no step waits for itself."""
    ids = [step.id for step in book.steps]
    for index, step in enumerate(book.steps):
        if step.id in ids[:index]:
            _add(loaded, ("steps", index, "id"), f"the step {step.id!r} stands here a second time", "duplicate-id")
        for position, earlier in enumerate(step.after):
            if earlier not in ids:
                where = ("steps", index, "after", position)
                _add(loaded, where, f"there is no step {earlier!r}; {near(earlier, ids)}", "reference")
    stuck = {step.id for step in book.steps} - {step.id for step in ordered(book.steps)}
    if stuck:
        cycle = _cycle(book, stuck)
        index = ids.index(cycle[0])
        _add(loaded, ("steps", index, "after"), f"these steps wait for each other: {' -> '.join(cycle)}", "cycle")


def _cycle(book: Runbook, stuck: set[str]) -> list[str]:
    """One round of a cycle, named from its first step in the file."""
    after = {step.id: [a for a in step.after if a in stuck] for step in book.steps if step.id in stuck}
    path = [next(iter(after))]
    while after[path[-1]][0] not in path:
        path.append(after[path[-1]][0])
    again = after[path[-1]][0]
    round_ = path[path.index(again) :]
    first = min(round_, key=[step.id for step in book.steps].index)
    turned = round_[round_.index(first) :] + round_[: round_.index(first)]
    return [*turned, first]


def arithmetic(book: Runbook, loaded: Loaded) -> None:
    """Promise 2: the worst case fits the deadline, and the deadline is 15 minutes unless the file says why not."""
    budget = worst_case(book)
    if not budget.fits:
        path = " + ".join(_share(share) for share in budget.shares)
        over = f"the worst case is {show(budget.total)}, over the deadline of {show(book.deadline)}: {path}"
        _add(loaded, ("deadline",), over, "deadline")
    if book.deadline > PSF_DEADLINE and not book.deadline_reason.strip():
        says = f"a deadline of {show(book.deadline)} is above 15m; say why under `deadline_reason`, or shorten it"
        _add(loaded, ("deadline",), says, "deadline")
    if book.soak == 0:
        says = "no probe soaks: a controller that turns it back on would not be noticed"
        _add(loaded, ("verify",), says, "soak", warning=True)


def _share(share: Share) -> str:
    return f"{share.name} {show(share.seconds)}"


def probes(book: Runbook, loaded: Loaded) -> None:
    """A probe must be able to succeed within its share; ids are used once."""
    ids = [use.id for use in book.verify]
    for index, use in enumerate(book.verify):
        if use.id in ids[:index]:
            _add(loaded, ("verify", index, "id"), f"the probe {use.id!r} stands here a second time", "duplicate-id")
        least = (use.times - 1) * use.every
        if least > use.within:
            looks = f"{use.times} looks {show(use.every)} apart take {show(least)}"
            says = f"{looks}, more than its share of {show(use.within)}"
            _add(loaded, ("verify", index, "within"), says, "deadline")
        if use.each > use.within:
            says = f"one look may take {show(use.each)}, more than its whole share of {show(use.within)}"
            _add(loaded, ("verify", index, "each"), says, "deadline")


def levers(book: Runbook, loaded: Loaded, catalog: Catalog) -> None:
    """The lever serves the mode, and its share leaves time for the change to spread."""
    for s, r, rung in _rungs(book):
        about = _about(catalog, rung.lever)
        if about is None:
            continue
        where = ("steps", s, "ladder", r)
        if book.mode not in about.modes:
            modes = ", ".join(mode.value for mode in about.modes)
            _add(loaded, (*where, "lever"), f"{rung.lever} cannot {book.mode.value}; it serves: {modes}", "mode")
        if rung.within < about.propagation:
            says = f"{show(rung.within)} is less than the {show(about.propagation)} that {rung.lever} takes to spread"
            _add(loaded, (*where, "within"), says, "propagation", warning=True)


def references(book: Runbook, loaded: Loaded, workspace: Workspace) -> None:
    """The system and every connection are in psfir.yaml."""
    if book.system not in workspace.systems:
        says = f"psfir.yaml has no system {book.system!r}; {near(book.system, workspace.systems)}"
        _add(loaded, ("system",), says, "reference")
    uses: list[tuple[tuple[str | int, ...], str]] = [
        (("steps", s, "ladder", r), rung.connection) for s, r, rung in _rungs(book)
    ]
    uses += [(("verify", i), use.connection) for i, use in enumerate(book.verify)]
    uses += [(("capture", i), use.connection) for i, use in enumerate(book.capture)]
    for where, name in uses:
        if name and name not in workspace.connections:
            says = f"psfir.yaml has no connection {name!r}; {near(name, workspace.connections)}"
            _add(loaded, (*where, "target", "connection"), says, "reference")


def ladders(book: Runbook, loaded: Loaded, catalog: Catalog, workspace: Workspace) -> None:
    """Promise 3: a ladder whose rungs fail together is one lever."""
    for index, step in enumerate(book.steps):
        where = ("steps", index, "ladder")
        if len(step.ladder) == 1:
            says = f"the step {step.id!r} has one rung: if it fails there is no next one"
            _add(loaded, where, says, "ladder", warning=True)
            continue
        links = [workspace.connections.get(rung.connection) for rung in step.ladder]
        known = [link for link in links if link is not None]
        if len(known) < len(links):
            continue
        if len({link.name for link in known}) == 1:
            says = f"all rungs use the connection {known[0].name!r}: they fail together"
            _add(loaded, where, says, "ladder", warning=True)
            continue
        for what in _shared(step.ladder, known, catalog):
            _add(loaded, where, f"all rungs share {what}: they fail together", "ladder", warning=True)


def _shared(ladder: tuple[Rung, ...], links: list[Connection], catalog: Catalog) -> Iterator[str]:
    vendors = {_vendor(rung, link, catalog) for rung, link in zip(ladder, links, strict=True)}
    if len(vendors) == 1 and "" not in vendors:
        yield f"the vendor {vendors.pop()}"
    credentials = {frozenset(link.secrets.values()) for link in links}
    if len(credentials) == 1 and frozenset() not in credentials:
        yield f"the credential {', '.join(sorted(credentials.pop()))}"
    networks = {_network(link) for link in links}
    if len(networks) == 1 and "" not in networks:
        yield f"the network {networks.pop()}"


def _vendor(rung: Rung, link: Connection, catalog: Catalog) -> str:
    about = _about(catalog, rung.lever)
    # A generic lever has no vendor of its own: whose it is, only the connection can say.
    return link.vendor or (about.vendor if about and about.vendor != "any" else "")


def _network(link: Connection) -> str:
    url = link.settings.get("url")
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2] if isinstance(url, str) else ""
    return link.network or host


def agentic(book: Runbook, loaded: Loaded, catalog: Catalog, workspace: Workspace) -> None:
    """Long runs go on when only new work is stopped."""
    system = workspace.systems.get(book.system)
    abouts = [about for _, _, rung in _rungs(book) if (about := _about(catalog, rung.lever))]
    if system and system.agentic and abouts and all(about.stops is Stops.NEW for about in abouts):
        says = f"{system.id} is agentic, and every rung stops only new work: what is in flight goes on"
        _add(loaded, ("steps",), says, "in-flight")


def people(book: Runbook, loaded: Loaded, workspace: Workspace) -> None:
    """Enough people may say the yeses that are asked for, and can sign them where they must."""
    team, rule = workspace.team, book.approval
    for key, wanted, deed in (("kill", rule.kill, Deed.APPROVE_KILL), ("restore", rule.restore, Deed.APPROVE_RESTORE)):
        may = team.who_may(deed)
        if wanted > max(len(may), 1 if key == "kill" else 0):
            says = f"{wanted} people must say yes to a {key}, and {len(may)} may: {', '.join(may) or 'nobody'}"
            _add(loaded, ("approval", key), says, "people")
        signers = [name for name in may if team.people[name].ssh_keys]
        if rule.signed and len(signers) < wanted and (key == "restore" or wanted > 1):
            says = f"a {key} takes {wanted} signed yeses, and {len(signers)} who may say it have ssh_keys"
            _add(loaded, ("approval", "signed"), says, "people")
    if rule.restore < 2:  # noqa: PLR2004 - two people is the promise
        says = "one person alone can put this back; two is the rule"
        _add(loaded, ("approval", "restore"), says, "people", warning=True)


def _rungs(book: Runbook) -> Iterator[tuple[int, int, Rung]]:
    for s, step in enumerate(book.steps):
        for r, rung in enumerate(step.ladder):
            yield s, r, rung


def _about(catalog: Catalog, name: str) -> LeverAbout | None:
    """None for one that cannot be had: that is a problem already, where it is named."""
    try:
        return catalog.lever(name)
    except CatalogError:
        return None


def _add(loaded: Loaded, where: tuple[str | int, ...], says: str, rule: str, *, warning: bool = False) -> None:
    loaded.problems.add(loaded.root.at(*where), says, rule=rule, warning=warning)
