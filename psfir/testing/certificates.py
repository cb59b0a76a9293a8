"""A certificate that nobody trusts, and the authority that made it: what TLS has to be tried with."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:assistant.test\n"


def authority(folder: Path) -> Path:
    """Lays a new authority and a certificate for this machine into the folder, with openssl: ca.pem, server.pem."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    ca = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
    (folder / "names").write_text(_NAMES, encoding="utf-8")
    for command in (
        ("req", "-x509", *key, "-days", "2", "-subj", "/CN=psfir test", "-keyout", "ca.key", "-out", "ca.pem"),
        ("req", *key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"),
        ("x509", "-req", "-in", "server.csr", *ca, "-days", "2", "-extfile", "names", "-out", "server.pem"),
    ):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 - its own words, and found on PATH as a person would
    return folder


def server_side(folder: Path) -> ssl.SSLContext:
    """What a server on this machine speaks with the certificate of that folder, which is made where there is none."""
    if not (folder / "server.pem").exists():
        authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context
