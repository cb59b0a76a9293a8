"""SageMaker's endpoints with their variants: weights that take a while to change, and requests that go by them.

moto has them too, and changes them at once: it knows no update under way, and takes whatever a change leaves out for
nothing. `settling` is how many seconds an update lasts, `fails` why the next one does not succeed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

from psfir.range.aws.gate import Gate
from psfir.range.aws.modelled import Handler, Keeping, Modelled, No
from psfir.range.aws.moto import ACCOUNT, REGION

_INVALID = "ValidationException"
_GOLDEN = 0.618034


@dataclass
class Variant:
    """`weight` and `count` are what there is, `wanted` what an update will make of them."""

    weight: float
    count: int
    wanted: tuple[float, int]

    def to_json(self, name: str) -> dict[str, Any]:
        counts = {"CurrentInstanceCount": self.count, "DesiredInstanceCount": self.wanted[1]}
        return {"VariantName": name, "CurrentWeight": self.weight, "DesiredWeight": self.wanted[0], **counts}


@dataclass
class Endpoint:
    config: str
    made: float
    variants: dict[str, Variant]
    status: str = "InService"
    until: float = 0.0
    failing: str = ""
    failed: str = ""
    invoked: list[str] = field(default_factory=list)


class SageMaker(Keeping):
    """Endpoints by name. Models, and whatever else SageMaker has, are moto's."""

    service: ClassVar[str] = "sagemaker"

    def begin(self) -> None:
        self._configs: dict[str, list[dict[str, Any]]] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self._places = count(1)
        self.settling = 0.0
        self.fails = ""

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateEndpointConfig": self._create_config,
            "CreateEndpoint": self._create,
            "DescribeEndpoint": self._describe,
            "UpdateEndpoint": self._exchange,
            "UpdateEndpointWeightsAndCapacities": self._update,
            "DeleteEndpoint": self._delete,
        }

    def resources(self, operation: str, params: Mapping[str, Any]) -> Iterable[str]:
        if operation == "CreateEndpointConfig":
            return (f"endpoint-config/{params['EndpointConfigName']}",)
        return (f"endpoint/{params['EndpointName']}",)

    def at(self, name: str) -> Endpoint:
        """As it is by now."""
        with self.lock:
            if name not in self.endpoints:
                raise No(_INVALID, f'Could not find endpoint "{_arn(name)}".')
            found = self.endpoints[name]
            if found.status == "Updating" and found.until <= self.now:
                self._settle(found)
            return found

    def invoke(self, name: str, variant: str) -> str:
        """Which variant answers: the one that was asked for, or one by its weight among all."""
        with self.lock:
            found = self.at(name)
            if variant and variant not in found.variants:
                raise No("ValidationError", f"There is no variant {variant}")
            found.invoked.append(variant or self._drawn(found))
            return found.invoked[-1]

    def _drawn(self, found: Endpoint) -> str:
        left = next(self._places) * _GOLDEN % 1 * sum(one.weight for one in found.variants.values())
        for name, one in found.variants.items():
            left -= one.weight
            if left < 0:
                return name
        raise No("ValidationError", "No variant of the endpoint has any weight")

    def _create_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        name = str(params["EndpointConfigName"])
        with self.lock:
            self._configs[name] = list(params["ProductionVariants"])
        return {"EndpointConfigArn": _arn(name, "endpoint-config")}

    def _create(self, params: Mapping[str, Any]) -> dict[str, Any]:
        name, config = str(params["EndpointName"]), str(params["EndpointConfigName"])
        with self.lock:
            self.endpoints[name] = Endpoint(config, self.now, self._variants(config))
        return {"EndpointArn": _arn(name)}

    def _variants(self, config: str) -> dict[str, Variant]:
        if config not in self._configs:
            raise No(_INVALID, f'Could not find endpoint configuration "{_arn(config, "endpoint-config")}".')
        made = {}
        for one in self._configs[config]:
            weight, number = float(one.get("InitialVariantWeight", 1.0)), int(one.get("InitialInstanceCount", 1))
            made[str(one["VariantName"])] = Variant(weight, number, (weight, number))
        return made

    def _describe(self, params: Mapping[str, Any]) -> dict[str, Any]:
        name = str(params["EndpointName"])
        with self.lock:
            found = self.at(name)
            names = {"EndpointName": name, "EndpointArn": _arn(name), "EndpointConfigName": found.config}
            variants = [one.to_json(each) for each, one in found.variants.items()]
            times = {"CreationTime": found.made, "LastModifiedTime": found.made}
            why = {"FailureReason": found.failed} if found.failed else {}
            return {**names, "EndpointStatus": found.status, "ProductionVariants": variants, **times, **why}

    def _exchange(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """To another configuration, with other variants; at once."""
        name, config = str(params["EndpointName"]), str(params["EndpointConfigName"])
        with self.lock:
            found = self._free(name)
            found.config, found.variants = config, self._variants(config)
        return {"EndpointArn": _arn(name)}

    def _update(self, params: Mapping[str, Any]) -> dict[str, Any]:
        name, wanted = str(params["EndpointName"]), params["DesiredWeightsAndCapacities"]
        with self.lock:
            found = self._free(name)
            names = [str(one["VariantName"]) for one in wanted]
            if missing := [each for each in names if each not in found.variants]:
                said = f'The variant name(s) "{", ".join(missing)}" is/are not present within endpoint configuration'
                raise No(_INVALID, f'{said} "{found.config}".')
            weights = {each: one.weight for each, one in found.variants.items()}
            weights |= {
                str(one["VariantName"]): float(one["DesiredWeight"]) for one in wanted if "DesiredWeight" in one
            }
            if not any(weights.values()):
                raise No(_INVALID, "The weights of the variants must not add up to zero.")
            for one in wanted:
                there = found.variants[str(one["VariantName"])]
                there.wanted = weights[str(one["VariantName"])], int(one.get("DesiredInstanceCount", there.count))
            found.status, found.until, found.failed = "Updating", self.now + self.settling, ""
            found.failing, self.fails = self.fails, ""
            self.at(name)
        return {"EndpointArn": _arn(name)}

    def _delete(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.at(str(params["EndpointName"]))
            del self.endpoints[str(params["EndpointName"])]
        return {}

    def _free(self, name: str) -> Endpoint:
        found = self.at(name)
        if found.status != "InService":
            raise No(_INVALID, f'Cannot update in-progress endpoint "{_arn(name)}".')
        return found

    def _settle(self, found: Endpoint) -> None:
        """An update that fails leaves everything as it was, and says why."""
        found.status, found.failed, found.failing = "InService", found.failing, ""
        for one in found.variants.values():
            if found.failed:
                one.wanted = one.weight, one.count
            one.weight, one.count = one.wanted


class Invocations(Modelled):
    """Every variant answers with its own name."""

    service: ClassVar[str] = "sagemaker-runtime"

    def __init__(self, gate: Gate, behind: SageMaker) -> None:
        super().__init__(gate)
        self._behind = behind

    def handlers(self) -> Mapping[str, Handler]:
        return {"InvokeEndpoint": self._invoke}

    def resources(self, operation: str, params: Mapping[str, Any]) -> Iterable[str]:
        del operation
        return (f"endpoint/{params['EndpointName']}",)

    def _invoke(self, params: Mapping[str, Any]) -> dict[str, Any]:
        name, aimed = str(params["EndpointName"]), str(params.get("TargetVariant", ""))
        try:
            variant = self._behind.invoke(name, aimed)
        except No as error:
            raise No("ValidationError", str(error)) from error
        body = json.dumps({"variant": variant}).encode()
        return {"Body": body, "ContentType": "application/json", "InvokedProductionVariant": variant}


def _arn(name: str, kind: str = "endpoint") -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"
