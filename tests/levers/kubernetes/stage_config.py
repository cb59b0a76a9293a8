"""The stages of `kubernetes.config`: a key of a ConfigMap with the Deployment that reads it, and a variable."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.kubernetes.config import Config
from psfir.range.kubernetes.layouts import config_map, deployment
from psfir.range.kubernetes.resources import CONFIG_MAPS, DEPLOYMENTS, Obj
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage

ENV = {"MODEL": "large", "TOOLS": "on"}


class ConfigStage(ClusterStage):
    name = "kubernetes.config"
    make = Config
    target: Mapping[str, Json] = Config.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"value": "small"}
    mode = Mode.DEGRADE
    pull = 2

    def lay_out(self) -> None:
        self.cluster.put(deployment(NAME, namespace=NAMESPACE, env=ENV))
        self.cluster.put(config_map(NAME, namespace=NAMESPACE, data=ENV))

    def pulled(self) -> bool:
        marks = self.template()["metadata"].get("annotations") or {}
        return self.get(CONFIG_MAPS)["data"]["MODEL"] == "small" and "psfir.dev/set" in marks

    def disturb(self) -> None:
        self.edit(CONFIG_MAPS, {"data": {"MODEL": "medium"}})

    def template(self) -> Obj:
        template: Obj = self.get(DEPLOYMENTS)["spec"]["template"]
        return template

    def env(self) -> list[Obj]:
        found: list[Obj] = self.template()["spec"]["containers"][0]["env"]
        return found


class VariableStage(ConfigStage):
    name = "kubernetes.config of a variable"
    target: Mapping[str, Json] = {
        "connection": "prod-eu",
        "namespace": NAMESPACE,
        "deployment": NAME,
        "container": NAME,
        "env": "MODEL",
    }
    pull = 1

    def pulled(self) -> bool:
        return {"name": "MODEL", "value": "small"} in self.env()

    def disturb(self) -> None:
        (container,) = self.template()["spec"]["containers"]
        env = [{"name": "MODEL", "value": "medium"}, {"name": "TOOLS", "value": "on"}]
        self.edit(DEPLOYMENTS, {"spec": {"template": {"spec": {"containers": [{**container, "env": env}]}}}})


STAGES = (ConfigStage, VariableStage)
