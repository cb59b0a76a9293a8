"""How each of AWS's protocols words an error: in XML, or as JSON with its type inside or in a header.

botocore reads each only where its protocol puts it, and which status goes with an error differs as well.
"""

from __future__ import annotations

from enum import Enum
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from psfir.domain.values import frozen
from psfir.range.server import Asked, Reply

_FORM = "application/x-www-form-urlencoded"


class Protocol(Enum):
    QUERY = "query"
    JSON = "json"
    REST = "rest-json"


@frozen
class Error:
    """In the words of the protocols with JSON; `query` is what services that speak XML call it."""

    code: str
    message: str
    status: int = 403
    query: str = ""


def protocol(asked: Asked) -> Protocol:
    if "x-amz-target" in asked.headers:
        return Protocol.JSON
    return Protocol.QUERY if asked.headers.get("content-type", "").startswith(_FORM) else Protocol.REST


def form(asked: Asked) -> dict[str, str]:
    """What a service that speaks XML was asked; nothing, if it was another's protocol."""
    if protocol(asked) is not Protocol.QUERY:
        return {}
    return dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))


def refused(asked: Asked, error: Error) -> Reply:
    """The error in the protocol in which it was asked."""
    spoken = protocol(asked)
    if spoken is Protocol.QUERY:
        code = escape(error.query or error.code)
        said = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(error.message)}</Message></Error>"
        body = f"<ErrorResponse>{said}<RequestId>range</RequestId></ErrorResponse>"
        return Reply(error.status, body.encode(), {"Content-Type": "text/xml"})
    if spoken is Protocol.JSON:
        # These services say 400 to whatever the caller did wrong, a denial too.
        status = error.status if error.status >= 500 else 400  # noqa: PLR2004 - the numbers are HTTP's own
        body_json = {"__type": f"com.amazon.coral.service#{error.code}", "message": error.message}
        return Reply(status, body_json, {"Content-Type": "application/x-amz-json-1.0"})
    return Reply(error.status, {"message": error.message}, {"x-amzn-ErrorType": error.code})
