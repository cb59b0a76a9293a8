"""What somebody would write by hand at 3 a.m.: read the files, make the same requests, note every step in SQLite.

python peer_kill.py ROOT URL ROWS METHOD:PATH...

With a kubeconfig in ROOT it asks through the official client's bare ApiClient, as the best of them would.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import click
import yaml


def over_http(url: str) -> Callable[[str, str], str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    def ask(method: str, path: str) -> str:
        body = json.dumps({"enabled": False}) if method == "PUT" else None
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        return connection.getresponse().read().decode()

    return ask


def through_client(root: Path) -> Callable[[str, str], str]:
    from kubernetes import config  # noqa: PLC0415 - the other case must not pay for it
    from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415 - the same

    settings = Configuration()
    config.load_kube_config(str(root / "kubeconfig"), client_configuration=settings)  # type: ignore[no-untyped-call]  # the same
    client = ApiClient(settings)

    def ask(method: str, path: str) -> str:
        body = {"spec": {"replicas": 0}} if method == "PATCH" else None
        headers = {"Content-Type": "application/merge-patch+json"} if body else {}
        request = client.param_serialize(method, path, header_params=headers, body=body, auth_settings=["BearerToken"])
        answer = client.call_api(*request)
        return (answer.read() or b"").decode()  # type: ignore[no-untyped-call]  # the client has no types

    return ask


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
    ask = through_client(root) if (root / "kubeconfig").exists() else over_http(url)
    written = 0
    for request in requests:
        said = ask(*request.split(":", 1))
        db.execute("INSERT INTO notes (data) VALUES (?)", (json.dumps({"request": request, "said": said}),))
        written += 1
    for number in range(written, rows):
        db.execute("INSERT INTO notes (data) VALUES (?)", (json.dumps({"note": number}),))
    click.echo("done")


kill()
