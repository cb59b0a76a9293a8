"""What serves models and tells applications how to behave on AWS: AppConfig, SageMaker's endpoints, guardrails.

All three are the range's own servers, so what is named is put into them by its id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json
from psfir.range.aws.appconfig_store import FLAGS
from psfir.range.supply.aws_roles import RUNS_AS, allowed
from psfir.range.supply.aws_thing import Place, Thing, last, wanted
from psfir.range.supply.unlike import same, unlike
from psfir.range.supply.uses import Use
from psfir.vendors.http_pointer import at, steps

_VARIABLE = "GUARDRAIL_VERSION"
_HALF = 50.0


# --- AppConfig ---


def _ids(use: Use) -> tuple[str, str, str]:
    return use.text("application"), use.text("environment"), use.text("profile")


def _configuration(place: Place, uses: Sequence[Use]) -> None:
    """The versions that are named, and one that is deployed and says of each flag or key what no rung sets."""
    numbers = [int(one) for one in (str(use.set.get("version", "")) for use in uses) if one.isdecimal()]
    flagged, live = any(use.text("flag") for use in uses), max(numbers, default=0) + 1
    content = json.dumps(_flags(uses) if flagged else _values(uses)).encode()
    strategies = {use.text("strategy") for use in uses} - {""}
    versions = dict.fromkeys([*numbers, live], content)
    place.aws.appconfig.lay_out(_ids(uses[0]), FLAGS if flagged else "", versions, strategies)


def _flags(uses: Sequence[Use]) -> Json:
    names = dict.fromkeys(use.text("flag") for use in uses if use.text("flag"))
    before = {name: [use.set.get("enabled", False) for use in uses if use.text("flag") == name] for name in names}
    values: dict[str, Json] = {name: {"enabled": unlike(said) is not False} for name, said in before.items()}
    return {"version": "1", "flags": {name: {"name": name} for name in names}, "values": values}


def _values(uses: Sequence[Use]) -> Json:
    made: dict[str, Any] = {}
    for use in uses:
        way = steps(use.text("key")) if use.text("key") else []
        inside = made
        for step in way[:-1]:
            inside = inside.setdefault(step, {})
        if way:
            same_key = [one for one in uses if one.text("key") == use.text("key")]
            inside[way[-1]] = unlike(wanted(same_key, "value", default=None))
    return made


def _configured(place: Place, use: Use) -> bool:
    found = place.aws.appconfig.served(*_ids(use), _HALF)
    if found is None:
        return False
    if not (use.text("flag") or use.text("key")):
        return str(found.number) == str(use.set.get("version"))
    content = json.loads(found.content)
    if key := use.text("key"):
        return same(at(content, key), use.set.get("value"))
    entry = content["values"].get(use.text("flag"), {})
    return (entry.get("enabled") is True) is (use.set.get("enabled", False) is True)


# --- SageMaker ---


def _weights(use: Use) -> Mapping[str, Json]:
    said = use.set.get("weights")
    return said if isinstance(said, Mapping) else {}


def _endpoint(place: Place, uses: Sequence[Use]) -> None:
    """Every variant that is named, and one that gets all requests and has no weight in any rung."""
    named = dict.fromkeys(name for use in uses for name in _weights(use))
    live, name = str(unlike([*named])), uses[0].text("endpoint")
    variants = [
        {"VariantName": one, "ModelName": one, "InitialVariantWeight": float(one == live), "InitialInstanceCount": 1}
        for one in (live, *named)
    ]
    deeds = place.aws.sagemaker.handlers()
    deeds["CreateEndpointConfig"]({"EndpointConfigName": name, "ProductionVariants": variants})
    deeds["CreateEndpoint"]({"EndpointConfigName": name, "EndpointName": name})


def _weighed(place: Place, use: Use) -> bool:
    variants = place.aws.sagemaker.at(use.text("endpoint")).variants
    return all(one.wanted[0] == _weights(use).get(name, 0) for name, one in variants.items())


# --- guardrails ---


def _guardrail_of(use: Use) -> str:
    return last(use.text("guardrail"))


def _guardrail(place: Place, uses: Sequence[Use]) -> None:
    """With the versions that are named, and one that is read before; nothing is enforced until a rung enforces it."""
    named = [str(one) for one in wanted(uses, "version", default="")]
    live = next(str(number) for number in range(1, len(named) + 2) if str(number) not in named)
    place.aws.guardrails.lay_out(_guardrail_of(uses[0]), [live, *named])
    for use in uses:
        if name := use.text("parameter"):
            place.account.do("ssm", "PutParameter", Name=name, Value=live, Type="String", Overwrite=True)
        if name := use.text("function"):
            if not place.has("lambda", "GetFunctionConcurrency", FunctionName=last(name)):
                place.account.function(last(name), allowed(place, RUNS_AS))
            told: Json = {"Variables": {use.text("variable") or _VARIABLE: live}}
            place.account.do("lambda", "UpdateFunctionConfiguration", FunctionName=last(name), Environment=told)


def _guards(place: Place, use: Use) -> bool:
    version = str(use.set.get("version"))
    if name := use.text("parameter"):
        return bool(place.account.get("ssm", "GetParameter", Name=name).get("Parameter", {}).get("Value") == version)
    if name := use.text("function"):
        found = place.account.get("lambda", "GetFunctionConfiguration", FunctionName=last(name))
        told = found.get("Environment", {}).get("Variables", {})
        return bool(told.get(use.text("variable") or _VARIABLE) == version)
    enforced = place.aws.guardrails.enforced or {}
    return (enforced.get("guardrailId"), enforced.get("guardrailVersion")) == (_guardrail_of(use), version)


THINGS = {
    "aws.appconfig": Thing(
        "configuration",
        lambda use: "/".join(_ids(use)),
        lambda place, use: place.aws.appconfig.has(*_ids(use)),
        _configuration,
        _configured,
    ),
    "aws.sagemaker_endpoint": Thing(
        "endpoint",
        lambda use: use.text("endpoint"),
        lambda place, use: use.text("endpoint") in place.aws.sagemaker.endpoints,
        _endpoint,
        _weighed,
    ),
    "aws.bedrock_guardrail": Thing(
        "guardrail",
        _guardrail_of,
        lambda place, use: place.aws.guardrails.has(_guardrail_of(use)),
        _guardrail,
        _guards,
    ),
}
