"""Custom roles, and service tokens that bear them: what is printed for LaunchDarkly can be applied as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from psfir.range.copies import copied
from psfir.range.launchdarkly.access import Statement, Token
from psfir.range.launchdarkly.call import Call
from psfir.range.launchdarkly.estate import Estate
from psfir.range.launchdarkly.refusal import conflict, invalid, missing
from psfir.range.launchdarkly.shapes import Plain, new_id
from psfir.range.server import Reply

_FIELDS = {"key", "name", "description", "basePermissions", "resourceCategory", "policy"}
_READER = Statement("allow", ("view*",), ("*",))


def add_role(call: Call) -> Reply:
    """Who has it may do what its policy says; with basePermissions `reader`, look at all there is too."""
    body = call.document()
    call.token.needs({"createRole"}, f"role/{body.get('key')}")
    if not body.get("key") or not body.get("name") or body.keys() - _FIELDS:
        raise invalid(f"a role has {', '.join(sorted(_FIELDS))}, and needs key and name")
    if body.get("basePermissions", "no_access") not in {"reader", "no_access"}:
        raise invalid("basePermissions is reader or no_access")
    _statements(body)
    with call.estate.lock:
        if body["key"] in call.estate.roles:
            raise conflict(f"there is a role {body['key']} already")
        call.estate.roles[body["key"]] = {"_id": new_id(), **copied(body)}
    return Reply(201, copied(call.estate.roles[body["key"]]))


def add_token(call: Call) -> Reply:
    """A service token; its value is told once, here."""
    body = call.document()
    call.token.needs({"createAccessToken"}, "service-token/*")
    keys = body.get("customRoleIds")
    if not isinstance(keys, list) or not keys or body.get("serviceToken") is not True:
        raise invalid("only service tokens with customRoleIds are made here")
    with call.estate.lock:
        for key in keys:
            if key not in call.estate.roles:
                raise missing(f"role {key}")
        secret, name = f"api-{new_id()}", str(body.get("name", ""))
        policy: Callable[[], Iterable[Statement]] = partial(_policy, call.estate, tuple(keys))
        call.estate.tokens[secret] = Token(secret, new_id(), name, f"member-{name}", frozenset(), policy)
    return Reply(201, {"_id": new_id(), "name": name, "token": secret, "serviceToken": True, "customRoleIds": keys})


def _policy(estate: Estate, keys: tuple[str, ...]) -> list[Statement]:
    """As the roles are now, not as they were when the token was made."""
    found: list[Statement] = []
    with estate.lock:
        for role in (estate.roles[key] for key in keys if key in estate.roles):
            found += [_READER] if role.get("basePermissions") == "reader" else []
            found += _statements(role)
    return found


def _statements(role: Plain) -> list[Statement]:
    policy = role.get("policy")
    if not isinstance(policy, list):
        raise invalid("a policy is a list of statements")
    return [_statement(one) for one in policy]


def _statement(one: object) -> Statement:
    said = one if isinstance(one, dict) else {}
    lists = [said.get(name) for name in ("actions", "resources")]
    good = all(isinstance(each, list) and each and all(isinstance(text, str) for text in each) for each in lists)
    if said.keys() != {"effect", "actions", "resources"} or said["effect"] not in {"allow", "deny"} or not good:
        raise invalid("a statement has effect, actions and resources")
    return Statement(said["effect"], tuple(said["actions"]), tuple(said["resources"]))


ROUTES = {"POST /api/v2/roles": add_role, "POST /api/v2/tokens": add_token}
