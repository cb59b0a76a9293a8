"""Keep evidence before and beside the kill. It never delays the kill beyond its own small share, and never fails it."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.budget import capture_share
from psfir.domain.canon import Json, digest
from psfir.domain.kinds import Kind
from psfir.domain.runbook import CaptureUse
from psfir.engine.kit import Run
from psfir.engine.share import Share, call
from psfir.engine.work import Together, Work
from psfir.errors import PsfirError


def capture(run: Run) -> Work[None]:
    """Take everything the runbook names, side by side; what an earlier process took is not taken again."""
    facts, runbook = run.facts, run.plan.runbook
    taken = {_name(e["source"], e["target"]) for e in (*facts.evidence, *facts.no_evidence)}
    todo = [use for use in runbook.capture if _name(use.source, use.target) not in taken]
    if todo:
        yield Together([_take(run, use) for use in todo], capture_share(runbook))


def _name(source: str, target: Mapping[str, Json]) -> str:
    return f"{source} {digest(target)}"


def _take(run: Run, use: CaptureUse) -> Work[None]:
    share = Share(run.kit.clock, use.within)
    said: dict[str, Json] = {"source": use.source, "target": dict(use.target)}
    try:
        part = run.kit.captures(use)
        taken = yield from call(
            lambda within: part.take(use.target, within=within), share, what=f"capture {use.source}"
        )
        sha256 = run.kit.evidence.keep(run.incident, taken)
    except PsfirError as error:
        run.write(Kind.NO_EVIDENCE, **{**said, "why": str(error)})
        return
    about: dict[str, Json] = {"name": taken.name, "media_type": taken.media_type, "size": len(taken.content)}
    run.write(Kind.EVIDENCE, **{**said, **about, "sha256": sha256})
