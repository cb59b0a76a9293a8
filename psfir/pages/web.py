"""A document as one page of HTML: self-contained, for keyboards, screen readers, phones and paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from psfir.charts.escaped import escaped
from psfir.pages.blocks import (
    Block,
    Bullets,
    Code,
    Document,
    Figure,
    Heading,
    Paragraph,
    Run,
    Runs,
    Table,
    leveled,
    plain,
)
from psfir.pages.shell import CLOSING, opening
from psfir.pages.web_style import STYLE

_SECTION, _SHORT, _MANY = 2, 20, 4


def html(document: Document) -> str:
    """The whole page; the same document gives the same bytes."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Document) -> Iterator[str]:
    blocks = leveled(document.blocks)
    anchors = _anchors(one for one in blocks if isinstance(one, Heading))
    yield opening(document.title, STYLE, skip=("text", "Go to the text"))
    status = f'<p class="status">{escaped(document.status)}</p>' if document.status else ""
    yield f"<header>{status}<h1>{escaped(document.title)}</h1></header>"
    yield from _contents(blocks, anchors)
    yield '<main id="text" tabindex="-1">'
    yield from _body(blocks, anchors)
    yield f"</main><footer>{escaped(document.foot)}</footer>{CLOSING}"


def _anchors(headings: Iterable[Heading]) -> list[str]:
    """A place for each, named after it; a name that is there already gets a number."""
    taken: dict[str, int] = {}
    found = []
    for one in headings:
        name = re.sub(r"[^a-z0-9]+", "-", plain(one.runs).lower()).strip("-")[:60] or "part"
        name = "part-text" if name == "text" else name
        taken[name] = taken.get(name, 0) + 1
        found.append(name if taken[name] == 1 else f"{name}--{taken[name]}")
    return found


def _contents(blocks: Sequence[Block], anchors: Sequence[str]) -> Iterator[str]:
    headings = [one for one in blocks if isinstance(one, Heading)]
    top = [(one, at) for one, at in zip(headings, anchors, strict=True) if one.level == _SECTION]
    if top:
        yield '<nav aria-label="Contents"><ul>'
        yield from (f'<li><a href="#{anchor}">{escaped(plain(one.runs))}</a></li>' for one, anchor in top)
        yield "</ul></nav>"


def _body(blocks: Iterable[Block], anchors: Sequence[str]) -> Iterator[str]:
    places = iter(anchors)
    section = "the beginning"
    for number, one in enumerate(blocks, 1):
        if isinstance(one, Heading):
            section = plain(one.runs)
            yield f'<h{one.level} id="{next(places)}">{_runs(one.runs)}</h{one.level}>'
        elif isinstance(one, Table):
            yield from _table(one, f"Table {number} of {section}")
        elif isinstance(one, Figure):
            yield from _figure(one)
        else:
            yield from _words(one)


def _words(one: Block) -> Iterator[str]:
    if isinstance(one, Paragraph):
        yield f"<p>{_runs(one.runs)}</p>"
    elif isinstance(one, Bullets):
        kind = "ol" if one.ordered else "ul"
        yield f"<{kind}>{''.join(f'<li>{_runs(item)}</li>' for item in one.items)}</{kind}>"
    elif isinstance(one, Code):
        yield f'<pre tabindex="0" role="region" aria-label="Code"><code>{escaped(one.text)}</code></pre>'


def _table(one: Table, name: str) -> Iterator[str]:
    kind = ' class="facts"' if not one.head else ' class="many"' if one.columns > _MANY else ""
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escaped(name)}"><table{kind}>'
    if one.head:
        yield f"<thead><tr>{''.join(_head(cell) for cell in one.head)}</tr></thead>"
    yield "<tbody>"
    for row in one.rows:
        first = "" if one.head or not row or not row[0] else f'<th scope="row">{_runs(row[0])}</th>'
        cells = row[1:] if first else row
        yield f"<tr>{first}{''.join(_cell(cell) for cell in cells)}</tr>"
    yield "</tbody></table></div>"


def _head(cell: Runs) -> str:
    return f'<th scope="col">{_runs(cell)}</th>' if cell else "<td></td>"


def _cell(cell: Runs) -> str:
    """A few words stay on one line: an instant, a reference."""
    short = ' class="short"' if len(plain(cell)) <= _SHORT else ""
    return f"<td{short}>{_runs(cell)}</td>"


def _figure(one: Figure) -> Iterator[str]:
    name = escaped(one.title)
    yield f'<figure><div class="wide" tabindex="0" role="region" aria-label="{name}, drawn">{one.svg}</div>'
    yield f"<figcaption>{name}</figcaption></figure><details><summary>{name}, as a table</summary>"
    yield from _table(one.table, f"{one.title}, as a table")
    yield "</details>"


def _runs(runs: Iterable[Run]) -> str:
    return "".join(_run(one) for one in runs)


def _run(one: Run) -> str:
    text = escaped(one.text)
    for name, wanted in (("code", one.code), ("em", one.slanted), ("strong", one.strong)):
        text = f"<{name}>{text}</{name}>" if wanted else text
    return f'<a href="{escaped(one.link)}" rel="noreferrer">{text}</a>' if one.link else text
