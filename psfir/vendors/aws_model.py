"""AWS's protocols with JSON from the server's side, after botocore's own service models: for the range's stand-ins.

Which operation a request is, what it asks with, and how an answer is laid out over headers and body the model says, so
that a stand-in can only answer what botocore's own parser reads as that operation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from psfir.domain.values import frozen
from psfir.vendors.aws_query import Asked

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

_FIELD = re.compile(r"\{(\w+)\+?\}")
_TARGET = "x-amz-target"


class Sent(Protocol):
    """One request as it came in: header names in lower case, `target` as it was sent."""

    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


@frozen
class Said:
    """One answer, laid out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class JsonService:
    """One service, by botocore's name for it, such as appconfig."""

    def __init__(self, service: str) -> None:
        self._model = _model(service)
        self._paths = tuple(_paths(self._model))
        self._prefix = str(self._model.metadata.get("targetPrefix", ""))

    @property
    def signing(self) -> str:
        """As requests are signed for it, and policies call it."""
        return str(self._model.signing_name)

    def operation(self, sent: Sent) -> str:
        """Its name; empty if it is none of this service."""
        if self._prefix:
            named, _, operation = sent.headers.get(_TARGET, "").rpartition(".")
            return operation if named == self._prefix and operation in self._model.operation_names else ""
        path = urlsplit(sent.target).path
        return next((name for method, at, name in self._paths if method == sent.method and at.fullmatch(path)), "")

    def asked(self, sent: Sent) -> Asked | None:
        """None if it is no operation of this service. ValueError if its body is not what it should be."""
        if not (name := self.operation(sent)):
            return None
        shape = self._model.operation_model(name).input_shape
        return Asked(name, dict(self._params(name, shape, sent)) if shape else {})

    def answer(self, operation: str, result: Mapping[str, Any]) -> Said:
        """KeyError for a member that the model does not have."""
        model = self._model.operation_model(operation)
        status = int(model.http.get("responseCode", 200))
        shape = model.output_shape
        if shape is None:
            return Said(status, {}, b"")
        payload, headers, body = shape.serialization.get("payload"), {}, {}
        for name, value in result.items():
            member = shape.members[name]
            if member.serialization.get("location") == "header":
                headers[member.serialization["name"]] = str(value)
            elif name != payload:
                body[member.serialization.get("name", name)] = _json(member, value)
        if payload:
            return Said(status, headers, bytes(result.get(payload, b"")))
        kind = "application/x-amz-json-1.1" if self._prefix else "application/json"
        return Said(status, {"Content-Type": kind, **headers}, json.dumps(body).encode())

    def status(self, operation: str, code: str) -> int:
        """Which status goes with an error; 400 for what the model does not name."""
        for error in self._model.operation_model(operation).error_shapes:
            if error.name == code:
                return int(error.metadata.get("error", {}).get("httpStatusCode", 400))
        return 400

    def _params(self, name: str, shape: StructureShape, sent: Sent) -> Iterator[tuple[str, Any]]:
        payload = shape.serialization.get("payload")
        body = json.loads(sent.body) if sent.body and not payload else {}
        if not isinstance(body, dict):
            raise ValueError("it is no JSON object")  # noqa: TRY004 - as for whatever else is no such request
        path = dict(self._in_path(name, sent.target))
        query = parse_qs(urlsplit(sent.target).query)
        for member, inside in shape.members.items():
            at, called = inside.serialization.get("location"), inside.serialization.get("name", member)
            if member == payload:
                yield member, sent.body
            elif at == "uri":
                yield member, _plain(inside, path[called])
            elif at == "querystring" and called in query:
                yield member, _plain(inside, query[called][-1])
            elif at == "header" and called.lower() in sent.headers:
                yield member, _plain(inside, sent.headers[called.lower()])
            elif at is None and called in body:
                yield member, body[called]

    def _in_path(self, name: str, target: str) -> Iterator[tuple[str, str]]:
        for _, at, operation in self._paths:
            found = at.fullmatch(urlsplit(target).path) if operation == name else None
            if found:
                yield from ((key, unquote(value)) for key, value in found.groupdict().items())


@cache
def _model(service: str) -> ServiceModel:
    from botocore.session import Session  # noqa: PLC0415 - slow to load, and needed on the range only

    return Session().get_service_model(service)


def _paths(model: ServiceModel) -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Without fields first: one of them must not be taken for another's field."""
    found: list[OperationModel] = [model.operation_model(name) for name in model.operation_names]
    for one in sorted(found, key=lambda each: each.http["requestUri"].count("{")):
        # An identifier may be an ARN, whose slash comes escaped.
        pattern = _FIELD.sub(r"(?P<\1>[^/]+)", one.http["requestUri"].partition("?")[0])
        yield one.http["method"], re.compile(pattern), one.name


def _plain(shape: Shape, text: str) -> str | int | bool:
    if shape.type_name in {"integer", "long"}:
        return int(text)
    return text == "true" if shape.type_name == "boolean" else text


def _json(shape: Any, value: Any) -> Any:  # noqa: ANN401 - whatever the shape holds
    if value is None:
        return None
    if shape.type_name == "structure":
        members = shape.members
        return {members[name].serialization.get("name", name): _json(members[name], one) for name, one in value.items()}
    if shape.type_name == "list":
        return [_json(shape.member, one) for one in value]
    if shape.type_name == "map":
        return {str(key): _json(shape.value, one) for key, one in value.items()}
    if shape.type_name == "timestamp" and shape.serialization.get("timestampFormat") == "iso8601":
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value
