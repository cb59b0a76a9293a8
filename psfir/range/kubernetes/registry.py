"""How objects come, change and go: what the server adds, counts and refuses, whoever asks, client or controller."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

from psfir.domain.values import frozen
from psfir.range.copies import copied
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.defaults import carry, fill
from psfir.range.kubernetes.fields import Path
from psfir.range.kubernetes.ownership import Writer, leaves, record
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.status import (
    already_exists,
    bad_request,
    conflict,
    forbidden,
    not_found,
    stale,
)
from psfir.range.kubernetes.store import Store, moment, owners
from psfir.range.kubernetes.trimming import trim
from psfir.range.kubernetes.validation import check, read

_KEPT = ("uid", "creationTimestamp", "generation", "name", "namespace", "deletionTimestamp")


@frozen
class Removal:
    """How to delete. `grace` None is the kind's own; `uid` and `version` are preconditions."""

    grace: int | None = None
    uid: str = ""
    version: str = ""
    propagation: str = "Background"


class Registry:
    """The rules between the API and the store. Callers that read to write hold `store.lock`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def get(self, resource: Resource, namespace: str, name: str) -> Obj:
        found = self.store.get(resource, namespace, name)
        if found is None:
            raise not_found(resource, name)
        return found

    def create(self, resource: Resource, obj: Obj, *, writer: Writer, dry_run: bool = False) -> Obj:
        with self.store.lock:
            new = self._named(resource, copied(obj))
            meta = new["metadata"]
            namespace = meta.get("namespace", "")
            read(resource, new)
            meta.update(uid=str(uuid4()), creationTimestamp=moment())
            if resource.tracked or resource == resources.PODS:
                meta["generation"] = 1
            if "status" in resource.subresources and resource != resources.PODS:
                new.pop("status", None)
            given = leaves(new)
            trim(resource, new)
            fill(resource, new)
            check(resource, new, None)
            if self.store.get(resource, namespace, meta["name"]) is not None:
                raise already_exists(resource, meta["name"])
            # Who applies owns what they said and nothing that was filled in.
            filled = leaves(new).keys() - given.keys() if writer.operation == "Apply" else ()
            record(None, new, writer, lost=filled)
            return new if dry_run else self.store.put(resource, new)

    def update(
        self,
        resource: Resource,
        new: Obj,
        *,
        writer: Writer,
        dry_run: bool = False,
        lost: Iterable[Path] = (),
        owned: bool = False,
    ) -> Obj:
        """`lost` fields end without an owner; `owned` says that `new` bears its managedFields already."""
        with self.store.lock:
            meta = new["metadata"]
            old = self.get(resource, meta.get("namespace", ""), meta["name"])
            new = self._carried(resource, old, copied(new), writer)
            if not owned:
                new["metadata"]["managedFields"] = old["metadata"].get("managedFields", [])
                record(old, new, writer, lost=lost)
            if not dry_run:
                new = self.store.put(resource, new)
                self._end(resource, new)
            return new

    def delete(self, resource: Resource, obj: Obj, *, how: Removal = Removal(), dry_run: bool = False) -> Obj:  # noqa: B008 - frozen
        """What was deleted, as it last was; with a deletionTimestamp if it lingers."""
        with self.store.lock:
            meta = obj["metadata"]
            self._preconditions(resource, meta, how)
            grace = self._grace(resource, obj, how)
            waits = grace > 0 or bool(meta.get("finalizers"))
            if dry_run:
                return obj
            if not waits:
                last = self.store.remove(resource, obj)
                self._dependents(last, how)
                return last
            if "deletionTimestamp" not in meta:
                meta["deletionTimestamp"] = moment()
                meta["deletionGracePeriodSeconds"] = grace
                return self.store.put(resource, obj)
            return obj

    def finish(self, resource: Resource, obj: Obj) -> None:
        """The end of what lingered: a pod whose containers are gone, a namespace that is empty."""
        with self.store.lock:
            held = self.store.get(resource, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
            if held and held["metadata"]["uid"] == obj["metadata"]["uid"] and not held["metadata"].get("finalizers"):
                self._dependents(self.store.remove(resource, held), Removal())

    def _named(self, resource: Resource, obj: Obj) -> Obj:
        meta = obj.setdefault("metadata", {})
        obj["apiVersion"], obj["kind"] = resource.api_version, resource.kind
        if meta.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + uuid4().hex[:5]
        if not resource.namespaced:
            meta.pop("namespace", None)
            return obj
        namespace = meta.setdefault("namespace", "default")
        space = self.store.get(resources.NAMESPACES, "", namespace)
        if space is None:
            raise not_found(resources.NAMESPACES, namespace)
        if "deletionTimestamp" in space["metadata"]:
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise forbidden(resource, meta.get("name", ""), why)
        return obj

    def _carried(self, resource: Resource, old: Obj, new: Obj, writer: Writer) -> Obj:
        was, meta = old["metadata"], new["metadata"]
        if meta.get("resourceVersion") not in (None, "", was["resourceVersion"]):
            raise stale(resource, was["name"])
        if meta.get("uid") not in (None, "", was["uid"]):
            raise conflict(
                resource,
                was["name"],
                f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: {was['uid']}",
            )
        new["apiVersion"], new["kind"] = old["apiVersion"], old["kind"]
        meta |= {key: was[key] for key in _KEPT if key in was} | {"resourceVersion": was["resourceVersion"]}
        if "status" in resource.subresources:
            self._halves(old, new, status=writer.subresource == "status")
        read(resource, new)
        trim(resource, new)
        carry(resource, old, new)
        fill(resource, new)
        check(resource, new, old)
        if "generation" in was and new.get("spec") != old.get("spec"):
            meta["generation"] = was["generation"] + 1
        return new

    @staticmethod
    def _halves(old: Obj, new: Obj, *, status: bool) -> None:
        """Through the status subresource only status changes, and through the object itself all but status."""
        kept = [key for key in {*old, *new} if (key == "status") is not status and key != "metadata"]
        for key in kept:
            new.pop(key, None)
            if key in old:
                new[key] = copied(old[key])

    def _end(self, resource: Resource, obj: Obj) -> None:
        meta = obj["metadata"]
        held_back = meta.get("finalizers") or meta.get("deletionGracePeriodSeconds")
        if "deletionTimestamp" in meta and not held_back and resource != resources.NAMESPACES:
            self._dependents(self.store.remove(resource, obj), Removal())

    @staticmethod
    def _preconditions(resource: Resource, meta: Obj, how: Removal) -> None:
        if how.uid and how.uid != meta["uid"]:
            why = (
                f"the UID in the precondition ({how.uid}) does not match the UID in record ({meta['uid']}). "
                "The object might have been deleted and then recreated"
            )
            raise conflict(resource, meta["name"], why, kind=resource.kind)
        if how.version and how.version != meta["resourceVersion"]:
            why = (
                f"the ResourceVersion in the precondition ({how.version}) does not match the ResourceVersion in record "
                f"({meta['resourceVersion']}). The object might have been modified"
            )
            raise conflict(resource, meta["name"], why, kind=resource.kind)

    @staticmethod
    def _grace(resource: Resource, obj: Obj, how: Removal) -> int:
        if resource == resources.NAMESPACES:
            return 1
        if resource != resources.PODS or not obj["spec"].get("nodeName"):
            return 0
        if obj.get("status", {}).get("phase") in {"Succeeded", "Failed"}:
            return 0
        return int(obj["spec"].get("terminationGracePeriodSeconds", 30) if how.grace is None else how.grace)

    def _dependents(self, owner: Obj, how: Removal) -> None:
        """What named it as an owner goes too, or is let go where the deletion says Orphan."""
        uid = owner["metadata"]["uid"]
        for resource, obj in self.store.everything(where=lambda obj: uid in owners(obj)):
            refs = obj["metadata"]["ownerReferences"]
            others = [ref for ref in refs if ref["uid"] != uid]
            if how.propagation == "Orphan" or others:
                obj["metadata"]["ownerReferences"] = others
                self.store.put(resource, obj)
            else:
                self.delete(resource, obj)
