"""Every messenger on HTTP meets every fault through a real socket: the word for its copy is right, and in time."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from time import perf_counter

import pytest

from psfir.domain.message import Delivery, Destination, Result
from psfir.range.front import Front
from psfir.testing import cleared
from psfir.testing.waiting import GRACE
from tests.messengers.matrix import LONG, MALFORMED, MATRIX, Place, Row
from tests.messengers.stage import STAGES, Stage

CASES = [pytest.param(make, row, id=f"{make.name}: {row.name}") for make in STAGES for row in (*MATRIX, MALFORMED)]


@pytest.mark.parametrize(("make", "row"), CASES)
def test_what_goes_wrong(make: type[Stage], row: Row, pki: Path) -> None:
    """What was taken is never said to have failed, what may have been is unknown, and it went out once at most."""
    with make() as stage, Front(stage.upstream) as front, _pointed(stage, row, front=front, pki=pki) as url:
        if row.fault:
            front.fault(row.fault(stage), when=stage.posting)
        delivery = _sent(stage, row, url)
        right = row.out if stage.copies() else row.not_out
        assert delivery.result in right, f"{delivery} is none of {sorted(right)}, out: {len(stage.copies())}"
        assert len(stage.copies()) <= 1
        assert (delivery.again, delivery.after) == (row.again, row.after), f"{delivery}"
        assert stage.secret not in repr(delivery), "a secret got out"
        assert delivery.says
        assert "rung" not in delivery.says, "a message pulls no lever"
        front.heal()
        _looked(stage, delivery, front)


def _looked(stage: Stage, delivery: Delivery, front: Front) -> None:
    """Once all is well, those that can look tell what became of it."""
    messenger = stage.messenger(front.url)
    if messenger.about.finds and delivery.result is Result.UNKNOWN:
        found = messenger.find(cleared(), Destination(stage.target, "copy-1"), within=LONG)
        assert (found is not None) == bool(stage.copies()), f"{found}, out: {len(stage.copies())}"


def _sent(stage: Stage, row: Row, url: str) -> Delivery:
    """A short share that was over before anything was sent shows how busy the machine is: then it is doubled."""
    share = row.share
    while True:
        begun = perf_counter()
        delivery = stage.messenger(url).send(cleared(), Destination(stage.target, "copy-1"), within=share)
        assert perf_counter() - begun < share + GRACE, "sending outlasts its share"
        if row.share >= LONG or delivery.result is not Result.FAILED or share > LONG:
            return delivery
        share *= 2


@contextmanager
def _pointed(stage: Stage, row: Row, *, front: Front, pki: Path) -> Iterator[str]:
    if row.place is Place.REFUSED:
        with socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            yield f"http://127.0.0.1:{deaf.getsockname()[1]}"
    elif row.place is Place.UNTRUSTED:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki / "server.pem", pki / "server.key")
        with Front(stage.upstream, tls=context) as secured:
            yield secured.url
    else:
        yield front.url
