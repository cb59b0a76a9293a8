"""Whether a scenario that can be played is worth an afternoon: every quality rule, each a function that can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psfir.loading.files import Loaded
from psfir.rehearsal import lint_arc, lint_known, lint_reach, lint_text
from psfir.rehearsal.drill_rules import Draft
from psfir.rehearsal.lint_known import Known
from psfir.rehearsal.scenario import Scenario

RULES: tuple[Callable[[Draft], None], ...] = (
    lint_arc.objectives,
    lint_arc.roles,
    lint_arc.first_trigger,
    lint_arc.conflict,
    lint_arc.decision,
    lint_arc.escalation,
    lint_arc.verifiable,
    lint_arc.bands,
    lint_reach.cycles,
    lint_reach.unreachable,
    lint_reach.conditions,
    lint_reach.cuts,
    lint_text.leaks,
    lint_text.placeholders,
)


def quality(loaded: Loaded, known: Known | None = None) -> None:
    """Every rule; those that ask what else there is only where that is handed in."""
    if not isinstance(loaded.value, Scenario):
        return
    draft = Draft(loaded.value, loaded.root, loaded.problems)
    for rule in RULES:
        rule(draft)
    if known is not None:
        for asks in lint_known.RULES:
            asks(draft, known)


def check_drills(read: Mapping[str, Loaded], known: Known) -> None:
    """All scenarios of a workspace."""
    for loaded in read.values():
        quality(loaded, known)
