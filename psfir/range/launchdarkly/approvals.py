"""Approval requests: asked for by one, reviewed by others, applied by whoever may."""

from __future__ import annotations

from collections.abc import Callable

from psfir.range.copies import copied
from psfir.range.launchdarkly.call import Call
from psfir.range.launchdarkly.patch import draft_of, keep
from psfir.range.launchdarkly.refusal import Refused, invalid, missing
from psfir.range.launchdarkly.shapes import Plain, new_id
from psfir.range.server import Reply

_REVIEWS = {"approve", "comment", "decline"}


def create(call: Call) -> Reply:
    call.needs("createApprovalRequest")
    body = call.document()
    instructions = body.get("instructions")
    if not body.get("description") or not isinstance(instructions, list):
        raise invalid("an approval request needs description and instructions")
    with call.estate.lock:
        draft_of(call.estate, call.place, call.parts["environment"], instructions)
        request: Plain = {
            "_id": new_id(),
            "_version": 1,
            "creationDate": call.estate.millis(),
            "serviceKind": "launchdarkly",
            "requestorId": call.token.member,
            "description": body["description"],
            "comment": str(body.get("comment", "")),
            "reviewStatus": "pending",
            "allReviews": [],
            "notifyMemberIds": body.get("notifyMemberIds", []),
            "status": "pending",
            "instructions": copied(instructions),
            "conflicts": [],
            "place": call.place,
            "environment": call.parts["environment"],
        }
        if "executionDate" in body:
            request["executionDate"] = body["executionDate"]
        call.estate.approvals.append(request)
        return Reply(201, _view(call, request))


def every(call: Call) -> Reply:
    call.needs("viewProject")
    with call.estate.lock:
        return Reply(body={"items": [_view(call, one) for one in call.estate.approvals if _at(call, one)]})


def one(call: Call) -> Reply:
    call.needs("viewProject")
    with call.estate.lock:
        return Reply(body=_view(call, _found(call)))


def delete(call: Call) -> Reply:
    call.needs("deleteApprovalRequest")
    with call.estate.lock:
        call.estate.approvals.remove(_found(call))
    return Reply(204)


def review(call: Call) -> Reply:
    """Nobody reviews what they asked for themselves, unless the environment lets them."""
    call.needs("reviewApprovalRequest")
    body = call.document()
    if body.get("kind") not in _REVIEWS:
        raise invalid(f"a review is one of {', '.join(sorted(_REVIEWS))}")
    with call.estate.lock:
        request = _open(call)
        settings = _settings(call)
        if request["requestorId"] == call.token.member and not settings["canReviewOwnRequest"]:
            raise Refused(403, "forbidden", "You may not review your own request")
        said = {"_id": new_id(), "kind": body["kind"], "comment": str(body.get("comment", ""))}
        request["allReviews"].append({**said, "memberId": call.token.member, "creationDate": call.estate.millis()})
        request["reviewStatus"] = _standing(request, settings)
        request["_version"] += 1
        return Reply(body=_view(call, request))


def apply(call: Call) -> Reply:
    call.needs("applyApprovalRequest")
    with call.estate.lock:
        request = _open(call)
        if request["reviewStatus"] != "approved":
            raise invalid(f"the request is {request['reviewStatus']}, not approved")
        draft = draft_of(call.estate, request["place"], request["environment"], request["instructions"])
        keep(call.estate, request["place"], draft, by=call.token)
        request["status"] = "completed"
        request["appliedDate"] = call.estate.millis()
        request["appliedByMemberId"] = call.token.member
        return Reply(body=_view(call, request))


def _standing(request: Plain, settings: Plain) -> str:
    last = {review["memberId"]: review["kind"] for review in request["allReviews"] if review["kind"] != "comment"}
    yes, no = list(last.values()).count("approve"), list(last.values()).count("decline")
    if no and not (yes and settings["canApplyDeclinedChanges"]):
        return "declined"
    return "approved" if yes >= settings["minNumApprovals"] else "pending"


def _settings(call: Call) -> Plain:
    settings: Plain = call.estate.environment(call.place.project, call.parts["environment"])["approvalSettings"]
    return settings


def _at(call: Call, request: Plain) -> bool:
    here: bool = request["place"] == call.place and request["environment"] == call.parts["environment"]
    return here


def _found(call: Call) -> Plain:
    for request in call.estate.approvals:
        if request["_id"] == call.parts["id"] and _at(call, request):
            return request
    raise missing("approval request")


def _open(call: Call) -> Plain:
    request = _found(call)
    if request["status"] != "pending":
        raise invalid(f"the request is {request['status']} already")
    return request


def _view(call: Call, request: Plain) -> Plain:
    shown = {name: value for name, value in request.items() if name not in {"place", "environment"}}
    return copied({**shown, "approvalSettings": _settings(call)})


_ALL = "/api/v2/projects/{project}/flags/{flag}/environments/{environment}/approval-requests"
ROUTES: dict[str, Callable[[Call], Reply]] = {
    f"POST {_ALL}": create,
    f"GET {_ALL}": every,
    f"GET {_ALL}/{{id}}": one,
    f"DELETE {_ALL}/{{id}}": delete,
    f"POST {_ALL}/{{id}}/reviews": review,
    f"POST {_ALL}/{{id}}/apply": apply,
}
