"""`psfir kill` by the reference runbook, beside a script written by hand with the official clients: the same calls."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.frame import Figure, Pair, command, compare, psfir, serving
from psfir.app.init import lay_out

HERE = Path(__file__).parent
SYSTEM, BOOK = "support-assistant", "support-assistant-disable.yaml"
LOOKS = "    times: 3\n    every: 100ms\n    soak: 0s\n"
AIM = 1.5


def figures() -> list[Figure]:
    with TemporaryDirectory() as folder, serving("-m", "benchmarks.reference_server", folder) as said:
        return [_figure(Path(folder), json.loads(said))]


def _figure(folder: Path, there: dict[str, str]) -> Figure:
    root = lay_out(folder / "ops", reference=True).root
    book = root / "runbooks" / BOOK
    book.write_text(shortened(book.read_text()))
    connections = json.loads(Path(there["PSFIR_CONNECTIONS"]).read_text().partition("connections: ")[2])
    url = str(connections["assistant"]["url"])
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PSFIR_ME": "ada", **there}
    kept, empty = root / ".psfir", folder / "empty"
    command([psfir(), "status", "-w", str(root)], cwd=root, env=env)()
    kept.rename(empty)

    def anew() -> None:
        """All as it was, and a record that knows nothing."""
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(empty, kept)
        _ask(url, "/reset")

    kill = command([psfir(), "kill", SYSTEM, "--yes", "-w", str(root)], cwd=root, env=env)
    asked = _counted(kill, anew, url)
    with closing(sqlite3.connect(kept / "record.sqlite3")) as db:
        rows = db.execute("SELECT count(*) FROM entries").fetchone()[0]
    script = command([sys.executable, str(HERE / "peer_reference.py"), str(folder), str(rows)], cwd=folder, env=env)
    if (theirs := _counted(script, anew, url)) != asked:
        raise RuntimeError(f"the script asks {theirs} where psfir asks {asked}: write it anew")
    name = f"the reference runbook's kill: {sum(asked.values())} requests, {rows} rows"
    peer = "a script on urllib3, ApiClient and botocore"
    return compare(Pair(name, kill, peer, script, AIM, before=anew), runs=7)


def shortened(book: str) -> str:
    """The runbook with its looks a tenth of a second apart and no soak: waiting is not what is measured."""
    head, mark, verify = book.partition("\nverify:\n")
    bare = re.sub(r"^    (?:times|every|soak): .*\n", "", verify, flags=re.MULTILINE)
    return head + mark + re.sub(r"^(  - id: .*\n)", rf"\1{LOOKS}", bare, flags=re.MULTILINE)


def _counted(work: Callable[[], None], anew: Callable[[], None], url: str) -> dict[str, int]:
    anew()
    work()
    found: dict[str, int] = json.loads(_ask(url, "/requests"))
    return found


def _ask(url: str, path: str) -> str:
    with urlopen(url + path) as answer:
        text: str = answer.read().decode()
        return text
