"""`make bench`: every figure in one run, as a table and as JSON.

python -m benchmarks [NAME...] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.frame import Figure, machine

ROWS = ("cold_start", "kill", "lint", "journal")
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(ROWS)}")
    parser.add_argument("--out", type=Path, default=RESULTS / "latest.local.json")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(ROWS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    for name in asked.names or ROWS:
        sys.stderr.write(f"measuring {name} ...\n")
        figures += import_module(f"benchmarks.{name}").figures()
    _table(figures)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"schema": "psfir.bench/1", "machine": machine(), "figures": [figure.to_json() for figure in figures]}
    asked.out.write_text(json.dumps(report, indent=2) + "\n")
    sys.stdout.write(f"\nwritten to {asked.out}\n")
    return 0


def _table(figures: list[Figure]) -> None:
    sys.stdout.write(f"{'figure':<62} {'ours ms':>9} {'peer ms':>9} {'ratio':>6} {'aim':>5}  peer\n")
    for one in figures:
        mark = "" if one.ratio <= one.aim else "  <- over the aim"
        row = f"{one.name:<62} {one.ours_ms:>9.1f} {one.peer_ms:>9.1f} {one.ratio:>6.2f} {one.aim:>5.1f}"
        sys.stdout.write(f"{row}  {one.peer}{mark}\n")


if __name__ == "__main__":
    sys.exit(main())
