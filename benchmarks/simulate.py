"""The odds of the reference runbook, beside the same model as events in SimPy: what taking runs at once is worth."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.frame import Figure, Pair, compare
from benchmarks.peer_events import drills
from psfir.app.catalog import installed_catalog
from psfir.app.init import lay_out
from psfir.loading.runbook import load_runbook
from psfir.loading.workspace import load_workspace
from psfir.rehearsal.odds.build import Known, model
from psfir.rehearsal.odds.count import count
from psfir.rehearsal.odds.history import History
from psfir.rehearsal.odds.model import Model
from psfir.rehearsal.odds.priors import shipped

RUNS, FEWER = 100_000, 1000
AIM = RUNS / FEWER / 100
"""Of so many times the runs, in no more than this many times the time: a hundred times SimPy's throughput."""


def figures() -> list[Figure]:
    reference = reference_model()

    def ours() -> None:
        count([reference], runs=RUNS, seed=1)

    def peer() -> None:
        drills(reference, FEWER, 1)

    name = f"simulate: {RUNS:,} runs of the reference runbook"
    return [compare(Pair(name, ours, f"SimPy, {FEWER:,} of these runs", peer, AIM, most_ms=5000), runs=5)]


def reference_model() -> Model:
    """The reference runbook with nothing but priors."""
    catalog = installed_catalog()
    with TemporaryDirectory() as folder:
        root = lay_out(Path(folder) / "ops", reference=True).root
        book = load_runbook(root / "runbooks" / "support-assistant-disable.yaml", catalog)
        words = load_workspace(root / "psfir.yaml", kinds=catalog)
    abouts = {rung.lever: catalog.lever(rung.lever) for step in book.steps for rung in step.ladder}
    return model(book, Known(abouts, words.connections, 3, shipped(), History()))
