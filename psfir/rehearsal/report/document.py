"""A report as one document, with the digests of all it was made of and a line to sign off on."""

from __future__ import annotations

from psfir.domain.canon import digest
from psfir.pages.blocks import Block, Document, Heading, Paragraph, Run, table, words
from psfir.pages.markdown_writer import markdown
from psfir.rehearsal.report.material import Material
from psfir.rehearsal.report.sections import SECTIONS

SIGN_OFF = "Sign-off"


def document(material: Material) -> Document:
    """The same material gives the same document: nothing else is looked at, no clock either."""
    blocks: list[Block] = [Paragraph((Run(material.scenario.safety.banner, strong=True),))]
    for name, section in SECTIONS.items():
        blocks += [Heading(2, words(name)), *section(material)]
    title = f"After-action report: {material.scenario.title}"
    status = "" if material.state.over else "NOT OVER"
    text = digest(markdown(Document(title, status, blocks)))
    return Document(title, status, [*blocks, Heading(2, words(SIGN_OFF)), *_sign_off(material, text)])


def _sign_off(material: Material, text: str) -> list[Block]:
    rows = [
        ("This report", text),
        ("Scenario", material.scenario_digest),
        ("Log of the drill", material.log_digest),
        ("Record of the drill", material.record_digest),
    ]
    line = "Signed off, the report above with its digest, by .............................. on ...................."
    return [table(("digest of", "is"), rows), Paragraph(words(line))]
