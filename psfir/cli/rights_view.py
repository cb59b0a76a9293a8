"""What `psfir permissions` shows: for each connection who needs what, and the document that gives just that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from psfir.cli.show import columns, hanging, heading

if TYPE_CHECKING:
    from psfir.app.rights import Derived, Rights
    from psfir.app.rights_document import Document
    from psfir.cli.desk import Desk

_CALLED = {
    "kubernetes": "kubectl apply -f -",
    "aws": "an IAM policy",
    "launchdarkly": "a custom role",
    "unleash": "a custom role for each project",
}
_WIDTH = 118


def show(desk: Desk, derived: Derived, *, kind: str | None, connection: str | None) -> None:
    """All of it, or with a `kind` the one document alone; what that has no place for goes to standard error."""
    if desk.json:
        chosen = [each for each in derived.connections if kind in {None, each.kind}]
        chosen = [each for each in chosen if connection in {None, each.connection}]
        said = [each.to_json() for each in chosen]
        desk.result("permissions", {"connections": said, "broken": dict(derived.broken)})
    elif kind:
        from psfir.app.rights import one

        rights = one(derived, kind, connection)
        desk.say(document(rights), verbatim=True)
        for line in _beside(rights) if kind != "kubernetes" else ():
            desk.warn(line)
    else:
        for text, verbatim in page(derived):
            desk.say(text, verbatim=verbatim)


def page(derived: Derived) -> Iterator[tuple[str, bool]]:
    """Lines, and whether one is to be shown just as it is."""
    for number, rights in enumerate(derived.connections):
        if number:
            yield "", False
        yield heading(f"{rights.connection} ({rights.kind or 'not in psfir.yaml'})"), False
        for line in columns([_line(*one) for one in rights.lines]):
            yield line, False
        for note in rights.notes:
            yield hanging("note:", note), False
        if rights.documents:
            yield heading(_CALLED.get(rights.kind, "document")), False
            for line in document(rights).splitlines():
                yield line, True
    if not derived.connections and not derived.broken:
        yield "no runbook here needs any; psfir init lays out some", False


def _line(action: str, resource: str, only: str, by: list[str]) -> tuple[str, str, str]:
    return action, resource, f"{', '.join(by)}{f', only {only}' if only else ''}"


def document(rights: Rights) -> str:
    """As the vendor's own tool takes it: YAML for kubectl, with comments, JSON for the others."""
    import json

    if rights.kind != "kubernetes":
        return "\n".join(json.dumps(one.body, indent=2) for one in rights.documents)
    return "\n".join([*_comment(rights.notes), *(_yaml(one) for one in rights.documents)])


def _beside(rights: Rights) -> Iterator[str]:
    for action, resource, only, _ in rights.lines:
        if only:
            yield f"{action} on {resource} is needed only {only}"
    yield from rights.notes


def _yaml(one: Document) -> str:
    plain = {key: value for key, value in one.body.items() if key != one.lines}
    parts = ["---", _dumped(plain)]
    if one.lines:
        parts.append(f"{one.lines}:")
        for line, only in zip(one.body[one.lines], one.only, strict=True):
            parts += _comment([f"only {only}"] if only else [])
            parts.append(_dumped([line]))
    return "\n".join(parts)


def _comment(texts: list[str] | tuple[str, ...]) -> list[str]:
    from textwrap import wrap

    return [f"# {line}" for text in texts for line in wrap(text, _WIDTH)]


def _dumped(value: Any) -> str:  # noqa: ANN401 - a piece of a document as it is
    import yaml

    return str(yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=_WIDTH)).rstrip("\n")
