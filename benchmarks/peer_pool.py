"""What somebody would write by hand for many switches at once: a thread for each, and nothing written down.

python peer_pool.py URL METHOD:PATH...

The requests of one path are made in their order, those of different paths side by side, /health when all are done.
"""

from __future__ import annotations

import http.client
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from urllib.parse import urlsplit

url, *requests = sys.argv[1:]
own = local()


def ask(method: str, path: str) -> None:
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    body = json.dumps({"enabled": False}) if method == "PUT" else None
    own.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = own.connection.getresponse()
    said = json.loads(answer.read())
    if answer.status != 200 or "enabled" not in said:
        sys.exit(f"{method} {path} was answered {answer.status}: {said}")


def switch_off(path: str, methods: list[str]) -> None:
    for method in methods:
        ask(method, path)


by_path: dict[str, list[str]] = {}
for request in requests:
    word, _, where = request.partition(":")
    by_path.setdefault(where, []).append(word)
last = by_path.pop("/health")
with ThreadPoolExecutor(max_workers=len(by_path)) as pool:
    for one in [pool.submit(switch_off, *item) for item in by_path.items()]:
        one.result()
switch_off("/health", last)
