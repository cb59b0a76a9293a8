"""aws.bedrock_guardrail on the range's Bedrock: what reaches an application, and what would not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Ready
from psfir.errors import Busy, Declined, Denied, Drift, LeverError, NoSuchTarget, Refusal, UsageError
from psfir.levers.aws.bedrock_guardrail import BedrockGuardrail
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from tests.levers.aws.moto import connection, root
from tests.levers.aws.stage_bedrock_guardrail import (
    FUNCTION,
    MODEL,
    NO,
    SETTINGS,
    VARIABLE,
    EnforcedStage,
    GuardrailStage,
    VariableStage,
)

STAGES = [GuardrailStage, VariableStage, EnforcedStage]
KEPT = "kept-to-itself"


@pytest.fixture
def stage() -> Iterator[GuardrailStage]:
    with GuardrailStage() as stage:
        yield stage


@pytest.fixture
def variable() -> Iterator[VariableStage]:
    with VariableStage() as stage:
        yield stage


@pytest.fixture
def enforced() -> Iterator[EnforcedStage]:
    with EnforcedStage() as stage:
        yield stage


def planned(stage: GuardrailStage, settings: Mapping[str, Json] = SETTINGS) -> Change:
    lever = stage.lever(stage.upstream)
    change = lever.plan(stage.target, lever.read(stage.target, within=5), Mode.DEGRADE, settings)
    assert isinstance(change, Change)
    return change


def pulled(stage: GuardrailStage, settings: Mapping[str, Json] = SETTINGS) -> Change:
    change = planned(stage, settings)
    assert stage.lever(stage.upstream).apply(change, within=5).result is Result.CHANGED
    return change


def found(stage: GuardrailStage, settings: Mapping[str, Json] = SETTINGS) -> list[tuple[Ready, str]]:
    said = stage.lever(stage.upstream).check(stage.target, settings, within=10)
    return [(one.ready, one.says) for one in said]


def configuring(asked: Asked) -> bool:
    return asked.path.endswith("/configuration")


@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.name)
def test_an_application_gets_stricter_answers_and_the_former_ones_back(make: type[GuardrailStage]) -> None:
    """In each place it is Bedrock that blocks, by the version that the application reads or that is enforced."""
    with make() as stage:
        assert stage.answer("a refund, please") == "a refund, please"
        change = pulled(stage)
        assert stage.answer("a refund, please") == NO
        assert stage.lever(stage.upstream).verify(change, within=5).held is Held.HELD
        assert stage.lever(stage.upstream).restore(change, within=5).result is Result.CHANGED
        assert stage.answer("a refund, please") == "a refund, please"


@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.name)
def test_a_version_that_is_not_there_is_not_put(make: type[GuardrailStage]) -> None:
    """Every request would fail with it; check finds that the day before."""
    with make() as stage:
        change = planned(stage, {"version": "9"})
        with pytest.raises(NoSuchTarget, match="version 9"):
            stage.lever(stage.upstream).apply(change, within=5)
        assert stage.writes() == 0
        assert any(ready is Ready.WOULD_FAIL and "version 9" in says for ready, says in found(stage, {"version": "9"}))


def test_a_version_that_is_being_made_is_waited_for(stage: GuardrailStage) -> None:
    """It is there, and not yet ready."""
    stage.aws.guardrails.making = 3600.0
    with pytest.raises(Busy, match="is VERSIONING"):
        stage.lever(stage.upstream).apply(planned(stage), within=5)
    assert (Ready.COULD_NOT_TELL, "version 2 of the guardrail rail0001 is VERSIONING") in found(stage)


def test_a_version_that_was_deleted_since_is_not_put_back(stage: GuardrailStage) -> None:
    """Restore is exact or refused: the strict one stays."""
    change = pulled(stage)
    stage.bedrock("DeleteGuardrail", guardrailIdentifier=stage.guardrail, guardrailVersion="1")
    with pytest.raises(NoSuchTarget, match="version 1"):
        stage.lever(stage.upstream).restore(change, within=5)
    assert stage.said() == "2"


def test_a_guardrail_may_be_named_by_its_arn(stage: GuardrailStage) -> None:
    """As consoles show it."""
    arn = f"arn:aws:bedrock:eu-west-1:123456789012:guardrail/{stage.guardrail}"
    stage.target = {**stage.target, "guardrail": arn}
    pulled(stage)
    assert stage.said() == "2"
    assert f"(guardrail {stage.guardrail})" in planned(stage, {"version": "3"}).why


def test_the_draft_comes_back_and_is_never_put(stage: GuardrailStage) -> None:
    """It is found where somebody tries things; how strict it is nobody knows."""
    stage.say("DRAFT")
    change = pulled(stage)
    assert stage.lever(stage.upstream).restore(change, within=5).result is Result.CHANGED
    assert stage.said() == "DRAFT"
    with pytest.raises(UsageError, match="no numbered version"):
        planned(stage, {"version": "DRAFT"})


def test_what_else_the_parameter_holds_is_left_alone_and_not_shown(stage: GuardrailStage) -> None:
    """Such as a whole configuration: aws.appconfig and aws.ssm_parameter are for those."""
    stage.say(f'{{"guardrail": "1", "key": "{KEPT}"}}')
    with pytest.raises(Refusal, match="holds no version of a guardrail") as refused:
        stage.lever(stage.upstream).read(stage.target, within=5)
    assert KEPT not in str(refused.value)


def test_a_secure_parameter_is_refused(stage: GuardrailStage) -> None:
    """Its value would have to be written down."""
    stage.world.do("ssm", "DeleteParameter", Name=stage.target["parameter"])
    stage.world.do("ssm", "PutParameter", Name=stage.target["parameter"], Value="1", Type="SecureString")
    with pytest.raises(Refusal, match="is a SecureString"):
        stage.lever(stage.upstream).read(stage.target, within=5)


# --- a function's variable ---


def test_its_other_variables_stay_and_are_recorded_nowhere(variable: VariableStage) -> None:
    """Lambda takes all of them or loses them; they are sent back as they came."""
    change = pulled(variable)
    assert variable.environment() == {VARIABLE: "2", "API_KEY": KEPT}
    assert KEPT not in json.dumps(change.to_json())
    variable.lever(variable.upstream).restore(change, within=5)
    assert variable.environment() == {VARIABLE: "1", "API_KEY": KEPT}


def test_an_environment_that_cannot_be_read_is_not_written(variable: VariableStage) -> None:
    """Without the right to its key the variables are not shown, and would be lost."""
    trouble = {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "the key"}}}
    with Front(variable.upstream) as front:
        front.fault(Fault("sealed", reply=Reply(200, {"FunctionName": FUNCTION, **trouble})), when=configuring)
        with pytest.raises(Declined, match="cannot be read: AccessDeniedException"):
            variable.lever(front.url).read(variable.target, within=5)
    assert variable.writes() == 0


def test_an_update_under_way_is_waited_for_and_a_failed_one_told(variable: VariableStage) -> None:
    """Lambda takes none meanwhile; and while it lasts, what was put does not hold."""
    change = pulled(variable)

    def with_status(status: str) -> Fault:
        def spoil(answer: Reply) -> Reply:
            told = {**json.loads(answer.raw), "LastUpdateStatus": status, "LastUpdateStatusReason": "no image"}
            return Reply(answer.status, told)

        return Fault(status, spoil=spoil)

    with Front(variable.upstream) as front:
        lever = variable.lever(front.url)
        front.fault(with_status("InProgress"), when=configuring)
        look = lever.verify(change, within=5)
        assert (look.held, "still updating" in look.says) == (Held.NOT_HELD, True)
        with pytest.raises(Busy, match="still updating"):
            lever.restore(change, within=5)
        front.heal()
        front.fault(with_status("Failed"), when=configuring)
        assert "its last update failed: no image" in lever.verify(change, within=5).says


def test_lambda_is_told_which_revision_it_was_trap_19(variable: VariableStage) -> None:
    """Who changes the function in between is not overwritten, and the pull comes back."""
    sent: list[dict[str, Any]] = []

    def revised(answer: Reply) -> Reply:
        return Reply(answer.status, {**json.loads(answer.raw), "RevisionId": "r-1"})

    def clash(asked: Asked) -> Reply:
        sent.append(asked.json())
        return Reply(412, {"message": "not that revision"}, {"x-amzn-ErrorType": "PreconditionFailedException"})

    change = planned(variable)
    with Front(variable.upstream) as front:
        front.fault(Fault("revised", spoil=revised), when=lambda asked: configuring(asked) and not asked.writes)
        front.fault(Fault("clash", answer=clash), when=lambda asked: configuring(asked) and asked.writes)
        with pytest.raises(Busy, match="PreconditionFailedException"):
            variable.lever(front.url).apply(change, within=5)
    assert [one["RevisionId"] for one in sent] == ["r-1"]


def test_who_changed_the_variable_in_the_same_moment_keeps_it_trap_19(variable: VariableStage) -> None:
    """It is looked at once more, with all the others, right before it is written."""
    change = planned(variable)

    def meanwhile(answer: Reply) -> Reply:
        variable.environ({VARIABLE: "3"})
        return answer

    with Front(variable.upstream) as front:
        front.fault(Fault("slower", spoil=meanwhile), when=lambda asked: "/guardrails/" in asked.path)
        with pytest.raises(Drift, match="is 3 by now"):
            variable.lever(front.url).apply(change, within=5)
    assert variable.environment() == {VARIABLE: "3"}


def test_an_alias_of_a_published_version_is_found_beforehand(variable: VariableStage) -> None:
    """A published version keeps its environment: whoever asks by that alias would notice nothing."""
    assert Ready.WOULD_FAIL not in {ready for ready, _ in found(variable)}
    version = variable.world.do("lambda", "PublishVersion", FunctionName=FUNCTION)["Version"]
    variable.world.do("lambda", "CreateAlias", FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    says = [said for ready, said in found(variable) if ready is Ready.WOULD_FAIL]
    assert says == ["who asks for the function by live goes on with what that version was published with"]


@pytest.mark.parametrize(
    ("more", "error"),
    [({"variable": "OTHER"}, NoSuchTarget), ({"function": "gone"}, NoSuchTarget), ({"function": "a:live"}, UsageError)],
)
def test_what_is_not_there_is_told(variable: VariableStage, more: dict[str, Json], error: type[LeverError]) -> None:
    """A variable, a function, and a name that means a published version."""
    with pytest.raises(error):
        variable.lever(variable.upstream).read({**variable.target, **more}, within=5)


# --- enforced ---


def test_what_the_request_asks_for_counts_as_well(enforced: EnforcedStage) -> None:
    """Both are applied: to enforce one takes nothing away."""
    pulled(enforced)
    asked: dict[str, Any] = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "other things"}]}]}
    asked["guardrailConfig"] = {"guardrailIdentifier": enforced.guardrail, "guardrailVersion": "3"}
    said = root().read("bedrock-runtime", "Converse", asked, within=30)
    assert said["stopReason"] == "guardrail_intervened"


def test_who_may_not_apply_it_is_denied_and_check_says_so(enforced: EnforcedStage) -> None:
    """A role that asks for models alone gets no answer any more: a harder stop than a stricter guardrail."""
    pod = enforced.aws.account.user("pod", allowing("bedrock:InvokeModel"))
    asked: Json = [{"role": "user", "content": [{"text": "hello"}]}]
    client = BedrockGuardrail(connection(enforced.aws.url, pod))._aws  # noqa: SLF001 - a client with these keys
    params = {"modelId": MODEL, "messages": asked}
    assert client.read("bedrock-runtime", "Converse", params, within=30)
    assert any("needs bedrock:ApplyGuardrail" in says for _, says in found(enforced))
    pulled(enforced)
    with pytest.raises(Denied, match="bedrock:ApplyGuardrail"):
        client.read("bedrock-runtime", "Converse", params, within=30)


def allowing(action: str) -> dict[str, Json]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def test_it_may_be_for_some_models_alone(enforced: EnforcedStage) -> None:
    """The others go on as before; putting back leaves nothing enforced."""
    change = pulled(enforced, {"version": "2", "models": ["amazon.nova-pro-v1:0"]})
    assert enforced.answer("a refund, please") == "a refund, please"
    assert enforced.aws.guardrails.enforced is not None
    assert enforced.lever(enforced.upstream).restore(change, within=5).result is Result.CHANGED
    assert enforced.aws.guardrails.enforced is None


def test_what_was_enforced_keeps_its_models_and_comes_back(enforced: EnforcedStage) -> None:
    """Only the version changes, and the configuration stays the same one."""
    told: dict[str, Json] = {"guardrailIdentifier": enforced.guardrail, "guardrailVersion": "1"}
    told["modelEnforcement"] = {"includedModels": ["ALL"], "excludedModels": ["amazon.titan-embed-text-v2:0"]}
    told["selectiveContentGuarding"] = {"system": "SELECTIVE", "messages": "COMPREHENSIVE"}
    enforced.bedrock("PutEnforcedGuardrailConfiguration", guardrailInferenceConfig=told)
    before = enforced.aws.guardrails.enforced
    change = pulled(enforced)
    assert enforced.aws.guardrails.enforced == {**(before or {}), "guardrailVersion": "2"}
    enforced.lever(enforced.upstream).restore(change, within=5)
    assert enforced.aws.guardrails.enforced == before


def test_another_teams_guardrail_is_not_replaced(enforced: EnforcedStage) -> None:
    """An account enforces one: to put ours would take theirs away."""
    made = {"name": "theirs", "blockedInputMessaging": NO, "blockedOutputsMessaging": NO}
    other = enforced.bedrock("CreateGuardrail", **made)["guardrailId"]
    enforced.bedrock("CreateGuardrailVersion", guardrailIdentifier=other)
    told: Json = {"guardrailIdentifier": other, "guardrailVersion": "1"}
    enforced.bedrock("PutEnforcedGuardrailConfiguration", guardrailInferenceConfig=told)
    with pytest.raises(Refusal, match="enforces another guardrail"):
        planned(enforced)
    assert any(ready is Ready.WOULD_FAIL and "another guardrail" in says for ready, says in found(enforced))


def test_what_could_not_be_put_back_is_refused(enforced: EnforcedStage) -> None:
    """An older way to honour tags is told of what is there, and can be said no longer."""
    one = {"configId": "x", "guardrailId": "old", "guardrailVersion": "1", "owner": "ACCOUNT", "inputTags": "HONOR"}
    with Front(enforced.upstream) as front:
        front.fault(Fault("old", reply=Reply(200, {"guardrailsConfig": [one]})))
        with pytest.raises(Refusal, match="could not be put back"):
            enforced.lever(front.url).read(enforced.target, within=5)
