"""How the written analysis of an incident stands: when it is due and how near that is, or when it was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psfir.app.session import Session
from psfir.domain.canon import Json
from psfir.domain.duties import Starts
from psfir.domain.incident import Incident, Published
from psfir.domain.values import frozen
from psfir.errors import PsfirError
from psfir.review.rca.place import path_of

if TYPE_CHECKING:  # calendars and holidays are read only where an analysis may be due: most commands show none
    from psfir.review.business_days import Due, Left


@frozen
class Awaited:
    """`unsure` says why nobody can count the days; then there is no `due`."""

    due: Due | None = None
    left: Left | None = None
    published: Published | None = None
    unsure: str = ""

    @property
    def outstanding(self) -> bool:
        return self.published is None

    @property
    def pressing(self) -> bool:
        """Whether somebody is to be warned: three, one, no business days left, or too late."""
        return self.outstanding and (self.left is None or self.left.level != "ample")

    @property
    def too_late(self) -> bool:
        return self.outstanding and self.left is not None and self.left.level in {"today", "overdue"}

    @property
    def line(self) -> str:
        """In a few words, for a list."""
        if self.published:
            late = self.published.late
            told = f"late by {late} business day{'' if late == 1 else 's'}" if late else "in time"
            return f"published {self.published.at[:10]}, {told}"
        if self.due is None or self.left is None:
            return f"nobody can say when it is due: {self.unsure}"
        return f"{self.left.line}, due {self.due.day:%a %d %b %Y}"

    @property
    def counted(self) -> str:
        """The same with all that the day followed from, as it is shown wherever there is room."""
        return f"{self.left.line}, {self.due.line}" if self.outstanding and self.due and self.left else self.line

    def to_json(self) -> dict[str, Json]:
        published: dict[str, Json] | None = None
        if self.published:
            published = {"at": self.published.at, "by": self.published.actor, "late": self.published.late}
        return {
            **(self.due.to_json() if self.due else {}),
            "left": self.left.days if self.left else None,
            "overdue": self.left.overdue if self.left else None,
            "level": self.left.level.value if self.left and self.outstanding else None,
            "published": published,
            "unsure": self.unsure or None,
        }


def awaited(session: Session, incident: Incident) -> Awaited | None:
    """None where no analysis is asked for yet. A calendar that cannot be read is said, and stops nothing."""
    started = incident.resolved_at or session.workspace.review.rca.start is not Starts.RESOLVED
    if not (started or incident.published):
        return None
    from psfir.review.business_days import left  # noqa: PLC0415 - see above

    try:
        due = analysis_due(session, incident)
    except PsfirError as error:
        return Awaited(published=incident.published, unsure=str(error))
    if due is None:
        return Awaited(published=incident.published) if incident.published else None
    return Awaited(due, left(due, session.clock.now()), incident.published)


def ownerless(session: Session, incident: Incident) -> bool:
    """Whether an analysis is asked for and nobody has laid it out, which names who answers for it."""
    if not incident.resolved_at or path_of(session.root, incident.id).exists():
        return False
    found = awaited(session, incident)
    return found is not None and found.outstanding


def analysis_due(session: Session, incident: Incident) -> Due | None:
    """When the written analysis falls due, in its owner's calendar."""
    from psfir.review.holiday_calendar import calendar_of  # noqa: PLC0415 - see above
    from psfir.review.rca_clock import rca_due  # noqa: PLC0415 - see above

    system = session.workspace.systems.get(incident.systems[0])
    review = session.workspace.review
    words = review.calendar_of(system.owner if system else "", incident.systems[0])
    return rca_due(incident, review.rca, calendar_of(words, session.root))
