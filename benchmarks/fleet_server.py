"""What a fleet's rungs are pulled on: a thousand flags, parameters of AWS or Deployments behind one lean server.

python -m benchmarks.fleet_server

Each answer takes 20 ms. One event loop and a parser of its own: with 32 connections at work a server of threads would
be what is measured. /reset forgets what was changed and asked, /requests says what was asked since.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

ANSWER = 0.02
flags: dict[str, bool] = {}
parameters: dict[str, tuple[str, int]] = {}
replicas: dict[str, int] = {}
asked: list[str] = []


def flag(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    if method == "PUT":
        flags[path] = bool(body["enabled"])
    if path == "/health":
        return {"enabled": any(flags.values())}
    return {"enabled": flags.setdefault(path, True)}


def parameter(_: str, target: str, body: dict[str, Any]) -> dict[str, Any]:
    name = body["Name"]
    value, version = parameters.get(name, ("large", 1))
    if target.endswith("PutParameter"):
        parameters[name] = body["Value"], version + 1
        return {"Version": version + 1, "Tier": "Standard"}
    arn = f"arn:aws:ssm:eu-west-1:123456789012:parameter/{name}"
    shown = {"Name": name, "Type": "String", "Value": value, "Version": version, "ARN": arn, "DataType": "text"}
    return {"Parameter": shown}


def deployment(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    name = path.partition("?")[0].rpartition("/")[2]
    if path.endswith("horizontalpodautoscalers") or "horizontalpodautoscalers?" in path:
        return {"kind": "List", "metadata": {}, "items": []}
    if "/pods" in path:
        left = sum(replicas.values())
        return {"kind": "PodList", "metadata": {}, "items": [{"metadata": {"name": f"p-{n}"}} for n in range(left)]}
    if "/deployments/" not in path:
        return {}
    if method == "PATCH":
        replicas[name] = body["spec"]["replicas"]
    spec = {"replicas": replicas.setdefault(name, 3), "selector": {"matchLabels": {"app": name}}}
    return {"kind": "Deployment", "metadata": {"name": name, "resourceVersion": "41", "uid": "u"}, "spec": spec}


def answer(method: str, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, bytes]:
    if path == "/reset":
        for store in (flags, parameters, replicas, asked):
            store.clear()
        return 200, b"ok"
    if path == "/requests":
        return 200, " ".join(asked).encode()
    body = json.loads(raw) if raw else {}
    target = headers.get("x-amz-target", "")
    deed: Callable[[str, str, dict[str, Any]], dict[str, Any]] = flag
    if target:
        deed, path = parameter, target
        asked.append(f"{target.rpartition('.')[2]}:{body['Name']}")
    else:
        deed = deployment if path.startswith("/api") else flag
        asked.append(f"{method}:{path}")
    said = deed(method, path, body)
    return (200, json.dumps(said).encode()) if said else (404, b'{"kind": "Status"}')


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ", 2)
            headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:])}
            raw = await reader.readexactly(int(headers.get("content-length") or 0))
            status, body = answer(method, path, headers, raw)
            if path not in {"/reset", "/requests"}:
                await asyncio.sleep(ANSWER)
            line = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(line.encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512, limit=1 << 20)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


asyncio.run(main())
