"""The figures as one page that needs nothing else: for whoever does not read tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """\
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0;
  --well: #0969da; --over: #bc4c00; --room: #eaeef2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d;
    --well: #4493f8; --over: #db6d28; --room: #21262d; }
}
* { box-sizing: border-box; }
body { background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; margin: 0 auto;
  max-width: 44rem; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .15rem 0; color: var(--soft); font-size: .875rem; }
p strong { color: var(--ink); }
article { border-top: 1px solid var(--line); padding: .75rem 0; }
svg { display: block; width: 100%; height: 1.25rem; margin: .35rem 0; }
.room { fill: var(--room); } .well { fill: var(--well); } .over { fill: var(--over); }
.aim { stroke: var(--ink); } .peer { stroke: var(--soft); stroke-dasharray: 3 3; }
.aim, .peer { stroke-width: 2; vector-effect: non-scaling-stroke; }
"""
_WIDTH = 1000


def page(report: Mapping[str, Any]) -> str:
    """The report that goes into the JSON file, as HTML: a bar for each figure, all on one scale."""
    figures: Sequence[Mapping[str, Any]] = report["figures"]
    longest = 1.05 * max([1.0, *(max(one["ratio"], one["aim"]) for one in figures)])
    machine = ", ".join(f"{name} {value}" for name, value in report["machine"].items())
    body = [_figure(one, longest) for one in figures] + [_absent(one) for one in report["absent"]]
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>psfir: benchmarks</title>
<style>
{_STYLE}</style>
</head>
<body>
<h1>Benchmarks</h1>
<p>A bar is psfir's time over its peer's, measured in turn in one run. The dashed line is the peer (1), the solid line
the aim. Shorter is faster.</p>
<p>{escape(machine)}</p>
{"".join(body)}</body>
</html>
"""


def _figure(one: Mapping[str, Any], longest: float) -> str:
    bar, aim, peer = (round(_WIDTH * value / longest) for value in (one["ratio"], one["aim"], 1.0))
    kept = one["within_aim"]
    said = f"ratio {one['ratio']:.2f}, aim {one['aim']:.1f}: {'within' if kept else 'over'} the aim"
    most = f", of at most {one['most_ms']:.0f} ms" if one["most_ms"] is not None else ""
    return f"""\
<article>
<h2>{escape(one["name"])}</h2>
<p>beside {escape(one["peer"])}</p>
<svg viewBox="0 0 {_WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="{escape(said)}">
<rect class="room" x="0" y="4" width="{_WIDTH}" height="12"/>
<rect class="{"well" if kept else "over"}" x="0" y="4" width="{bar}" height="12"/>
<line class="peer" x1="{peer}" y1="0" x2="{peer}" y2="20"/>
<line class="aim" x1="{aim}" y1="0" x2="{aim}" y2="20"/>
</svg>
<p><strong>{escape(said)}</strong></p>
<p>{one["ours_ms"]:,.1f} ms{most}, beside {one["peer_ms"]:,.1f} ms; medians of {one["runs"]}</p>
</article>
"""


def _absent(one: Mapping[str, Any]) -> str:
    return f"""\
<article>
<h2>{escape(one["name"])}</h2>
<p>beside {escape(one["peer"])}</p>
<p><strong>not here</strong>: {escape(one["why"])}</p>
</article>
"""
