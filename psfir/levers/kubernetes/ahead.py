"""What would be in the way tonight, asked of the API server beforehand: one access review a permission, and a look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from psfir.contracts import Target
from psfir.domain.about import RESTORING, LeverAbout
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.values import frozen
from psfir.errors import Busy, NoAnswer, PsfirError, Unreachable
from psfir.levers.kubernetes.owners import APPLICATIONS, serves
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import ROOTS

PATIENCE, _PAUSE = 1.0, 0.2
"""A role that was bound a moment ago is not always honoured at once."""

_UNSEEN = (Unreachable, Busy, NoAnswer)
_UNDOING = ("hpa", "scaled_object", "application")
"""Kinds that many clusters have none of: what may not be done to them stands in the way only where there is one."""


def _resource(root: str) -> str:
    """The resource of a path as permissions word it: `apps/deployments`, and `pods` in the core group."""
    parts = root.split("/")
    return f"{parts[2]}/{parts[-1]}" if parts[1] == "apis" else parts[-1]


Instead: TypeAlias = Callable[[str], str | None]
_ROOTS = {**ROOTS, "application": APPLICATIONS}
_KIND = {_resource(root): kind for kind, root in _ROOTS.items()}


@frozen
class Need:
    """One permission as it is asked for here. `vital`: without it the pull fails. `back`: only restoring needs it."""

    action: str
    resource: str
    kind: str
    namespace: str
    name: str
    vital: bool
    back: bool = False

    def attributes(self, sub: str = "") -> dict[str, str]:
        group, _, resource = self.resource.rpartition("/")
        told = {"verb": self.action, "group": group, "resource": resource, "subresource": sub}
        return {**told, "namespace": self.namespace, "name": self.name}

    @property
    def path(self) -> str:
        root = _ROOTS[self.kind].format(namespace=self.namespace)
        return f"{root}/{self.name}" if self.name else root

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"

    @property
    def where(self) -> str:
        return f"in namespace {self.namespace}" if self.namespace else "in all namespaces"


def needs(about: LeverAbout, target: Target, written: Sequence[str], spare: Sequence[str]) -> Iterator[Need]:
    """The permissions that this target takes. `written` are the paths that would be, `spare` what is nice to have."""
    kinds = {_KIND.get(_resource(where.rpartition("/")[0])) for where in written}
    for one in about.permissions:
        resource, _, field = one.resource.partition("/{")
        name = target.get(field.rstrip("}"))
        if field and not name:
            continue  # one of several kinds, of which the target names another
        kind = _KIND[resource]
        namespace = "" if kind == "application" else str(target["namespace"])
        vital = f"{one.action} {resource}" not in spare and (kind not in _UNDOING or kind in kinds)
        vital = vital and not (kind in _UNDOING and one.action == "list")
        back = one.phases == RESTORING
        yield Need(one.action, resource, kind, namespace, str(name or ""), vital and not back, back)


class Ahead:
    """All questions about one rung, within one deadline. Nothing is changed."""

    def __init__(self, client: KubernetesClient, deadline: Deadline) -> None:
        self._client = client
        self._deadline = deadline

    def credential(self) -> Finding:
        """Whoever may ask what they may do is known to the server."""
        try:
            self._client.may({"verb": "get", "resource": "pods"}, within=self._deadline.left)
        except PsfirError as error:
            return failed(Matter.CREDENTIAL, error)
        return Finding(Matter.CREDENTIAL, Ready.READY, "the API server knows the credential")

    def permissions(self, wanted: Sequence[Need], instead: Instead) -> list[Finding]:
        """One finding for all that is allowed, and one for each that is not."""
        try:
            denied = self._denied(wanted)
            told = [self._told(one, instead) for one in denied]
        except PsfirError as error:
            return [failed(Matter.PERMISSION, error)]
        found = [one for one in told if one is not None]
        if allowed := ", ".join(str(one) for one in wanted if one not in denied):
            found.insert(0, Finding(Matter.PERMISSION, Ready.READY, f"the credential may {allowed}"))
        return found

    def _denied(self, wanted: Sequence[Need]) -> list[Need]:
        patience = Deadline(min(PATIENCE, self._deadline.left))
        denied = [one for one in wanted if not self._may(one)]
        while denied and patience.left > 0:
            patience.pause(_PAUSE)
            denied = [one for one in denied if not self._may(one)]
        return denied

    def _told(self, need: Need, instead: Instead) -> Finding | None:
        says, todo = f"the credential may not {need} {need.where}", f"allow it to {need} {need.where}"
        other = (instead(need.path) or "").removeprefix(f"{need.path}/")
        if other and self._may(need, other):
            says = f"{says}, but may do so to its {other}, which is enough"
            return Finding(Matter.PERMISSION, Ready.BEWARE, says, todo)
        if need.back:
            return Finding(Matter.PERMISSION, Ready.BEWARE, f"{says}: putting it back needs that", todo)
        if need.vital:
            return Finding(Matter.PERMISSION, Ready.WOULD_FAIL, says, todo)
        if not serves(self._client, need.path, self._deadline):
            return None
        return Finding(Matter.PERMISSION, Ready.BEWARE, f"{says}: it is needed where there is one", todo)

    def _may(self, need: Need, sub: str = "") -> bool:
        return self._client.may(need.attributes(sub), within=self._deadline.left)


def failed(matter: Matter, error: PsfirError) -> Finding:
    """What cannot be seen now is not known; any other error is one that the rung would meet tonight."""
    ready = Ready.COULD_NOT_TELL if isinstance(error, _UNSEEN) else Ready.WOULD_FAIL
    return Finding(matter, ready, error.what, error.todo)


def undone_by(notes: Sequence[str]) -> list[Finding]:
    found = [Finding(Matter.UNDONE_BY, Ready.BEWARE, note) for note in notes]
    return found or [Finding(Matter.UNDONE_BY, Ready.READY, "nobody is known who would undo it")]
