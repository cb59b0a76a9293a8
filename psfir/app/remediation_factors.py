"""The factors that items answer, as the analyses in `reviews/` have them: which there are, and what tells them apart.

Two factors are the same if they are of one kind and bear the same tags, or if a person says so. One without tags is
like no other.
"""

from __future__ import annotations

from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.near import near
from psfir.errors import UsageError
from psfir.review.rca.document import read
from psfir.review.rca.factors import ContributingFactor
from psfir.review.rca.place import path_of


def factors_of(session: Session, incident: str) -> list[ContributingFactor]:
    """Those that people wrote; none where there is no analysis yet."""
    path = path_of(session.root, incident)
    return read(path, shown=str(path.relative_to(session.root))).factors if path.exists() else []


def key_of(factor: ContributingFactor) -> tuple[str, ...]:
    """What tells it from others; empty if it bears no tags."""
    return (factor.kind, *sorted({tag.strip().upper() for tag in factor.tags})) if factor.tags and factor.kind else ()


def node(session: Session, incident: Incident) -> dict[str, tuple[str, ...]]:
    """The factors of one analysis by their place, `INC/F1`."""
    return {f"{incident.id}/{one.id}": key_of(one) for one in factors_of(session, incident.id)}


def known(session: Session, incident: Incident, name: str) -> tuple[str, tuple[str, ...]]:
    """A factor of this incident's analysis, and its key."""
    found = {one.id: one for one in factors_of(session, incident.id)}
    wanted = name.strip().upper()
    if not found:
        raise UsageError(f"{incident.id} has no analysis with factors yet", todo=f"psfir rca new {incident.id}")
    if wanted not in found:
        raise UsageError(f"the analysis of {incident.id} has no factor {name!r}", todo=near(wanted, found))
    return wanted, key_of(found[wanted])


def same_spot(session: Session, ref: str, *, but: str) -> str:
    """`INC/F1` of another incident."""
    start, _, name = ref.partition("/")
    if not name:
        raise UsageError(f"{ref!r} names no factor of another incident", todo="say INC-20261121-k7q2xa/F1")
    other = session.incident(start)
    if other.id == but:
        raise UsageError(f"{ref} is of the same incident", todo="name the factor of another one")
    return f"{other.id}/{known(session, other, name)[0]}"
