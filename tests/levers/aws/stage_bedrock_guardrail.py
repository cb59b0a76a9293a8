"""A guardrail with a version that lets much through and a strict one, and who says which of them counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.aws.bedrock_guardrail import BedrockGuardrail
from tests.levers.aws.moto import connection, root
from tests.levers.aws.stage import RangeStage

PARAMETER, FUNCTION, VARIABLE = "/support-assistant/guardrail-version", "assistant", "GUARDRAIL_VERSION"
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
NO = "I cannot talk about that."
SETTINGS: Mapping[str, Json] = {"version": "2"}


class GuardrailStage(RangeStage):
    """Version 1 blocks one word, 2 a second one, and 3 another; said by a parameter."""

    name = "aws.bedrock_guardrail"
    settings = SETTINGS
    mode = Mode.DEGRADE

    def lay_out(self) -> None:
        self.aws.bedrock.models = lambda _model, asked: {"content": asked["messages"][-1]["content"]}
        said: dict[str, Any] = {"name": "assistant", "blockedInputMessaging": NO, "blockedOutputsMessaging": NO}
        self.guardrail = self.bedrock("CreateGuardrail", **said)["guardrailId"]
        for words in (["secret"], ["secret", "refund"], ["other"]):
            policy: Json = {"wordsConfig": [{"text": one} for one in words]}
            self.bedrock("UpdateGuardrail", guardrailIdentifier=self.guardrail, wordPolicyConfig=policy, **said)
            self.bedrock("CreateGuardrailVersion", guardrailIdentifier=self.guardrail)
        self.target = {"connection": "aws-prod", "guardrail": self.guardrail, **self.place()}
        self.say("1")

    def place(self) -> dict[str, Json]:
        return {"parameter": PARAMETER}

    def say(self, version: str) -> None:
        """Past the lever."""
        self.world.do("ssm", "PutParameter", Name=PARAMETER, Value=version, Overwrite=True, Type="String")

    def said(self) -> str:
        return str(self.world.get("ssm", "GetParameter", Name=PARAMETER)["Parameter"]["Value"])

    def bedrock(self, operation: str, **params: Json) -> dict[str, Any]:
        return self.do("bedrock", operation, **params)

    def answer(self, text: str) -> str:
        """What an application gets from Bedrock, which asks with the version that it reads."""
        asked: dict[str, Any] = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": text}]}]}
        asked["guardrailConfig"] = {"guardrailIdentifier": self.guardrail, "guardrailVersion": self.said()}
        said = root().read("bedrock-runtime", "Converse", asked, within=30)
        return str(said["output"]["message"]["content"][0]["text"])

    def lever(self, url: str) -> BedrockGuardrail:
        return BedrockGuardrail(connection(url, self.aws.root))

    def pulled(self) -> bool:
        return self.said() == "2"

    def disturb(self) -> None:
        self.say("3")


class VariableStage(GuardrailStage):
    """Said by a variable of a function, among others that are nobody's business."""

    name = "aws.bedrock_guardrail, a function's variable"

    def place(self) -> dict[str, Json]:
        self.world.function(FUNCTION, self.world.role("worker"))
        return {"function": FUNCTION}

    def say(self, version: str) -> None:
        self.environ({VARIABLE: version, "API_KEY": "kept-to-itself"})

    def environ(self, variables: Mapping[str, Json]) -> None:
        told: Json = {"Variables": dict(variables)}
        self.world.do("lambda", "UpdateFunctionConfiguration", FunctionName=FUNCTION, Environment=told)

    def environment(self) -> dict[str, str]:
        found = self.world.get("lambda", "GetFunctionConfiguration", FunctionName=FUNCTION)
        return dict(found["Environment"]["Variables"])

    def said(self) -> str:
        return self.environment()[VARIABLE]


class EnforcedStage(GuardrailStage):
    """Nobody says it: the application asks without a guardrail."""

    name = "aws.bedrock_guardrail, enforced"

    def place(self) -> dict[str, Json]:
        return {"enforced": "account"}

    def say(self, version: str) -> None:
        """Version 1 is not enforced: nothing is."""
        if version != "1":
            there = self.aws.guardrails.enforced
            config = {"configId": there["configId"]} if there else {}
            told: Json = {"guardrailIdentifier": self.guardrail, "guardrailVersion": version}
            self.bedrock("PutEnforcedGuardrailConfiguration", guardrailInferenceConfig=told, **config)

    def said(self) -> str:
        return str(self.aws.guardrails.enforced["guardrailVersion"]) if self.aws.guardrails.enforced else ""

    def answer(self, text: str) -> str:
        asked: Json = [{"role": "user", "content": [{"text": text}]}]
        said = root().read("bedrock-runtime", "Converse", {"modelId": MODEL, "messages": asked}, within=30)
        return str(said["output"]["message"]["content"][0]["text"])
