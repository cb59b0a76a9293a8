"""The routes of projects, flags and AI configs, what is known of them, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from psfir.range.copies import copied
from psfir.range.launchdarkly.call import Call
from psfir.range.launchdarkly.estate import Place
from psfir.range.launchdarkly.patch import patch
from psfir.range.launchdarkly.refusal import invalid, missing
from psfir.range.launchdarkly.shapes import Plain, ai_config_view, dependents, flag_view
from psfir.range.server import Reply

PAGE = 20
WEEK = 7 * 86_400


def who(call: Call) -> Reply:
    token = call.token
    body: Plain = {"accountId": "account", "authKind": "token", "tokenKind": "auth", "serviceToken": False}
    return Reply(body={**body, "tokenName": token.name, "tokenId": token.id, "memberId": token.member})


def project(call: Call) -> Reply:
    call.needs("viewProject")
    home = call.estate.project(call.parts["project"])
    return Reply(body={"_id": home["_id"], "key": home["key"], "name": home["key"], "tags": []})


def environment(call: Call) -> Reply:
    """With its approval settings; the SDK key is shown to those who may see it."""
    call.needs("viewProject")
    with call.estate.lock:
        shown = copied(call.estate.environment(call.parts["project"], call.parts["environment"]))
    if not call.token.may("viewSdkKey", f"proj/{call.parts['project']}:env/{call.parts['environment']}"):
        shown["apiKey"] = f"sdk-****{shown['apiKey'][-4:]}"
    return Reply(body=shown)


def flag(call: Call) -> Reply:
    call.needs("viewProject")
    only = call.asked_for("env")
    with call.estate.lock:
        return Reply(body=flag_view(call.estate.thing(call.place), only=only or None))


def flags(call: Call) -> Reply:
    """Twenty at a time, and without environments unless `filter=filterEnv:NAME` asks for one."""
    call.needs("viewProject")
    limit, offset = call.number("limit", PAGE, most=100), call.number("offset", 0, most=1_000_000)
    filters = dict(one.split(":", 1) for one in call.asked.query.get("filter", "").split(",") if ":" in one)
    only = [filters["filterEnv"]] if "filterEnv" in filters else call.asked_for("env")
    with call.estate.lock:
        every = list(call.estate.project(call.parts["project"])["flags"].values())
        page = [flag_view(one, only=only) for one in every[offset : offset + limit]]
    return Reply(body={"items": page, "totalCount": len(every)})


def patch_flag(call: Call) -> Reply:
    after = patch(call, call.place)
    return Reply(body=flag_view(after))


def flag_status(call: Call) -> Reply:
    call.needs("viewProject")
    at = (call.parts["project"], call.parts["environment"], call.parts["flag"])
    with call.estate.lock:
        call.estate.environment(*at[:2])
        call.estate.thing(call.place)
        last = call.estate.last_requested.get(at)
        known = "new" if last is None else "active" if call.estate.millis() / 1000 - last < WEEK else "inactive"
        name = call.estate.statuses.get(at, known)
    when = None if last is None else datetime.fromtimestamp(last, UTC).isoformat()
    return Reply(body={"name": name, "lastRequested": when})


def dependent_flags(call: Call) -> Reply:
    call.needs_beta()
    call.needs("viewProject")
    with call.estate.lock:
        call.estate.environment(call.parts["project"], call.parts["environment"])
        call.estate.thing(call.place)
        every = call.estate.project(call.parts["project"])["flags"]
        items = dependents(every, call.parts["flag"], call.parts["environment"])
        return Reply(body={"items": [{"key": one["key"], "name": one["name"]} for one in items]})


def ai_config(call: Call) -> Reply:
    place = _ai_place(call)
    call.needs("viewProject")
    with call.estate.lock:
        return Reply(body=ai_config_view(call.estate.thing(place)))


def patch_ai_config(call: Call) -> Reply:
    return Reply(body=ai_config_view(patch(call, _ai_place(call))))


def _ai_place(call: Call) -> Place:
    if call.estate.ai_configs_are_beta:
        call.needs_beta()
    return Place(call.parts["project"], call.parts["config"], "ai_configs")


def scheduled(call: Call) -> Reply:
    call.needs("viewProject")
    with call.estate.lock:
        call.estate.thing(call.place)
        mine = [one for one in call.estate.scheduled if one["place"] == call.place]
    here = [one for one in mine if one["environment"] == call.parts["environment"]]
    shown = ("_id", "executionDate", "instructions")
    return Reply(body={"items": [{name: one[name] for name in shown} for one in here]})


def audit_log(call: Call) -> Reply:
    """The newest first; `spec` is a resource with `*`, `q` a piece of a name or comment."""
    query = call.asked.query
    limit = call.number("limit", 10, most=20)
    if limit < 1:
        raise invalid("limit is between 1 and 20")
    after, before = call.number("after", 0, most=10**15), call.number("before", 10**15, most=10**15)
    with call.estate.lock:
        entries = [
            _listed(entry)
            for entry in reversed(call.estate.audit)
            if after <= entry["date"] <= before and _picked(entry, query.get("spec", ""), query.get("q", ""))
        ]
    return Reply(body={"items": entries[:limit]})


def audit_entry(call: Call) -> Reply:
    with call.estate.lock:
        for entry in call.estate.audit:
            if entry["_id"] == call.parts["id"]:
                return Reply(body=entry)
    raise missing("audit log entry")


def _listed(entry: Plain) -> Plain:
    return {name: value for name, value in entry.items() if name not in {"previousVersion", "currentVersion"}}


def _picked(entry: Plain, spec: str, words: str) -> bool:
    resources = entry["target"]["resources"]
    said = f"{entry['name']} {entry['comment']}".lower()
    return words.lower() in said and (not spec or any(fnmatchcase(one, spec) for one in resources))


ROUTES: dict[str, Callable[[Call], Reply]] = {
    "GET /api/v2/caller-identity": who,
    "GET /api/v2/projects/{project}": project,
    "GET /api/v2/projects/{project}/environments/{environment}": environment,
    "GET /api/v2/flags/{project}": flags,
    "GET /api/v2/flags/{project}/{flag}": flag,
    "PATCH /api/v2/flags/{project}/{flag}": patch_flag,
    "GET /api/v2/flags/{project}/{environment}/{flag}/dependent-flags": dependent_flags,
    "GET /api/v2/flag-statuses/{project}/{environment}/{flag}": flag_status,
    "GET /api/v2/projects/{project}/ai-configs/{config}/targeting": ai_config,
    "PATCH /api/v2/projects/{project}/ai-configs/{config}/targeting": patch_ai_config,
    "GET /api/v2/projects/{project}/flags/{flag}/environments/{environment}/scheduled-changes": scheduled,
    "GET /api/v2/auditlog": audit_log,
    "GET /api/v2/auditlog/{id}": audit_entry,
}
