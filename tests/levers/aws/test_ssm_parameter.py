"""aws.ssm_parameter on the moto server: secrets, versions, and what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.about import LeverAbout, Phase
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.needs import Use, needs
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Busy, Drift, LeverError, NoSuchTarget, Refusal, UsageError
from psfir.levers.aws.ssm_parameter import SsmParameter
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import KEYS, connection, enforced, moto
from tests.levers.aws.stage import operation
from tests.levers.aws.stage_ssm_parameter import PARAMETER, SETTINGS, TARGET, SsmParameterStage

SECRET = "kept-to-itself"
CONCURRENT = Reply(400, {"__type": "TooManyUpdates", "message": "there are concurrent updates"})


@pytest.fixture
def stage() -> Iterator[SsmParameterStage]:
    with SsmParameterStage() as stage:
        yield stage


def planned(lever: SsmParameter, target: Mapping[str, Json] = TARGET) -> Change:
    change = lever.plan(target, lever.read(target, within=5), Mode.DISABLE, SETTINGS)
    assert isinstance(change, Change)
    return change


def test_a_secret_is_neither_read_nor_written(stage: SsmParameterStage) -> None:
    """No reading holds its value, not even encrypted, and planning refuses; check says so the day before."""
    stage.put(SECRET, "/support-assistant/key", Type="SecureString")
    target = {**TARGET, "parameter": "/support-assistant/key"}
    lever = stage.lever(stage.upstream)
    reading = lever.read(target, within=5)
    assert reading.state == {"type": "SecureString", "data_type": "text"}
    with pytest.raises(Refusal, match="would have to write it down"):
        planned(lever, target)
    found = lever.check(target, SETTINGS, within=5)
    assert (Matter.TARGET, Ready.WOULD_FAIL) in {(each.matter, each.ready) for each in found}
    assert SECRET not in f"{found}"
    assert "kms" not in f"{reading} {found}"


def test_a_parameter_that_became_a_secret_is_left_alone(stage: SsmParameterStage) -> None:
    """Between the plan and the pull: nothing of it is shown or written."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    stage.world.do("ssm", "DeleteParameter", Name=PARAMETER)
    stage.put(SECRET, Type="SecureString")
    with pytest.raises(Drift, match="is a SecureString") as refused:
        lever.apply(change, within=5)
    assert SECRET not in f"{refused.value} {refused.value.found}"
    assert stage.writes() == 0


def test_a_value_with_the_connections_own_key_is_refused(stage: SsmParameterStage) -> None:
    """Scrubbed in the record, it could not be put back."""
    stage.put(f"key={KEYS['secret_access_key']}")
    with pytest.raises(Refusal, match="holds a secret") as refused:
        stage.lever(stage.upstream).read(TARGET, within=5)
    assert KEYS["secret_access_key"] not in str(refused.value)


@pytest.mark.parametrize(
    ("values", "words"), [(["model-small"], "wrote version 2 in"), (["a", "b"], "wrote versions 2 to 3 in")]
)
def test_somebody_who_wrote_in_the_same_moment_is_told_of(
    stage: SsmParameterStage, values: list[str], words: str
) -> None:
    """Parameter Store lets the last one win; the versions show that there was another."""

    def meanwhile(answer: Reply) -> Reply:
        for value in values:
            stage.put(value)
        return answer

    change = planned(stage.lever(stage.upstream))
    with Front(stage.upstream) as front:
        front.fault(Fault("slower", spoil=meanwhile), when=lambda asked: operation(asked) == "GetParameter")
        pulled = stage.lever(front.url).apply(change, within=5)
    assert pulled.result is Result.CHANGED
    assert words in pulled.says
    assert stage.pulled()


