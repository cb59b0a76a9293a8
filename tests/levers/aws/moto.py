"""The moto server, started once for each process of the tests and emptied for each test; a must, and no skip."""

from __future__ import annotations

from atexit import register
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from psfir.domain.canon import Json
from psfir.range.aws.account import ROOT, Account
from psfir.range.aws.moto import REGION, Moto
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient

KEYS = ROOT


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


class World(Account):
    """The account itself, asked past every front: what a test lays out, and looks at afterwards."""

    def __init__(self) -> None:
        super().__init__(_client())
