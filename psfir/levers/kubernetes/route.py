"""`kubernetes.route`: sends traffic to the static fallback. The pods stay as they are, for forensics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import LOOKING, WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Outcome
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter
from psfir.errors import Denied, NoSuchTarget, PsfirError, UsageError
from psfir.levers.kubernetes.ahead import failed
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.owners import KNOW_ARGO, keepers
from psfir.levers.kubernetes.parts import Seen, parts
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, shown, version, which

KINDS = ("service", "ingress", "http_route")
_ACTIONS = (("get", LOOKING), ("patch", WRITING))
_INGRESS = "networking.k8s.io/ingresses/{ingress}"
_ROUTE = "gateway.networking.k8s.io/httproutes/{http_route}"
_MEET = "to see that what they are sent to is there"


def _elsewhere(said: Mapping[str, Json]) -> bool:
    """To another Service, and not to other pods of the same."""
    return not said.get("selector")


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
            Field("hosts", FieldType.TEXTS, "of an Ingress only these hosts; default everything", required=False),
        ),
        one_of=KINDS,
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
            *(Permission("kubernetes", action, "services/{service}", phases) for action, phases in _ACTIONS),
            *(Permission("kubernetes", action, _INGRESS, phases) for action, phases in _ACTIONS),
            *(Permission("kubernetes", action, _ROUTE, phases) for action, phases in _ACTIONS),
            Permission("kubernetes", "get", "services/{set.service}", (Phase.READ, Phase.KILL), _MEET, _elsewhere),
            Permission("kubernetes", "list", "argoproj.io/applications", only=KNOW_ARGO),
        ),
        blast_radius="Everybody who comes by this way. Connections that are open may stay with the pods they are on.",
        undo="Puts the selector or the rules back as they were found, if they are still as psfir left them.",
        exact=True,
        vendor="kubernetes",
        propagation=10.0,
    )

    spare = ("get services",)

    def look(self, target: Target, deadline: Deadline) -> Seen:
        kind = which(target, KINDS)
        where = path(kind, str(target["namespace"]), str(target[kind]))
        found = self._client.get(where, within=deadline.left)
        part = self.part(target, where, found)
        if at(found, "spec", "type") == "ExternalName" or not _leads(part):
            what = f"{shown(where)} leads to nothing that could be another: no selector, no backend"
            raise NoSuchTarget(what, where=self._client.where, todo="see what it leads to, and change that")
        keep = keepers(self._client, where, found, within=deadline.left)
        return Seen({where: part}, version(found), undone_by=keep)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        kind = which(target, KINDS)
        ((where, part),) = before.items()
        if kind == "service":
            selector = settings.get("selector")
            if not isinstance(selector, Mapping) or not selector:
                raise UsageError("kubernetes.route is not told which pods", todo="say set: {selector: {app: ...}}")
            return {where: {"selector": {key: str(value) for key, value in selector.items()}}}
        service, port = settings.get("service"), settings.get("port")
        if not isinstance(service, str) or not isinstance(port, int) or isinstance(port, bool):
            raise UsageError("kubernetes.route is not told where to", todo="say set: {service: ..., port: 80}")
        if kind == "ingress":
            return {where: _ingress(part, service, port, _hosts(target, part))}
        return {where: _http_route(part, service, port)}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> dict[str, Json]:
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

    def apply(self, change: Change, *, within: float) -> Outcome:
        """Nobody is sent to a fallback that is not there."""
        deadline, namespace = Deadline(within), str(change.target["namespace"])
        for service, port in _backends(parts(change.after)) - _backends(parts(change.before)):
            self._meet(namespace, service, port, deadline)
        return super().apply(change, within=deadline.left)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        deadline = Deadline(within)
        found = super().check(target, settings, within=deadline.left)
        service, port = settings.get("service"), settings.get("port")
        if target.get("service") or not isinstance(service, str):
            return found
        try:
            self._meet(str(target["namespace"]), service, port, deadline)
        except PsfirError as error:
            return [*found, failed(Matter.TARGET, error)]
        return found

    def _meet(self, namespace: str, service: str, port: Json, deadline: Deadline) -> None:
        """Return if the Service has that port; not to be allowed to look is no reason not to send customers there."""
        todo = "make it, or name another under set:"
        try:
            found = self._client.get(path("service", namespace, service), within=deadline.left)
        except Denied:
            return
        except NoSuchTarget:
            what = f"service {service}, which customers would be sent to, is not there"
            raise NoSuchTarget(what, where=self._client.where, todo=todo) from None
        ports = [one.get("port") for one in at(found, "spec", "ports") or []]
        if ports and port not in ports:
            what = f"service {service}, which customers would be sent to, has no port {port}"
            raise NoSuchTarget(what, where=self._client.where, todo=f"it has {', '.join(map(str, ports))}")


def _leads(part: Mapping[str, Any]) -> bool:
    """Whether there is a selector, a default or a rule that sends somebody somewhere."""
    if part.get("selector") or part.get("default"):
        return True
    rules = part.get("rules") or []
    return any(at(rule, "http", "paths") if "default" in part else not _redirects(rule) for rule in rules)


def _hosts(target: Target, part: Mapping[str, Any]) -> list[str] | None:
    """None for all of them, and for what comes by no host."""
    named = target.get("hosts")
    if not isinstance(named, list | tuple) or not named:
        return None
    there = {str(rule.get("host", "")) for rule in at(part, "rules") or []}
    missing = [str(host) for host in named if host not in there]
    if missing:
        raise UsageError(f"the Ingress has no host {', '.join(missing)}", todo=f"it has {', '.join(sorted(there))}")
    return [str(host) for host in named]


def _ingress(part: Mapping[str, Any], service: str, port: int, hosts: list[str] | None) -> Json:
    backend: Json = {"service": {"name": service, "port": {"number": port}}}
    rules, default = [], at(part, "default")
    for rule in at(part, "rules") or []:
        paths = [{**one, "backend": backend} for one in at(rule, "http", "paths") or []]
        meant = paths and (hosts is None or rule.get("host") in hosts)
        rules.append({**rule, "http": {**rule["http"], "paths": paths}} if meant else rule)
    return {"rules": rules, "default": backend if default and hosts is None else default}


def _http_route(part: Mapping[str, Any], service: str, port: int) -> Json:
    """As the server would fill it in, so that what is read afterwards is what was written."""
    backend: Json = {"group": "", "kind": "Service", "name": service, "port": port, "weight": 1}
    rules = at(part, "rules") or []
    return {"rules": [rule if _redirects(rule) else {**rule, "backendRefs": [backend]} for rule in rules]}


def _backends(found: Mapping[str, Any]) -> set[tuple[str, int]]:
    """The Services that the rules of an Ingress or an HTTPRoute lead to, with their ports."""
    ends: list[tuple[Any, Any]] = []
    for part in found.values():
        rules = at(part, "rules") or []
        paths = [one.get("backend") for rule in rules for one in at(rule, "http", "paths") or []]
        to = [at(one, "service") for one in (*paths, at(part, "default"))]
        ends += [(at(one, "name"), at(one, "port", "number")) for one in to]
        ends += [(one.get("name"), one.get("port")) for rule in rules for one in rule.get("backendRefs") or []]
    return {(name, port) for name, port in ends if isinstance(name, str) and isinstance(port, int)}


def _redirects(rule: Mapping[str, Any]) -> bool:
    """Such a rule sends nobody to a backend, and may name none."""
    return any(one.get("type") == "RequestRedirect" for one in rule.get("filters") or [])
