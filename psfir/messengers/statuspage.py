"""Posts to a status page: an incident of its own, or a further update in the one that an earlier message began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection
from psfir.domain.about import Field, FieldType, MessengerAbout
from psfir.domain.canon import Json
from psfir.domain.message import Delivery, Phase, Result
from psfir.errors import Refusal
from psfir.messengers.outgoing import Copy, Outgoing
from psfir.vendors.deadline import Deadline
from psfir.vendors.statuspage import Incident
from psfir.vendors.statuspage import Statuspage as Api

NAME = "statuspage"
STATUS: Mapping[Phase, str] = {
    Phase.HOLDING: "investigating",
    Phase.SCOPE: "investigating",
    Phase.CONTAINED: "identified",
    Phase.PROGRESS: "identified",
    Phase.MONITORING: "monitoring",
    Phase.RESOLVED: "resolved",
    Phase.FOLLOW_UP: "resolved",
    Phase.CORRECTION: "identified",
}
"""What a phase is called there. The message may name another one; a correction is never folded into `resolved`."""

_LONGEST_NAME = 255


class Statuspage(Outgoing):
    about: ClassVar[MessengerAbout] = MessengerAbout(
        name=NAME,
        line="Posts an incident on a status page, and every further message as an update of it.",
        connects=("statuspage",),
        settings=(
            Field("page", FieldType.TEXT, "the page's id"),
            Field("notify", FieldType.FLAG, "whether its subscribers are written to; the message may say otherwise"),
            Field("components", FieldType.TEXTS, "ids of what is affected", required=False),
        ),
        example={
            "connection": "status",
            "audiences": ["public"],
            "set": {"page": "kctbh9vrtdwd", "notify": True, "components": ["8kbf7d35c070"]},
        },
        finds=True,
        longest=25_000,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = Api(connection)

    def post(self, copy: Copy, *, within: float) -> Delivery:
        deadline, page, thread = Deadline(within), copy.text("page"), copy.to.thread
        incident = _incident(copy)
        if not thread:
            return _delivered(self._api.create(page, incident, within=deadline.left), Result.SENT)
        found = self._api.incident(page, thread, within=deadline.left)
        if _mark(copy) in _metadata(found):
            return _delivered(found, Result.ALREADY_THERE)
        # Whether it keeps what it is not told again is not written down anywhere: it is told all of it.
        more = {"metadata": {**_metadata(found), **incident["metadata"]}}
        return _delivered(self._api.update(page, thread, {**incident, **more}, within=deadline.left), Result.SENT)

    def look(self, copy: Copy, *, within: float) -> Delivery | None:
        page, thread = copy.text("page"), copy.to.thread
        listed = self._api.incidents(page, within=within)
        known = [self._api.incident(page, thread, within=within)] if thread else listed
        return next((_delivered(one, Result.ALREADY_THERE) for one in known if _mark(copy) in _metadata(one)), None)


def _incident(copy: Copy) -> dict[str, Any]:
    """All that the vendor is told. Whether it notifies is always said: left out, it does."""
    asked, message = copy.asked(NAME), copy.message
    if len(copy.written.subject) > _LONGEST_NAME:
        raise Refusal(f"its title is longer than {_LONGEST_NAME} characters", todo="shorten it")
    status = asked.get("status", STATUS[message.phase])
    if message.phase is Phase.CORRECTION and status == "resolved":
        raise Refusal("a correction is not folded into a resolved incident", todo="post it as identified or monitoring")
    notify = asked.get("notify", copy.to.target["notify"])
    if not isinstance(notify, bool):
        raise Refusal("notify is true or false", todo="say which in the channel, or in the template")
    components = _components(copy.to.target.get("components"), asked)
    said: dict[str, Any] = {
        "name": copy.written.subject,
        "body": copy.written.body,
        "status": status,
        "deliver_notifications": notify,
        "metadata": {_mark(copy): {"message": message.id, "digest": copy.digest, "key": copy.to.key}},
    }
    if "impact" in asked:
        said["impact_override"] = asked["impact"]
    if components:
        said["component_ids"] = list(components)
        said["components"] = {name: state for name, state in components.items() if state is not None}
    return said


def _components(named: Json, asked: Mapping[str, Json]) -> dict[str, Json]:
    """By id: the state the message asks for all that the channel names, and those that it names itself."""
    ids = [str(one) for one in named] if isinstance(named, Sequence) and not isinstance(named, str) else []
    own = asked.get("components")
    return {**dict.fromkeys(ids, asked.get("component")), **(own if isinstance(own, Mapping) else {})}


def _mark(copy: Copy) -> str:
    return f"psfir_{copy.mark[:32]}"


def _metadata(incident: Incident) -> Mapping[str, Any]:
    found = incident.get("metadata")
    return found if isinstance(found, Mapping) else {}


def _delivered(incident: Incident, result: Result) -> Delivery:
    updates = incident.get("incident_updates")
    newest = updates[0] if isinstance(updates, Sequence) and updates else {}
    receipt = newest.get("id") if isinstance(newest, Mapping) and result is Result.SENT else None
    name, url = str(incident["id"]), incident.get("shortlink")
    says = "posted" if result is Result.SENT else "it is there already"
    return Delivery(result, says, str(receipt or name), name, url if isinstance(url, str) else "")
