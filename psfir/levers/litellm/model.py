"""`litellm.model`: takes a model out of LiteLLM on every replica, and puts it back in.

A replica keeps its list of models in memory and looks at the database again after a while; what it says of a model is
what it does. Deleting a model would lose the credential in it, so it is blocked, which the same call takes back.
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
from psfir.domain.preflight import Finding
from psfir.errors import LeverError, Refusal, UsageError
from psfir.levers.litellm.blocking import Blocked, State, found, look, looked, move, planned
from psfir.vendors.http import Deadline
from psfir.vendors.litellm import LiteLLM
from psfir.vendors.shared import shared


class _Models(Blocked):
    word = "model"
    path = "/model/block"

    def id(self, target: Target) -> str:
        return str(target["model"])

    def body(self, target: Target) -> Json:
        return {"model_id": self.id(target)}

    def sure(self, target: Target) -> bool:
        return True

    def at(self, target: Target, place: int, deadline: Deadline) -> tuple[bool, State]:
        query = urlencode({"litellm_model_id": self.id(target)})
        data = self.api.get(place, f"/model/info?{query}", within=deadline.left).get("data")
        one = data[0] if isinstance(data, list) and data else None
        info = one.get("model_info") if isinstance(one, Mapping) else None
        if not isinstance(one, Mapping) or not isinstance(info, Mapping):
            raise LeverError("/model/info: its answer has no model", where=self.api.where, todo="check the url")
        if info.get("db_model") is not True:
            todo = "store it in LiteLLM's database, or block the keys that may use it"
            raise Refusal(f"{self.name(target)} stands in a file of LiteLLM's", where=self.api.where, todo=todo)
        if not isinstance(info.get("blocked"), bool):
            todo = "update LiteLLM, or block the keys that may use it"
            raise Refusal("this LiteLLM cannot block a model", where=self.api.where, todo=todo)
        return info["blocked"], {"name": one.get("model_name")}


class Model:
    """`set: {blocked: true}`. A restore puts it back in under the name it had."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="litellm.model",
        line="Takes one deployment of a model out of a LiteLLM gateway, on every replica.",
        connects=("litellm",),
        target=(Field("model", FieldType.TEXT, "the deployment's id, from model_info of /model/info"),),
        example={
            "lever": "litellm.model",
            "target": {"connection": "llm-gateway", "model": "support-large-eu"},
            "set": {"blocked": True},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("blocked", FieldType.FLAG, "true: nothing is sent to it any more"),),
        permissions=(
            Permission("litellm", "read", "model {model}"),
            Permission("litellm", "proxy_admin", "model {model}", WRITING),
        ),
        blast_radius="Whoever asks for the model's name: other deployments of that name and its fallbacks serve it "
        "instead, and where there is none the request fails. Answers that are under way go on.",
        undo="Unblocks it on every replica, if it still has the name that it had.",
        exact=True,
        vendor="litellm",
        propagation=30.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._models = _Models(shared(connection, LiteLLM))

    def read(self, target: Target, *, within: float) -> Reading:
        return Reading(dict(look(self._models, target, within=within)))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        if settings.get("blocked") is not True:
            raise UsageError("litellm.model is not told to block", todo="say set: {blocked: true}")
        return planned(self._models, self.about.name, target, reading.state, mode)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return move(self._models, change, block=True, within=within)

    def verify(self, change: Change, *, within: float) -> Look:
        return looked(self._models, change, within=within)

    def restore(self, change: Change, *, within: float) -> Outcome:
        return move(self._models, change, block=False, within=within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        return found(self._models, target, within=within)
