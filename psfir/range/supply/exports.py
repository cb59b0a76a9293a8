"""The secrets that a workspace's connections refer to, as the environment that a range exports for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.domain.system import Connection

_ENV = "env:"


class Exports:
    """A reference to an environment variable stays as it is; any other one is re-pointed to a variable of the range."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def ref(self, connection: Connection, secret: str, value: str) -> str:
        """Where the connection finds this value. A name that stands for another value already is not used again."""
        said = connection.secrets.get(secret, "")
        name = said.removeprefix(_ENV) if said.startswith(_ENV) else ""
        if not name or self.given.get(name, value) != value:
            name = re.sub(r"[^A-Z0-9]+", "_", f"PSFIR_RANGE_{connection.name}_{secret}".upper())
        self.given[name] = value
        return f"{_ENV}{name}"


def kept(connection: Connection, *settings: str) -> dict[str, Json]:
    """What of a connection does not say where it is: its kind, whose it is, how long a call may take."""
    said: Mapping[str, Json] = {"vendor": connection.vendor, "network": connection.network}
    told = {key: value for key, value in said.items() if value}
    more = {key: connection.settings[key] for key in settings if key in connection.settings}
    return {"kind": connection.kind, **told, **more, **_timeout(connection)}


def _timeout(connection: Connection) -> dict[str, Json]:
    """Read as seconds, written as a span."""
    seconds = connection.settings.get("timeout")
    return {"timeout": f"{round(seconds * 1000)}ms"} if isinstance(seconds, (int, float)) else {}
