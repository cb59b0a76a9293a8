"""`make bench`: every figure in one run, as a table, as JSON and as a page.

python -m benchmarks [NAME...] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.frame import Absent, Figure, machine
from benchmarks.page import page

ROWS = (
    "cold_start",
    "kill",
    "reference",
    "rungs",
    "resume",
    "fold",
    "flag",
    "lint",
    "journal",
    "journal_shared",
    "corrections",
    "exports",
    "range_cost",
    "simulate",
    "fleet",
)
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(ROWS)}")
    parser.add_argument("--out", type=Path, default=RESULTS / "latest.local.json", help="the page goes beside it")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(ROWS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever is stopped stops what it started
    found: list[Figure | Absent] = []
    for name in asked.names or ROWS:
        sys.stderr.write(f"measuring {name} ...\n")
        found += import_module(f"benchmarks.{name}").figures()
    _table(found)
    report = report_of(found)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report, indent=2) + "\n")
    shown = asked.out.with_suffix(".html")
    shown.write_text(page(report), encoding="utf-8")
    sys.stdout.write(f"\nwritten to {asked.out} and {shown.name}\n")
    return 0


def report_of(found: Sequence[Figure | Absent]) -> dict[str, Any]:
    """What is written down of a run."""
    return {
        "schema": "psfir.bench/1",
        "machine": machine(),
        "figures": [one.to_json() for one in found if isinstance(one, Figure)],
        "absent": [vars(one) for one in found if isinstance(one, Absent)],
    }


def _table(found: Sequence[Figure | Absent]) -> None:
    sys.stdout.write(f"{'figure':<70} {'ours ms':>9} {'peer ms':>9} {'ratio':>6} {'aim':>5}  peer\n")
    for one in found:
        if isinstance(one, Absent):
            sys.stdout.write(f"{one.name:<70} {'not here':>32}  {one.peer}: {one.why}\n")
            continue
        mark = "" if one.within else "  <- over the aim"
        row = f"{one.name:<70} {one.ours_ms:>9.1f} {one.peer_ms:>9.1f} {one.ratio:>6.2f} {one.aim:>5.1f}"
        sys.stdout.write(f"{row}  {one.peer}{mark}\n")


if __name__ == "__main__":
    sys.exit(main())
