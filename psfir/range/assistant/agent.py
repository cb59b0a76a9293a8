"""One replica of the assistant, as the program in a pod: it reads its flags and settings, and answers conversations."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import PsfirError
from psfir.range.assistant.gateway import KINDS, Gateway
from psfir.range.assistant.model import INJECTED, Model
from psfir.range.assistant.names import AI_CONFIG, LARGE, Names
from psfir.range.assistant.scenarios import SHARE
from psfir.range.assistant.words import OFF, PREPARED, PRICE, TENANTS, Answer, Question, chance, order_of
from psfir.vendors.launchdarkly_app import FlagsOfAnApplication

_TOOLS = {
    "all": tuple(KINDS),
    "read-only": tuple(name for name, kind in KINDS.items() if kind == "read"),
    "none": (),
}


@frozen
class Parts:
    """What a program in a pod has: its flags, its way to model, data and tools, and the settings it began with."""

    names: Names
    flags: FlagsOfAnApplication
    gateway: Gateway
    settings: Mapping[str, str]
    model: Model

    @property
    def on(self) -> bool:
        return self.flags.value(self.names.flag(), False) is True  # noqa: FBT003 - a flag's default, as the SDK has it

    @property
    def tools(self) -> str:
        return self.settings.get("TOOLS") or str(self.flags.value(self.names.flag("tools"), "none"))

    @property
    def offered(self) -> tuple[str, ...]:
        return _TOOLS.get(self.tools, ())

    @property
    def which_model(self) -> str:
        """Its ConfigMap overrules the AI Config; the code's own default is the large one."""
        config = self.flags.value(AI_CONFIG, {})
        named = config.get("model", {}).get("name", LARGE) if isinstance(config, dict) else LARGE
        return self.settings.get("MODEL") or str(named)

    @property
    def scenario(self) -> str:
        return self.model.scenarios.get(self.names.system, "")


class Agent:
    """Answers while its flag is on: from the model if that may be asked, with a prepared text otherwise."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @property
    def live(self) -> bool:
        parts = self.parts
        return parts.on and parts.flags.value(parts.names.flag("answers"), "prepared") == "live"

    def state(self) -> dict[str, Json]:
        """What a customer would get from this replica now. The model is really asked: a refused role says nothing."""
        parts = self.parts
        if not parts.on:
            return {"assistant": "off", "answers": "prepared", "tools": "none", "model": ""}
        model = parts.which_model
        return {
            "assistant": "on",
            "answers": "live" if self.live and self._reached(model) else "prepared",
            "tools": parts.tools,
            "model": model,
        }

    def answer(self, asked: Question) -> Answer:
        parts = self.parts
        if not parts.on:
            return Answer(OFF, "nobody")
        if self.live:
            # The feature's own way of failing: whatever keeps it from model or data, customers get a prepared text.
            with suppress(PsfirError):
                return self._from_model(asked)
        parts.gateway.answered("prepared")
        return Answer(PREPARED, "prepared")

    def _from_model(self, asked: Question) -> Answer:
        parts, model = self.parts, self.parts.which_model
        told: dict[str, Any] = {
            **asked.to_json(),
            "question": asked.text,
            "documents": self._documents(asked),
            "tools": list(parts.offered),
        }
        said = parts.gateway.converse(model, told)
        if wish := said.get("toolUse"):
            said = parts.gateway.converse(model, {**told, "done": self._call(wish)})
        parts.gateway.answered("model", model)
        return Answer(str(said["text"]), "model", model)

    def _documents(self, asked: Question) -> list[str]:
        """What retrieval finds; in one scenario also what belongs to somebody else."""
        parts = self.parts
        found = [parts.gateway.retrieve(order_of(asked.tenant))]
        dice = chance(parts.model.seed, "retrieval", asked.conversation, asked.turn)
        if parts.scenario == "leaks_order" and dice.random() < SHARE:
            found.append(parts.gateway.retrieve(order_of((asked.tenant + dice.randrange(1, TENANTS)) % TENANTS)))
        page = f"The small lamp costs {PRICE}."
        return [*found, f"{page} {INJECTED}" if parts.scenario == "follows_injection" else page]

    def _call(self, wish: Mapping[str, Any]) -> str:
        try:
            return self.parts.gateway.call(str(wish["name"]), wish["input"])
        except PsfirError:
            return "I could not do that"  # a tool that is refused is told to the customer; the gateway has counted it

    def _reached(self, model: str) -> bool:
        try:
            self.parts.gateway.converse(model, {"ping": True})
        except PsfirError:
            return False  # that it is out of reach is the answer
        return True
