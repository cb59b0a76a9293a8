"""`kubernetes.route`: sends traffic to the static fallback. The pods stay as they are, for forensics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.owners import keepers
from psfir.levers.kubernetes.parts import Seen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, shown, version, which

KINDS = ("service", "ingress", "http_route")


class Route(Fields):
    """One part: the selector of a Service, or the rules of an Ingress or of a Gateway's HTTPRoute."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.route",
        line="Points a Service, an Ingress or an HTTPRoute at the static fallback.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            Field("service", FieldType.TEXT, "the Service", required=False),
            Field("ingress", FieldType.TEXT, "or the Ingress", required=False),
            Field("http_route", FieldType.TEXT, "or the HTTPRoute", required=False),
        ),
        example={
            "lever": "kubernetes.route",
            "target": {"connection": "prod-eu", "namespace": "assistants", "ingress": "support"},
            "set": {"service": "support-static", "port": 80},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field("selector", FieldType.OBJECT, "a Service's: the labels of the fallback's pods", required=False),
            Field("service", FieldType.TEXT, "an Ingress's or HTTPRoute's: the fallback's Service", required=False),
            Field("port", FieldType.WHOLE, "and its port", required=False),
        ),
        permissions=(
            Permission("kubernetes", "get", "services"),
            Permission("kubernetes", "patch", "services"),
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "get", "networking.k8s.io/ingresses"),
            Permission("kubernetes", "patch", "networking.k8s.io/ingresses"),
            Permission("kubernetes", "get", "gateway.networking.k8s.io/httproutes"),
            Permission("kubernetes", "patch", "gateway.networking.k8s.io/httproutes"),
            Permission("kubernetes", "list", "argoproj.io/applications"),
        ),
        blast_radius="Everybody who comes by this way. Connections that are open may stay with the pods they are on.",
        undo="Puts the selector or the rules back as they were found, if they are still as psfir left them.",
        exact=True,
        vendor="kubernetes",
        propagation=10.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        kind = which(target, KINDS)
        where = path(kind, str(target["namespace"]), str(target[kind]))
        found = self._client.get(where, within=deadline.left)
        notes = keepers(self._client, where, found, within=deadline.left)
        return Seen({where: self.part(target, where, found)}, version(found), notes)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        kind = which(target, KINDS)
        ((where, part),) = before.items()
        if kind == "service":
            selector = settings.get("selector")
            if not isinstance(selector, Mapping) or not selector:
                raise UsageError("kubernetes.route is not told which pods", todo="say set: {selector: {app: ...}}")
            return {where: {"selector": dict(selector)}}
        service, port = settings.get("service"), settings.get("port")
        if not isinstance(service, str) or not isinstance(port, int) or isinstance(port, bool):
            raise UsageError("kubernetes.route is not told where to", todo="say set: {service: ..., port: 80}")
        make = _ingress if kind == "ingress" else _http_route
        return {where: make(part, service, port)}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        spec = found.get("spec") or {}
        if "/services/" in path:
            return {"selector": dict(spec.get("selector") or {})}
        if "/ingresses/" in path:
            return {"rules": spec.get("rules") or [], "default": spec.get("defaultBackend")}
        return {"rules": spec.get("rules") or []}

    def body(self, target: Target, path: str, part: Json) -> list[dict[str, Any]]:
        """Operations, since a merge would keep what is no longer to be in a selector."""
        names = {"selector": "selector", "rules": "rules", "default": "defaultBackend"}
        given = {names[key]: value for key, value in part.items() if value} if isinstance(part, Mapping) else {}
        return [{"op": "add", "path": f"/spec/{name}", "value": value} for name, value in given.items()]

    def name(self, path: str) -> str:
        return f"the way of {shown(path)}"


def _ingress(part: Mapping[str, Any], service: str, port: int) -> Json:
    backend: Json = {"service": {"name": service, "port": {"number": port}}}
    rules = []
    for rule in part["rules"]:
        paths = [{**one, "backend": backend} for one in at(rule, "http", "paths") or []]
        rules.append({**rule, "http": {**(rule.get("http") or {}), "paths": paths}} if paths else rule)
    return {"rules": rules, "default": backend if part["default"] else None}


def _http_route(part: Mapping[str, Any], service: str, port: int) -> Json:
    return {"rules": [{**rule, "backendRefs": [{"name": service, "port": port}]} for rule in part["rules"]]}
