"""What a rule of a load balancer does with a request: as AWS tells it, in one form, and as a kill wants it.

AWS words the same forward in two ways. Whoever signs people in before that stays: their client secret is shown to
nobody, so what was taken away could not be put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json
from psfir.errors import UsageError

_SIGNS_IN = {"authenticate-oidc": "AuthenticateOidcConfig"}
_GROUP = "arn:"
_STATUS = range(200, 600)
_STRANGE = range(300, 400)
_BODY = 1024
_HEAVIEST = 999


def normal(actions: Iterable[Mapping[str, Any]]) -> list[Json]:
    """In their order, which is the only thing that `Order` says, and each forward in its full form."""
    ordered = sorted(actions, key=lambda one: one.get("Order") or 0)
    return [_forward(one) if one.get("Type") == "forward" else _without(one, "Order") for one in ordered]


def aimed(actions: Sequence[Json], settings: Mapping[str, Json]) -> list[Json]:
    """The same with another end. UsageError for what AWS would refuse and nobody could have meant."""
    respond, forward = settings.get("respond"), settings.get("forward")
    if (respond is None) == (forward is None):
        raise _wrong("is to be told either what to respond or where to forward to")
    end = _response(respond) if forward is None else _weighed(forward)
    return [*actions[:-1], end]


def sent(actions: Iterable[Json]) -> list[dict[str, Any]]:
    """As AWS takes them."""
    found: list[dict[str, Any]] = [dict(one) for one in actions if isinstance(one, Mapping)]
    for place, one in enumerate(found, 1):
        if len(found) > 1:
            one["Order"] = place
        if key := _SIGNS_IN.get(str(one.get("Type"))):
            one[key] = {**one[key], "UseExistingClientSecret": True}
    return found


def groups(actions: Iterable[Json]) -> dict[str, int]:
    """The weight of each target group that it forwards to."""
    found: dict[str, int] = {}
    for one in actions:
        forward = one.get("ForwardConfig") if isinstance(one, Mapping) else None
        listed = forward.get("TargetGroups") if isinstance(forward, Mapping) else None
        for group in listed if isinstance(listed, Sequence) else ():
            if isinstance(group, Mapping):
                found[str(group["TargetGroupArn"])] = int(str(group.get("Weight", 1)))
    return found


def word(actions: Sequence[Json]) -> str:
    """What becomes of a request, in a few words."""
    end = actions[-1] if actions else None
    if not isinstance(end, Mapping):
        return "nothing"
    fixed = end.get("FixedResponseConfig")
    if isinstance(fixed, Mapping):
        return f"a fixed {fixed.get('StatusCode')}"
    weights = groups([end])
    if not weights:
        return str(end.get("Type"))
    return "forward to " + ", ".join(
        _name(arn) + (f" ({weight})" if len(weights) > 1 else "") for arn, weight in weights.items()
    )


def _name(arn: str) -> str:
    return arn.split("/")[1] if arn.count("/") > 1 else arn


def _without(one: Mapping[str, Any], *names: str) -> dict[str, Json]:
    return {key: value for key, value in one.items() if key not in names}


def _forward(one: Mapping[str, Any]) -> Json:
    config = one.get("ForwardConfig") or {}
    listed = config.get("TargetGroups") or [{"TargetGroupArn": one.get("TargetGroupArn")}]
    weighed = sorted((str(group["TargetGroupArn"]), group.get("Weight", 1)) for group in listed)
    sticky = config.get("TargetGroupStickinessConfig") or {}
    if len(weighed) == 1:
        weighed = [(weighed[0][0], 1)]  # of one group any weight is all
    return _to(dict(weighed), sticky if sticky.get("Enabled") else {"Enabled": False})


def _to(weights: Mapping[str, Json], sticky: Mapping[str, Json]) -> dict[str, Json]:
    listed: list[Json] = [{"TargetGroupArn": arn, "Weight": weights[arn]} for arn in sorted(weights)]
    return {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": listed, "TargetGroupStickinessConfig": dict(sticky)},
    }


def _response(value: Json) -> Json:
    said = value if isinstance(value, Mapping) else {}
    status, body = said.get("status", 503), said.get("body", "")
    if isinstance(status, bool) or not isinstance(status, int) or status not in _STATUS or status in _STRANGE:
        raise _wrong(f"cannot respond with {status!r}: it must be a 2xx, 4xx or 5xx")
    if not isinstance(body, str) or len(body) > _BODY:
        raise _wrong(f"cannot respond with such a body: it must be a text of at most {_BODY} characters")
    config: dict[str, Json] = {"StatusCode": str(status), "ContentType": said.get("type", "text/plain")}
    return {"Type": "fixed-response", "FixedResponseConfig": config | ({"MessageBody": body} if body else {})}


def _weighed(value: Json) -> Json:
    weights = value if isinstance(value, Mapping) else {}
    if not weights or not all(str(arn).startswith(_GROUP) for arn in weights):
        raise _wrong(f"cannot forward to {value!r}: it must be ARNs of target groups, each with its weight")
    for weight in weights.values():
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= _HEAVIEST:
            raise _wrong(f"cannot give a target group the weight {weight!r}: it must be 0 to {_HEAVIEST}")
    if not any(weights.values()):
        raise _wrong("cannot forward to nobody: one of the weights must be more than 0")
    return _to(dict.fromkeys(weights, 1) if len(weights) == 1 else weights, {"Enabled": False})


def _wrong(what: str) -> UsageError:
    todo = "say set: {respond: {status: 503}}, or set: {forward: {ARN of a target group: 1}}"
    return UsageError(f"aws.alb_rule {what}", todo=todo)
