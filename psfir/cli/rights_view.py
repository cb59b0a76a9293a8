"""What `psfir lever permissions` shows: for each connection who needs what, and the document that gives just that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from psfir.cli.show import columns, heading

if TYPE_CHECKING:
    from psfir.app.rights import Derived, Rights

_CALLED = {
    "kubernetes": "kubectl apply -f -",
    "aws": "an IAM policy",
    "launchdarkly": "a custom role",
    "unleash": "a custom role for each project",
}


def page(derived: Derived) -> Iterator[tuple[str, bool]]:
    """Lines, and whether one is to be shown just as it is."""
    for number, rights in enumerate(derived.connections):
        if number:
            yield "", False
        yield heading(f"{rights.connection} ({rights.kind or 'not in psfir.yaml'})"), False
        lines = [(one["action"], one["resource"], ", ".join(one["by"])) for one in rights.to_json()["rights"]]
        for line in columns(lines):
            yield line, False
        if rights.documents:
            yield heading(_CALLED[rights.kind]), False
            for line in document(rights).splitlines():
                yield line, True
    if not derived.connections and not derived.broken:
        yield "no runbook here needs any; psfir init lays out some", False


def document(rights: Rights) -> str:
    """As the vendor's own tool takes it: YAML for kubectl, JSON for the others."""
    import json

    import yaml

    if rights.kind == "kubernetes":
        return yaml.safe_dump_all(rights.documents, sort_keys=False, explicit_start=True).rstrip("\n")
    return "\n".join(json.dumps(one, indent=2) for one in rights.documents)