def test_alone_nobody_is_suspected(stage: SsmParameterStage) -> None:
    """A kill and its restore are versions 2 and 3, and say nothing of others."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    assert change.version == "1"
    assert "somebody" not in lever.apply(change, within=5).says
    assert "somebody" not in lever.restore(change, within=5).says
    assert (stage.found()["Value"], stage.found()["Version"]) == ("model-large", 3)


def test_updates_at_once_are_busy(stage: SsmParameterStage) -> None:
    """AWS took none of it: it may be tried again."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(lever)
        front.fault(Fault("concurrent", reply=CONCURRENT), when=stage.writing)
        with pytest.raises(Busy):
            lever.apply(change, within=5)


def test_its_type_and_data_type_stay(stage: SsmParameterStage) -> None:
    """Without a word about it, a new version would be plain text."""
    stage.put("ami-12c6146b", "/support-assistant/image", Type="String", DataType="aws:ec2:image")
    lever, target = stage.lever(stage.upstream), {**TARGET, "parameter": "/support-assistant/image"}
    lever.apply(planned(lever, target), within=5)
    there = stage.world.get("ssm", "GetParameter", Name="/support-assistant/image")["Parameter"]
    assert (there["Value"], there["Type"], there["DataType"]) == ("off", "String", "aws:ec2:image")


def test_a_parameter_that_is_not_there_is_no_such_target(stage: SsmParameterStage) -> None:
    """It is not made, or its restore would have to delete it."""
    with pytest.raises(NoSuchTarget):
        stage.lever(stage.upstream).read({**TARGET, "parameter": "/gone"}, within=5)


@pytest.mark.parametrize("name", [f"{PARAMETER}:3", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PARAMETER}"])
def test_a_version_or_an_arn_cannot_be_written(stage: SsmParameterStage, name: str) -> None:
    """What to say instead is said, before anything is asked."""
    with pytest.raises(UsageError, match="could be written"):
        stage.lever(stage.upstream).read({**TARGET, "parameter": name}, within=5)
    assert stage.asked == []


def test_an_answer_without_a_value_is_no_reading(stage: SsmParameterStage) -> None:
    """Else it would be recorded as if there were none."""
    with Front(stage.upstream) as front:
        front.fault(Fault("odd", reply=Reply(200, {"Parameter": {"Name": PARAMETER, "Type": "String"}})))
        with pytest.raises(LeverError, match="without a value"):
            stage.lever(front.url).read(TARGET, within=5)


def test_somebody_else_set_it_before_restore_trap_19(stage: SsmParameterStage) -> None:
    """Their value stands."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    stage.disturb()
    with pytest.raises(Drift, match="model-small"):
        lever.restore(change, within=5)
    assert stage.found()["Value"] == "model-small"


@pytest.mark.parametrize("name", [PARAMETER, "support-assistant-mode"])
def test_the_policy_that_is_printed_names_the_parameter(name: str) -> None:
    """A name in a hierarchy begins with the slash that an ARN has anyway."""
    about: LeverAbout = SsmParameter.about
    target = {"connection": "aws-prod", "parameter": name}
    (resource,) = {need.resource for need in needs(Use(about, target, "off"), Phase.KILL)}
    assert resource == f"arn:aws:ssm:*:*:parameter/{name.removeprefix('/')}"


def test_it_takes_no_more_than_it_says(stage: SsmParameterStage) -> None:
    """With policies enforced, the permissions of `about` suffice for all of it; check weighs the parameter, too."""
    actions = [one.action for one in SsmParameter.about.permissions]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    narrow = {**statement, "Resource": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PARAMETER}"}
    own = stage.world.user("own", {"Version": "2012-10-17", "Statement": [narrow]})
    with enforced():
        lever = SsmParameter(connection(keys=keys))
        change = planned(lever)
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert lever.verify(change, within=5).held is Held.HELD
        assert lever.restore(change, within=5).result is Result.CHANGED
    with AwsRange(moto(), AwsClient(connection())) as aws:
        found = SsmParameter(connection(aws.url, own)).check(TARGET, SETTINGS, within=10)
    assert {each.ready for each in found} == {Ready.READY}
