"""The stages of `kubernetes.route`: a Service, an Ingress with two hosts and a default, and an HTTPRoute."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.levers.kubernetes.route import Route
from psfir.range.kubernetes.layouts import http_route, ingress, service
from psfir.range.kubernetes.resources import HTTP_ROUTES, INGRESSES, SERVICES, Obj
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage

STATIC = "support-static"
WHERE: Mapping[str, Json] = {"connection": "prod-eu", "namespace": NAMESPACE}
SELECTOR = {"app": NAME, "tier": "ai"}


def backend(name: str) -> Obj:
    return {"service": {"name": name, "port": {"number": 80}}}


class ServiceStage(ClusterStage):
    name = "kubernetes.route of a Service"
    make = Route
    target: Mapping[str, Json] = {**WHERE, "service": NAME}
    settings: Mapping[str, Json] = {"selector": {"app": STATIC}}

    def lay_out(self) -> None:
        self.cluster.put(service(NAME, namespace=NAMESPACE, selector=SELECTOR))

    def pulled(self) -> bool:
        return bool(self.get(SERVICES)["spec"]["selector"] == {"app": STATIC})

    def disturb(self) -> None:
        self.edit(SERVICES, {"spec": {"selector": {"tier": "other"}}})


class IngressStage(ClusterStage):
    name = "kubernetes.route of an Ingress"
    make = Route
    target: Mapping[str, Json] = Route.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"service": STATIC, "port": 80}

    def lay_out(self) -> None:
        made = ingress("support", namespace=NAMESPACE, backend=NAME)
        (rule,) = made["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        rule["http"]["paths"] = [path, {**path, "path": "/chat"}]
        made["spec"]["rules"].append({**rule, "host": "help.example"})
        made["spec"]["defaultBackend"] = backend(NAME)
        self.cluster.put(made, service(STATIC, namespace=NAMESPACE))

    def backends(self) -> dict[str, list[str]]:
        """The names of the Services, by host; that of the default under no host."""
        spec = self.get(INGRESSES, "support")["spec"]
        rules = {r["host"]: [p["backend"]["service"]["name"] for p in r["http"]["paths"]] for r in spec["rules"]}
        return {**rules, "": [spec["defaultBackend"]["service"]["name"]]}

    def pulled(self) -> bool:
        wanted = {"support.example": [STATIC] * 2, "help.example": [STATIC] * 2, "": [STATIC]}
        return self.backends() == wanted

    def disturb(self) -> None:
        self.edit(INGRESSES, {"spec": {"defaultBackend": backend("other")}}, "support")


class HttpRouteStage(ClusterStage):
    name = "kubernetes.route of an HTTPRoute"
    make = Route
    target: Mapping[str, Json] = {**WHERE, "http_route": NAME}
    settings: Mapping[str, Json] = {"service": STATIC, "port": 80}

    def lay_out(self) -> None:
        made = http_route(NAME, namespace=NAMESPACE, backend=NAME)
        canary = {"name": f"{NAME}-canary", "port": 80, "weight": 9}
        made["spec"]["rules"][0]["backendRefs"].append(canary)
        redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
        made["spec"]["rules"].append({"filters": [redirect]})
        self.cluster.put(made, service(STATIC, namespace=NAMESPACE))

    def rules(self) -> list[Obj]:
        rules: list[Obj] = self.get(HTTP_ROUTES)["spec"]["rules"]
        return rules

    def pulled(self) -> bool:
        first, last = self.rules()
        return [one["name"] for one in first["backendRefs"]] == [STATIC] and "backendRefs" not in last

    def disturb(self) -> None:
        first, last = self.rules()
        self.edit(HTTP_ROUTES, {"spec": {"rules": [{**first, "backendRefs": [{"name": "other", "port": 80}]}, last]}})


STAGES = (ServiceStage, IngressStage, HttpRouteStage)
