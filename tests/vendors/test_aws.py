"""The AWS client against the moto server: whose keys, what each answer means, and that none is late."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

from psfir.domain.canon import Json
from psfir.errors import (
    Busy,
    Declined,
    Denied,
    LeverError,
    NoAnswer,
    NoSuchTarget,
    PsfirError,
    Refusal,
    Unreachable,
    UsageError,
)
from psfir.range.aws.moto import ACCOUNT
from psfir.range.faulty import Fault, cut_in_body, drip, hang, hang_in_body, reset
from psfir.range.front import Front
from psfir.range.server import Reply, Wire
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient
from psfir.vendors.aws_errors import Ask, Teller, Throttled
from tests.levers.aws.moto import KEYS, World, connection, enforced, moto
from tests.levers.aws.moto import reset as empty
from tests.shares import told

SHORT = 0.3
GET = ("iam", "GetRole", {"RoleName": "support-agent"})
PUT = ("lambda", "PutFunctionConcurrency", {"FunctionName": "agent", "ReservedConcurrentExecutions": 0})
POWERLESS: Mapping[str, Json] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
Spoil: TypeAlias = Callable[[Reply | None, Event], Wire]


@pytest.fixture
def world() -> World:
    empty()
    return World()


@pytest.fixture
def front(world: World) -> Iterator[Front]:
    world.role()
    with Front(moto()) as front:
        yield front


def raised(
    client: AwsClient,
    call: tuple[str, str, dict[str, Any]],
    reached: Callable[[], object] = lambda: True,
    *,
    within: float = 10.0,
) -> PsfirError:
    """The error a call ends with, which tells no secret and came in time."""
    send = client.read if call[1].startswith("Get") else client.write
    error = told(lambda share: send(*call, within=share), reached, share=within)
    assert isinstance(error, PsfirError), error
    assert KEYS["secret_access_key"] not in str(error)
    return error


def meaning(status: int, code: str, message: str = "", *, writes: bool = False) -> PsfirError:
    """What the table makes of an answer."""
    said: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    ask = Ask("iam", "PutRolePolicy", {}, writes)
    return Teller("connection aws-prod", str).meaning(ClientError(said, "PutRolePolicy"), ask)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDenied", Denied),
        (400, "AccessDeniedException", Denied),
        (400, "UnrecognizedClientException", Denied),
        (403, "InvalidClientTokenId", Denied),
        (400, "ExpiredTokenException", Denied),
        (403, "SomethingNew", Denied),
        (400, "Throttling", Throttled),
        (400, "ThrottlingException", Throttled),
        (429, "TooManyRequestsException", Throttled),
        (409, "ConcurrentModification", Busy),
        (400, "ResourceInUseException", Busy),
        (400, "ScalingActivityInProgress", Busy),
        (400, "TooManyUpdates", Busy),
        (404, "NoSuchEntity", NoSuchTarget),
        (400, "ParameterNotFound", NoSuchTarget),
        (400, "AWS.SimpleQueueService.NonExistentQueue", NoSuchTarget),
        (400, "ClusterNotFoundException", NoSuchTarget),
        (404, "com.amazonaws#ResourceNotFoundException", NoSuchTarget),
        (400, "InvalidGroup.NotFound", NoSuchTarget),
        (400, "TargetGroupNotFound", NoSuchTarget),
        (400, "WAFNonexistentItemException", NoSuchTarget),
        (400, "WAFOptimisticLockException", Busy),
        (400, "MalformedPolicyDocument", Declined),
        (409, "LimitExceeded", Declined),
        (301, "PermanentRedirect", Declined),
    ],
)
def test_each_code_means_one_thing(status: int, code: str, kind: type[PsfirError]) -> None:
    """Whether it was read or written, these answers say that nothing was done, and why."""
    assert type(meaning(status, code)) is kind
    assert type(meaning(status, code, writes=True)) is kind


def test_a_fault_of_the_service_leaves_a_write_unknown() -> None:
    """A 500 may have come after the deed."""
    assert type(meaning(500, "ServiceFailure", writes=True)) is NoAnswer
    assert type(meaning(503, "ServiceUnavailable", writes=True)) is NoAnswer
    assert type(meaning(503, "ServiceUnavailable")) is Busy


def test_a_denial_names_the_missing_action() -> None:
    """The cure is in the sentence: which action, on what; an explicit deny is cured by no policy."""
    said = "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PutRolePolicy on resource: role agent"
    assert "allow iam:PutRolePolicy on role" in meaning(403, "AccessDenied", said).todo
    assert "allow iam:PutRolePolicy to" in meaning(403, "AccessDenied", "no").todo
    assert "denies iam:PutRolePolicy on role" in meaning(403, "AccessDenied", f"{said} with an explicit deny").todo


@pytest.mark.parametrize(
    ("ask", "action"),
    [
        (Ask("iam", "PutRolePolicy", {}), "iam:PutRolePolicy"),
        (Ask("elbv2", "ModifyRule", {}), "elasticloadbalancing:ModifyRule"),
        (Ask("apigateway", "GetStage", {}), "apigateway:GET"),
        (Ask("apigateway", "UpdateStage", {}), "apigateway:PATCH"),
    ],
)
def test_an_action_is_called_as_policies_call_it(ask: Ask, action: str) -> None:
    """Which is not always as its service is called, or the operation."""
    assert ask.action == action


def test_a_clock_that_is_wrong_is_not_taken_for_wrong_keys() -> None:
    """The code is the one of a wrong secret; only the message tells."""
    said = "Signature expired: 20261121T100000Z is now earlier than 20261121T103000Z (20261121T103500Z - 5 min.)"
    for code in ("SignatureDoesNotMatch", "InvalidSignatureException"):
        assert "set the clock" in meaning(403, code, said).todo
    assert "renew them" in meaning(403, "SignatureDoesNotMatch", "The request signature does not match").todo


def test_a_denial_in_the_xml_of_another_protocol_is_one() -> None:
    """SQS answers with the status as its code and XML as its message."""
    message = "User: x is not authorized to perform: sqs:SendMessage"
    xml = f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
    error = meaning(403, "403", xml)
    assert type(error) is Denied
    assert "sqs:SendMessage" in error.todo
    assert type(meaning(400, "400", xml)) is Denied


def test_a_call_goes_to_the_account(world: World) -> None:
    """Through botocore's models and signatures, over psfir's wire."""
    arn = world.role()
    client = AwsClient(connection())
    assert client.read(*GET, within=5)["Role"]["Arn"] == arn
    assert client.identity(within=5).account == ACCOUNT


def test_a_second_call_reuses_the_connection(front: Front) -> None:
    """Greeting AWS costs more than asking it."""
    client = AwsClient(connection(front.url))
    client.read(*GET, within=5)
    client.read(*GET, within=5)
    assert len(front.seen) == 2


def test_what_is_not_there_is_no_such_target(world: World) -> None:
    """A role and a function that nobody made."""
    assert type(raised(AwsClient(connection()), GET)) is NoSuchTarget
    assert type(raised(AwsClient(connection()), PUT)) is NoSuchTarget


def test_a_refused_connection_and_an_unknown_name_are_unreachable() -> None:
    """Nothing was sent, for a write too."""
    for url in ("http://127.0.0.1:9", "https://aws.invalid"):
        assert type(raised(AwsClient(connection(url)), PUT)) is Unreachable
        assert type(raised(AwsClient(connection(url)), GET)) is Unreachable


def test_plain_http_to_another_machine_is_refused() -> None:
    """Whoever listens in could take the session's token."""
    assert type(raised(AwsClient(connection("http://192.0.2.1:80")), PUT)) is Refusal


