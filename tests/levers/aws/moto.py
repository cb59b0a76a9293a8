"""The moto server, started once for each process of the tests and emptied for each test; a must, and no skip."""

from __future__ import annotations

import json
from atexit import register
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from psfir.domain.canon import Json
from psfir.range.moto import REGION, Moto
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient

KEYS = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"}
PATIENCE = 50.0
"""What first needs a service waits until moto has loaded it, and that takes seconds."""
ALLOWED: Mapping[str, Json] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@cache
def _server() -> Moto:
    server = Moto().start()
    register(server.stop)
    return server


def moto() -> str:
    """The address of this process's moto."""
    return _server().url


def reset() -> None:
    """Empty the account, and let everybody do everything."""
    _server().reset()
    _server().enforce(on=False)


@contextmanager
def enforced() -> Iterator[None]:
    """Inside, policies count."""
    _server().enforce()
    try:
        yield
    finally:
        _server().enforce(on=False)


def connection(url: str | None = None, keys: Mapping[str, str] | None = None, **settings: Json) -> FakeConnection:
    return FakeConnection(
        "aws-prod", "aws", {"region": REGION, "endpoint_url": url or moto(), **settings}, keys or KEYS
    )


@cache
def _client() -> AwsClient:
    """What it costs to make one buys nothing for a world that is laid out hundreds of times."""
    return AwsClient(connection())


class World:
    """The account itself, asked past every front: what a test lays out, and looks at afterwards."""

    def __init__(self) -> None:
        self._client = _client()

    def get(self, service: str, operation: str, /, **params: Json) -> dict[str, Any]:
        return self._client.read(service, operation, params, within=PATIENCE)

    def do(self, service: str, operation: str, /, **params: Json) -> dict[str, Any]:
        return self._client.write(service, operation, params, within=PATIENCE)

    def role(self, name: str = "support-agent", **more: Json) -> str:
        """A role that anybody may assume whom a policy lets; its ARN. Moto knows no other "anybody" in a trust."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
        }
        params = {"RoleName": name, "AssumeRolePolicyDocument": json.dumps(trust), **more}
        return str(self.do("iam", "CreateRole", **params)["Role"]["Arn"])

    def allow(self, role: str, document: Mapping[str, Json] = ALLOWED, policy: str = "its-own") -> None:
        self.do("iam", "PutRolePolicy", RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    def user(self, name: str = "psfir", document: Mapping[str, Json] = ALLOWED) -> dict[str, str]:
        """A user with keys of its own."""
        self.do("iam", "CreateUser", UserName=name)
        self.do("iam", "PutUserPolicy", UserName=name, PolicyName="its-own", PolicyDocument=json.dumps(document))
        key = self.do("iam", "CreateAccessKey", UserName=name)["AccessKey"]
        return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}
