"""`aws.sqs_policy`: denies everybody to send to a queue, to receive from it, or both, by a statement in its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo, Reading
from psfir.domain.modes import Mode
from psfir.errors import LeverError, UsageError
from psfir.levers.aws import queue_policy
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.settable import Seen, Settable
from psfir.vendors.aws import Deadline

_QUEUE = "arn:aws:sqs:*:*:{queue}"


class SqsPolicy(Settable):
    """The state is the queue's `arn`, and psfir's own `statements` by id: those of other kills stand beside it."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.sqs_policy",
        line="Denies everybody to send to an SQS queue or to receive from it.",
        connects=("aws",),
        target=(
            Field("queue", FieldType.TEXT, "the queue's name"),
            Field("statement", FieldType.TEXT, "one statement of psfir's own in it; psfir fills it in", required=False),
        ),
        example={
            "lever": "aws.sqs_policy",
            "target": {"connection": "aws-prod", "queue": "agent-jobs"},
            "set": {"deny": ["receive"]},
            "within": "3m",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("deny", FieldType.TEXTS, "send, receive, or both"),),
        permissions=(
            Permission("aws", "sqs:GetQueueUrl", _QUEUE),
            Permission("aws", "sqs:GetQueueAttributes", _QUEUE),
            Permission("aws", "sqs:SetQueueAttributes", _QUEUE, WRITING),
            SIMULATES,
        ),
        blast_radius="Everybody who uses the queue, services of AWS too, whatever another policy allows them. Denied "
        "to receive, messages wait and expire when the queue's retention is over; who holds one can still finish and "
        "delete it. Denied to send, senders get an error, and what they do then is theirs. It takes up to a minute.",
        undo="Takes the one statement out that psfir has put in, if it is still as psfir left it; all others stay.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        state = reading.state if isinstance(reading.state, Mapping) else {}
        one = queue_policy.statement(settings.get("deny"), str(state.get("arn")))
        # The statement is part of the target from now on: two kills on one queue are each put back by themselves.
        own = {**target, "statement": one["Sid"]}
        found = _of(state)
        before = {**state, "statements": {sid: found[sid] for sid in found if sid == one["Sid"]}}
        return super().plan(own, Reading(before, reading.version, reading.notes), mode, settings)

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        url = self._url(target, deadline)
        params = {"QueueUrl": url, "AttributeNames": ["Policy", "QueueArn"]}
        said = self._aws.read("sqs", "GetQueueAttributes", params, within=deadline.left)
        found = said.get("Attributes") or {}
        arn = found.get("QueueArn")
        if not arn:
            what = "sqs GetQueueAttributes answered without the queue's ARN"
            raise LeverError(what, where=self._aws.where, todo="see what the queue is like in AWS")
        policy = str(found.get("Policy", ""))
        statements = queue_policy.ours(queue_policy.parsed(policy, self._aws.where))
        if sid := target.get("statement"):
            statements = {key: one for key, one in statements.items() if key == sid}
        return Seen({"arn": arn, "statements": statements}, arn, kept={"url": url, "policy": policy})

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        one = queue_policy.statement(settings.get("deny"), str(state.get("arn")))
        return {**state, "statements": {**_of(state), str(one["Sid"]): one}}

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        """SQS knows no statements, only the whole policy: whatever stood beside it a moment ago is written back."""
        policy = queue_policy.parsed(seen.kept["policy"], self._aws.where)
        text = queue_policy.altered(policy, str(target["statement"]), list(_of(wanted).values()))
        params = {"QueueUrl": seen.kept["url"], "Attributes": {"Policy": text}}
        self._aws.write("sqs", "SetQueueAttributes", params, within=deadline.left)
        return ""

    def _name(self, target: Target) -> str:
        return f"the queue {target['queue']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        statements = _of(state)
        what = "; ".join(f"{queue_policy.denied(one)} ({sid})" for sid, one in sorted(statements.items()))
        return f"denied to everybody: {what}" if what else "denied to nobody by psfir"

    def _url(self, target: Target, deadline: Deadline) -> str:
        if ":" in str(target["queue"]):
            raise UsageError(f"{target['queue']} is no queue's name", todo="say its name, without URL or ARN")
        said = self._aws.read("sqs", "GetQueueUrl", {"QueueName": target["queue"]}, within=deadline.left)
        return str(said["QueueUrl"])


def _of(state: Mapping[str, Json]) -> dict[str, Json]:
    found = state.get("statements")
    return dict(found) if isinstance(found, Mapping) else {}
