"""The moto server, started once for each process of the tests and emptied for each test; a must, and no skip."""

from __future__ import annotations

from atexit import register
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from psfir.domain.canon import Json
from psfir.range.aws.account import ROOT, Account, opened
from psfir.range.aws.moto import REGION, Moto
from psfir.range.aws.server import AwsRange
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


@cache
def _range() -> AwsRange:
    keys = opened(_server())
    started = AwsRange(moto(), AwsClient(connection(keys=keys)), root=keys).__enter__()
    register(started.__exit__)
    return started


def whole() -> AwsRange:
    """The moto of this process, emptied, with what the range has for what moto lacks before it.

    Its root may do everything although policies count.
    """
    found = _range()
    reset()
    assert opened(_server()) == found.root, "the account was not left alone while it was opened"
    found.reset()
    return found


@cache
def root() -> AwsClient:
    """A client of `whole` that may do everything."""
    return AwsClient(connection(_range().url, _range().root))


class World(Account):
    """The account itself, asked past every front: what a test lays out, and looks at afterwards."""

    def __init__(self) -> None:
        super().__init__(_client())
