"""What Unleash answers when it will not: its status, its name for the error, and its words."""

from __future__ import annotations

from psfir.domain.canon import Json
from psfir.range.server import Reply

WRONG_TYPE = "invalid token: expected a different token type for this endpoint"
NO_TOKEN = "This endpoint requires an API token. Please add an authorization header to your request with a valid token"  # noqa: S105 - the vendor's sentence


class Refused(Exception):
    """`reply` is the vendor's own."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        bare: Json = {"message": message}
        body: Json = {"name": name, "message": message, "details": [{"message": message}]}
        self.reply = Reply(status, body if name else bare)


def missing(message: str) -> Refused:
    return Refused(404, "NotFoundError", message)


def lacking(permission: str) -> Refused:
    says = "You don't have the required permissions to perform this operation. To perform this action, you need"
    return Refused(403, "PermissionError", f'{says} the "{permission}" permission.')


def invalid(message: str) -> Refused:
    return Refused(400, "BadDataError", message)
