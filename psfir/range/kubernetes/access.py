"""Who asks and what they may: bearer tokens, impersonation, and RBAC from rules of a user and from stored bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import monotonic  # noqa: TID251 - a cluster lives in real time
from typing import Any

from psfir.domain.values import frozen
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.status import StatusError, forbidden, unauthorized
from psfir.range.kubernetes.store import Store

ADMIN = "admin"
_EVERYBODY = ("system:authenticated",)


@frozen
class Rule:
    """What one may do. A subresource is named `deployments/scale`; `*` is everything."""

    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    groups: tuple[str, ...] = ("",)
    namespace: str = "*"
    names: tuple[str, ...] = ()

    def allows(self, wish: Wish) -> bool:
        return (
            _fits(self.verbs, wish.verb)
            and _fits(self.groups, wish.group)
            and any(_covers(each, wish.resource) for each in self.resources)
            and self.namespace in ("*", wish.namespace)
            and (not self.names or wish.name in self.names)
        )

    def shown(self) -> Obj:
        return {
            "verbs": list(self.verbs),
            "apiGroups": list(self.groups),
            "resources": list(self.resources),
            **({"resourceNames": list(self.names)} if self.names else {}),
        }


@frozen
class Wish:
    """What is asked to be allowed; `resource` with its subresource."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""

    def refusal(self, user: User) -> str:
        where = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        return f'User "{user.name}" cannot {self.verb} resource "{self.resource}" in API group "{self.group}" {where}'


@frozen
class User:
    name: str
    groups: tuple[str, ...] = _EVERYBODY


ALL = Rule(verbs=("*",), resources=("*",), groups=("*",))
_ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


class Access:
    """`effective_after` is how many seconds a new binding takes to be honoured."""

    def __init__(self, store: Store, *, effective_after: float = 0) -> None:
        self._store = store
        self._effective_after = effective_after
        self._tokens: dict[str, User] = {}
        self._rules: dict[str, list[tuple[float, Rule]]] = {}
        self._seen: dict[str, float] = {}

    def admit(self, name: str, token: str, *rules: Rule, groups: tuple[str, ...] = _EVERYBODY) -> None:
        self.enrol(User(name, groups), token)
        self._rules[name] = [(0.0, rule) for rule in rules]

    def enrol(self, user: User, token: str) -> None:
        """Whoever shows this token is this user."""
        self._tokens[token] = user

    def dismiss(self, token: str) -> None:
        """From here on the token is 401."""
        self._tokens.pop(token, None)

    def grant(self, name: str, rule: Rule) -> None:
        self._rules.setdefault(name, []).append((monotonic() + self._effective_after, rule))

    def revoke(self, name: str) -> None:
        """From here on the user may do nothing that no binding allows."""
        self._rules[name] = []

    def reset(self) -> None:
        """Nobody is admitted, and no binding was seen."""
        self._tokens, self._rules, self._seen = {}, {}, {}

    def token_of(self, name: str) -> str:
        return next(token for token, user in self._tokens.items() if user.name == name)

    def identify(self, headers: Mapping[str, str]) -> User:
        given = headers.get("authorization", "")
        if not given:
            user = _ANONYMOUS
        else:
            found = self._tokens.get(given.removeprefix("Bearer ").strip())
            if found is None:
                raise unauthorized()
            user = found
        return self._as(user, headers.get("impersonate-user", ""))

    def require(self, user: User, wish: Wish, resource: Resource) -> None:
        if not self.allows(user, wish):
            raise forbidden(resource, wish.name, wish.refusal(user))

    def allows(self, user: User, wish: Wish) -> bool:
        return any(rule.allows(wish) for rule in self.rules(user))

    def rules(self, user: User) -> Iterator[Rule]:
        now = monotonic()
        yield from (rule for since, rule in self._rules.get(user.name, ()) if since <= now)
        if user.name != _ANONYMOUS.name:
            yield Rule(("create",), tuple(each.plural for each in resources.REVIEWS), ("*",))
        for binding in self._store.all(resources.ROLE_BINDINGS):
            yield from self._bound(binding, user, now)
        for binding in self._store.all(resources.CLUSTER_ROLE_BINDINGS):
            yield from self._bound(binding, user, now)

    def _as(self, user: User, name: str) -> User:
        if not name:
            return user
        wish = Wish("impersonate", "", "users", name=name)
        if not self.allows(user, wish):
            told = f'users "{name}" is forbidden: {wish.refusal(user)}'
            raise StatusError(403, "Forbidden", told, details={"name": name, "kind": "users"})
        return User(name)

    def _bound(self, binding: Obj, user: User, now: float) -> Iterator[Rule]:
        since = self._seen.setdefault(binding["metadata"]["uid"], now)
        if now - since < self._effective_after or not any(_is(each, user) for each in binding.get("subjects") or ()):
            return
        space = binding["metadata"].get("namespace", "*")
        ref = binding["roleRef"]
        of_cluster = ref["kind"] == "ClusterRole"
        kind, where = (resources.CLUSTER_ROLES, "") if of_cluster else (resources.ROLES, space)
        role = self._store.get(kind, where, ref["name"]) or {}
        for rule in role.get("rules") or ():
            yield _rule(rule, space)


def wish_from(attributes: Mapping[str, Any]) -> Wish:
    """The resourceAttributes of an access review."""
    told = {key: str(attributes.get(key) or "") for key in ("verb", "group", "resource", "namespace", "name")}
    sub = attributes.get("subresource")
    return Wish(**{**told, "resource": f"{told['resource']}/{sub}" if sub else told["resource"]})


def _rule(rule: Obj, namespace: str) -> Rule:
    parts = {key: tuple(rule.get(key) or ()) for key in ("verbs", "resources", "apiGroups", "resourceNames")}
    return Rule(parts["verbs"], parts["resources"], parts["apiGroups"], namespace, parts["resourceNames"])


def _is(subject: Obj, user: User) -> bool:
    if subject["kind"] == "ServiceAccount":
        return user.name == f"system:serviceaccount:{subject.get('namespace', '')}:{subject['name']}"
    return bool(subject["name"] == user.name) if subject["kind"] == "User" else subject["name"] in user.groups


def _fits(given: tuple[str, ...], wanted: str) -> bool:
    return "*" in given or wanted in given


def _covers(given: str, wanted: str) -> bool:
    return given in ("*", wanted) or (given.startswith("*/") and wanted.endswith(given[1:]))
