"""Nothing alters a system beyond finding the causes before evidence of it was kept and legal said yes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psfir.app.session import Session
from psfir.domain.about import LeverAbout
from psfir.domain.canon import digest
from psfir.domain.plan import Plan
from psfir.domain.runbook import to_json
from psfir.errors import PsfirError, Refusal

if TYPE_CHECKING:
    from psfir.review.clock_facts import ClockFacts


def held(session: Session, plans: Sequence[Plan], incident: str = "") -> dict[str, PsfirError]:
    """Why plans that alter evidence too early are refused, by their digest. One that only contains is never looked at.

    Where no other plan is left, there is nothing to go on with, and the refusal is raised.
    """
    refused: dict[str, PsfirError] = {}
    for plan in plans:
        if plan.runbook.alters_evidence:
            try:
                _held(session, plan, incident)
            except PsfirError as error:
                refused[plan.digest] = error
    if refused and len(refused) == len({plan.digest for plan in plans}):
        raise next(iter(refused.values()))
    return refused


def held_by_hand(session: Session, system: str, lever: LeverAbout, *, incident: str = "") -> None:
    """A lever without a runbook has nobody to say whether it alters: one that is not put back exactly may.

    Only where somebody said that such a clock applies: by hand is how people contain what no runbook foresaw.
    """
    if lever.exact:
        return
    running, _ = _running(session, system, _incident(session, system, incident), sure=True)
    if running:
        what = f"{lever.name} is not put back exactly, so it may alter {system}, for which {', '.join(running)} may run"
        todo = "if it only contains, say so: --contains, with --reason; else write a runbook with alters_evidence: true"
        raise Refusal(what, todo=todo)


def _running(session: Session, system: str, incident: str, *, sure: bool) -> tuple[tuple[str, ...], ClockFacts]:
    # A kill imports nothing of this unless its runbook says that it alters evidence.
    from psfir.app.clocks import proposals_of  # noqa: PLC0415
    from psfir.review.catalogue import load_clocks  # noqa: PLC0415
    from psfir.review.clock_facts import clock_facts  # noqa: PLC0415
    from psfir.review.evidence_hold import holding  # noqa: PLC0415

    facts = clock_facts(session.journal.read(incident) if incident else ())
    clocks = load_clocks(session.root)
    proposals = proposals_of(session, clocks, (system,), session.clock.now().date())
    return holding(clocks, proposals, facts, sure=sure), facts


def _held(session: Session, plan: Plan, named: str) -> None:
    from psfir.review.evidence_hold import hold  # noqa: PLC0415 - as above

    book = plan.runbook
    found = _incident(session, book.system, named)
    running, facts = _running(session, book.system, found, sure=False)
    why = hold(book, digest(to_json(book)), incident=found or "INC", clocks=running, facts=facts)
    if why:
        what = f"runbook {book.id} alters the system, {', '.join(why.clocks)} may run, and {why.says}"
        raise Refusal(what, todo=f"{why.todo}; containment never waits for this: kill by another runbook")


def _incident(session: Session, system: str, named: str) -> str:
    if named:
        return session.incident(named).id
    opened = [one.id for one in session.incidents() if one.open and system in one.systems]
    return opened[-1] if opened else ""
