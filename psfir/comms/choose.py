"""Which template a message is made of: by audience and phase, the failure, the severity, and the language."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.comms.template import Template
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.values import frozen
from psfir.errors import UsageError


@frozen
class Wanted:
    """What a message is to be."""

    audience: Audience
    phase: Phase
    lang: str
    case: PlanCase | None = None
    severity: Severity = Severity.SEV2
    variant: str = ""


@frozen
class Choice:
    """The template, and what a person should know of how it was chosen."""

    template: Template
    notices: tuple[str, ...] = ()


def choose(templates: Sequence[Template], wanted: Wanted) -> Choice:
    """The most special one that fits; UsageError that says what there is instead."""
    cell = [one for one in templates if one.cell == (wanted.audience, wanted.phase)]
    if wanted.variant:
        cell = [one for one in cell if one.variant == wanted.variant]
    fitting = [one for one in cell if _fits(one, wanted)]
    if not fitting:
        raise UsageError(_nothing(cell, wanted), todo=_instead(templates, wanted))
    ranked = sorted(fitting, key=lambda one: _rank(one, wanted))
    best = [one for one in ranked if _rank(one, wanted) == _rank(ranked[0], wanted)]
    if count := len({one.id for one in best}) - 1:
        covers = sorted({case.value for one in best for case in one.covers})
        if wanted.case is None and covers:
            raise UsageError(f"{count + 1} templates fit, by the failure", todo=f"--case, one of {', '.join(covers)}")
        names = ", ".join(dict.fromkeys(one.variant or one.id for one in best))
        raise UsageError(f"{count + 1} templates fit", todo=f"--variant, one of {names}")
    spoken = [one for one in fitting if one.id == best[0].id]
    return _in_language(spoken, best[0], wanted)


def _fits(one: Template, wanted: Wanted) -> bool:
    covers = not one.covers or wanted.case is None or wanted.case in one.covers
    return covers and wanted.severity <= one.severity  # sev1 is the worst, and the least as text


def _rank(one: Template, wanted: Wanted) -> tuple[int, int, int]:
    """What is written for this failure goes before what is for any; a variant that was not asked for comes last."""
    special = 0 if wanted.case is not None and one.covers and wanted.case in one.covers else 1
    named = 0 if wanted.case is not None and one.variant == wanted.case.value else 1
    return named, special, 1 if one.variant and not wanted.variant and named else 0


def _in_language(spoken: Sequence[Template], best: Template, wanted: Wanted) -> Choice:
    exact = next((one for one in spoken if one.lang == wanted.lang), None)
    if exact:
        return Choice(exact)
    near = next((one for one in spoken if one.lang.partition("-")[0] == wanted.lang.partition("-")[0]), None)
    chosen = near or next((one for one in spoken if one.lang == "en"), best)
    return Choice(chosen, (f"there is no {best.id} in {wanted.lang}: this is {chosen.lang}, untranslated",))


def _nothing(cell: Sequence[Template], wanted: Wanted) -> str:
    what = f"{wanted.audience.value}/{wanted.phase.value}"
    if not cell:
        return f"there is no template {what}" + (f".{wanted.variant}" if wanted.variant else "")
    case = f" about {wanted.case.value}" if wanted.case else ""
    return f"no template {what} is for {wanted.severity.value}{case}"


def _instead(templates: Sequence[Template], wanted: Wanted) -> str:
    phases = sorted({one.phase.value for one in templates if one.audience is wanted.audience})
    if phases:
        return f"for {wanted.audience.value} there is: {', '.join(phases)}"
    audiences = sorted({one.audience.value for one in templates})
    return f"there are templates for: {', '.join(audiences)}" if audiences else "psfir init lays some out"
