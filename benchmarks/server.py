"""A server that answers in 20 ms, holds one flag, and remembers what it was asked since the last reset."""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = 0.02
state = {"enabled": True}
asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # heads and bodies leave in one packet: no delayed acknowledgement is measured by accident

    def do_GET(self) -> None:
        if self.path == "/reset":
            state["enabled"] = True
            asked.clear()
            self._say("ok")
        elif self.path == "/requests":
            self._say(" ".join(asked))
        else:
            self._work()

    def do_PUT(self) -> None:
        length = int(self.headers["Content-Length"])
        state.update(json.loads(self.rfile.read(length)))
        self._work()

    def _work(self) -> None:
        asked.append(f"{self.command}:{self.path}")
        time.sleep(ANSWER)
        self._say(json.dumps(state))

    def _say(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
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