def test_a_certificate_nobody_knows_is_unreachable(front: Front) -> None:
    """TLS to what speaks none: nothing was sent."""
    assert type(raised(AwsClient(connection(front.url.replace("http:", "https:"))), PUT)) is Unreachable


@pytest.mark.parametrize("wire", [hang, hang_in_body, cut_in_body, drip, reset])
def test_an_answer_that_never_ends_leaves_a_write_unknown(front: Front, wire: Spoil) -> None:
    """However slowly it drips; and what was only to be read is tried again at no risk."""
    front.fault(Fault("lost", carry=True, wire=wire))
    client = AwsClient(connection(front.url))
    for call, kind in ((PUT, NoAnswer), (GET, Unreachable)):
        front.seen.clear()
        assert type(raised(client, call, lambda: front.seen, within=SHORT)) is kind


def test_no_time_left_is_unreachable(front: Front) -> None:
    """A call without a share sends nothing."""
    assert type(raised(AwsClient(connection(front.url)), PUT, within=0.0)) is Unreachable
    assert front.seen == []


@pytest.mark.parametrize("page", [b"<html><body>Sign in</body></html>", b"[]", b"nothing"])
def test_a_page_of_whoever_stands_in_between_is_no_answer_of_aws(front: Front, page: bytes) -> None:
    """Else it would be read as an answer that says nothing: a concurrency that is not reserved."""
    front.fault(Fault("captive", reply=Reply(200, page, {"Content-Type": "text/html"})))
    client = AwsClient(connection(front.url))
    get = ("lambda", "GetFunctionConcurrency", {"FunctionName": "agent"})
    assert type(raised(client, get)) is LeverError
    assert type(raised(client, GET)) is LeverError
    assert type(raised(client, PUT)) is NoAnswer


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (502, Busy, NoAnswer),
        (503, Busy, NoAnswer),
        (429, Throttled, Throttled),
        (403, Denied, Denied),
        (404, NoSuchTarget, NoSuchTarget),
    ],
)
def test_an_error_page_is_judged_by_its_status(front: Front, status: int, read: type, write: type) -> None:
    """A load balancer speaks neither XML nor JSON."""
    page = Reply(status, b"<html><h1>no</h1></html>", {"Content-Type": "text/html", "Retry-After": "7"})
    front.fault(Fault("balancer", reply=page))
    client = AwsClient(connection(front.url))
    found = raised(client, GET)
    assert type(found) is read
    assert type(raised(client, PUT)) is write
    assert not isinstance(found, Busy) or found.after == 7


