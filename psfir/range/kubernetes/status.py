"""The API server's errors in its own words: each is a Status object, raised here and answered as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psfir.range.kubernetes.resources import Obj, Resource

Cause = Mapping[str, str]


class StatusError(Exception):
    """The request ends with this Status."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Obj | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = headers or {}
        self.body: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            **({"reason": reason} if reason else {}),
            **({} if details is None else {"details": details}),
            "code": code,
        }


def _details(resource: Resource, name: str, *, kind: str = "") -> Obj:
    found = {"name": name, "group": resource.group, "kind": kind or resource.plural}
    return {key: value for key, value in found.items() if value}


def not_found(resource: Resource, name: str) -> StatusError:
    message = f'{resource.qualified} "{name}" not found'
    return StatusError(404, "NotFound", message, details=_details(resource, name))


def no_such_path() -> StatusError:
    return StatusError(404, "NotFound", "the server could not find the requested resource", details={})


def no_such_method() -> StatusError:
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, details={})


def already_exists(resource: Resource, name: str) -> StatusError:
    message = f'{resource.qualified} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, details=_details(resource, name))


def stale(resource: Resource, name: str) -> StatusError:
    return conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
    )


def conflict(resource: Resource, name: str, why: str, *, kind: str = "") -> StatusError:
    message = f'Operation cannot be fulfilled on {kind or resource.qualified} "{name}": {why}'
    return StatusError(409, "Conflict", message, details=_details(resource, name, kind=kind))


def field_conflict(causes: Sequence[tuple[str, str]]) -> StatusError:
    """Server-side apply met fields of other managers: (who, field) of each."""
    by_owner: dict[str, list[str]] = {}
    for owner, where in causes:
        by_owner.setdefault(owner, []).append(where)
    plural = "s" if len(causes) > 1 else ""
    if len(causes) == 1:
        told = f"conflict with {causes[0][0]}: {causes[0][1]}"
    else:
        told = "\n".join(
            f"conflicts with {owner}:\n" + "\n".join(f"- {where}" for where in fields)
            for owner, fields in by_owner.items()
        )
    details = {
        "causes": [
            {"reason": "FieldManagerConflict", "message": f"conflict with {owner}", "field": where}
            for owner, where in causes
        ]
    }
    message = f"Apply failed with {len(causes)} conflict{plural}: {told}"
    return StatusError(409, "Conflict", message, details=details)


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> StatusError:
    """`causes` are reason, message and field of each fault that was found."""
    told = [f"{cause['field']}: {cause['message']}" for cause in causes]
    listed = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    return StatusError(
        422,
        "Invalid",
        f'{resource.qualified_kind} "{name}" is invalid: {listed}',
        details={**_details(resource, name, kind=resource.kind), "causes": [dict(cause) for cause in causes]},
    )


def patch_refused() -> StatusError:
    """All the server says of a JSON Patch that does not fit, a failed `test` among them."""
    message = "the server rejected our request due to an error in our request"
    return StatusError(422, "Invalid", message, details={})


def bad_request(message: str) -> StatusError:
    return StatusError(400, "BadRequest", message)


def unreadable(resource: Resource, why: str) -> StatusError:
    kind, version = resource.kind, resource.version
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def unknown_format(accepted: Sequence[str]) -> StatusError:
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
    return StatusError(415, "UnsupportedMediaType", message)


def unauthorized() -> StatusError:
    return StatusError(401, "Unauthorized", "Unauthorized")


def forbidden(resource: Resource, name: str, why: str) -> StatusError:
    named = f'{resource.qualified} "{name}"' if name else resource.qualified
    details = _details(resource, name)
    return StatusError(403, "Forbidden", f"{named} is forbidden: {why}", details=details)


def budget_refuses(budget: str, needed: int, healthy: int) -> StatusError:
    why = f"The disruption budget {budget} needs {needed} healthy pods and has {healthy} currently"
    return StatusError(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
        details={"causes": [{"reason": "DisruptionBudget", "message": why}]},
    )


def gone(asked: int, oldest: int) -> StatusError:
    return StatusError(410, "Expired", f"too old resource version: {asked} ({oldest})")


def timed_out() -> StatusError:
    """What comes back, late, when etcd does not answer; for a front to give."""
    message = "Timeout: request did not complete within requested timeout - context deadline exceeded"
    return StatusError(504, "Timeout", message, details={})
