"""The servers of the benchmarks: minimal, so that what is measured is not them. One process each.

python -m benchmarks.server flag|flags|kubernetes|plain

`flag` holds one flag, `flags` one for each path, `kubernetes` one Deployment; each answers in 20 ms and remembers what
it was asked since a reset. `plain` answers at once, and tells every PATCH to whoever listens at /stream.
"""

from __future__ import annotations

import json
import sys
import time
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

ANSWER = 0.02
FLAG = {"enabled": True}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "agent", "namespace": "bench", "resourceVersion": "41", "uid": "u"},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "agent"}}},
}
kind = sys.argv[1]
state: dict[str, Any] = {}
asked: list[str] = []
ears: list[SimpleQueue[bytes]] = []


def found(path: str) -> dict[str, Any] | None:
    """What stands at a path; None for a kind that this cluster does not know."""
    if kind == "flags":
        if path == "/health":
            return {"enabled": any(one["enabled"] for one in state.values())}
        flag: dict[str, Any] = state.setdefault(path, dict(FLAG))
        return flag
    if kind != "kubernetes" or path.endswith("/deployments/agent"):
        return state
    if path.endswith("/pods"):
        left = state["spec"]["replicas"]
        pods = [{"metadata": {"name": f"agent-{number}"}} for number in range(left)]
        return {"kind": "PodList", "metadata": {}, "items": pods}
    return {"kind": "List", "metadata": {}, "items": []} if path.endswith("/horizontalpodautoscalers") else None


def reset() -> None:
    state.clear()
    if kind != "flags":
        state.update(deepcopy(DEPLOYMENT if kind == "kubernetes" else FLAG))
    asked.clear()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # heads and bodies leave in one packet: no delayed acknowledgement is measured by accident

    def do_GET(self) -> None:
        if self.path == "/reset":
            reset()
            self._say("ok")
        elif self.path == "/requests":
            self._say(" ".join(asked))
        elif self.path == "/stream":
            self._stream()
        else:
            self._work()

    def do_PUT(self) -> None:
        (found(self.path) or state).update(self._body())
        self._work()

    def do_PATCH(self) -> None:
        body = self._body()
        if kind == "plain":
            for ear in ears:
                ear.put(json.dumps(body).encode())
        else:
            state["spec"].update(body["spec"])
        self._work()

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _work(self) -> None:
        if kind == "plain":
            self._say("{}")
            return
        asked.append(f"{self.command}:{self.path}")
        time.sleep(ANSWER)
        value = found(self.path.partition("?")[0])
        self._say(json.dumps({"kind": "Status"} if value is None else value), 404 if value is None else 200)

    def _stream(self) -> None:
        """Events, each as it comes, until the listener is gone."""
        ear: SimpleQueue[bytes] = SimpleQueue()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        ears.append(ear)
        self.wfile.write(b"event: put\n\n")
        self.wfile.flush()
        while data := ear.get():
            self.wfile.write(b"event: patch\ndata: " + data + b"\n\n")
            self.wfile.flush()

    def _say(self, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Listener(ThreadingHTTPServer):
    request_queue_size = 256  # a hundred that come at once are not made to try again a second later
    daemon_threads = True


reset()
server = Listener(("127.0.0.1", 0), Handler)
sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
sys.stdout.flush()
server.serve_forever()
