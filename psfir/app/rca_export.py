"""An analysis for those who read no Markdown: for the house as it is, for outside redacted and then looked through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from psfir.app.comms_lint import of_document
from psfir.app.rca import material, opened
from psfir.app.session import Session
from psfir.comms.finding import Finding
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.values import frozen, remade
from psfir.pages.blocks import Block, Document, Heading, plain
from psfir.pages.pdf import pdf
from psfir.pages.web import html
from psfir.pages.word_document import docx
from psfir.review.rca.document import Analysis
from psfir.review.rca.inside import inside
from psfir.review.rca.material import Material
from psfir.review.rca.outside import LeftOut, outside, texts
from psfir.review.rca.redact import Known, known

PUBLISHED = "PUBLISHED"


@frozen
class Exported:
    """The document, or what keeps it inside: each finding with the section that it stands in."""

    document: Document
    status: str
    left_out: tuple[LeftOut, ...] = ()
    found: tuple[tuple[str, Finding], ...] = ()


def exported(session: Session, incident: Incident, *, external: bool) -> Exported:
    """Derived from the file and the record alone: asked for again, it is the same."""
    written = opened(session, incident)
    told = material(session, incident)
    status = _status(written.digest, told)
    analysis = _scrubbed(session, written)
    if not external:
        return Exported(inside(analysis, told, status=status), status)
    made = outside(analysis, told, _known(session, told), status="" if status == PUBLISHED else status)
    return Exported(made.document, status, made.left_out, tuple(_private(session, made.document)))


def render(document: Document, form: str) -> bytes:
    """`html`, `docx` or `pdf`."""
    if form == "html":
        return html(document).encode()
    return docx(document) if form == "docx" else pdf(document)


def _scrubbed(session: Session, analysis: Analysis) -> Analysis:
    scrub = session.scrubber.text
    return remade(analysis, text=scrub(analysis.text), title=scrub(analysis.title))


def _status(digest: str, told: Material) -> str:
    """Of exactly this text: a word changed after it was published makes it a draft again."""
    done = {one.kind for one in told.entries if (one.data or {}).get("digest") == digest}
    return PUBLISHED if Kind.RCA_PUBLISHED in done else "IN REVIEW" if Kind.RCA_SUBMITTED in done else "DRAFT"


def _known(session: Session, told: Material) -> Known:
    connections = session.workspace.connections.values()
    hosts = (urlsplit(str(value)).hostname or "" for one in connections for value in one.settings.values())
    return known(told, ids=session.workspace.connections, hosts=hosts)


def _private(session: Session, document: Document) -> Iterator[tuple[str, Finding]]:
    """What comms refuses in a message is refused here too."""
    look = of_document(session)
    for section, text in _places(document.title, document.blocks):
        yield from ((section, one) for one in look(text))


def _places(title: str, blocks: Iterable[Block]) -> Iterator[tuple[str, str]]:
    yield "title", title
    section = "the beginning"
    for one in blocks:
        section = plain(one.runs) if isinstance(one, Heading) else section
        yield from ((section, text) for text in texts([one]))
