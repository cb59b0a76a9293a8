"""What a PATCH makes of an object, by the content type it comes with."""

from __future__ import annotations

from psfir.range.kubernetes.ownership import Writer, apply
from psfir.range.kubernetes.patches import json_patch, merge, strategic
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.routing import Call
from psfir.range.kubernetes.status import StatusError, bad_request, unknown_format

APPLY = "application/apply-patch+yaml"
JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def content_type(call: Call) -> str:
    told = call.asked.headers.get("content-type", "").split(";")[0].strip()
    accepted = [JSON, MERGE, *([STRATEGIC] if call.resource.native else []), APPLY]
    if told not in accepted:
        raise unknown_format(accepted)
    return told


def patched(call: Call, held: Obj) -> Obj:
    """The object after a JSON, merge or strategic patch."""
    kind, body = content_type(call), call.parsed()
    if kind == JSON:
        if not isinstance(body, list):
            raise bad_request(
                "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"
            )
        return json_patch(held, body)
    if not isinstance(body, dict):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    return merge(held, body) if kind == MERGE else strategic(held, body)


def applied(call: Call, held: Obj) -> Obj:
    """The object after server-side apply."""
    config = call.body()
    if (config.get("metadata") or {}).get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    version = (config.get("metadata") or {}).get("resourceVersion")
    force = call.query.get("force", "").lower() == "true"
    result = apply(held, config, Writer(call.manager, "Apply", call.writer.subresource), force=force)
    if version:
        result["metadata"]["resourceVersion"] = version
    return result


def manager_required(call: Call) -> None:
    """An apply that does not say in whose name is refused."""
    if not call.query.get("fieldManager"):
        told = "Required value: is required for apply patch"
        raise StatusError(
            422,
            "Invalid",
            f'PatchOptions.meta.k8s.io "" is invalid: fieldManager: {told}',
            details={
                "group": "meta.k8s.io",
                "kind": "PatchOptions",
                "causes": [{"reason": "FieldValueRequired", "message": told, "field": "fieldManager"}],
            },
        )
