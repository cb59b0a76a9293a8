"""The preview as one page of HTML: no script, no font, no address; it can be mailed, printed and read offline.

Everything that somebody wrote is escaped, and the page itself forbids a browser to load or run anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psfir.charts.escaped import escaped
from psfir.comms.check import State
from psfir.comms.finding import Finding
from psfir.comms.pack import Level
from psfir.comms.preview import Leaf, Part, Preview, words
from psfir.comms.preview_style import STYLE
from psfir.comms.template import TemplateField
from psfir.domain.message import Audience, Phase
from psfir.pages.shell import CLOSING, opening

_MARK = {State.APPROVED: "&#10003;", State.EXPIRES_SOON: "&#10003;"}
_BAD = "&#10007;"


def html(preview: Preview) -> str:
    """The whole page; the same preview gives the same bytes."""
    return "\n".join(_page(preview)) + "\n"


def _page(preview: Preview) -> Iterator[str]:
    title = f"What people will be told: {preview.name}"
    yield opening(title, STYLE, skip=("texts", "Go to the texts"))
    yield f"<header><h1>{escaped(title)}</h1>"
    yield f"<p>As of {preview.on}. {preview.ready} of {preview.required} that must be ready may be used.</p>"
    yield "<p>What an incident fills in <mark>looks like this</mark>; its facts are made up.</p>"
    yield "</header><main>"
    yield from _told("Files that cannot be read", preview.problems)
    yield from _told(
        "What must be there and is not", (f"{row.cell}, {row.lang}: {row.says}" for row in preview.lacking)
    )
    yield from _matrix(preview)
    yield '<div id="texts">'
    for audience, leaves in preview.audiences.items():
        yield f'<section aria-labelledby="to-{audience.value}"><h2 id="to-{audience.value}">{_named(audience)}</h2>'
        for leaf in leaves:
            yield from _leaf(leaf)
        yield "</section>"
    yield f"</div></main><footer>Made by psfir comms preview.</footer>{CLOSING}"


def _told(heading: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f'<section class="told"><h2>{heading}</h2><ul>'
        yield from (f"<li>{escaped(line)}</li>" for line in found)
        yield "</ul></section>"


def _matrix(preview: Preview) -> Iterator[str]:
    """Every audience by every phase, with a way to each text."""
    yield '<div class="wide" tabindex="0" role="region" aria-label="Overview"><table class="grid">'
    yield "<caption>Overview</caption><thead><tr><td></td>"
    yield "".join(f'<th scope="col">{_word(phase.value)}</th>' for phase in Phase) + "</tr></thead><tbody>"
    for audience, leaves in preview.audiences.items():
        yield f'<tr><th scope="row">{_named(audience)}</th>'
        for phase in Phase:
            links = [_link(leaf) for leaf in leaves if leaf.template.phase is phase]
            yield f"<td>{''.join(links) or '<span class=none>&ndash;</span>'}</td>"
        yield "</tr>"
    yield "</tbody></table></div>"


def _link(leaf: Leaf) -> str:
    one, state = leaf.template, leaf.yes.state
    name = f"{one.variant} {one.lang}".strip().replace("_", " ")
    kind = "good" if state.good else "bad"
    mark = f'<span class="{kind}" aria-hidden="true">{_MARK.get(state, _BAD)}</span>'
    return f'<a href="#{_anchor(leaf)}">{mark} {escaped(name)} <span class="state">{words(state)}</span></a>'


def _leaf(leaf: Leaf) -> Iterator[str]:
    one, state = leaf.template, leaf.yes.state
    what = _word(one.phase.value) + (f", {_word(one.variant)}" if one.variant else "")
    yield f'<article id="{_anchor(leaf)}"><h3>{what} <span class="lang">{escaped(one.lang)}</span></h3>'
    kind = "good" if state.good else "bad"
    yield f'<p class="yes"><strong class="{kind}">{words(state)}</strong> {escaped(leaf.yes.says)}</p>'
    yield f'<div class="text" lang="{escaped(one.lang)}">'
    if leaf.fails:
        yield f'<p class="bad">{escaped(leaf.fails)}</p>'
    else:
        yield f"<h4>{_parts(leaf.title)}</h4><p>{_parts(leaf.body)}</p>"
    yield "</div>"
    yield from _findings(leaf.findings)
    yield from _about(leaf)
    yield from _fields(one.fields.values())
    yield "</article>"


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    found = [_finding(one) for one in findings]
    if found:
        yield f'<h4>Lint</h4><ul class="lint">{"".join(found)}</ul>'
    else:
        yield '<p class="soft">Lint finds nothing.</p>'


def _finding(one: Finding) -> str:
    kind = "bad" if one.level is Level.ERROR else "hint"
    where = "title" if one.line == 0 else f"line {one.line}"
    quoted = f"<q>{escaped(one.text)}</q> " if one.text else ""
    says = f"{quoted}{escaped(one.says)}. {escaped(one.better)}"
    return (
        f'<li><strong class="{kind}">{one.level.value}</strong> {where}: {says} <code>{escaped(one.rule)}</code></li>'
    )


def _about(leaf: Leaf) -> Iterator[str]:
    one = leaf.template
    yield "<dl>"
    yield f"<dt>File</dt><dd>{escaped(one.file)}</dd>"
    yield f"<dt>Written for</dt><dd>{escaped(one.channel)}{', only ever drafted' if one.draft_only else ''}</dd>"
    yield f"<dt>Author</dt><dd>{escaped(one.author)}</dd>"
    yield f"<dt>Digest</dt><dd><code>{escaped(one.digest[:23])}</code></dd>"
    for given in leaf.given:
        current = "this text" if given.sha256 == one.digest else "another text"
        under = f", {given.conditions}" if given.conditions else ""
        said = f"{given.by} as {given.role} on {given.on}, until {given.until}, to {current}{under}"
        yield f"<dt>Yes</dt><dd>{escaped(said)}</dd>"
    yield "</dl>"


def _fields(fields: Iterable[TemplateField]) -> Iterator[str]:
    rows = [_field(one) for one in fields]
    if rows:
        yield '<div class="wide"><table><caption>What is filled in</caption><thead><tr>'
        yield "".join(f'<th scope="col">{name}</th>' for name in ("field", "from", "is")) + "</tr></thead><tbody>"
        yield from rows
        yield "</tbody></table></div>"


def _field(one: TemplateField) -> str:
    """A field of words shows them all: a yes is to each of them."""
    each = "".join(f"<br><i>{_word(key)}</i>: {escaped(text)}" for key, text in one.words.items())
    edit = ", may be overwritten" if one.edit else ""
    return (
        f'<tr><th scope="row">{escaped(one.name)}</th><td>{one.source.value}{edit}</td>'
        f"<td>{escaped(one.line)}{each}</td></tr>"
    )


def _parts(parts: Iterable[Part]) -> str:
    return "".join(f"<mark>{escaped(one.text)}</mark>" if one.filled else escaped(one.text) for one in parts)


def _anchor(leaf: Leaf) -> str:
    return escaped(leaf.template.key)


def _named(audience: Audience) -> str:
    return _word(audience.value).capitalize()


def _word(text: str) -> str:
    return escaped(text.replace("_", " "))
