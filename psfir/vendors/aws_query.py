"""AWS's query protocol from the server's side, after botocore's own service models: what the range's stand-ins speak.

A form comes in and XML goes out, each by the shapes of the model, so that a stand-in can only answer what botocore's
own parser reads as that operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from psfir.domain.values import frozen

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape


@frozen
class Asked:
    """One request as the model reads it."""

    operation: str
    params: Mapping[str, Any]


class QueryService:
    """One service, by botocore's name for it, such as iam."""

    def __init__(self, service: str) -> None:
        from botocore.session import Session  # noqa: PLC0415 - slow to load, and needed on the range only

        self._model: ServiceModel = Session().get_service_model(service)

    def asked(self, body: bytes) -> Asked | None:
        """None if it is no operation of this service."""
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        operation = form.get("Action", "")
        if operation not in self._model.operation_names or form.get("Version") != self._model.api_version:
            return None
        shape = self._model.operation_model(operation).input_shape
        return Asked(operation, _parsed(shape, "", form) if shape else {})

    def answer(self, operation: str, result: Mapping[str, Any]) -> bytes:
        """The result as XML; KeyError for a member that the model does not have."""
        model = self._model.operation_model(operation)
        inside = ""
        if shape := model.output_shape:
            wrapper = shape.serialization.get("resultWrapper", f"{operation}Result")
            inside = f"<{wrapper}>{_members(shape, result)}</{wrapper}>"
        space = self._model.metadata.get("xmlNamespace", "")
        metadata = "<ResponseMetadata><RequestId>range</RequestId></ResponseMetadata>"
        return f'<{operation}Response xmlns="{space}">{inside}{metadata}</{operation}Response>'.encode()

    def error(self, code: str, message: str) -> bytes:
        """An error of the sender's."""
        said = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        return f"<ErrorResponse>{said}<RequestId>range</RequestId></ErrorResponse>".encode()


def _parsed(shape: Shape, at: str, form: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever the shape holds
    if shape.type_name == "structure":
        structure: StructureShape = shape  # type: ignore[assignment]  # its type name says so
        found = {}
        for name, member in structure.members.items():
            key = f"{at}.{name}" if at else name
            if any(one == key or one.startswith(f"{key}.") for one in form):
                found[name] = _parsed(member, key, form)
        return found
    if shape.type_name == "list":
        items: ListShape = shape  # type: ignore[assignment]  # its type name says so
        return [_parsed(items.member, key, form) for key in _numbered(f"{at}.member", form)]
    return _plain(shape, form.get(at, ""))


def _numbered(at: str, form: Mapping[str, str]) -> Iterable[str]:
    number = 1
    while any(one == f"{at}.{number}" or one.startswith(f"{at}.{number}.") for one in form):
        yield f"{at}.{number}"
        number += 1


def _plain(shape: Shape, text: str) -> str | int | bool:
    if shape.type_name in {"integer", "long"}:
        return int(text)
    return text == "true" if shape.type_name == "boolean" else text


def _members(shape: Shape, value: Mapping[str, Any]) -> str:
    structure: StructureShape = shape  # type: ignore[assignment]  # only structures are handed here
    return "".join(f"<{name}>{_inside(structure.members[name], value[name])}</{name}>" for name in value)


def _inside(shape: Shape, value: Any) -> str:  # noqa: ANN401 - whatever the shape holds
    if shape.type_name == "structure":
        return _members(shape, value)
    if shape.type_name == "list":
        items: ListShape = shape  # type: ignore[assignment]  # its type name says so
        return "".join(f"<member>{_inside(items.member, one)}</member>" for one in value)
    if shape.type_name == "map":
        pairs: MapShape = shape  # type: ignore[assignment]  # its type name says so
        return "".join(
            f"<entry><key>{escape(str(key))}</key><value>{_inside(pairs.value, one)}</value></entry>"
            for key, one in value.items()
        )
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
