"""Whether a connection can be reached at all: a TCP connect where it names a URL, a look where it names a file.

Where only the vendor's own client knows the way, and by what credential, it asks the one thing that everybody may.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from psfir.contracts import BoundConnection
from psfir.domain.system import Connection
from psfir.errors import Busy, NoAnswer, PsfirError, UsageError

REACH_SHARE = 3.0
_KNOWN = {
    "launchdarkly": "https://app.launchdarkly.com",
    "statuspage": "https://api.statuspage.io",
    "slack": "https://slack.com",
    "github": "https://api.github.com",
}
"""Where a connection leads that names no url."""
_PORTS = {"http": 80, "https": 443, "smtp": 587, "smtps": 465}


def reach(connection: Connection, root: Path, *, within: float) -> tuple[str, str]:
    """`ok`, `failed` or `could_not_tell`, and a sentence. Nothing is sent and no file is read."""
    url = connection.settings.get("url") or _KNOWN.get(connection.kind)
    if isinstance(url, str):
        return _connect(url, within)
    if connection.kind == "folder":
        return _folder(root / Path(str(connection.settings["path"])).expanduser())
    if isinstance(file := connection.settings.get("path") or connection.settings.get("file"), str):
        return _file(root / Path(file).expanduser())
    if isinstance(argv := connection.settings.get("argv"), (list, tuple)) and argv:
        return _program(Path(str(argv[0])))
    return "could_not_tell", "only its own client knows the way: psfir lever check --all tries it"


def greet(connection: BoundConnection, *, within: float) -> tuple[str, str]:
    """The same of a kind in `GREETED`, by its client and its credential. It reads nothing that is anybody's own."""
    try:
        return "ok", GREETED[connection.kind](connection, within)
    except (Busy, NoAnswer) as error:
        return "could_not_tell", error.what
    except PsfirError as error:
        return "failed", f"{error.what}{f'; {error.todo}' if error.todo else ''}"


def _kubernetes(connection: BoundConnection, within: float) -> str:
    from psfir.vendors.kubernetes import KubernetesClient  # noqa: PLC0415 - cold start: only a cluster needs it

    KubernetesClient(connection).may({"verb": "list", "resource": "pods"}, within=within)
    return f"the cluster answers and knows its credential; {_RIGHTS}"


def _aws(connection: BoundConnection, within: float) -> str:
    from psfir.vendors.aws import AwsClient  # noqa: PLC0415 - cold start: only AWS needs it

    client = AwsClient(connection)
    seen = client.identity(within=within)
    if client.account not in {"", seen.account}:
        what = f"its credential is one of account {seen.account}, and it names account {client.account}"
        raise UsageError(what, todo="use the right profile or keys, or mend account:")
    return f"AWS takes its credential for {seen.arn}; {_RIGHTS}"


_RIGHTS = "what it may do, psfir lever check --all tells"
GREETED: Mapping[str, Callable[[BoundConnection, float], str]] = {"kubernetes": _kubernetes, "aws": _aws}


def _connect(url: str, within: float) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        host, port = None, None
    if not host or not port:
        return "failed", "its url is none"
    try:
        socket.create_connection((host, port), timeout=within).close()
    except socket.gaierror as error:
        return "failed", f"{host} has no address: {error.strerror}"
    except TimeoutError:
        return "failed", f"{host}:{port} did not answer within {within:g} s"
    except OSError as error:
        return "failed", f"{host}:{port}: {error.strerror or error}"
    return "ok", f"{host}:{port} answers; whether its credential suffices, only psfir plan can tell"


def _folder(path: Path) -> tuple[str, str]:
    """It is made when it is needed, so what counts is the first that is there of it and those above."""
    there = next((one for one in (path, *path.parents) if one.exists()), path)
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return "failed", f"{there} cannot be written into"
    return "ok", f"{path} is there" if there == path else f"{path} is made when it is needed"


def _program(path: Path) -> tuple[str, str]:
    if not path.is_file():
        return "failed", f"{path} is not there"
    if not os.access(path, os.X_OK):
        return "failed", f"{path} cannot be run"
    return "ok", f"{path} is there; what it reaches, only psfir plan can tell"


def _file(path: Path) -> tuple[str, str]:
    if not path.exists():
        return "failed", f"{path} is not there"
    if not os.access(path, os.R_OK | os.W_OK):
        return "failed", f"{path} cannot be read and written"
    return "ok", f"{path} is there"
