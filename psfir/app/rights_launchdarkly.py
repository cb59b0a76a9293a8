"""The smallest custom role of LaunchDarkly for a set of rights, as its API takes it."""

from __future__ import annotations

from collections.abc import Iterable

from psfir.app.rights_document import NAME, Document, joined

DIRECTION = (
    "LaunchDarkly has one action, updateOn, for off and on, and one each for what is served: who may switch a flag off "
    "may switch it on. What goes one way only is a trigger's URL: launchdarkly.trigger kills without updateOn"
)
_LINE = "What the runbooks at hand need, and nothing else."


def custom_role(wanted: Iterable[tuple[str, str, str]], name: str = NAME) -> Document | None:
    """None where nothing is needed of a role; what goes by an SDK key, no role can give.

    Each comes with where alone it is needed, which the role's description repeats: a statement has no place for it.
    """
    reasons: dict[tuple[str, str], set[str]] = {}
    for action, resource, only in wanted:
        if resource.startswith("proj/"):
            reasons.setdefault((resource, action), set()).add(only)
    by_resource: dict[tuple[str, str], set[str]] = {}
    for (resource, action), found in reasons.items():
        by_resource.setdefault((joined(found), resource), set()).add(action)
    by_actions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (only, resource), actions in sorted(by_resource.items()):
        by_actions.setdefault((only, tuple(sorted(actions))), []).append(resource)
    said = sorted(by_actions.items())
    if not said:
        return None
    policy = [{"effect": "allow", "resources": resources, "actions": list(actions)} for (_, actions), resources in said]
    beside = [f"{', '.join(actions)} only {only}." for (only, actions), _ in said if only]
    body = {
        "key": name,
        "name": name,
        "description": " ".join((_LINE, *dict.fromkeys(beside))),
        # Else a role lets its bearer read all there is.
        "basePermissions": "no_access",
        "policy": policy,
    }
    return Document(body, "policy", tuple(only for (only, _), _ in said))
