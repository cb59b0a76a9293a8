"""One rule of a WAF's web ACL: what it does now, and the ACL with another rule in its place.

An ACL is written whole. What a newer WAF adds to it must go back as it came, or writing one rule would lose the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Declined, UsageError

OWN = "psfir-"
KEPT = (
    *("DefaultAction", "Description", "Rules", "VisibilityConfig", "DataProtectionConfig", "CustomResponseBodies"),
    *("CaptchaConfig", "ChallengeConfig", "TokenDomains", "AssociationConfig", "OnSourceDDoSProtectionConfig"),
    *("ApplicationConfig", "MonetizationConfig"),
)
"""What is taken over from the ACL as it was read; the rest names it, or WAF says it and takes it from nobody."""

_ACTIONS = {"block": "Block", "count": "Count", "allow": "Allow", "captcha": "Captcha", "challenge": "Challenge"}
_OVERRIDES = {"block": "None", "count": "Count"}
"""Of a rule group: that what its own rules say counts, or that all of it is only counted."""
CHOICES = tuple(_ACTIONS)


@frozen
class Acl:
    """A web ACL by its ARN: all that WAF wants to hear of it."""

    name: str
    id: str
    scope: str

    @property
    def params(self) -> dict[str, Json]:
        return {"Name": self.name, "Id": self.id, "Scope": self.scope}


def acl(arn: str) -> Acl:
    """UsageError if it is the ARN of something else."""
    parts = arn.split(":", 5)[-1].split("/")
    if not (arn.startswith("arn:") and len(parts) == 4 and parts[1] == "webacl"):  # noqa: PLR2004 - regional/webacl/name/id
        raise UsageError(f"{arn!r} is no ARN of a web ACL", todo="copy it from the ACL: .../regional/webacl/NAME/ID")
    return Acl(parts[2], parts[3], "CLOUDFRONT" if parts[0] == "global" else "REGIONAL")


def state(rules: Iterable[Mapping[str, Any]], name: str) -> dict[str, Json]:
    """`action`, or `override` of a rule group; null if there is no such rule. One of psfir's own has its `path`."""
    rule = next((one for one in rules if one.get("Name") == name), None)
    if rule is None:
        return {"action": None}
    if "OverrideAction" in rule:
        return {"override": dict(rule["OverrideAction"])}
    path = {"path": _path(rule)} if name.startswith(OWN) else {}
    return {"action": dict(rule.get("Action") or {}), **path}


def aimed(found: Mapping[str, Json], name: str, settings: Mapping[str, Json]) -> dict[str, Json]:
    """The state that is wanted. UsageError if this rule cannot have it."""
    wanted, path = str(settings.get("action", "block")), settings.get("path")
    if wanted not in _ACTIONS:
        raise UsageError(f"aws.waf_rule knows no action {wanted!r}", todo=f"say one of {', '.join(CHOICES)}")
    if path is not None:
        return _own(found, name, str(path), wanted)
    if found.get("action", {}) is None:
        todo = f"check its name, or say path: and a name that begins with {OWN} to have one made"
        raise UsageError(f"the web ACL has no rule {name}", todo=todo)
    key, words = ("override", _OVERRIDES) if "override" in found else ("action", _ACTIONS)
    if wanted not in words:
        todo = f"say one of {', '.join(words)}"
        raise UsageError(f"the rule {name} is a group of rules, which cannot be told to {wanted}", todo=todo)
    now = found.get(key)
    return dict(found) if isinstance(now, Mapping) and words[wanted] in now else {**found, key: {words[wanted]: {}}}


def placed(rules: Sequence[Mapping[str, Any]], name: str, wanted: Mapping[str, Json]) -> list[dict[str, Any]]:
    """All rules, this one as it is wanted; every other one as it is."""
    if wanted.get("action", {}) is None:
        return [dict(one) for one in rules if one.get("Name") != name]
    if all(one.get("Name") != name for one in rules):
        return [_made(rules, name, wanted), *map(dict, rules)]
    key, value = ("OverrideAction", wanted["override"]) if "override" in wanted else ("Action", wanted["action"])
    return [{**one, key: value} if one.get("Name") == name else dict(one) for one in rules]


def room(rules: Iterable[Mapping[str, Any]]) -> int | None:
    """A priority before every rule; None if the first one has the lowest there is."""
    lowest = min((int(one["Priority"]) for one in rules), default=1)
    return lowest - 1 if lowest > 0 else None


def before(rules: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    """The rules that let something through before this one is asked."""
    ordered = sorted(rules, key=lambda one: int(one["Priority"]))
    names = [str(one.get("Name")) for one in ordered]
    end = names.index(name) if name in names else 0
    return [str(one.get("Name")) for one in ordered[:end] if "Allow" in (one.get("Action") or {})]


def word(found: Mapping[str, Json]) -> str:
    """What it does, in a word."""
    action = found.get("action", found.get("override"))
    if not isinstance(action, Mapping):
        return "not there"
    kind = next(iter(action), "")
    says = "what its own rules say" if kind == "None" else kind.lower()
    return f"{says} ({found['path']})" if found.get("path") else says


def _own(found: Mapping[str, Json], name: str, path: str, wanted: str) -> dict[str, Json]:
    if not name.startswith(OWN) or not path.startswith("/"):
        todo = f"name the rule {OWN}something and say a path that begins with /"
        raise UsageError(f"aws.waf_rule cannot make {name} for {path}", todo=todo)
    action: Json = {_ACTIONS[wanted]: {}}
    if found.get("path", path) != path:
        raise UsageError(f"there is a rule {name} already, for {found.get('path')}", todo="choose another name")
    return {"action": action, "path": path}


def _made(rules: Sequence[Mapping[str, Any]], name: str, wanted: Mapping[str, Json]) -> dict[str, Any]:
    priority = room(rules)
    if priority is None:
        raise Declined("its first rule has the priority 0: there is no place before it", todo="make room before it")
    match = {
        "SearchString": str(wanted.get("path")).encode(),
        "FieldToMatch": {"UriPath": {}},
        # The path as the application sees it, however it was written.
        "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "NORMALIZE_PATH"}],
        "PositionalConstraint": "STARTS_WITH",
    }
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ByteMatchStatement": match},
        "Action": wanted["action"],
        "VisibilityConfig": seen,
    }


def _path(rule: Mapping[str, Any]) -> str:
    text = rule.get("Statement", {}).get("ByteMatchStatement", {}).get("SearchString", b"")
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
