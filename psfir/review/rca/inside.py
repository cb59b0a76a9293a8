"""The analysis as one document for the people of the house: all of it, its Mermaid drawings drawn."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.pages.blocks import Block, Code, Document, Table, table
from psfir.review.nameless import role
from psfir.review.rca.document import Analysis
from psfir.review.rca.figures import causes, course
from psfir.review.rca.material import Material
from psfir.review.rca.parts import Part, parts


def inside(analysis: Analysis, material: Material, *, status: str) -> Document:
    """A drawing that a person changed, or wrote, stays as it is written."""
    blocks = [_head(analysis, material, status), *(_shown(part, analysis, material) for part in parts(analysis))]
    foot = f"Made by psfir rca export of {analysis.path.name} ({analysis.digest[:23]}) and the record of the incident."
    return Document(f"{analysis.incident}: {analysis.title}", "" if status == "PUBLISHED" else status, blocks, foot)


def _shown(part: Part, analysis: Analysis, material: Material) -> Block:
    drawn = isinstance(part.block, Code) and part.block.kind == "mermaid" and not part.theirs
    if drawn and part.made == "chart":
        return course(material)
    if drawn and part.made == "graph" and analysis.factors:
        return causes(analysis.factors)
    return part.block


def _head(analysis: Analysis, material: Material, status: str) -> Table:
    return table((), list(_facts(analysis, material, status)))


def _facts(analysis: Analysis, material: Material, status: str) -> Iterator[tuple[str, str]]:
    yield "Status", status.lower()
    yield "Owner", role(material.team, f"asserted:{analysis.owner}")
    if analysis.facilitator:
        yield "Facilitator", role(material.team, f"asserted:{analysis.facilitator}")
    if analysis.reviewers:
        yield "Reviewers", ", ".join(role(material.team, f"asserted:{one}") for one in analysis.reviewers)
    yield "Tags", ", ".join(analysis.tags) or "none"
