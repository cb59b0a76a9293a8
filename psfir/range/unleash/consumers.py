"""What SDKs poll and what a frontend is served, each as late as the estate says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from zlib import crc32

from psfir.range.server import Asked, Reply
from psfir.range.unleash.estate import Estate, Plain, Token
from psfir.range.unleash.refusal import NO_TOKEN, WRONG_TYPE, Refused, missing

CLIENT, FRONTEND = "/api/client/features", "/api/frontend"


def answer(estate: Estate, asked: Asked) -> Reply:
    token = estate.tokens.get(asked.headers.get("authorization", ""))
    if token is None:
        raise Refused(401, "", NO_TOKEN)
    frontend = asked.path == FRONTEND
    if token.kind != ("frontend" if frontend else "client"):
        raise Refused(403, "", WRONG_TYPE)
    flags = [one for one in estate.seen_by_clients().values() if not one["archived"]]
    return _served(flags, asked, token) if frontend else _polled(flags, asked, token)


def _polled(flags: list[Plain], asked: Asked, token: Token) -> Reply:
    features = [_feature(one, token.environment) for one in flags]
    name = asked.path.removeprefix(CLIENT).strip("/")
    if name:
        found = [one for one in features if one["name"] == name]
        if not found:
            raise missing(f"Could not find feature flag {name}")
        return Reply(body=found[0])
    features = [one for one in features if one["name"].startswith(asked.query.get("namePrefix", ""))]
    etag = f'"{sha256(json.dumps(features).encode()).hexdigest()[:16]}"'
    if asked.headers.get("if-none-match") == etag:
        return Reply(304, headers={"ETag": etag})
    query = {"environment": token.environment, "project": ["default"]}
    return Reply(body={"version": 2, "features": features, "query": query}, headers={"ETag": etag})


def _feature(flag: Plain, environment: str) -> Plain:
    here = flag["environments"][environment]
    strategies = [
        {name: one[name] for name in ("name", "constraints", "parameters", "variants")}
        for one in here["strategies"]
        if not one["disabled"]
    ]
    parents = [{"feature": one, "enabled": True} for one in flag["parents"]]
    more = {"dependencies": parents} if parents else {}
    return {"name": flag["name"], "enabled": here["enabled"], "strategies": strategies, "variants": [], **more}


def _served(flags: list[Plain], asked: Asked, token: Token) -> Reply:
    """Only what is on for whoever asks."""
    features = {one["name"]: _feature(one, token.environment) for one in flags}
    toggles = []
    for name in features:
        strategy = _let_in(features, name, asked.query)
        if strategy is not None:
            toggles.append({"name": name, "enabled": True, "variant": _variant(strategy), "impressionData": False})
    return Reply(body={"toggles": toggles})


def _let_in(features: Mapping[str, Plain], name: str, context: Mapping[str, str]) -> Plain | None:
    """The first strategy that lets them in, if their parents do too."""
    feature = features.get(name)
    if feature is None or not feature["enabled"]:
        return None
    if any(_let_in(features, one["feature"], context) is None for one in feature.get("dependencies", [])):
        return None
    return next((one for one in feature["strategies"] if _fits(one, context)), None)


def _fits(strategy: Plain, context: Mapping[str, str]) -> bool:
    """Who is in a share of a rollout is not whom the vendor would choose, and is always the same."""
    if not all(_meets(one, context) for one in strategy["constraints"]):
        return False
    share = int(strategy["parameters"].get("rollout", 100))
    return crc32(context.get("userId", "").encode()) % 100 < share


def _meets(constraint: Plain, context: Mapping[str, str]) -> bool:
    """IN and NOT_IN; whoever meets another kind of constraint here has found what the stand-in lacks."""
    field = constraint["contextName"]
    value = context.get(field, context.get(f"properties[{field}]"))
    if constraint["operator"] not in {"IN", "NOT_IN"}:
        raise ValueError(f"the stand-in does not know the operator {constraint['operator']}")
    return (value in constraint["values"]) is (constraint["operator"] == "IN")


def _variant(strategy: Plain) -> Any:  # noqa: ANN401 - JSON
    """The first of several: whom a share falls to is not stood in for."""
    if not strategy["variants"]:
        return {"name": "disabled", "enabled": False, "feature_enabled": True}
    first = strategy["variants"][0]
    payload = {"payload": first["payload"]} if "payload" in first else {}
    return {"name": first["name"], "enabled": True, "feature_enabled": True, **payload}
