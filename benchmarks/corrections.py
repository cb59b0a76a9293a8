"""10,000 corrections by mail, each marked before and noted after, beside the bare SMTP client with the same mails."""

from __future__ import annotations

import resource
import smtplib
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from benchmarks.frame import Figure, Pair, compare, serving
from benchmarks.mail_server import LOOPBACK
from psfir.app.clock import RealClock
from psfir.comms.delivery import Pace, Round, Watch
from psfir.comms.mailing import send_all
from psfir.domain.approval import Approval
from psfir.domain.canon import Json
from psfir.domain.message import Audience, Cleared, Delivery, Message, Phase
from psfir.domain.people import Actor, Identity
from psfir.messengers.email import Email
from psfir.records.outbox import Copy, Outbox
from psfir.testing import FakeConnection

MAILS, SLICE = 10_000, 1_000
AIM = 1.2
SENDER = "Acme Status <status@acme.example>"
SUBJECT = "Correction of an answer from the assistant"
BODY = """\
Dear customer,

the assistant gave you an answer that was wrong.

What it said: [[wrong]]

What is right: [[right]]

Please do not act on the earlier answer. If you already have, write to help@acme.example: we will put it right with you.

Acme
"""
HEAD = """\
From: Acme Status <status@acme.example>\r
To: {to}\r
Subject: Correction of an answer from the assistant\r
Date: Sat, 21 Nov 2026 03:12:00 +0000\r
Message-ID: <{number:040}@acme.example>\r
Auto-Submitted: auto-generated\r
X-Auto-Response-Suppress: All\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset="utf-8"\r
Content-Transfer-Encoding: 7bit\r
\r
"""


def figures() -> list[Figure]:
    """Ten thousand of each, a thousand of ours and a thousand of theirs in turn; each turn goes on with the outbox."""
    with TemporaryDirectory() as folder, serving("-m", "benchmarks.mail_server") as said:
        port, path = int(said), Path(folder, "outbox.sqlite3")
        with closing(Outbox(path, boot=RealClock().boot_id())) as outbox:
            outbox.lay(rows(MAILS), message=_cleared().message.digest, listed="benchmark")
        grown: list[int] = []
        pair = Pair(
            f"corrections: {SLICE} of {MAILS} mails, each marked and noted",
            partial(_ours, port, path, grown),
            "the bare smtplib client",
            partial(_peer, port),
            AIM,
        )
        figure = compare(pair, runs=MAILS // SLICE - 1)
        _whole(path, grown)
        return [figure]


def rows(many: int) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    for number in range(many):
        yield number + 2, f"c{number}@example.com", {"wrong": f"{number} days", "right": f"{number + 1} days"}


def _ours(port: int, path: Path, grown: list[int]) -> None:
    settings: dict[str, Json] = {"url": f"smtp://{LOOPBACK}:{port}", "plain_smtp": True}
    email = Email(FakeConnection("mail", "smtp", settings))
    stop, sent = Event(), count(1)

    def tell(_copy: Copy, _delivery: Delivery) -> None:
        if next(sent) == SLICE:
            stop.set()

    with closing(Outbox(path, boot=RealClock().boot_id())) as outbox:
        wanted = min(SLICE, outbox.counts()["pending"])
        send_all(Round(email, _cleared(), {"from": SENDER}, RealClock(), Pace(), Watch(stop, tell)), outbox)
    if not wanted <= (taken := _taken(port)) <= wanted + 1:  # another may have been on its way
        raise RuntimeError(f"{taken} mails came, and not {wanted}")
    grown.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _peer(port: int) -> None:
    with smtplib.SMTP(LOOPBACK, port, timeout=30) as client:
        for number, to, fills in rows(SLICE):
            body = BODY.replace("[[wrong]]", fills["wrong"]).replace("[[right]]", fills["right"])
            mail = HEAD.format(to=to, number=number) + body
            client.sendmail("status@acme.example", [to], mail.encode())
    if _taken(port) != SLICE:
        raise RuntimeError("the bare client lost a mail")


def _taken(port: int) -> int:
    """What the server took since it was last asked."""
    with smtplib.SMTP(LOOPBACK, port) as client:
        client.ehlo()
        client.mail("status@acme.example")
        return int(client.rcpt("count@example.com")[1])


def _whole(path: Path, grown: list[int]) -> None:
    """Every mail went once; how much more memory the last of them took than the first."""
    with closing(Outbox(path, boot=RealClock().boot_id())) as outbox:
        counts = outbox.counts()
    if counts != {"sent": MAILS}:
        raise RuntimeError(f"{counts} is not every mail, once")
    more = (grown[-1] - grown[0]) / 1024
    sys.stderr.write(f"  the peak of memory grew by {more:.1f} MiB from {SLICE} mails to {MAILS}\n")


def _cleared() -> Cleared:
    message = Message(
        "MSG-1", "INC-1", Audience.CUSTOMERS, Phase.CORRECTION, "en", "mail", SUBJECT, BODY, inventory="sha256:0"
    )
    ada = Actor("ada", Identity.VERIFIED)
    until = datetime(2100, 1, 1, tzinfo=UTC)
    return Cleared(message, (Approval(message.digest, "message", ada, datetime(2026, 1, 1, tzinfo=UTC), until),))
