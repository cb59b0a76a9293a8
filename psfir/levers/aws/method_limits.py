"""The limits of a stage's methods, by AWS's own key for each, or of a usage plan, and the patches that set them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import UsageError

ALL = "*/*"
PLAN = "plan"
_RATE, _BURST = "throttlingRateLimit", "throttlingBurstLimit"
_FLAGS = ("metricsEnabled", "dataTraceEnabled", "cachingEnabled")


@frozen
class Stage:
    """`limits` of each method that is looked at; `more` are those that are set for more than limits, and to what."""

    limits: Mapping[str, Json]
    more: Mapping[str, Json]

    @property
    def state(self) -> dict[str, Json]:
        return dict(self.limits)


def stage(settings: Mapping[str, Mapping[str, Any]], only: str | None) -> Stage:
    """Of that method only, or of the stage's own and each that has its own."""
    keys = [only] if only else sorted({ALL, *settings})
    whole = _more(settings.get(ALL, {}))
    more = {one: _more(settings.get(one, {})) for one in keys}
    # A method that has begun to have settings may have been given those of the stage.
    others = {one: found for one, found in more.items() if found and (one == ALL or found != whole)}
    return Stage({one: limits_of(settings.get(one)) for one in keys}, others)


def key(method: str) -> str:
    """AWS's key for `POST /chat`; UsageError if it is no such thing."""
    verb, _, path = method.strip().partition(" ")
    if not (verb.isalpha() and path.startswith("/")):
        todo = "say it as POST /chat, or leave it out for all"
        raise UsageError(f"{method!r} is no method of aws.api_gateway_throttle", todo=todo)
    return f"{path.replace('/', '~1')}/{verb.upper()}"


def word(one: str) -> str:
    """The method of a key, as people write it."""
    if one in {ALL, PLAN}:
        return "the whole stage" if one == ALL else "the whole plan"
    path, _, verb = one.rpartition("/")
    return f"{verb} {path.replace('~1', '/')}"


def patches(found: Mapping[str, Json], wanted: Mapping[str, Json]) -> list[dict[str, str]]:
    """From what is there to what is wanted; null takes the whole entry away."""
    patch: list[dict[str, str]] = []
    for one, limits in sorted(wanted.items()):
        if limits == found.get(one):
            continue
        if isinstance(limits, Mapping):
            for name, path in (("rate", "rateLimit"), ("burst", "burstLimit")):
                value = str(limits.get(name))
                where = "/throttle" if one == PLAN else f"/{one}/throttling"
                patch.append({"op": "replace", "path": f"{where}/{path}", "value": value})
        else:
            patch.append({"op": "remove", "path": "/throttle" if one == PLAN else f"/{one}"})
    return patch


def limits_of(entry: Mapping[str, Any] | None, rate: str = _RATE, burst: str = _BURST) -> Json:
    return None if entry is None else {"rate": _number(entry.get(rate)), "burst": _number(entry.get(burst))}


def _number(found: Any) -> Json:  # noqa: ANN401 - whatever AWS says
    """A rate is a float to AWS, and nearly always a whole one; -1 is no limit."""
    if found is None:
        return -1
    return int(found) if float(found).is_integer() else float(found)


def _more(entry: Mapping[str, Any]) -> dict[str, Json]:
    found: dict[str, Json] = {flag: True for flag in _FLAGS if entry.get(flag)}
    level = entry.get("loggingLevel")
    return found | ({"loggingLevel": str(level)} if level and level != "OFF" else {})
