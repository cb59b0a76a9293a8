"""What somebody would write by hand at 3 a.m.: read the files, make the same requests, note every step in SQLite.

python peer_kill.py ROOT URL ROWS METHOD:PATH...
"""

from __future__ import annotations

import http.client
import json
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import click
import yaml


@click.command()
@click.argument("root", type=click.Path(path_type=Path))
@click.argument("url")
@click.argument("rows", type=int)
@click.argument("requests", nargs=-1)
def kill(root: Path, url: str, rows: int, requests: tuple[str, ...]) -> None:
    for name in ("psfir.yaml", "runbooks/one.yaml"):
        yaml.load((root / name).read_text(), Loader=yaml.CSafeLoader)
    db = sqlite3.connect(root / "by-hand.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS notes (seq INTEGER PRIMARY KEY, data TEXT)")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    written = 0
    for request in requests:
        method, _, path = request.partition(":")
        body = json.dumps({"enabled": False}) if method == "PUT" else None
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        said = answer.read().decode()
        db.execute("INSERT INTO notes (data) VALUES (?)", (json.dumps({"request": request, "said": said}),))
        written += 1
    for number in range(written, rows):
        db.execute("INSERT INTO notes (data) VALUES (?)", (json.dumps({"note": number}),))
    click.echo("done")


kill()
