"""Posts of JSON to an address of one's own, signed as Standard Webhooks has it: id, time and body by one secret.

The id is the same for each try of one copy, so that whoever gets two of them can tell.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json, canonical
from psfir.errors import Denied, LeverError
from psfir.vendors.http import HttpClient, Request

_BASE64 = "whsec_"
_SHORTEST = 16


class Webhook:
    """One connection. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        self._client = HttpClient(connection, otherwise="tell people another way")
        self.where = self._client.where
        self._connection = connection
        # The address is taken as it stands: with a slash at its end it may be another one than without.
        self._path = "/" if not urlsplit(self._client.url).path.strip("/") or self._client.url.endswith("/") else ""

    def post(self, name: str, body: Mapping[str, Json], *, at: int, within: float) -> Json:
        """What it answered, if that was JSON. Any 2xx says that it was taken."""
        raw = canonical(body)
        headers = {"Content-Type": "application/json", "Idempotency-Key": name, "webhook-id": name}
        headers |= {"webhook-timestamp": str(at), "webhook-signature": self._signed(f"{name}.{at}.".encode() + raw)}
        answer = self._client.send(Request("POST", self._path, headers, raw, writes=True), within=within)
        try:
            return answer.json()
        except LeverError:
            return None  # whoever takes a post need not answer in JSON

    def _signed(self, text: bytes) -> str:
        secret = self._connection.secret("secret")
        if secret is None:
            todo = "say in psfir.yaml with secret: where it is"
            raise Denied("it has no secret to sign with", where=self.where, todo=todo)
        digest = hmac.new(self._key(secret), text, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode()}"

    def _key(self, secret: str) -> bytes:
        """The secret's own bytes, or those that it has in base64 behind `whsec_`."""
        try:
            plain = not secret.startswith(_BASE64)
            key = secret.encode() if plain else base64.b64decode(secret.removeprefix(_BASE64), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            key = b""
        if len(key) < _SHORTEST:
            todo = f"give one of {_SHORTEST} characters or more, or whsec_ and base64"
            raise Denied("its secret cannot sign", where=self.where, todo=todo)
        return key
