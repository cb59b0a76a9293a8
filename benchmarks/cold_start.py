"""`psfir --version` and `--help` beside an interpreter that does nothing but import click."""

from __future__ import annotations

import sys

from benchmarks.frame import Figure, Pair, command, compare, psfir

AIM = 1.3


def figures() -> list[Figure]:
    peer = command([sys.executable, "-c", "import click"])
    asked = [("cold start: psfir --version", "--version"), ("cold start: psfir --help", "--help")]
    pairs = [Pair(name, command([psfir(), word]), "python -c 'import click'", peer, AIM) for name, word in asked]
    return [compare(pair, runs=25) for pair in pairs]
