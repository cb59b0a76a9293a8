"""Flag triggers: a secret URL that does one thing when it is posted to, with no token at all."""

from __future__ import annotations

from collections.abc import Callable

from psfir.range.copies import copied
from psfir.range.launchdarkly.access import Token
from psfir.range.launchdarkly.call import Call
from psfir.range.launchdarkly.estate import Estate, Place
from psfir.range.launchdarkly.patch import approval_needed, draft_of, keep
from psfir.range.launchdarkly.refusal import Refused, invalid, missing
from psfir.range.launchdarkly.shapes import Plain, new_id
from psfir.range.server import Asked, Reply

HOOK = "/webhook/triggers/"
_KINDS = {"turnFlagOn", "turnFlagOff"}


def create(call: Call) -> Reply:
    """The one answer that has its whole URL."""
    call.needs("createTriggers")
    body = call.document()
    instructions = body.get("instructions")
    if not body.get("integrationKey") or not isinstance(instructions, list) or len(instructions) != 1:
        raise invalid("a trigger needs integrationKey and one instruction")
    if not isinstance(instructions[0], dict) or instructions[0].get("kind") not in _KINDS:
        raise invalid("a trigger turns a flag on or off")
    trigger = _kept(call.estate, call.place, call.parts["environment"], instructions)
    trigger |= {"_integrationKey": body["integrationKey"], "_maintainerId": call.token.member}
    return Reply(201, _view(call, trigger, whole=True))


def add(estate: Estate, place: Place, environment: str, *, key: str, on: bool = False) -> str:
    """Lay one out without a request, that turns its flag off, or on; where to post, below the server's address."""
    trigger = _kept(estate, place, environment, [{"kind": "turnFlagOn" if on else "turnFlagOff"}])
    with estate.lock:
        del estate.triggers[trigger["_id"]]
        trigger |= {"_id": f"trigger-{key}", "secret": f"secret-{key}"}
        estate.triggers[trigger["_id"]] = trigger
    return f"{HOOK}{trigger['_id']}/{trigger['secret']}"


def _kept(estate: Estate, place: Place, environment: str, instructions: list[Plain]) -> Plain:
    with estate.lock:
        estate.environment(place.project, environment)
        estate.thing(place)
        trigger: Plain = {
            "_id": new_id(),
            "_version": 1,
            "_creationDate": estate.millis(),
            "_integrationKey": "generic-trigger",
            "_maintainerId": "member-setup",
            "_triggerCount": 0,
            "enabled": True,
            "instructions": copied(instructions),
            "secret": new_id(),
            "place": place,
            "environment": environment,
        }
        estate.triggers[trigger["_id"]] = trigger
    return trigger


def every(call: Call) -> Reply:
    call.needs("viewProject")
    with call.estate.lock:
        mine = [one for one in call.estate.triggers.values() if _at(call, one)]
        return Reply(body={"items": [_view(call, one) for one in mine]})


def one(call: Call) -> Reply:
    call.needs("viewProject")
    with call.estate.lock:
        return Reply(body=_view(call, _found(call)))


def update(call: Call) -> Reply:
    """`cycleTriggerUrl` answers with the new URL, whole."""
    call.needs("updateTriggers")
    instructions = call.document().get("instructions")
    known = {"cycleTriggerUrl", "disableTrigger", "enableTrigger"}
    kinds = [one.get("kind") for one in instructions] if isinstance(instructions, list) else []
    if not kinds or not set(kinds) <= known:
        raise invalid(f"a trigger's instructions are {', '.join(sorted(known))}")
    with call.estate.lock:
        trigger = _found(call)
        for kind in kinds:
            if kind == "cycleTriggerUrl":
                trigger["secret"] = new_id()
            else:
                trigger["enabled"] = kind == "enableTrigger"
        trigger["_version"] += 1
        return Reply(body=_view(call, trigger, whole="cycleTriggerUrl" in kinds))


def delete(call: Call) -> Reply:
    call.needs("deleteTriggers")
    with call.estate.lock:
        del call.estate.triggers[_found(call)["_id"]]
    return Reply(204)


def fire(estate: Estate, asked: Asked) -> Reply:
    """Whoever knows the URL may; a wrong one, and one that is disabled, is not found."""
    trigger_id, _, secret = asked.path.removeprefix(HOOK).partition("/")
    with estate.lock:
        trigger = estate.triggers.get(trigger_id)
        if asked.method != "POST" or trigger is None or trigger["secret"] != secret or not trigger["enabled"]:
            return missing("trigger").reply
        try:
            _pull(estate, trigger)
        except Refused as refused:
            return refused.reply
    return Reply(200, {})


def _pull(estate: Estate, trigger: Plain) -> None:
    place, environment = trigger["place"], trigger["environment"]
    if estate.triggers_need_approval and approval_needed(estate, place, environment):
        raise Refused(405, "method_not_allowed", "Updates require approval: action 'updateOn' not allowed")
    trigger["_triggerCount"] += 1
    trigger["lastTriggeredAt"] = estate.millis()
    by = Token("", trigger["_id"], "trigger", trigger["_maintainerId"], frozenset())
    keep(estate, place, draft_of(estate, place, environment, trigger["instructions"]), by=by)


def _at(call: Call, trigger: Plain) -> bool:
    here: bool = trigger["place"] == call.place and trigger["environment"] == call.parts["environment"]
    return here


def _found(call: Call) -> Plain:
    trigger = call.estate.triggers.get(call.parts["id"])
    if trigger is None or not _at(call, trigger):
        raise missing("trigger")
    return trigger


def _view(call: Call, trigger: Plain, *, whole: bool = False) -> Plain:
    shown = {name: value for name, value in trigger.items() if name not in {"secret", "place", "environment"}}
    base = f"http://{call.asked.headers.get('host', '')}{HOOK}{trigger['_id']}/"
    return {**shown, "triggerURL": base + (trigger["secret"] if whole else "*" * 8)}


_ALL = "/api/v2/flags/{project}/{flag}/triggers/{environment}"
ROUTES: dict[str, Callable[[Call], Reply]] = {
    f"POST {_ALL}": create,
    f"GET {_ALL}": every,
    f"GET {_ALL}/{{id}}": one,
    f"PATCH {_ALL}/{{id}}": update,
    f"DELETE {_ALL}/{{id}}": delete,
}
