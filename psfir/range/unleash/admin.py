"""The admin API of the stand-in, as far as psfir and its tests go: flags, strategies, and the switch, one or many."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from psfir.domain.values import frozen
from psfir.range.copies import copied
from psfir.range.server import Asked, Reply
from psfir.range.unleash.estate import ADD, ALL, REMOVE, SKIP, SWITCH, UPDATE, Estate, Plain, Token
from psfir.range.unleash.refusal import WRONG_TYPE, Refused, invalid, lacking, missing

ROOT = "/api/admin"
_FLAGS = r"/projects/(?P<project>[^/]+)/features"
_FLAG = rf"{_FLAGS}/(?P<flag>[^/]+)"
_HERE = rf"{_FLAG}/environments/(?P<environment>[^/]+)"


@frozen
class Call:
    """One request on its way. `parts` are the named pieces of its path."""

    estate: Estate
    asked: Asked
    token: Token
    parts: Mapping[str, str]

    def needs(self, permission: str) -> None:
        """The permission comes first, and then whether a change request would be wanted."""
        if not {permission, ALL} & self.token.may:
            raise lacking(permission)
        gate = (self.parts["project"], self.parts["environment"])
        if gate in self.estate.gated and not {SKIP, ALL} & self.token.may:
            raise lacking(SKIP)

    def flag(self, name: str = "") -> Plain:
        name, project = name or self.parts["flag"], self.parts["project"]
        found = self.estate.flags.get(name)
        if found is None:
            raise missing(f'There\'s no feature named "{name}" in project "{project}".')
        if found["project"] != project:
            says = f'There\'s no feature named "{name}" in project "{project}", but there\'s a feature with that name'
            raise missing(f'{says} in project "{found["project"]}"')
        return found

    def here(self) -> Plain:
        flag, environment = self.flag(), self.parts["environment"]
        if environment not in flag["environments"]:
            raise missing(f"Could not find environment {environment} for feature: {flag['name']}")
        if flag["archived"] and self.asked.writes:
            raise Refused(400, "ArchivedFeatureError", "Cannot perform this operation on archived features")
        found: Plain = flag["environments"][environment]
        return found

    def document(self) -> Any:  # noqa: ANN401 - whatever was sent
        try:
            return self.asked.json() or {}
        except ValueError as error:
            raise invalid("the body is no JSON") from error


def answer(estate: Estate, asked: Asked) -> Reply:
    token = estate.tokens.get(asked.headers.get("authorization", ""))
    if token is None:
        raise Refused(401, "UnauthorizedError", "You must log in to use Unleash.")
    if token.kind != "admin":
        raise Refused(403, "", WRONG_TYPE)
    path = asked.path.removeprefix(ROOT)
    for method, pattern, handle in _ROUTES:
        found = pattern.fullmatch(path) if method == asked.method else None
        if found:
            with estate.lock:
                return handle(Call(estate, asked, token, found.groupdict()))
    raise missing(f"The path you were looking for ({asked.path}) is not available.")


def _user(call: Call) -> Reply:
    rights: list[Plain] = [
        {"permission": one} if one == ALL else {"permission": one, "project": "default", "environment": environment}
        for one in sorted(call.token.may)
        for environment in call.estate.environments[: 1 if one == ALL else None]
    ]
    return Reply(body={"user": {"username": call.token.name}, "permissions": rights, "feedback": [], "splash": {}})


def _create(call: Call) -> Reply:
    said = call.document()
    if said.get("name") in call.estate.flags:
        raise Refused(409, "NameExistsError", "A flag with that name already exists")
    made = call.estate.add_flag(str(said["name"]), project=call.parts["project"], kind=said.get("type", "release"))
    return Reply(201, {name: made[name] for name in ("name", "type", "project", "archived")})


def _show(call: Call) -> Reply:
    flag = call.flag()
    if flag["archived"]:
        raise missing(f"Could not find feature flag with name {flag['name']}")
    children = [one["name"] for one in call.estate.flags.values() if flag["name"] in one["parents"]]
    here = [{"name": name, **copied(each)} for name, each in flag["environments"].items()]
    return Reply(
        body={
            **{name: flag[name] for name in ("name", "type", "project", "archived")},
            "environments": here,
            "dependencies": [{"feature": one, "enabled": True, "variants": []} for one in flag["parents"]],
            "children": children,
        }
    )


def _show_here(call: Call) -> Reply:
    name, environment = call.parts["flag"], call.parts["environment"]
    if environment not in call.flag()["environments"]:
        raise missing(f"Could not find {name} in {environment}")
    here = copied(call.here())
    for one in here["strategies"]:
        del one["segments"]
    return Reply(body={"name": name, "environment": environment, **here})


def _switch(call: Call) -> Reply:
    call.needs(SWITCH)
    call.here()
    on = call.asked.path.endswith("/on")
    environment = call.parts["environment"]

    def deed(name: str) -> None:
        strategies = call.estate.here(name, environment)["strategies"]
        if on and call.asked.query.get("shouldActivateDisabledStrategies") == "true":
            for one in strategies:
                one["disabled"] = False
        call.estate.switch(name, environment, on=on)

    call.estate.change([call.parts["flag"]], deed)
    return Reply()


def _bulk(call: Call) -> Reply:
    """All of them or, if one is not there, none."""
    call.needs(SWITCH)
    names = [str(one) for one in call.document().get("features", [])]
    for name in names:
        call.flag(name)
    on = call.asked.path.endswith("/on")
    call.estate.change(names, lambda name: call.estate.switch(name, call.parts["environment"], on=on))
    return Reply()


def _add(call: Call) -> Reply:
    call.needs(ADD)
    call.here()
    said, made = call.document(), []
    variants = said.get("variants") or []
    if variants and not any(one.get("weightType") == "variable" for one in variants):
        says = 'There must be at least one "variable" variant'
        raise invalid(f"Request validation failed: your request body or params contain invalid data: {says}")
    environment = call.parts["environment"]
    call.estate.change(
        [call.parts["flag"]], lambda name: made.append(call.estate.new_strategy(name, environment, said))
    )
    return Reply(body=copied(made[0]))


def _patch(call: Call) -> Reply:
    """JSON Patch of the top level, of which only `replace` is known."""
    call.needs(UPDATE)
    found = _strategy(call)
    if found is None:
        raise missing(f"Could not find strategy with id {call.parts['strategy']}")

    def deed(name: str) -> None:
        for one in call.document():
            found[one["path"].lstrip("/")] = one["value"]
        call.estate.settle(name, call.parts["environment"])

    call.estate.change([call.parts["flag"]], deed)
    return Reply(body=copied(found))


def _remove(call: Call) -> Reply:
    """One that is not there is taken away just as well."""
    call.needs(REMOVE)
    found, strategies = _strategy(call), call.here()["strategies"]

    def deed(name: str) -> None:
        if found:
            strategies.remove(found)
            call.estate.settle(name, call.parts["environment"])

    call.estate.change([call.parts["flag"]], deed)
    return Reply()


def _strategy(call: Call) -> Plain | None:
    return next((one for one in call.here()["strategies"] if one["id"] == call.parts["strategy"]), None)


def _depend(call: Call) -> Reply:
    parent = call.flag(str(call.document().get("feature")))
    call.estate.change([call.parts["flag"]], lambda _: call.flag()["parents"].append(parent["name"]))
    return Reply()


def _archive(call: Call) -> Reply:
    call.estate.change([call.parts["flag"]], lambda _: call.flag().update(archived=True))
    return Reply(202)


def _gates(call: Call) -> Reply:
    if call.estate.open_source:
        raise missing(f"The path you were looking for ({call.asked.path}) is not available.")
    project = call.parts["project"]
    return Reply(
        body=[
            {"environment": one, "type": one, "changeRequestEnabled": (project, one) in call.estate.gated}
            for one in call.estate.environments
        ]
    )


def _pending(call: Call) -> Reply:
    if call.estate.open_source:
        raise missing(f"The path you were looking for ({call.asked.path}) is not available.")
    return Reply(body=copied(call.estate.waiting))


def _events(call: Call) -> Reply:
    return Reply(body={"version": 1, "events": copied(call.estate.events), "totalEvents": len(call.estate.events)})


_ROUTES: list[tuple[str, re.Pattern[str], Callable[[Call], Reply]]] = [
    (method, re.compile(pattern), handle)
    for method, pattern, handle in (
        ("GET", "/user", _user),
        ("GET", "/events", _events),
        ("POST", _FLAGS, _create),
        ("GET", _FLAG, _show),
        ("DELETE", _FLAG, _archive),
        ("POST", rf"{_FLAG}/dependencies", _depend),
        ("GET", _HERE, _show_here),
        ("POST", rf"{_HERE}/(on|off)", _switch),
        ("POST", rf"{_HERE}/strategies", _add),
        ("PATCH", rf"{_HERE}/strategies/(?P<strategy>[^/]+)", _patch),
        ("DELETE", rf"{_HERE}/strategies/(?P<strategy>[^/]+)", _remove),
        ("POST", r"/projects/(?P<project>[^/]+)/bulk_features/environments/(?P<environment>[^/]+)/(on|off)", _bulk),
        ("GET", r"/projects/(?P<project>[^/]+)/change-requests/config", _gates),
        ("GET", r"/projects/(?P<project>[^/]+)/change-requests/pending/(?P<flag>[^/]+)", _pending),
    )
]