def test_many_threads_share_one_client(front: Front) -> None:
    """Each call has its own share: one that hangs takes nothing from the others."""
    lost = {"RoleName": "lost"}
    front.fault(Fault("lost", wire=hang), when=lambda asked: b"RoleName=lost" in asked.body)
    client = AwsClient(connection(front.url))

    def ask(number: int) -> str:
        try:
            params, within = (lost, SHORT) if number % 4 == 0 else (GET[2], 10)
            return str(client.read("iam", "GetRole", params, within=within)["Role"]["RoleName"])
        except Unreachable:
            return "unreachable"

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(16))) == ["unreachable", *["support-agent"] * 3] * 4


def test_a_write_is_sent_once(front: Front) -> None:
    """Whatever the answer: the SDK's own retries are off."""
    front.fault(Fault("broken", reply=Reply(500, {"__type": "ServiceException", "message": "no"})))
    raised(AwsClient(connection(front.url)), PUT)
    assert len(front.seen) == 1


def test_another_account_is_refused_before_the_first_write(front: Front) -> None:
    """Nothing was written to an account that the connection does not name."""
    client = AwsClient(connection(front.url, account="999999999999"))
    error = raised(client, PUT)
    assert type(error) is Refusal
    assert ACCOUNT in str(error)
    assert [asked.method for asked in front.seen] == ["POST"], "it asked who it is, and wrote nothing"


def test_the_account_is_asked_once(world: World, front: Front) -> None:
    """The right one is not asked for again at each write."""
    world.allow("support-agent")
    client = AwsClient(connection(front.url, account=ACCOUNT))
    tag = ("iam", "TagRole", {"RoleName": "support-agent", "Tags": [{"Key": "a", "Value": "b"}]})
    client.write(*tag, within=5)
    client.write(*tag, within=5)
    assert len(front.seen) == 3


def test_keys_that_aws_does_not_know_are_denied(world: World) -> None:
    """It says that the keys are wrong, not that a permission is missing."""
    with enforced():
        error = raised(AwsClient(connection()), GET)
    assert type(error) is Denied
    assert "renew" in error.todo


def test_a_missing_permission_is_denied_and_named(world: World) -> None:
    """With moto's enforcement on: the action that a policy must allow is in the sentence."""
    world.role()
    keys = world.user(document=POWERLESS)
    with enforced():
        error = raised(AwsClient(connection(keys=keys)), GET)
    assert type(error) is Denied
    assert "allow iam:GetRole" in error.todo


def test_a_role_is_assumed_with_its_external_id_and_kept(world: World, front: Front) -> None:
    """Calls are signed with the role's keys; the role is asked for once, and the external id goes along."""
    arn = world.role("killer")
    client = AwsClient(connection(front.url, {**KEYS, "external_id": "shared-with-psfir"}, assume_role=arn))
    assert ":assumed-role/killer/psfir" in client.identity(within=5).arn
    client.identity(within=5)
    assumed = [asked for asked in front.seen if b"Action=AssumeRole" in asked.body]
    assert len(assumed) == 1
    assert b"ExternalId=shared-with-psfir" in assumed[0].body


