"""`aws.sagemaker_endpoint`: which of an endpoint's production variants answers, by their weights.

A variant that the rung does not name gets nothing: one that was forgotten must not go on serving. All of them at
nothing is refused, since SageMaker tells nowhere what becomes of requests then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.domain.near import near
from psfir.errors import Busy, Declined, NoSuchTarget, Refusal, UsageError
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.settable import Seen, Settable
from psfir.vendors.aws import Deadline

_ENDPOINT = "arn:aws:sagemaker:*:*:endpoint/{endpoint}"
_CHANGING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
_NOT_THERE = frozenset({"OutOfService", "Deleting", "Failed"})
_MISSING = "Could not find"


class SageMakerEndpoint(Settable):
    """The state is `weights`, by variant: what was asked for last, to which an update may still be on its way."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.sagemaker_endpoint",
        line="Sends a SageMaker endpoint's requests to other production variants, by weight.",
        connects=("aws",),
        target=(Field("endpoint", FieldType.TEXT, "the endpoint's name"),),
        example={
            "lever": "aws.sagemaker_endpoint",
            "target": {"connection": "aws-prod", "endpoint": "support-ranker"},
            "set": {"weights": {"safe": 1}},
            "within": "2m",
        },
        modes=(Mode.DEGRADE,),
        stops=Stops.NEW,
        settings=(Field("weights", FieldType.OBJECT, "each variant's weight by its name; those left out get none"),),
        permissions=(
            Permission("aws", "sagemaker:DescribeEndpoint", _ENDPOINT),
            Permission("aws", "sagemaker:UpdateEndpointWeightsAndCapacities", _ENDPOINT, WRITING),
            SIMULATES,
        ),
        blast_radius="Every request that does not name its variant; one with a TargetVariant reaches that one whatever "
        "its weight, and so does a shadow variant its copies. Instances stay as they are: the variants that are left "
        "have to bear all of it. While the endpoint changes, it takes no other update.",
        undo="Gives each variant the weight back that it had.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        found = self._endpoint(target, deadline)
        status = str(found.get("EndpointStatus"))
        variants: list[Mapping[str, Any]] = list(found.get("ProductionVariants") or ())
        if status in _NOT_THERE or not variants:
            what = f"{self._name(target)} is {status}, and serves nobody"
            raise NoSuchTarget(what, where=self._aws.where, todo="find the endpoint that has taken its place")
        unsteered = [str(one.get("VariantName")) for one in variants if one.get("DesiredWeight") is None]
        if unsteered:
            what = f"the variants {', '.join(unsteered)} of {self._name(target)} have no weight"
            todo = "where inference components serve, requests go by their names: see them in SageMaker"
            raise NoSuchTarget(what, where=self._aws.where, todo=todo)
        weights: dict[str, Json] = {str(one["VariantName"]): _rounded(one["DesiredWeight"]) for one in variants}
        why = f"its last update failed: {found['FailureReason']}" if found.get("FailureReason") else ""
        moving = f"the endpoint is {status}" if status in _CHANGING else ""
        return Seen({"weights": weights}, str(found.get("EndpointArn")), _notes(found, variants), moving, why)

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        there = state.get("weights")
        weights, wanted = there if isinstance(there, Mapping) else {}, settings.get("weights")
        if not isinstance(wanted, Mapping) or not wanted or not all(_is_weight(one) for one in wanted.values()):
            todo = "say set: {weights: {safe: 1}}, with a number for each variant"
            raise UsageError(f"{self._name(target)} cannot have the weights {wanted!r}", todo=todo)
        for name in wanted:
            if name not in weights:
                raise UsageError(f"{self._name(target)} has no variant {name}", todo=near(name, sorted(weights)))
        if not any(wanted.values()):
            what = f"no variant of {self._name(target)} would be left to answer"
            raise Refusal(what, todo="deny sagemaker:InvokeEndpoint to who asks it: aws.iam_deny")
        return {"weights": {name: _rounded(wanted.get(name, 0)) for name in weights}}

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        if seen.moving:
            what = f"{self._name(target)} takes no update: {seen.moving}"
            raise Busy(what, where=self._aws.where, todo="it does again when it is InService")
        weights = wanted.get("weights")
        told = weights.items() if isinstance(weights, Mapping) else ()
        params = {
            "EndpointName": target["endpoint"],
            "DesiredWeightsAndCapacities": [{"VariantName": name, "DesiredWeight": one} for name, one in told],
        }
        self._aws.write("sagemaker", "UpdateEndpointWeightsAndCapacities", params, within=deadline.left)
        return "the endpoint goes over to it in its own time"

    def _name(self, target: Target) -> str:
        return f"the endpoint {target['endpoint']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        weights = state.get("weights")
        told = weights.items() if isinstance(weights, Mapping) else ()
        return "at " + ", ".join(f"{name} {one}" for name, one in told)

    def _endpoint(self, target: Target, deadline: Deadline) -> dict[str, Any]:
        params = {"EndpointName": target["endpoint"]}
        try:
            return self._aws.read("sagemaker", "DescribeEndpoint", params, within=deadline.left)
        except Declined as error:
            if _MISSING not in error.what:
                raise
            # SageMaker has no code of its own for it.
            todo = "check the name, and region and account of this connection"
            raise NoSuchTarget(error.what, where=error.where, todo=todo) from error


def _is_weight(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _rounded(weight: Any) -> int | float:  # noqa: ANN401 - a number, as botocore or a rung has it
    """SageMaker keeps them in fewer digits than it is told."""
    short = float(f"{float(weight):.6g}")
    return int(short) if short.is_integer() else short


def _notes(found: Mapping[str, Any], variants: list[Mapping[str, Any]]) -> tuple[str, ...]:
    counts = {str(one["VariantName"]): one.get("CurrentInstanceCount") for one in variants}
    told = {name: number for name, number in counts.items() if isinstance(number, int)}
    notes = []
    if len(set(told.values())) > 1:
        said = ", ".join(f"{name} {number}" for name, number in told.items())
        notes.append(f"its variants run unlike numbers of instances ({said}): who gets the requests has to bear them")
    if shadows := [str(one.get("VariantName")) for one in found.get("ShadowProductionVariants") or ()]:
        notes.append(f"the shadow variants {', '.join(shadows)} go on getting copies of requests")
    return tuple(notes)
