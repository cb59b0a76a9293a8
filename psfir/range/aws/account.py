"""The account of the range, laid out past every front: roles, users and functions that tests and scenarios need.

What is made here is counted by nobody and takes effect at once, whatever propagation a fault has set.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.range.aws.moto import ACCOUNT, REGION, Moto
from psfir.range.aws.sessions import Caller, Sessions
from psfir.vendors.aws import AwsClient

ROOT: Mapping[str, str] = {
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
}
"""AWS's own example of keys. Where policies are not enforced, or there is no moto, they may do everything."""
ALLOWED: Mapping[str, Json] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_WITHIN = 50.0
"""What first needs a service waits until moto has loaded it, and that takes seconds."""
_SEED = 1


@frozen
class Connection:
    """A BoundConnection to the AWS of a range; `secrets` are the values themselves."""

    name: str
    settings: Mapping[str, Json]
    secrets: Mapping[str, str] = field(repr=False)
    kind: str = "aws"

    @property
    def refs(self) -> Mapping[str, str]:
        return {name: f"env:{name.upper()}" for name in self.secrets}

    def secret(self, name: str) -> str | None:
        return self.secrets.get(name)


def connection(url: str, keys: Mapping[str, str] = ROOT, **settings: Json) -> Connection:
    """Such as `assume_role`, with the ARN of the role whose session the calls are to be made in."""
    return Connection("aws-range", {"region": REGION, "endpoint_url": url, **settings}, keys)


class Account:
    """Asks moto with `aws`, and tells `changed` after each write. Without `aws` everything is as if it were made.

    Keys that are made here are known to `sessions`, if they are told.
    """

    def __init__(
        self, aws: AwsClient | None, changed: Callable[[], None] = lambda: None, sessions: Sessions | None = None
    ) -> None:
        self._aws = aws
        self._changed = changed
        self._sessions = sessions

    def get(self, service: str, operation: str, /, **params: Json) -> dict[str, Any]:
        return self._aws.read(service, operation, params, within=_WITHIN) if self._aws else {}

    def do(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        if self._aws is None:
            return {}
        try:
            return self._aws.write(service, operation, params, within=_WITHIN)
        finally:
            self._changed()

    def role(self, name: str = "support-agent", **more: Json) -> str:
        """A role that anybody may assume whom a policy lets; its ARN. Moto knows no other "anybody" in a trust."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
        }
        said = self.do("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **more)
        return str(said["Role"]["Arn"]) if said else f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def allow(self, role: str, document: Mapping[str, Json] = ALLOWED, policy: str = "its-own") -> None:
        self.do("iam", "PutRolePolicy", RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    def user(self, name: str = "psfir", document: Mapping[str, Json] = ALLOWED) -> dict[str, str]:
        """A user with keys of its own; the root's where there is no moto."""
        if self._aws is None:
            return dict(ROOT)
        self.do("iam", "CreateUser", UserName=name)
        self.do("iam", "PutUserPolicy", UserName=name, PolicyName="its-own", PolicyDocument=json.dumps(document))
        key = self.do("iam", "CreateAccessKey", UserName=name)["AccessKey"]
        if self._sessions:
            arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
            self._sessions.add(key["AccessKeyId"], Caller(arn, arn))
        return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}

    def function(self, name: str, role: str, reserved: int | None = None) -> None:
        """A function that runs as the role of that ARN, with as much concurrency reserved as is said."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("code.py", "def answer(event, context): return event")
        params = {"FunctionName": name, "Runtime": "python3.11", "Handler": "code.answer", "Role": role}
        self.do("lambda", "CreateFunction", **params, Code={"ZipFile": packed.getvalue()})
        if reserved is not None:
            self.do("lambda", "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)


def opened(moto: Moto, number: int = 0) -> dict[str, str]:
    """The root's keys in an empty account, which hold once policies are enforced; the same ones each time.

    `number` tells one opening from the next, so that no session's keys of the last come back as somebody else's.
    """
    moto.enforce(on=False)
    moto.seed(_SEED)
    keys = Account(AwsClient(connection(moto.url))).user("range-root")
    moto.seed(_SEED + 1 + number)
    return keys
