"""Nothing alters a system beyond finding the causes before evidence of it was kept and legal said yes."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.app.session import Session
from psfir.domain.canon import digest
from psfir.domain.plan import Plan
from psfir.domain.runbook import to_json
from psfir.errors import PsfirError, Refusal


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


def _held(session: Session, plan: Plan, named: str) -> None:
    # A kill imports nothing of this unless its runbook says that it alters evidence.
    from psfir.app.clocks import proposals_of  # noqa: PLC0415
    from psfir.review.catalogue import load_clocks  # noqa: PLC0415
    from psfir.review.clock_facts import clock_facts  # noqa: PLC0415
    from psfir.review.evidence_hold import hold, holding  # noqa: PLC0415

    book = plan.runbook
    found = _incident(session, book.system, named)
    facts = clock_facts(session.journal.read(found) if found else ())
    clocks = load_clocks(session.root)
    running = holding(clocks, proposals_of(session, clocks, (book.system,), session.clock.now().date()), facts)
    why = hold(book, digest(to_json(book)), incident=found or "INC", clocks=running, facts=facts)
    if why:
        what = f"runbook {book.id} alters the system, {', '.join(why.clocks)} may run, and {why.says}"
        raise Refusal(what, todo=f"{why.todo}; containment never waits for this: kill by another runbook")


def _incident(session: Session, system: str, named: str) -> str:
    if named:
        return session.incident(named).id
    opened = [one.id for one in session.incidents() if one.open and system in one.systems]
    return opened[-1] if opened else ""
