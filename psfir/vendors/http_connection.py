"""A connection as the client of HTTP needs it: where a token has another name, or is sent in another header."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.errors import Denied

_TOKEN = "token"  # noqa: S105 - the word, and not one


class Lent:
    """The same connection with some `settings` laid over its own, and one of its secrets as the token that is sent.

    `token` names that secret, "" sends none. `is_` says what it has to be, where nothing goes without one.
    """

    def __init__(
        self, connection: BoundConnection, settings: Mapping[str, Json], *, token: str = _TOKEN, is_: str = ""
    ) -> None:
        self.name, self.kind = connection.name, connection.kind
        self.settings: Mapping[str, Json] = {**connection.settings, **settings}
        self.refs = {_TOKEN: connection.refs[token]} if token in connection.refs else {}
        self._connection, self._token, self._is = connection, token, is_

    def secret(self, name: str) -> str | None:
        if name != _TOKEN or not self._token:
            return None
        found = self._connection.secret(self._token)
        if found is None and self._is:
            todo = f"say in psfir.yaml with {self._token}: where {self._is} is"
            raise Denied(f"it has no {self._token}", where=f"connection {self.name}", todo=todo)
        return found
