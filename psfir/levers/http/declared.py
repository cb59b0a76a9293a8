"""What a runbook declares about somebody's HTTP API: how to read one value of it, and how to write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType
from psfir.domain.canon import Json, canonical
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.vendors.http import Request
from psfir.vendors.http_pointer import steps

PLACEHOLDER = "${value}"
_READS = ("GET", "POST")
_WRITES = ("PUT", "PATCH", "POST", "DELETE")
_PATH = Field("path", FieldType.PATH, "what to ask for, below the connection's url; begins with /")
_HEADERS = Field("headers", FieldType.OBJECT, "further headers, each a text", required=False)
READ = (
    _PATH,
    Field("pointer", FieldType.POINTER, "where in the answer the value is", required=False, default=""),
    Field("method", FieldType.TEXT, "how to ask", required=False, default="GET", choices=_READS),
    Field("body", FieldType.ANY, "what to send with it", required=False),
    _HEADERS,
)
WRITE = (
    Field("method", FieldType.TEXT, "how to send it", choices=_WRITES),
    _PATH,
    Field("body", FieldType.ANY, "what to send", required=False),
    _HEADERS,
)
_KEYS = {"read": {field.name for field in READ}, "write": {field.name for field in WRITE}}


class Compare(StrEnum):
    """How it is made sure that nobody else's change is overwritten."""

    ETAG = "etag"
    VALUE = "value"


@frozen
class Call:
    """One declared request; `${value}` in its body, path and headers stands for the value to write."""

    method: str
    path: str
    body: Json
    headers: Mapping[str, str]
    has_body: bool

    def request(self, value: Json, *, writes: bool, extra: Mapping[str, str] | None = None) -> Request:
        headers = {name: _text(text, value) for name, text in self.headers.items()}
        path = self.path.replace(PLACEHOLDER, quote(_plain(value), safe=""))
        body = None
        if self.has_body:
            body = self._encoded(_filled(self.body, value), headers)
        return Request(self.method, path, {**headers, **(extra or {})}, body, writes)

    def _encoded(self, body: Json, headers: dict[str, str]) -> bytes:
        kind = next((text for name, text in headers.items() if name.lower() == "content-type"), "")
        if not kind:
            headers["Content-Type"] = "application/json"
        if isinstance(body, str) and kind and "json" not in kind.lower():
            return body.encode()
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@frozen
class Declared:
    """A target of `http.request`, checked."""

    read: Call
    pointer: str
    apply: Call
    restore: Call
    compare: Compare | None

    @classmethod
    def of(cls, target: Target) -> Declared:
        """UsageError says what is missing or wrong."""
        read, pointer = _mapping(target, "read"), ""
        apply = _call(_mapping(target, "apply"), "apply", _WRITES, "write")
        restore = _call(_mapping(target, "restore"), "restore", _WRITES, "write") if target.get("restore") else apply
        pointer = str(read.get("pointer", ""))
        steps(pointer)
        compare = target.get("compare")
        if compare is not None and compare not in tuple(Compare):
            raise UsageError(f"compare: {compare!r} is neither etag nor value")
        return cls(
            _call({"method": "GET", **read}, "read", _READS, "read"),
            pointer,
            apply,
            restore,
            None if compare is None else Compare(str(compare)),
        )


def _mapping(target: Target, key: str) -> Mapping[str, Any]:
    value = target.get(key)
    if not isinstance(value, Mapping):
        raise UsageError(
            f"the target of http.request needs {key}: with its keys", todo="psfir lever describe http.request"
        )
    return value


def _call(said: Mapping[str, Any], word: str, methods: tuple[str, ...], kind: str) -> Call:
    if unknown := sorted(set(said) - _KEYS[kind]):
        raise UsageError(f"{word}: has no key {unknown[0]!r}", todo=f"there is: {', '.join(sorted(_KEYS[kind]))}")
    method, path, headers = said.get("method"), said.get("path"), said.get("headers", {})
    if method not in methods:
        raise UsageError(f"{word}: needs a method, one of {', '.join(methods)}")
    if not isinstance(path, str) or not path.startswith("/"):
        raise UsageError(f"{word}: needs a path that begins with /")
    if not isinstance(headers, Mapping) or not all(isinstance(text, str) for text in headers.values()):
        raise UsageError(f"{word}: headers map names to texts")
    if kind == "read" and PLACEHOLDER in canonical(said).decode():
        raise UsageError(f"{word}: has no {PLACEHOLDER}: what it reads is the value")
    return Call(method, path, said.get("body"), headers, "body" in said)


def _filled(body: Json, value: Json) -> Json:
    if isinstance(body, str):
        return value if body == PLACEHOLDER else _text(body, value)
    if isinstance(body, Mapping):
        return {key: _filled(item, value) for key, item in body.items()}
    if isinstance(body, (list, tuple)):
        return [_filled(item, value) for item in body]
    return body


def _text(text: str, value: Json) -> str:
    return text.replace(PLACEHOLDER, _plain(value)) if PLACEHOLDER in text else text


def _plain(value: Json) -> str:
    """Inside a text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else canonical(value).decode()
