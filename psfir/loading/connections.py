"""Kinds of connections, in one table: which keys each has, and which of them say where a secret is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from psfir.domain.system import Connection
from psfir.domain.values import frozen
from psfir.loading.nodes import MAP, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import BAD, Flag, Key, ListOf, MapOf, Record, SecretRef, Shape, Span, Text

_SHARED = (
    Key("kind", Text(), "what is at the other end", required=True),
    Key("vendor", Text(), "whose it is, for telling what fails together; default the kind's own"),
    Key("network", Text(), "which network it is reached over, for the same reason"),
)

_ADDRESS = Text(
    r"https?://[^\s/?#@]+(/[^\s?#]*)?", "an http or https address without a name, a password or a query", private=True
)
_HEADER = Text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "the name of a header")

KINDS: dict[str, Record] = {
    "memory": Record(
        "memory connection",
        (*_SHARED, Key("path", Text(), "the file that holds the tiny estate, in the workspace", required=True)),
    ),
    "http": Record(
        "http connection",
        (
            *_SHARED,
            Key(
                "url",
                _ADDRESS,
                "where it is",
                required=True,
            ),
            Key("token", SecretRef(), "where its token is; sent in the auth header"),
            Key("headers", MapOf(SecretRef(), key=_HEADER), "further headers, each by reference"),
            Key("auth_header", replace(_HEADER, private=True), "the token's header; default Authorization"),
            Key("auth_prefix", Text(least=0, private=True), "what stands before the token; default `Bearer `"),
            Key("ca", Text(), "a PEM file of authorities to trust instead of the system's"),
            Key("plain_http", Flag(), "allow http:// to another machine; default false"),
            Key("redirects", ListOf(Text()), "hosts that reads may be redirected to"),
            Key("replicas", ListOf(_ADDRESS), "every replica's own address, for probes"),
            Key("timeout", Span(0.1), "the longest one call may take"),
        ),
    ),
}


@frozen
class _Connections(Shape):
    """One connection of any kind; gives what makes a Connection once its name is known."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            problems.add(node, "a connection has keys, `kind` first")
            return BAD
        kind = node.get("kind")
        if kind is None:
            problems.add(node, f"a connection needs the key 'kind'; {problems.near('', KINDS)}", rule="missing-key")
            return BAD
        if kind.text not in KINDS:
            word = f"{problems.shown(kind.text)} is" if kind.text else "this is"
            problems.add(kind, f"{word} no kind of connection; {problems.near(kind.text, KINDS)}")
            return BAD
        record = KINDS[kind.text]
        raw = record.check(node, problems)
        return BAD if raw is BAD else _maker(record, raw)

    def schema(self) -> dict[str, Any]:
        kinds = []
        for name, record in KINDS.items():
            schema = record.schema()
            schema["properties"]["kind"] = {"const": name}
            kinds.append(schema)
        return {"oneOf": kinds}


CONNECTIONS: Shape = _Connections()


def _maker(record: Record, raw: dict[str, Any]) -> Callable[[str], Connection]:
    shapes = {key.name: key.shape for key in record.keys}
    secrets: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for name, value in raw.items():
        shape = shapes[name]
        if name in {"kind", "vendor", "network"}:
            continue
        if isinstance(shape, SecretRef):
            secrets[name] = value
        elif isinstance(shape, MapOf) and isinstance(shape.of, SecretRef):
            secrets |= {f"{name}.{key}": ref for key, ref in value.items()}
            settings[name] = list(value)
        else:
            settings[name] = list(value) if isinstance(value, tuple) else value
    return partial(
        Connection,
        kind=raw["kind"],
        settings=settings,
        secrets=secrets,
        vendor=raw.get("vendor", ""),
        network=raw.get("network", ""),
    )
