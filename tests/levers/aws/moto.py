"""The moto server, started once for each process of the tests and emptied for each test.

A process of its own, because moto alters botocore where it is imported. It is a must: without it these tests fail.
"""

from __future__ import annotations

import json
import subprocess
import sys
from atexit import register
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.request import Request, urlopen

from psfir.domain.canon import Json
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient

REGION = "eu-west-1"
ACCOUNT = "123456789012"
KEYS = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"}
ALLOWED: Mapping[str, Json] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}

# It ends when its standard input does, so that no test that dies leaves one behind.
_SERVE = """
import logging, os, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what it does not know it tells with a traceback, and the client too
sys.stdin.read()
server.stop()
"""


@cache
def moto() -> str:
    """The address of this process's moto."""
    server = subprocess.Popen([sys.executable, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    register(_stop, server)
    assert server.stdout
    port = server.stdout.readline().strip()
    assert port, "moto did not start; it comes with the development dependencies: make venv"
    return f"http://127.0.0.1:{port}"


def _stop(server: subprocess.Popen[str]) -> None:
    server.communicate(timeout=10)


def reset() -> None:
    """Empty the account, and let everybody do everything."""
    _post("reset")
    _post("reset-auth", b"1000000000")


def _post(what: str, body: bytes = b"") -> None:
    request = Request(f"{moto()}/moto-api/{what}", body, {"Content-Type": "text/plain"}, method="POST")
    with urlopen(request, timeout=10) as answer:
        answer.read()


@contextmanager
def enforced() -> Iterator[None]:
    """Inside, policies count."""
    _post("reset-auth", b"0")
    try:
        yield
    finally:
        _post("reset-auth", b"1000000000")


def connection(url: str | None = None, keys: Mapping[str, str] | None = None, **settings: Json) -> FakeConnection:
    return FakeConnection(
        "aws-prod", "aws", {"region": REGION, "endpoint_url": url or moto(), **settings}, keys or KEYS
    )


class World:
    """The account itself, asked past every front: what a test lays out, and looks at afterwards."""

    def __init__(self) -> None:
        self._client = AwsClient(connection())

    def get(self, service: str, operation: str, /, **params: Json) -> dict[str, Any]:
        return self._client.read(service, operation, params, within=20)

    def do(self, service: str, operation: str, /, **params: Json) -> dict[str, Any]:
        return self._client.write(service, operation, params, within=20)

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
