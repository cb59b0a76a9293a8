"""The API: each request is identified, understood, allowed, carried out, and answered in the server's own form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psfir.domain.values import frozen
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import Access
from psfir.range.kubernetes.bodies import APPLY, applied, content_type, manager_required, patched
from psfir.range.kubernetes.discovery import discovered
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.registry import Registry
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.routing import Call, understood
from psfir.range.kubernetes.scale import scaled
from psfir.range.kubernetes.special import evicted, log_of, reviewed, token_for
from psfir.range.kubernetes.status import StatusError, bad_request, no_such_method, no_such_path
from psfir.range.kubernetes.watching import listed, picks, watched
from psfir.range.server import Asked, Reply

_CREATED = 201
_MUTES = frozenset({"create", "update", "patch", "delete", "deletecollection"})


@frozen
class Deed:
    """One call as it was answered; `wrote` if it changed what is stored or started to."""

    user: str
    verb: str
    resource: str
    namespace: str
    name: str
    manager: str
    code: int
    wrote: bool


class Api:
    """Answers requests. `said` holds what pods said: by namespace and pod, then by container."""

    def __init__(self, registry: Registry, access: Access) -> None:
        self.registry = registry
        self.access = access
        self.deeds: list[Deed] = []
        self.said: dict[tuple[str, str], dict[str, list[str]]] = {}

    def forget(self) -> None:
        """What was asked of it, and what pods said."""
        self.deeds.clear()
        self.said.clear()

    def __call__(self, asked: Asked) -> Reply:
        try:
            user = self.access.identify(asked.headers)
            found = discovered(asked.path)
            if found is not None:
                return Reply(body=found)
            call = understood(asked, user)
        except StatusError as error:
            return _told(error)
        reply = self._carried_out(call)
        self._note(call, reply)
        return reply

    def _carried_out(self, call: Call) -> Reply:
        try:
            self.access.require(call.user, call.wish, call.resource)
            if call.verb == "watch":
                return Reply(headers={"Content-Type": "application/json"}, stream=watched(call, self.registry.store))
            if call.sub == "log":
                return self._log(call)
            with self.registry.store.lock:
                body = self._subresource(call) if call.sub or call.resource in resources.REVIEWS else self._main(call)
            return Reply(_CREATED if call.verb == "create" else 200, body)
        except StatusError as error:
            return _told(error)

    def _subresource(self, call: Call) -> Obj:
        if call.resource in resources.REVIEWS:
            return reviewed(call, self.access)
        if call.sub == "scale":
            return scaled(call, self.registry)
        if call.sub == "eviction":
            return evicted(call, self.registry)
        if call.sub == "token":
            return token_for(call, self.registry, self.access)
        if call.sub == "status" and call.verb in {"get", "update", "patch"}:
            return self._main(call)
        raise no_such_path()

    def _main(self, call: Call) -> Obj:
        verbs: Mapping[str, Callable[[Call], Obj]] = {
            "get": lambda call: self.registry.get(call.resource, call.namespace, call.name),
            "list": lambda call: listed(call, self.registry.store),
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_all,
        }
        return verbs[call.verb](call)

    def _create(self, call: Call) -> Obj:
        if call.name:
            raise no_such_method()
        body = call.body()
        self._addressed(call, body)
        return self.registry.create(call.resource, body, writer=call.writer, dry_run=call.dry_run)

    def _update(self, call: Call) -> Obj:
        body = call.body()
        self.registry.get(call.resource, call.namespace, call.name)
        self._addressed(call, body)
        return self.registry.update(call.resource, body, writer=call.writer, dry_run=call.dry_run)

    def _patch(self, call: Call) -> Obj:
        if content_type(call) == APPLY:
            return self._apply(call)
        held = self.registry.get(call.resource, call.namespace, call.name)
        new = patched(call, held)
        self._addressed(call, new)
        return self.registry.update(call.resource, new, writer=call.writer, dry_run=call.dry_run)

    def _apply(self, call: Call) -> Obj:
        manager_required(call)
        held = self.registry.store.get(call.resource, call.namespace, call.name)
        if held is None:
            body = call.body()
            self._addressed(call, body)
            writer = Writer(call.manager, "Apply", call.writer.subresource)
            return self.registry.create(call.resource, body, writer=writer, dry_run=call.dry_run)
        new = applied(call, held)
        return self.registry.update(call.resource, new, writer=call.writer, dry_run=call.dry_run, owned=True)

    def _delete(self, call: Call) -> Obj:
        held = self.registry.get(call.resource, call.namespace, call.name)
        last = self.registry.delete(call.resource, held, how=call.removal, dry_run=call.dry_run)
        if call.resource == resources.PODS or "deletionTimestamp" in last["metadata"]:
            return last
        details = {"name": call.name, "group": call.resource.group, "kind": call.resource.plural}
        details["uid"] = last["metadata"]["uid"]
        told = {key: value for key, value in details.items() if value}
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": told}

    def _delete_all(self, call: Call) -> Obj:
        picked = picks(call)
        for obj in self.registry.store.all(call.resource, call.namespace):
            if picked(obj):
                self.registry.delete(call.resource, obj, how=call.removal, dry_run=call.dry_run)
        return listed(call, self.registry.store)

    def _log(self, call: Call) -> Reply:
        pod = self.registry.get(resources.PODS, call.namespace, call.name)
        text = log_of(call, pod, self.said.get((call.namespace, call.name), {}))
        return Reply(body=text, headers={"Content-Type": "text/plain"})

    @staticmethod
    def _addressed(call: Call, body: Obj) -> None:
        """Where the path and the object disagree, the request is refused."""
        if body.get("kind") not in (None, call.resource.kind):
            raise bad_request(
                f'{body["kind"]} in version "{call.resource.version}" cannot be handled as a {call.resource.kind}: '
                f'no kind "{body["kind"]}" is registered'
            )
        meta = body.setdefault("metadata", {})
        if meta.get("namespace") not in (None, "", call.namespace):
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        if call.namespace:
            meta["namespace"] = call.namespace
        if call.name and meta.setdefault("name", call.name) != call.name:
            raise bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL ({call.name})"
            )

    def _note(self, call: Call, reply: Reply) -> None:
        fine = reply.status < 400  # noqa: PLR2004 - HTTP's line between done and refused
        wrote = fine and call.verb in _MUTES and call.resource not in resources.REVIEWS and not call.dry_run
        wish = call.wish
        manager = call.manager if call.verb in _MUTES else ""
        self.deeds.append(
            Deed(call.user.name, wish.verb, wish.resource, wish.namespace, wish.name, manager, reply.status, wrote)
        )


def _told(error: StatusError) -> Reply:
    return Reply(error.code, error.body, headers=error.headers)
