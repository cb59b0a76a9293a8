"""How a document looks beyond the colours that all pages share: on a screen, on paper, on a phone."""

from __future__ import annotations

STYLE = """\
*{box-sizing:border-box}
body{font:16px/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:0 auto;
padding:1.5rem 1rem}
h1{font-size:1.7rem;line-height:1.25;margin:.3rem 0 1rem}
h2{font-size:1.3rem;margin:2.5rem 0 .6rem;border-bottom:2px solid var(--line);padding-bottom:.2rem}
h3{font-size:1.08rem;margin:1.6rem 0 .4rem}h4,h5,h6{font-size:1rem;margin:1.2rem 0 .3rem}
h1,h2,h3,h4,p,li{overflow-wrap:anywhere}p,ul,ol{max-width:46rem;margin:.5rem 0}ul,ol{padding-left:1.4rem}
.status{display:inline-block;font-size:1.6rem;font-weight:800;letter-spacing:.12em;line-height:1.2;color:var(--bad);
border:3px solid var(--bad);border-radius:.4rem;padding:.1rem .7rem;margin:0}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;max-width:none;font-size:.92rem}
main:focus{outline:none}
.wide{overflow-x:auto;margin:.7rem 0}.wide svg{min-width:680px;display:block}
figure{margin:1rem 0 .2rem}figcaption,footer,summary{color:var(--soft);font-size:.9rem}details{margin-bottom:1rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.45}
th,td{text-align:left;vertical-align:top;padding:.4rem .9rem .4rem 0;border-bottom:1px solid var(--line)}
td:first-child{font-variant-numeric:tabular-nums}
thead th{color:var(--soft);font-weight:600;border-bottom-width:2px}tbody th{font-weight:600}
.facts th{width:8.5rem}.short{white-space:nowrap}
code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--card);border-left:.3rem solid var(--line);padding:.7rem 1rem;overflow-x:auto;font-size:.88rem}
pre code{overflow-wrap:normal}footer{margin:3rem 0 1rem;border-top:1px solid var(--line);padding-top:.6rem}
@media(max-width:40rem){body{padding:.8rem}h1{font-size:1.35rem}.status{font-size:1.3rem}
td,th{padding-right:.6rem}.wide table{min-width:30rem}.wide .many{min-width:56rem}
.wide .facts{min-width:0}.facts th{width:6.5rem}}
@page{margin:18mm 16mm}
@media print{body{max-width:none;padding:0;font-size:10pt;line-height:1.45}nav,details{display:none}
.wide{overflow:visible}.wide svg,.wide table,.wide .many{min-width:0}
h2,h3,h4{break-after:avoid}tr,li,figure,pre{break-inside:avoid}
thead{display:table-header-group}pre{white-space:pre-wrap}a{text-decoration:none}p{orphans:3;widows:3}}
"""
