"""An incident told from its entries, beside parsing the JSON of the same entries: what knowing where one is costs."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import long
from benchmarks.frame import Figure, Pair, compare, serving
from psfir.domain import instants
from psfir.domain.entries import VERSION, Entry
from psfir.domain.fold import fold

AIM = 3.0
ENTRIES = 100_000
DIGEST = "sha256:" + "5" * 64


def figures() -> list[Figure]:
    with serving("-m", "benchmarks.server", "flag") as url, TemporaryDirectory() as folder:
        drafts = list(long.drafts(long.kill(Path(folder), url), ENTRIES))
    # Folding looks at no digest, so these need not be true; they are as long as true ones.
    entries = [
        Entry(
            v=VERSION,
            seq=seq,
            at=instants.write(one.at),
            incident=one.incident,
            actor=one.actor,
            channel=one.channel,
            kind=one.kind.value,
            digest=DIGEST,
            prev=DIGEST,
            hash=DIGEST,
            data=one.data,
            salt="5" * 32,
        )
        for seq, one in enumerate(drafts, 1)
    ]
    lines = [json.dumps(entry.to_json()) for entry in entries]

    def ours() -> None:
        if fold(entries).head != ENTRIES:
            raise RuntimeError("the incident ends before its last entry")

    def peer() -> None:
        for line in lines:
            json.loads(line)

    name = f"fold: an incident of {ENTRIES:,} entries"
    return [compare(Pair(name, ours, "json.loads of the same entries", peer, AIM), runs=3)]
