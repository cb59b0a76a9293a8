"""`litellm.key`: blocks a virtual key of LiteLLM on every replica, and lets it through again.

Each replica remembers keys for about a minute, some longer, and goes on taking one that another has blocked. The call
that blocks also makes the replica it is sent to forget; so each is sent one, and each is tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlencode

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.levers.litellm.blocking import Blocked, State, found, look, looked, move, planned
from psfir.vendors.http import Deadline
from psfir.vendors.litellm import LiteLLM, hashed
from psfir.vendors.shared import shared

_EXAMPLE = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_UNTRIED = "what a replica remembers of the key cannot be read: give the connection the key itself, to be tried"


class _Keys(Blocked):
    word = "key"
    path = "/key/block"

    def id(self, target: Target) -> str:
        return hashed(target["key"])

    def name(self, target: Target) -> str:
        return f"key {self.id(target)[:12]}"

    def body(self, target: Target) -> Json:
        return {"key": self.id(target)}

    def sure(self, target: Target) -> bool:
        return self.api.holds(self.id(target))

    def at(self, target: Target, place: int, deadline: Deadline) -> tuple[bool, State]:
        key = self.id(target)
        info = self.api.get(place, f"/key/info?{urlencode({'key': key})}", within=deadline.left).get("info")
        if not isinstance(info, Mapping):
            raise LeverError("/key/info: its answer has no info", where=self.api.where, todo="check the url")
        if info.get("status") == "deleted":
            raise NoSuchTarget(f"key {key[:12]} is deleted", where=self.api.where, todo="name the key of today")
        blocked = info.get("blocked") is True
        if self.sure(target) and (through := self.api.lets_through(place, within=deadline.left)) is not None:
            blocked = not through
        models = info.get("models")
        rest = {
            "alias": info.get("key_alias"),
            "models": list(models) if isinstance(models, list) else [],
            "expires": info.get("expires"),
        }
        return blocked, rest


class Key:
    """`set: {blocked: true}`. A restore lets it through again, if the key is otherwise as it was."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="litellm.key",
        line="Blocks a virtual key of a LiteLLM gateway on every replica.",
        connects=("litellm",),
        target=(Field("key", FieldType.TEXT, "the key's hash, which LiteLLM shows as its id; never the key"),),
        example={
            "lever": "litellm.key",
            "target": {"connection": "llm-gateway", "key": _EXAMPLE},
            "set": {"blocked": True},
            "within": "60s",
        },
        modes=(Mode.DISABLE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("blocked", FieldType.FLAG, "true: whoever comes with it is refused"),),
        permissions=(
            Permission("litellm", "read", "key {key}"),
            Permission("litellm", "proxy_admin", "key {key}", WRITING),
        ),
        blast_radius="Every application that comes with this key. Answers that are under way go on.",
        undo="Unblocks it on every replica, if nobody changed its alias, models or expiry since.",
        exact=True,
        vendor="litellm",
        propagation=60.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = shared(connection, LiteLLM)
        self._keys = _Keys(self._api)

    def read(self, target: Target, *, within: float) -> Reading:
        state = look(self._keys, target, within=within)
        notes = () if self._keys.sure(target) else (_UNTRIED,)
        return Reading(dict(state), None, notes)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        if settings.get("blocked") is not True:
            raise UsageError("litellm.key is not told to block", todo="say set: {blocked: true}")
        return planned(self._keys, self.about.name, target, reading.state, mode)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return move(self._keys, change, block=True, within=within)

    def verify(self, change: Change, *, within: float) -> Look:
        return looked(self._keys, change, within=within)

    def restore(self, change: Change, *, within: float) -> Outcome:
        return move(self._keys, change, block=False, within=within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        findings = found(self._keys, target, within=within)
        if not self._keys.sure(target):
            todo = "say key: in the connection"
            findings.append(Finding(Matter.TARGET, Ready.BEWARE, _UNTRIED, todo))
        return findings
