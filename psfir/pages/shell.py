"""What every page of psfir begins with: it loads and runs nothing, whatever is written on it, and names its language.

Colours are the same on each, by day and by night, with a contrast of at least 4.5 to 1.
"""

from __future__ import annotations

from psfir.charts.escaped import escaped

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
COLOURS = """\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#56606b;--line:#d5dae0;--paper:#fff;--card:#f6f7f9;
--good:#17663a;--bad:#a11a1a;--mark:#fdf0c2;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a5adb8;--line:#3a424c;--paper:#14181d;--card:#1c2127;
--good:#6fd79b;--bad:#ff9a94;--mark:#4a3f12;--link:#8cc2ff}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--card:#fff;--good:#0b4d28;
--bad:#8a0f0f;--mark:#eee;--link:#000}}
a{color:var(--link)}a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);
outline-offset:2px}.skip{position:absolute;left:-99rem}.skip:focus{position:static}@media print{.skip{display:none}}
"""


def opening(title: str, style: str, *, skip: tuple[str, str] = ("", "")) -> str:
    """Down to the body; `skip` is where the first link leads, and what it says."""
    target, says = skip
    head = (
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escaped(title)}</title><style>{COLOURS}{style}</style></head><body>",
        *([f'<a class="skip" href="#{target}">{escaped(says)}</a>'] if target else []),
    )
    return "\n".join(head)


CLOSING = "</body></html>"