def test_rotated_keys_are_found(world: World, front: Front) -> None:
    """Secrets are looked up for each call, so the new key signs the next one."""
    secrets = dict(KEYS)
    client = AwsClient(FakeConnection("aws-prod", "aws", connection(front.url).settings, secrets))
    client.read(*GET, within=5)
    secrets["access_key_id"] = "AKIAIOSFODNN7ROTATED"
    client.read(*GET, within=5)
    assert "AKIAIOSFODNN7ROTATED" in front.seen[-1].headers["authorization"]


def test_half_of_the_keys_is_denied() -> None:
    """It says which half is missing."""
    error = raised(AwsClient(connection(keys={"access_key_id": "AKIAIOSFODNN7EXAMPLE"})), GET)
    assert type(error) is Denied
    assert "secret_access_key" in error.todo


def test_no_credentials_is_denied() -> None:
    """It says what to do."""
    client = AwsClient(FakeConnection("aws-prod", "aws", {"region": "eu-west-1"}))
    error = raised(client, GET)
    assert type(error) is Denied
    assert "name a profile or keys" in error.todo


def test_a_profile_that_is_not_there_is_denied() -> None:
    """It names the profile."""
    error = raised(AwsClient(FakeConnection("aws-prod", "aws", {"region": "eu-west-1", "profile": "gone"})), GET)
    assert type(error) is Denied
    assert "gone" in str(error)


def test_a_profile_is_used(front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own files are searched if psfir.yaml names no keys."""
    file = tmp_path / "credentials"
    file.write_text("[night]\naws_access_key_id = AKIANIGHT\naws_secret_access_key = of-the-night\n", encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    settings = {**connection(front.url).settings, "profile": "night"}
    AwsClient(FakeConnection("aws-prod", "aws", settings)).read(*GET, within=5)
    assert "AKIANIGHT" in front.seen[-1].headers["authorization"]


def test_a_profile_whose_program_hangs_does_not_outlast_the_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in program that waits for somebody is left behind."""
    file = tmp_path / "config"
    program = f"{sys.executable} -c 'import time; time.sleep(20)'"
    file.write_text(f"[profile slow]\ncredential_process = {program}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    client = AwsClient(FakeConnection("aws-prod", "aws", {"region": "eu-west-1", "profile": "slow"}))
    assert type(raised(client, GET, within=SHORT)) is Unreachable


def test_the_environment_has_no_say_where_keys_are_named(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that is not there, and an endpoint for tests, of the shell psfir is started in."""
    monkeypatch.setenv("AWS_PROFILE", "gone")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert AwsClient(connection(front.url)).read(*GET, within=5)["Role"]


def test_an_endpoint_of_the_environment_is_not_gone_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill goes where its connection says: here, to AWS itself, whose name does not resolve in the test's region."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    client = AwsClient(FakeConnection("aws-prod", "aws", {"region": "xx-nowhere-1"}, KEYS))
    error = raised(client, PUT, within=2)
    assert "127.0.0.1" not in str(error)


def test_bad_words_are_a_usage_error(world: World) -> None:
    """What botocore's model does not take was never sent."""
    error = raised(AwsClient(connection()), ("iam", "GetRole", {"RoleNam": "x"}))
    assert type(error) is UsageError


def test_nothing_of_boto_is_loaded_before_a_call(root: Path) -> None:
    """Making levers on AWS costs nothing; and boto3 is not loaded by a call either."""
    code = (
        "import sys; from psfir.vendors.aws import AwsClient; from psfir.testing.parts import FakeConnection as F\n"
        "c = AwsClient(F('a', 'aws', {'region': 'eu-west-1', 'endpoint_url': 'http://127.0.0.1:9'},"
        " {'access_key_id': 'abcdefgh', 'secret_access_key': 'abcdefghij'}))\n"
        "print('botocore' in sys.modules)\n"
        "try: c.identity(within=1)\n"
        "except Exception as e: print(type(e).__name__, 'botocore' in sys.modules, 'boto3' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True, timeout=50
    )
    assert done.stdout.split() == ["False", "Unreachable", "True", "False"]


def test_a_policy_document_comes_back_as_it_was_sent(world: World) -> None:
    """IAM encodes documents in URLs; botocore gives them back as JSON."""
    world.role()
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["a:B*"], "Resource": ["*"]}]}
    put = {"RoleName": "support-agent", "PolicyName": "p", "PolicyDocument": json.dumps(document)}
    client = AwsClient(connection())
    client.write("iam", "PutRolePolicy", put, within=5)
    found = client.read("iam", "GetRolePolicy", {"RoleName": "support-agent", "PolicyName": "p"}, within=5)
    assert found["PolicyDocument"] == document
