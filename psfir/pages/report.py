"""One self-contained page around a chart: no script, no font, no address; it can be mailed and opened offline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psfir.charts.escaped import escaped
from psfir.domain.values import frozen
from psfir.pages.shell import CLOSING, opening

_STYLE = """\
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;
padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:var(--soft)}dd{margin:0;min-width:0;
overflow-wrap:anywhere}figure{margin:1rem 0;overflow-x:auto}figure svg{min-width:640px}.wide{overflow-x:auto}
h1,td:last-child{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;
border-bottom:1px solid var(--line)}td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}
footer{color:var(--soft);margin-top:2rem;font-size:.9rem}@media print{body{margin:0;max-width:none}}
"""


@frozen
class Table:
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@frozen
class Page:
    """`facts` stand on top, then the figure, then the tables."""

    title: str
    facts: Sequence[tuple[str, str]]
    figure: str
    tables: Sequence[Table] = ()
    foot: str = ""


def html(page: Page) -> str:
    """All text is escaped; the figure is taken as it is."""
    return "\n".join(_parts(page)) + "\n"


def _parts(page: Page) -> Iterable[str]:
    yield opening(page.title, _STYLE)
    yield f"<main><h1>{escaped(page.title)}</h1><dl>"
    yield from (f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in page.facts)
    yield f'</dl><figure tabindex="0" role="group" aria-label="Chart">{page.figure}</figure>'
    for table in page.tables:
        name = escaped(table.title)
        yield f'<h2>{name}</h2><div class="wide" tabindex="0" role="region" aria-label="{name}"><table><thead><tr>'
        yield "".join(f'<th scope="col">{escaped(name)}</th>' for name in table.head) + "</tr></thead><tbody>"
        yield from ("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
        yield "</tbody></table></div>"
    yield f"</main><footer>{escaped(page.foot)}</footer>{CLOSING}"
