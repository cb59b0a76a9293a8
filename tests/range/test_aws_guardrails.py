"""The range's guardrails: versions that stay, words that are blocked, and what an account enforces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from psfir.errors import Busy, Declined, Denied, NoSuchTarget
from psfir.range.aws.account import connection
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.range.aws_range import MODEL, ROLE, aws_range, pod, policy

NO_IN, NO_OUT = "You may not say that.", "I may not say that."
MESSAGES = {"blockedInputMessaging": NO_IN, "blockedOutputsMessaging": NO_OUT}


class Rails:
    """A guardrail whose version 1 blocks one word."""

    def __init__(self, aws: AwsRange) -> None:
        self.aws = aws
        aws.bedrock.models = lambda _model, asked: {"content": asked["messages"][-1]["content"]}
        self.root = AwsClient(connection(aws.url, aws.root))
        self.id = self.do("CreateGuardrail", name="assistant", **words("refund"))["guardrailId"]
        self.do("CreateGuardrailVersion", guardrailIdentifier=self.id)

    def do(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.root.write("bedrock", operation, params, within=30)

    def enforce(self, version: str = "1", **more: Any) -> None:
        told = {"guardrailIdentifier": self.id, "guardrailVersion": version}
        self.do("PutEnforcedGuardrailConfiguration", guardrailInferenceConfig=told, **more)

    def said(self, text: str, version: str = "", client: AwsClient | None = None) -> tuple[str, str]:
        """The answer, and why it stopped."""
        asked: dict[str, Any] = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": text}]}]}
        if version:
            asked["guardrailConfig"] = {"guardrailIdentifier": self.id, "guardrailVersion": version}
        said = (client or self.root).read("bedrock-runtime", "Converse", asked, within=30)
        return said["output"]["message"]["content"][0]["text"], said["stopReason"]


def words(*blocked: str) -> dict[str, Any]:
    return {"wordPolicyConfig": {"wordsConfig": [{"text": one} for one in blocked]}, **MESSAGES}


@pytest.fixture
def rails() -> Iterator[Rails]:
    with aws_range() as aws:
        aws.account.role(ROLE)
        yield Rails(aws)


def test_a_version_stays_as_it_was_made(rails: Rails) -> None:
    """The draft changes under whoever edits it; what is asked for by number does not."""
    rails.do("UpdateGuardrail", guardrailIdentifier=rails.id, name="assistant", **words("weather"))
    assert rails.said("the weather", "1") == ("the weather", "end_turn")
    assert rails.said("the weather", "DRAFT") == (NO_IN, "guardrail_intervened")
    found = rails.root.read("bedrock", "GetGuardrail", {"guardrailIdentifier": rails.id}, within=30)
    assert (found["version"], found["status"], found["wordPolicy"]["words"]) == (
        "DRAFT",
        "READY",
        [{"text": "weather"}],
    )


def test_what_a_model_answers_is_weighed_too(rails: Rails) -> None:
    """With another message than what a person said."""
    rails.aws.bedrock.models = lambda _model, _asked: {"content": [{"text": "a Refund!"}]}
    assert rails.said("hello", "1") == (NO_OUT, "guardrail_intervened")


def test_invoke_model_names_it_in_headers(rails: Rails) -> None:
    """The model's own format has no place for it."""
    body = json.dumps({"max_tokens": 9, "messages": [{"role": "user", "content": "a refund"}]})
    asked = {"modelId": MODEL, "body": body, "guardrailIdentifier": rails.id, "guardrailVersion": "1"}
    said = rails.root.read("bedrock-runtime", "InvokeModel", asked, within=30)
    assert json.loads(said["body"].read())["content"][0]["text"] == NO_IN


def test_a_version_that_is_not_there_fails_every_request(rails: Rails) -> None:
    """As a wrong request; asked for by itself it is not found."""
    with pytest.raises(Declined, match="guardrail identifier or version"):
        rails.said("hello", "9")
    with pytest.raises(NoSuchTarget):
        rails.do("GetGuardrail", guardrailIdentifier=rails.id, guardrailVersion="9")


def test_what_is_enforced_counts_for_every_request(rails: Rails) -> None:
    """Once it has come through, until it is let go of, and only for the models that it is for."""
    rails.aws.guardrails.delay = 3600.0
    rails.enforce()
    assert rails.said("a refund") == ("a refund", "end_turn")
    rails.aws.guardrails.delay = 0.0
    config = rails.do("ListEnforcedGuardrailsConfiguration")["guardrailsConfig"][0]["configId"]
    rails.enforce(configId=config)
    assert rails.said("a refund") == (NO_IN, "guardrail_intervened")
    some = {"includedModels": ["ALL"], "excludedModels": [MODEL]}
    told = {"guardrailIdentifier": rails.id, "guardrailVersion": "1", "modelEnforcement": some}
    rails.do("PutEnforcedGuardrailConfiguration", guardrailInferenceConfig=told, configId=config)
    assert rails.said("a refund") == ("a refund", "end_turn")
    rails.do("DeleteEnforcedGuardrailConfiguration", configId=config)
    assert rails.do("ListEnforcedGuardrailsConfiguration")["guardrailsConfig"] == []


def test_an_account_enforces_one(rails: Rails) -> None:
    """A second one clashes, and so does letting go of what is enforced in another way."""
    rails.enforce()
    with pytest.raises(Busy, match="400 ConflictException"):
        rails.enforce()
    with pytest.raises(Busy, match="ConflictException"):
        rails.do("DeleteGuardrail", guardrailIdentifier=rails.id)
    with pytest.raises(NoSuchTarget):
        rails.do("DeleteEnforcedGuardrailConfiguration", configId="other")
    rails.do("DeleteEnforcedGuardrailConfiguration", configId="range")
    with pytest.raises(NoSuchTarget):
        rails.enforce(configId="range")
    rails.do("DeleteGuardrail", guardrailIdentifier=rails.id, guardrailVersion="1")
    rails.do("DeleteGuardrail", guardrailIdentifier=rails.id)


def test_a_role_needs_the_right_to_apply_it(rails: Rails) -> None:
    """Named or enforced: the right to ask a model is not enough."""
    rails.aws.account.allow(ROLE, policy("Allow", "bedrock:InvokeModel"))
    client = pod(rails.aws)
    assert rails.said("hello", client=client) == ("hello", "end_turn")
    with pytest.raises(Denied, match="bedrock:ApplyGuardrail"):
        rails.said("hello", "1", client)
    rails.enforce()
    with pytest.raises(Denied, match=f"guardrail/{rails.id}"):
        rails.said("hello", client=client)
    rails.aws.account.allow(ROLE, policy("Allow", "bedrock:InvokeModel", "bedrock:ApplyGuardrail"))
    assert rails.said("hello", client=client) == ("hello", "end_turn")
    with pytest.raises(Denied, match="bedrock:GetGuardrail"):
        client.read("bedrock", "GetGuardrail", {"guardrailIdentifier": rails.id}, within=30)
