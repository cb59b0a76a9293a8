"""What levers, probes, captures and messengers there are, and what each says of itself, in its `about` alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from psfir.app.catalog import InstalledCatalog
from psfir.domain.about import About, CaptureAbout, Field, LeverAbout, MessengerAbout, Permission, ProbeAbout
from psfir.domain.connecting import ConnectionKey, ConnectionKind
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import CatalogError, UsageError

PARTS = ("levers", "probes", "captures", "messengers")
GROUPS = (*PARTS, "connections")
"""With the kinds of connections that somebody else brings."""


@frozen
class Line:
    """One part in a list; `broken` says why it cannot be used, then the rest is empty."""

    group: str
    name: str
    source: str = ""
    about: About | ConnectionKind | None = None
    broken: str = ""

    def to_json(self) -> dict[str, Any]:
        if self.about is None:
            return {"name": self.name, "source": self.source, "broken": self.broken}
        said: dict[str, Any] = {"name": self.name, "line": self.about.line, "source": self.source}
        if isinstance(self.about, LeverAbout):
            said |= {"modes": [mode.value for mode in self.about.modes], "stops": self.about.stops.value}
        return said


@frozen
class Described:
    """One part with everything it says; `example` is YAML to paste into a runbook."""

    group: str
    source: str
    about: About
    example: str
    kinds: tuple[ConnectionKind, ...] = ()
    """Of those that it connects to, the ones that somebody else brings."""

    def to_json(self) -> dict[str, Any]:
        about = self.about
        said: dict[str, Any] = {
            "kind": self.group.removesuffix("s"),
            "name": about.name,
            "line": about.line,
            "source": self.source,
            "connects": list(about.connects),
            "target": _fields(about.target),
            "kinds": {kind.name: [_key(key) for key in kind.keys] for kind in self.kinds},
        }
        if isinstance(about, LeverAbout):
            said |= {
                "set": _fields(about.settings),
                "modes": [mode.value for mode in about.modes],
                "stops": about.stops.value,
                "blast_radius": about.blast_radius,
                "undo": about.undo,
                "exact": about.exact,
                "vendor": about.vendor,
                "propagation": about.propagation,
            }
        if isinstance(about, ProbeAbout):
            said["expect"] = _fields(about.expect)
        if isinstance(about, CaptureAbout):
            said["keeps"] = about.keeps
        if isinstance(about, MessengerAbout):
            said |= {"set": _fields(about.settings), "finds": about.finds, "each": about.each, "longest": about.longest}
        return {**said, "permissions": [right.to_json() for right in permissions(about)], "example": self.example}


def listed(catalog: InstalledCatalog) -> list[Line]:
    """Everything installed. A broken or doubled one stands in the list too, with what is wrong."""
    return [_line(catalog, group, name) for group in GROUPS for name in catalog.names(group)]


def described(catalog: InstalledCatalog, name: str) -> list[Described]:
    """All parts of that name: a probe and a capture may share one."""
    groups = [group for group in PARTS if name in catalog.names(group)]
    if not groups:
        known = sorted({known for group in PARTS for known in catalog.names(group)})
        raise UsageError(f"there is no lever, probe, capture or messenger {name!r}", todo=near(name, known))
    return [_described(catalog, group, name) for group in groups]


def permissions(about: About) -> Sequence[Permission]:
    """What the credential at hand must be allowed."""
    found = getattr(about, "permissions", ())
    return tuple(found)


def _line(catalog: InstalledCatalog, group: str, name: str) -> Line:
    try:
        about = _about(catalog, group, name)
        return Line(group, name, catalog.source(group, name), about)
    except CatalogError as error:
        return Line(group, name, broken=str(error))


def _described(catalog: InstalledCatalog, group: str, name: str) -> Described:
    about = _about(catalog, group, name)
    assert isinstance(about, About)  # noqa: S101 - a kind of connection is described beside what works on it
    example = yaml.safe_dump([_plain(about.example)], sort_keys=False, allow_unicode=True, width=100)
    brought = [kind for kind in about.connects if kind in catalog.names("connections")]
    kinds = tuple(catalog.connection(kind) for kind in brought)
    return Described(group, catalog.source(group, name), about, example, kinds)


def _about(catalog: InstalledCatalog, group: str, name: str) -> About | ConnectionKind:
    asked: Mapping[str, Callable[[str], About | ConnectionKind]] = {
        "levers": catalog.lever,
        "probes": catalog.probe,
        "captures": catalog.capture,
        "messengers": catalog.messenger,
        "connections": catalog.connection,
    }
    return asked[group](name)


def _fields(fields: Sequence[Field]) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "type": field.type.value,
            "line": field.line,
            "required": field.required,
            "default": field.default,
            "choices": list(field.choices),
            "fields": _fields(field.fields),
        }
        for field in fields
    ]


def _key(key: ConnectionKey) -> dict[str, Any]:
    return {"name": key.name, "type": key.type.value, "line": key.line, "required": key.required}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON, which YAML takes in its built-in types only
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
