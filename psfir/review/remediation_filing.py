"""What a tracker is told of an item: no name of anybody, unless somebody wants them told."""

from __future__ import annotations

from datetime import datetime

from psfir.domain.filing import Filing
from psfir.domain.people import Team
from psfir.review.nameless import nameless, role
from psfir.review.remediation_item import RemediationItem, State


def filing_of(item: RemediationItem, team: Team, at: datetime, *, names: bool = False) -> Filing:
    """Pure: the same item at an instant at which it stands the same is the same issue."""

    def words(text: str) -> str:
        return text if names else nameless(team, text)

    owner = item.owner if names else role(team, f"asserted:{item.owner}") if item.owner else ""
    state = item.at(at)
    facts = [
        ("Remediation item", item.ref),
        ("State in psfir", state.value.replace("_", " ")),
        ("Type", item.type.value),
        ("Priority", item.priority.value),
        ("Factor of the analysis", item.factor),
        ("Owner", owner),
        ("Due", item.due.isoformat()),
        ("How it is verified", words(item.verify)),
        ("Also followed at", item.tracker),
        ("Risk accepted until", f"{item.until}" if state is State.ACCEPTED else ""),
    ]
    return Filing(
        mark=item.ref,
        group=f"psfir-{item.incident.lower()}",
        title=words(item.title) or item.ref,
        facts=tuple((name, value) for name, value in facts if value),
        labels=("psfir", f"psfir-{item.type.value}"),
        closed=item.closed(at),
        dropped=state is State.ACCEPTED,
    )
