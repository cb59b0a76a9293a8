"""How the stand-in says no: a status, the vendor's word for it, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from psfir.range.server import Reply


class Refused(Exception):
    """Ends a request with an error body as the vendor writes it."""

    def __init__(self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    @property
    def reply(self) -> Reply:
        body = {"code": self.code, "message": self.message, "id": str(uuid4())}
        return Reply(self.status, body, self.headers)


def invalid(message: str) -> Refused:
    return Refused(400, "invalid_request", message)


def missing(what: str) -> Refused:
    return Refused(404, "not_found", f"Unknown resource: {what}")


def conflict(message: str) -> Refused:
    return Refused(409, "conflict", message)
