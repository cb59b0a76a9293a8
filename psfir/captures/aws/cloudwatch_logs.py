"""`aws.cloudwatch_logs`: what a log group was told in its last minutes, the newest first to be sure of.

CloudWatch hands a stretch of time out from its beginning, page by page. So the minutes are asked for in stretches, each
twice as long as the one after it, from now backwards: where bytes or seconds run out, what is missing is the oldest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from psfir.captures.aws.log_lines import Lines, shown
from psfir.captures.redacted import text
from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain import durations
from psfir.domain.about import CaptureAbout, Field, FieldType, Permission
from psfir.errors import Busy, LeverError, UsageError
from psfir.vendors.aws import AwsClient, Deadline, now
from psfir.vendors.patience import PAUSES, wait
from psfir.vendors.shared import shared

_BYTES = 4 * 1024 * 1024
_LAST = 900.0
_LONGEST = 86400.0
_FIRST = 10.0
"""Seconds of the newest stretch."""
_SHARE = 0.8
"""Of the time given: what came late would be thrown away with all that was read."""
_LONGEST_NAME = 80


class CloudWatchLogs:
    """One text, line by line in the order of their times, with what could not be kept said above them."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="aws.cloudwatch_logs",
        line="Keeps what was written to a log group of CloudWatch in its last minutes.",
        connects=("aws",),
        target=(
            Field("group", FieldType.TEXT, "the log group's name, such as /aws/lambda/support-agent"),
            Field("streams", FieldType.TEXTS, "its streams by name, up to 100; default all", required=False),
            Field("filter", FieldType.TEXT, "a filter pattern of CloudWatch's; default every line", required=False),
            Field("last", FieldType.SPAN, "how far back, up to a day; default 15m", required=False),
        ),
        example={
            "source": "aws.cloudwatch_logs",
            "target": {"connection": "aws-prod", "group": "/aws/lambda/support-agent", "last": "15m"},
        },
        keeps="the newest 4 MiB of the last 15 minutes, without what looks like a secret; what was cut off is said",
        permissions=(Permission("aws", "logs:FilterLogEvents", "arn:aws:logs:*:*:log-group:{group}:*"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def take(self, target: Target, *, within: float) -> Captured:
        deadline, asked = Deadline(within * _SHARE), _asked(target)
        span, end = _span(target.get("last")), now().timestamp()
        lines = Lines(_BYTES)
        for start, until in _stretches(span, end):
            try:
                self._read({**asked, **_between(start, until)}, lines, deadline)
            except LeverError as error:
                if not lines.begun:
                    raise
                lines.lose(start, until or end, error.what)
                break
            lines.done()
            if lines.full:
                break
        head = f"{target['group']} in {self._aws.region}, from {shown(end - span)} to {shown(end)}"
        name = re.sub(r"[^A-Za-z0-9]+", "-", str(target["group"])).strip("-")[:_LONGEST_NAME]
        words = self._aws.clean(text("\n".join(lines.told(head))))
        return Captured(f"{name}-logs.txt", "text/plain", words.encode())

    def _read(self, asked: Mapping[str, Any], lines: Lines, deadline: Deadline) -> None:
        """One stretch of time, page by page; a page may be empty although more follow."""
        params = dict(asked)
        while True:
            said = self._page(params, deadline)
            lines.add(said.get("events", []))
            if not (token := said.get("nextToken")) or token == params.get("nextToken"):
                return
            params["nextToken"] = token

    def _page(self, params: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        """CloudWatch lets few ask at a time: who is told so asks again, as long as there is time."""
        for pause in PAUSES:
            try:
                return self._aws.read("logs", "FilterLogEvents", params, within=deadline.left)
            except Busy as busy:
                if not wait(busy.after or pause, deadline):
                    raise
        return self._aws.read("logs", "FilterLogEvents", params, within=deadline.left)


def _asked(target: Target) -> dict[str, Any]:
    group = str(target["group"])
    if group.startswith("arn:"):
        raise UsageError("aws.cloudwatch_logs takes a log group's name, not its ARN", todo="say group: /aws/lambda/...")
    asked: dict[str, Any] = {"logGroupName": group}
    if streams := target.get("streams"):
        asked["logStreamNames"] = streams
    if pattern := target.get("filter"):
        asked["filterPattern"] = pattern
    return asked


def _span(said: object) -> float:
    try:
        span = durations.seconds(str(said)) if said else _LAST
    except ValueError as error:
        raise UsageError(f"last: {error}") from None
    if not 0 < span <= _LONGEST:
        raise UsageError(f"last: {said} is not between a moment and a day", todo="say last: 15m")
    return span


def _stretches(span: float, end: float) -> Iterator[tuple[float, float | None]]:
    """From the newest, which has no end, to the oldest. The clock here may be behind that of AWS."""
    begin, until, length = end - span, None, _FIRST
    while until is None or until > begin:
        start = max(begin, (until or end) - length)
        yield start, until
        until, length = start, length * 2


def _between(start: float, until: float | None) -> dict[str, int]:
    """In milliseconds, both ends counted: the next stretch begins where this one does, less one."""
    ended = {} if until is None else {"endTime": round(until * 1000) - 1}
    return {"startTime": round(start * 1000), **ended}
