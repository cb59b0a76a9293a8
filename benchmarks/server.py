"""A server that answers in 20 ms, holds one flag or one Deployment, and remembers what it was asked since a reset.

python server.py flag|kubernetes
"""

from __future__ import annotations

import json
import sys
import time
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = 0.02
FLAG = {"enabled": True}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "agent", "namespace": "bench", "resourceVersion": "41", "uid": "u"},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "agent"}}},
}
flag = sys.argv[1] != "kubernetes"
state: dict[str, Any] = {}
asked: list[str] = []


def found(path: str) -> dict[str, Any] | None:
    """What stands at a path; None for a kind that this cluster does not know."""
    if flag or path.endswith("/deployments/agent"):
        return state
    if path.endswith("/pods"):
        left = state["spec"]["replicas"]
        pods = [{"metadata": {"name": f"agent-{number}"}} for number in range(left)]
        return {"kind": "PodList", "metadata": {}, "items": pods}
    return {"kind": "List", "metadata": {}, "items": []} if path.endswith("/horizontalpodautoscalers") else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # heads and bodies leave in one packet: no delayed acknowledgement is measured by accident

    def do_GET(self) -> None:
        if self.path == "/reset":
            state.clear()
            state.update(deepcopy(FLAG if flag else DEPLOYMENT))
            asked.clear()
            self._say("ok")
        elif self.path == "/requests":
            self._say(" ".join(asked))
        else:
            self._work()

    def do_PUT(self) -> None:
        state.update(self._body())
        self._work()

    def do_PATCH(self) -> None:
        state["spec"].update(self._body()["spec"])
        self._work()

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _work(self) -> None:
        asked.append(f"{self.command}:{self.path}")
        time.sleep(ANSWER)
        value = found(self.path.partition("?")[0])
        self._say(json.dumps({"kind": "Status"} if value is None else value), 404 if value is None else 200)

    def _say(self, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
sys.stdout.flush()
server.serve_forever()
