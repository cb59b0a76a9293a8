"""How the page of the preview looks beyond the colours that all pages share: on a screen, on paper, on a phone."""

from __future__ import annotations

STYLE = """\
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;margin:0 auto;
padding:1rem}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.3rem;margin:2.5rem 0 .5rem;border-bottom:2px solid var(--line)}
h3{font-size:1.1rem;margin:0}h4{font-size:1rem;margin:.8rem 0 .2rem}
h1,h2,h3,h4,p,dd,td:last-child,li{overflow-wrap:anywhere}
mark{background:var(--mark);color:inherit;padding:0 .15em;border-radius:.2em}
article{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:1rem 0;scroll-margin-top:1rem}
article:target{outline:3px solid var(--link)}
.text{background:var(--card);border-left:.3rem solid var(--line);padding:.6rem 1rem;margin:.6rem 0;max-width:48rem}
.text h4{margin-top:0}.text p{white-space:pre-wrap;margin:0}
.yes{margin:.3rem 0}.good{color:var(--good)}.bad{color:var(--bad)}.hint,.soft,.state,.lang,footer{color:var(--soft)}
.lang{font-weight:normal;border:1px solid var(--line);border-radius:.3rem;padding:0 .4em;font-size:.85em}
.told{border:2px solid var(--bad);border-radius:.5rem;padding:0 1rem}.told h2{border:0;margin:.6rem 0 0}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;font-weight:bold;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600}
.grid td,.grid th{min-width:6.5rem}.grid a{display:block;text-decoration:none;padding:.1rem 0}
.grid a:hover{text-decoration:underline}.grid .state{display:block;font-size:.85em}.none{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;font-size:.9rem;margin:.6rem 0}
dt{color:var(--soft)}dd{margin:0;min-width:0}ul{padding-left:1.2rem;margin:.3rem 0}
code{font:.9em ui-monospace,monospace;color:var(--soft)}footer{margin:2rem 0 1rem}
@media(max-width:40rem){body{padding:.6rem}article{padding:.7rem}.text{padding:.5rem .7rem}}
@media print{body{max-width:none;padding:0;font-size:10.5pt}
.wide{overflow:visible}.grid{font-size:7.5pt}.grid td,.grid th{min-width:0;padding-right:.3rem}
mark{text-decoration:underline dotted}h2,h3,h4{break-after:avoid}.text,tr,.yes,li{break-inside:avoid}
section{break-before:page}.told{break-before:auto}}
"""
