"""The rules of an Ingress and of an HTTPRoute: which of them a request meets, and where that sends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.kubernetes.resources import Obj

PortOf: TypeAlias = Callable[[str, str, str], "int | None"]
"""The number of a Service's port, from namespace, Service and the port's name."""

# The more exact wins, and among prefixes the longest.
_EXACT, _PREFIX, _PATTERN = 2, 1, 0
Fit: TypeAlias = tuple[int, int]


@frozen
class Backend:
    """A Service and one of its ports."""

    namespace: str
    service: str
    port: int


@frozen
class Wanted:
    """A request, as far as routes look at it. Without a host it comes by whichever there is."""

    path: str = "/"
    host: str = ""
    share: float = 0.0


def by_ingress(ingress: Obj, wanted: Wanted, port_of: PortOf) -> Backend | None:
    spec, home = ingress["spec"], str(ingress["metadata"]["namespace"])
    chosen: tuple[Fit, Obj] | None = None
    for rule in _rules_of(spec, wanted.host):
        for each in (rule.get("http") or {}).get("paths") or ():
            fit = _fit(each.get("pathType", ""), each.get("path") or "/", wanted.path)
            if fit and (chosen is None or fit > chosen[0]):
                chosen = fit, each["backend"]
    told = chosen[1] if chosen else spec.get("defaultBackend") or {}
    service = told.get("service")
    if not service:
        return None
    named = service.get("port") or {}
    port = named["number"] if "number" in named else port_of(home, service["name"], str(named.get("name", "")))
    return None if port is None else Backend(home, service["name"], port)


def by_http_route(route: Obj, wanted: Wanted) -> Backend | None:
    spec, home = route["spec"], str(route["metadata"]["namespace"])
    hosts = spec.get("hostnames") or []
    if wanted.host and hosts and not any(_under(each, wanted.host) for each in hosts):
        return None
    chosen: tuple[Fit, Obj] | None = None
    for rule in spec.get("rules") or ():
        for fit in _fits(rule, wanted.path):
            if chosen is None or fit > chosen[0]:
                chosen = fit, rule
    if chosen is None or any(each.get("type") == "RequestRedirect" for each in chosen[1].get("filters") or ()):
        return None
    return _weighed(chosen[1].get("backendRefs") or [], home, wanted.share)


def _rules_of(spec: Obj, host: str) -> list[Obj]:
    """Of the rules of an Ingress those of the host itself, or else of a wildcard, or else of every host."""
    rules: list[Obj] = spec.get("rules") or []
    if not host:
        return rules
    own = [rule for rule in rules if rule.get("host") == host]
    wild = [rule for rule in rules if rule.get("host", "").startswith("*.") and _is_host(rule["host"], host)]
    return own or wild or [rule for rule in rules if not rule.get("host")]


def _is_host(told: str, host: str) -> bool:
    """A wildcard of an Ingress stands for exactly one label."""
    if not told.startswith("*."):
        return told == host
    first, _, rest = host.partition(".")
    return bool(first) and rest == told[2:]


def _under(told: str, host: str) -> bool:
    """A wildcard of an HTTPRoute stands for one label or several."""
    return told == host or (told.startswith("*.") and host.endswith(told[1:]) and host != told[1:])


def _fits(rule: Obj, path: str) -> Iterator[Fit]:
    """How each of its matches fits. Matches on headers and queries fit no request here, which has none."""
    for each in rule.get("matches") or [{}]:
        if each.get("headers") or each.get("queryParams"):
            continue
        told = each.get("path") or {}
        fit = _fit(told.get("type", "PathPrefix"), told.get("value") or "/", path)
        if fit:
            yield fit


def _fit(kind: str, told: str, path: str) -> Fit | None:
    """How well a path is met, None for not at all. What an implementation may decide is a prefix here."""
    if kind == "Exact":
        return (_EXACT, len(told)) if path == told else None
    if kind == "RegularExpression":
        return (_PATTERN, len(told)) if _meets(told, path) else None
    want, have = _steps(told), _steps(path)
    return (_PREFIX, len(want)) if have[: len(want)] == want else None


def _meets(pattern: str, path: str) -> bool:
    """What is no pattern fits nothing, as with a gateway that does not take the rule."""
    try:
        return re.fullmatch(pattern, path) is not None
    except re.error:
        return False


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step]


def _weighed(refs: list[Obj], home: str, share: float) -> Backend | None:
    """One of them, each as often as it weighs. One in another namespace leads nowhere: nothing grants it."""
    left = share * sum(ref.get("weight", 1) for ref in refs)
    for ref in refs:
        left -= ref.get("weight", 1)
        if left < 0:
            strange = ref.get("kind", "Service") != "Service" or ref.get("namespace", home) != home
            return None if strange or "port" not in ref else Backend(home, ref["name"], ref["port"])
    return None
