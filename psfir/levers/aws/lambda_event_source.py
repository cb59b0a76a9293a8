"""`aws.lambda_event_source`: whether Lambda takes events for a function out of a queue or a stream.

The function itself can still be invoked: what stops is one way in. Its events wait where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import Busy, LeverError, NoSuchTarget
from psfir.levers.aws import enabled
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.settable import Seen, Settable
from psfir.vendors.aws import Deadline

_MAPPING = "arn:aws:lambda:*:*:event-source-mapping:{mapping}"
_ENABLED = {"Enabled": True, "Enabling": True, "Disabled": False, "Disabling": False}
_ON_THE_WAY = {
    "Enabling": "Lambda is still enabling it",
    "Disabling": "Lambda is still disabling it, and hands over what it has taken already",
}
_STREAMS = ("kinesis", "dynamodb")


class LambdaEventSource(Settable):
    """The state is `enabled`, and the `function` that is fed: fed to another one, it is no longer what was planned."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.lambda_event_source",
        line="Stops Lambda from feeding a function out of a queue or stream, by its event source mapping.",
        connects=("aws",),
        target=(Field("mapping", FieldType.TEXT, "the mapping's UUID: aws lambda list-event-source-mappings"),),
        example={
            "lever": "aws.lambda_event_source",
            "target": {"connection": "aws-prod", "mapping": "91eaeb7e-c976-4939-9430-8ef3fe5a9e4e"},
            "set": {"enabled": False},
            "within": "60s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(enabled.setting("whether it is fed"),),
        permissions=(
            Permission("aws", "lambda:GetEventSourceMapping", _MAPPING),
            Permission("aws", "lambda:UpdateEventSourceMapping", _MAPPING, WRITING),
            SIMULATES,
        ),
        blast_radius="One source of one function: other sources, and whoever invokes it, still reach it. Batches that "
        "were taken already are handed over and run to their end. Events wait in the queue or stream, and expire there "
        "when its retention is over.",
        undo="Enables it again; it goes on where it stopped.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        params = {"UUID": target["mapping"]}
        found = self._aws.read("lambda", "GetEventSourceMapping", params, within=deadline.left)
        state = str(found.get("State"))
        if state == "Deleting":
            todo = "find its successor: aws lambda list-event-source-mappings"
            raise NoSuchTarget(f"{self._name(target)} is being deleted", where=self._aws.where, todo=todo)
        if state in {"Creating", "Updating"}:
            # Whether it will be enabled is not told, and Lambda takes no further change meanwhile.
            what = f"{self._name(target)} is {state}"
            raise Busy(what, where=self._aws.where, todo="Lambda takes changes again when that is over")
        if state not in _ENABLED:
            what = f"lambda GetEventSourceMapping answered the state {state!r}, which psfir does not know"
            raise LeverError(what, where=self._aws.where, todo="see what the mapping is up to in AWS")
        arn = str(found.get("EventSourceMappingArn") or self._arn(target, found))
        fed: dict[str, Json] = {"enabled": _ENABLED[state], "function": str(found.get("FunctionArn"))}
        return Seen(fed, arn, _notes(found), _ON_THE_WAY.get(state, ""))

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        return {**state, "enabled": enabled.wanted(settings, self._name(target))}

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        params = {"UUID": target["mapping"], "Enabled": wanted["enabled"]}
        said = self._aws.write("lambda", "UpdateEventSourceMapping", params, within=deadline.left)
        return _ON_THE_WAY.get(str(said.get("State")), "")

    def _name(self, target: Target) -> str:
        return f"the event source mapping {target['mapping']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        function = str(state.get("function")).partition(":function:")[2] or state.get("function")
        return f"{'enabled' if state.get('enabled') else 'disabled'} for {function}"

    def _arn(self, target: Target, found: Mapping[str, Any]) -> str:
        """Older regions do not tell it; it is of the account of its function."""
        function = str(found.get("FunctionArn"))
        return f"{function.partition(':function:')[0]}:event-source-mapping:{target['mapping']}"


def _notes(found: Mapping[str, Any]) -> tuple[str, ...]:
    source = str(found.get("EventSourceArn") or "")
    if source.split(":")[2:3] and source.split(":")[2] in _STREAMS:
        return (f"it reads the stream {source}: what waits there longer than the stream keeps it is lost",)
    return ()
