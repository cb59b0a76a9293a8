"""`http.request`: one value behind any HTTP and JSON API, read and written by requests that the runbook declares.

Nothing is known of the API but what the runbook says. So the value is read right before each write, the write carries
the entity tag where there is one, and an unclear answer stays unclear until the value is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.values import frozen
from psfir.errors import Drift, LeverError, NoAnswer, Refusal, UsageError
from psfir.levers.http.declared import PLACEHOLDER, READ, WRITE, Call, Compare, Declared
from psfir.levers.settle import Way, same, settled, word
from psfir.vendors.http import Answer, Deadline, HttpClient
from psfir.vendors.http_answers import only_read
from psfir.vendors.http_pointer import at
from psfir.vendors.shared import shared

_PRECONDITION_FAILED = 412


@frozen
class _Move:
    """One write: over `expected`, so that it is `wanted`. `version` is the entity tag it must still have, if known."""

    call: Call
    expected: Json
    wanted: Json
    version: str | None


class HttpRequest:
    """The state is what a JSON pointer finds in the answer to `read`; `set: {value: ...}` is what it shall become."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="http.request",
        line="Sets one value of any HTTP and JSON API by declared requests.",
        connects=("http",),
        target=(
            Field("read", FieldType.OBJECT, "how to read it", fields=READ),
            Field(
                "apply",
                FieldType.OBJECT,
                "how to write it; ${value} stands for the value",
                fields=WRITE,
                holds=PLACEHOLDER,
                unless="restore",
            ),
            Field(
                "restore",
                FieldType.OBJECT,
                "how to put it back, like apply; default: as apply does",
                required=False,
                fields=WRITE,
            ),
            Field(
                "compare",
                FieldType.TEXT,
                "what guards against overwriting: etag sends If-Match; default etag if reading gives a strong one",
                required=False,
                choices=tuple(Compare),
            ),
        ),
        example={
            "lever": "http.request",
            "target": {
                "connection": "assistant",
                "read": {"path": "/admin/state", "pointer": "/enabled"},
                "apply": {"method": "PUT", "path": "/admin/state", "body": {"enabled": "${value}"}},
            },
            "set": {"value": False},
            "within": "20s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("value", FieldType.ANY, "what the value at the pointer shall be"),),
        permissions=(
            Permission("http", "read", "{connection}"),
            Permission("http", "write", "{connection}", WRITING),
        ),
        blast_radius="Whatever the API makes of the value. What is already under way is not known to stop.",
        undo="Sends restore (or apply) with the value it found, if the value is still as psfir left it. "
        "What else the API changed beside the value is not put back.",
        exact=False,
        vendor="http",
        propagation=0.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, HttpClient)
        self._known: dict[int, tuple[Target, Declared]] = {}

    def read(self, target: Target, *, within: float) -> Reading:
        declared = self._of(target)
        request = declared.read.request(None, writes=declared.read.method != "GET")
        try:
            answer = self._client.send(request, within=within)
        except NoAnswer as error:
            raise only_read(error) from error  # also where it is read by a POST, which is sent once
        try:
            state = at(answer.json(), declared.pointer)
        except LeverError as error:
            what = f"{request}: {self._client.clean(error.what)}"
            raise type(error)(what, where=self._client.where, todo=self._client.clean(error.todo)) from None
        self._no_secret(state)
        return Reading(state, self._version(answer, declared))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        declared = self._of(target)
        if "value" not in settings:
            raise UsageError("http.request is not told which value to set", todo="say set: {value: ...}")
        before, after = reading.state, settings["value"]
        self._no_secret(before)
        self._no_secret(after)
        name = _name(declared)
        if same(before, after):
            return NothingToDo(f"{name} is already {word(after)}", after)
        why = f"{name} goes from {word(before)} to {word(after)} to {mode.value} it"
        return Change(self.about.name, dict(target), before, after, why, reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        declared = self._of(change.target)
        return self._write(change, _Move(declared.apply, change.before, change.after, change.version), within)

    def verify(self, change: Change, *, within: float) -> Look:
        state = self.read(change.target, within=within).state
        held = Held.HELD if same(state, change.after) else Held.NOT_HELD
        return Look(held, f"{_name(self._of(change.target))} is {word(state)}")

    def restore(self, change: Change, *, within: float) -> Outcome:
        declared = self._of(change.target)
        return self._write(change, _Move(declared.restore, change.after, change.before, None), within)

    def _of(self, target: Target) -> Declared:
        """Each target is checked once: of one rung it is looked at seven times."""
        kept, declared = self._known.get(id(target), (None, None))
        if kept is not target or declared is None:
            declared = Declared.of(target)
            self._known[id(target)] = target, declared
        return declared

    def _write(self, change: Change, move: _Move, within: float) -> Outcome:
        self._no_secret(change.before)
        self._no_secret(change.after)
        deadline, name = Deadline(within), _name(self._of(change.target))
        seen = self.read(change.target, within=deadline.left)
        if done := self._settled(name, move, seen):
            return done
        version = move.version or seen.version
        extra = {"If-Match": version} if version else {}
        request = move.call.request(move.wanted, writes=True, extra=extra)
        answer = self._client.send(request, within=deadline.left, also=frozenset({_PRECONDITION_FAILED}))
        if answer.status == _PRECONDITION_FAILED:
            return self._lost(change.target, replace(move, version=version), name, deadline)
        return Outcome(
            Result.CHANGED, f"{request}: answered {answer.status}; {name} was set to {word(move.wanted)}", move.wanted
        )

    def _lost(self, target: Target, move: _Move, name: str, deadline: Deadline) -> Outcome:
        """The entity tag is another one: somebody was faster. What the value is now decides what to say."""
        seen = self.read(target, within=deadline.left)
        if done := self._settled(name, move, seen):
            return done
        what = f"something beside {name} has changed: its entity tag is no longer {move.version}"
        raise Drift(what, expected=move.expected, found=seen.state, where=self._client.where)

    def _settled(self, name: str, move: _Move, seen: Reading) -> Outcome | None:
        return settled(name, seen.state, Way(move.expected, move.wanted), where=self._client.where)

    def _version(self, answer: Answer, declared: Declared) -> str | None:
        tag = answer.headers.get("etag", "").strip()
        strong = tag.startswith('"')
        if declared.compare is Compare.VALUE or (declared.compare is None and not strong):
            return None
        if not strong:
            what = "compare: etag is declared, but the answer has no strong entity tag"
            raise LeverError(what, where=self._client.where, todo="say compare: value")
        return self._client.clean(tag)

    def _no_secret(self, value: Json) -> None:
        if self._client.holds_secret(value):
            what = "the value holds a secret of the connection, which may not be recorded"
            raise Refusal(what, where=self._client.where, todo="choose a pointer that leaves it out")


def _name(declared: Declared) -> str:
    return f"{declared.pointer or 'the answer'} of {declared.read.path}"
