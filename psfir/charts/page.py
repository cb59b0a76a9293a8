"""One self-contained page around a chart: no script, no font, no address; it can be mailed and opened offline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psfir.charts.escaped import escaped
from psfir.domain.values import frozen

_STYLE = """\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6470;--line:#d5dae0;--paper:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a1a9b4;--line:#3a424c;--paper:#14181d}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;
padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:var(--soft)}dd{margin:0}
figure{margin:1rem 0;overflow-x:auto}figure svg{min-width:640px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;
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
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escaped(page.title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escaped(page.title)}</h1><dl>"
    yield from (f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in page.facts)
    yield f"</dl><figure>{page.figure}</figure>"
    for table in page.tables:
        yield f"<h2>{escaped(table.title)}</h2><table><thead><tr>"
        yield "".join(f'<th scope="col">{escaped(name)}</th>' for name in table.head) + "</tr></thead><tbody>"
        yield from ("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
        yield "</tbody></table>"
    yield f"<footer>{escaped(page.foot)}</footer></body></html>"
