"""What goes wrong at AWS bites at psfir's own client, and is gone when it is healed."""

import json

import pytest

from psfir.errors import Busy, Denied, LeverError
from psfir.range.faults.order import Order
from psfir.range.faults.standing import Faults
from psfir.range.metrics.counters import Counters
from tests.range.faults.reaching import AGENT, Reaching, until

pytestmark = pytest.mark.xdist_group("range")
ROLE = {"RoleName": AGENT}
CONTROL: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("iam", "GetRole", ROLE),
    ("lambda", "ListFunctions", {}),
    ("ecs", "ListClusters", {}),
)
WITHIN = 10.0


@pytest.mark.parametrize("asked", CONTROL, ids=[one[0] for one in CONTROL])
@pytest.mark.parametrize(("name", "error"), [("aws.denied", Denied), ("aws.throttled", Busy)])
def test_every_protocol_says_it_in_its_own_words(
    faults: Faults, reaching: Reaching, name: str, error: type[LeverError], asked: tuple[str, str, dict[str, str]]
) -> None:
    """In XML, in REST and in JSON; and nothing of it is left when it is healed."""
    faults.begin(Order(name))
    with pytest.raises(error):
        reaching.aws.read(*asked, within=WITHIN)
    faults.heal()
    assert reaching.aws.read(*asked, within=WITHIN)


def test_the_assistant_itself_is_not_refused(faults: Faults, reaching: Reaching) -> None:
    """Its tools and its model answer while those who run things are refused."""
    faults.begin(Order("aws.denied"))
    before = tools(reaching.estate.counters)
    until(lambda: tools(reaching.estate.counters) > before + 3)


def test_only_the_services_that_are_named(faults: Faults, reaching: Reaching) -> None:
    """Lambda refuses, and IAM does not."""
    faults.begin(Order("aws.denied", {"services": "lambda"}))
    assert reaching.aws.read("iam", "GetRole", ROLE, within=WITHIN)
    with pytest.raises(Denied):
        reaching.aws.read("lambda", "ListFunctions", {}, within=WITHIN)


def test_models_and_data_are_refused_where_they_are_named(faults: Faults, reaching: Reaching) -> None:
    """The assistant's own calls, too: it falls back on its prepared text, and nothing else of AWS is refused."""
    faults.begin(Order("aws.denied", {"services": "bedrock,dynamodb"}))
    assert not serves(reaching)
    assert reaching.edge()["answers"] == "prepared"
    assert reaching.aws.read("iam", "GetRole", ROLE, within=WITHIN)
    faults.heal()
    assert serves(reaching)
    assert reaching.edge()["answers"] == "live"


def test_a_policy_counts_later_than_it_can_be_read(faults: Faults, reaching: Reaching) -> None:
    """The deny is there, and the assistant's role is served until it counts."""
    faults.begin(Order("aws.propagation", {"delay": "2s"}))
    denied = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}]}
    policy = {**ROLE, "PolicyName": "psfir-test"}
    reaching.aws.write("iam", "PutRolePolicy", {**policy, "PolicyDocument": json.dumps(denied)}, within=WITHIN)
    try:
        assert serves(reaching)
        assert reaching.aws.read("iam", "GetRolePolicy", policy, within=WITHIN)
        until(lambda: not serves(reaching))
    finally:
        faults.heal()
        reaching.aws.write("iam", "DeleteRolePolicy", policy, within=WITHIN)
    until(lambda: serves(reaching))


def serves(reaching: Reaching) -> bool:
    """Whether the store answers in a session of the assistant's role."""
    asked = {"TableName": "assistants-orders", "Key": {"order": {"S": "none"}}}
    try:
        reaching.estate.cloud.client(AGENT).read("dynamodb", "GetItem", asked, within=WITHIN)
    except Denied:
        return False
    return True


def tools(counters: Counters) -> float:
    return counters.value("gateway_tool_calls_total", outcome="done")
