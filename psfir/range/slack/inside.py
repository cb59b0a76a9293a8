"""Runs inside a network namespace of its own: starts local-slack there, and lets connections in by a unix socket.

local-slack listens on every address and has no option for it. In here there is none but loopback, and nobody else's;
a path is seen from all namespaces. Started by path, so it imports nothing of the package. It ends when its standard
input does, and with it, as it is the first process of its namespace, everything in there.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Thread
from time import monotonic, sleep  # noqa: TID251 - no part of psfir: a program that waits for another

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_READY_WITHIN = 10.0


def main(binary: str, config: str, port: str, path: str) -> None:
    _loopback_up()
    command = [binary, "--config", config, "--port", port, "--base-host", "127.0.0.1", "--files-dir", f"{path}.files"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing) as slack:  # noqa: S603 - as it was told
        try:
            if _ready(int(port), slack):
                _serve(int(port), path)
        finally:
            slack.kill()


def _serve(port: int, path: str) -> None:
    """Until standard input ends."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        Thread(target=_let_in, args=(listener, port), daemon=True).start()
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
        sys.stdin.read()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def _ready(port: int, slack: subprocess.Popen[bytes]) -> bool:
    ends = monotonic() + _READY_WITHIN
    while slack.poll() is None and monotonic() < ends:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/_control/log")
            return connection.getresponse().status == 200  # noqa: PLR2004 - it answers
        except (OSError, HTTPException):
            sleep(0.02)
        finally:
            connection.close()
    return False


def _let_in(listener: socket.socket, port: int) -> None:
    while True:
        outer, _ = listener.accept()
        try:
            inner = socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            outer.close()  # it has ended; who asks sees a connection that ends
            continue
        inner.settimeout(None)
        for source, sink in ((outer, inner), (inner, outer)):
            Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # one side is gone, so the other has nobody to talk to
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
        return
    for end in (source, sink):
        with suppress(OSError):  # it was over already
            end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    main(*sys.argv[1:])
