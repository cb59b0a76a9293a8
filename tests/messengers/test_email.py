"""Mail through a real server, with TLS and a login: sent once, refused, put off, and broken off at each step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from socket import socket
from time import perf_counter
from typing import Any

import pytest

from psfir.domain.message import Delivery, Destination, Result
from psfir.messengers.email import Email
from psfir.range.proxy import Flow, Proxy, Then
from psfir.testing import MESSAGE, FakeConnection, cleared
from psfir.testing.waiting import GRACE
from tests.messengers.mail_server import PASSWORD, USER, MailServer

WITHIN = 10.0
FROM = "Acme Status <status@acme.example>"
NOON = 1795262400.0


@pytest.fixture
def server(pki: Path) -> Iterator[MailServer]:
    with MailServer(pki) as server:
        yield server


def to(address: str = "ada@example.com", key: str = "copy-1", *, thread: str = "", **more: Any) -> Destination:
    return Destination({"from": FROM, "address": address, **more}, key, thread)


def send(server: MailServer, where: Destination | None = None, *, url: str = "", **changed: Any) -> Delivery:
    made = Email(server.connection(url), now=lambda: NOON)
    return made.send(cleared(replace(MESSAGE, **changed)), where or to(), within=WITHIN)


def test_a_mail_has_what_a_mail_needs(server: MailServer) -> None:
    """One recipient, who it is from, when, and a name that is the same for each try of this copy and no other."""
    first, again = send(server), send(server)
    other = send(server, to(key="copy-2"))
    mail = server.mails[0]
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Acme Status <status@acme.example>",
        "ada@example.com",
        MESSAGE.subject,
    )
    assert mail["Date"] == "Sat, 21 Nov 2026 12:00:00 +0000"
    assert mail["Message-ID"] == first.receipt == again.receipt != other.receipt
    assert re.fullmatch(r"<[0-9a-f]{40}@acme\.example>", first.receipt)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == MESSAGE.body
    assert [server.kept[0].mail_from, *server.kept[0].rcpt_tos] == ["status@acme.example", "ada@example.com"]
    assert "In-Reply-To" not in mail
    assert "List-Id" not in mail


def test_lists_and_threads_have_their_headers(server: MailServer) -> None:
    """So that people can sort it, leave it, and see it below what they got before."""
    listed = {"list_id": "incidents.acme.example", "unsubscribe": "mailto:leave@acme.example?subject=leave"}
    first = send(server, to(**listed, reply_to="Help <help@acme.example>"))
    second = send(server, to(key="copy-2", thread=first.thread))
    one, two = server.mails
    assert one["List-Id"] == "<incidents.acme.example>"
    assert one["List-Unsubscribe"] == "<mailto:leave@acme.example?subject=leave>"
    assert one["Reply-To"] == "Help <help@acme.example>"
    assert two["In-Reply-To"] == two["References"] == first.receipt
    assert second.thread == first.thread != second.receipt


@pytest.mark.parametrize(
    "body", ["plain\n.\n..\n.x\nFrom me\n", "Grüße – 你好\n" * 30, "x" * 5000, "trailing \nspaces\t\n", "no end"]
)
def test_the_text_arrives_as_it_was_approved(server: MailServer, body: str) -> None:
    """Lines that are a dot, other scripts, long lines and blanks at their ends."""
    assert send(server, body=body, subject="Störung: " + "ä" * 60).result is Result.SENT
    (mail,) = server.mails
    got = mail.get_content().replace("\r\n", "\n")
    assert got == (body if body.endswith("\n") else f"{body}\n")
    assert mail["Subject"] == "Störung: " + "ä" * 60
    raw = server.kept[0].original_content
    assert raw is not None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nRCPT TO:<eve@evil.example>",
        "ada@example.com, eve@evil.example",
        "<ada@example.com>",
        '"a b"@example.com',
        "ada@example.com\n",
        "ada@exa mple.com",
        "ada",
        "@example.com",
        "ada@example.com>",
        "a" * 250 + "@example.com",
        "ädä@example.com",
    ],
)
def test_what_is_not_one_address_gets_no_mail(server: MailServer, address: str) -> None:
    """Nothing in it can add a recipient, a header or a command."""
    delivery = send(server, to(address))
    assert delivery.result is (Result.SENT if address == "ada@example.com\n" else Result.REFUSED)
    assert [recipient for one in server.kept for recipient in one.rcpt_tos] in ([], ["ada@example.com"])


@pytest.mark.parametrize(
    "setting",
    [
        {"from": "Eve <eve@evil.example>\r\nBcc: x@evil.example"},
        {"from": "a@acme.example, b@acme.example"},
        {"from": "nobody"},
        {"reply_to": "x@acme.example\nX-Evil: 1"},
        {"list_id": "a>\r\nX-Evil: 1"},
        {"unsubscribe": "javascript:alert(1)"},
        {"unsubscribe": "https://acme.example/>\r\nX-Evil: 1"},
    ],
)
def test_a_setting_cannot_begin_a_header(server: MailServer, setting: Mapping[str, str]) -> None:
    """It is refused with its name."""
    delivery = send(server, to(**setting))
    assert delivery.result is Result.REFUSED
    assert next(iter(setting)) in delivery.says
    assert not server.kept


def test_an_address_in_another_script_is_written_in_ascii(server: MailServer) -> None:
    """The domain, that is: what stands before it would need what many servers lack, and is refused."""
    send(server, to("ada@bücher.example"))
    assert server.kept[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


def test_many_recipients_share_a_conversation(server: MailServer) -> None:
    """One after the other over one connection, also past one that is refused or put off."""
    answers = {"no@example.com": "550 5.1.1 No such user", "later@example.com": "451 4.7.1 Greylisted, come back"}
    server.at["RCPT"] = lambda address: answers.get(address, "")
    messenger = Email(server.connection())
    told = [
        messenger.send(cleared(), to(address, key=address), within=WITHIN)
        for address in ("a@example.com", "no@example.com", "b@example.com", "later@example.com", "c@example.com")
    ]
    assert [one.result.value for one in told] == ["sent", "refused", "sent", "failed", "sent"]
    assert [one.again for one in told] == [False, False, False, True, False]
    assert "550" in told[1].says
    assert "Greylisted" in told[3].says
    assert server.sessions == 1
    assert [one.rcpt_tos for one in server.kept] == [["a@example.com"], ["b@example.com"], ["c@example.com"]]


def test_two_at_once_do_not_mix(server: MailServer) -> None:
    """Each mail has a conversation to itself while it lasts."""
    messenger = Email(server.connection())
    with ThreadPoolExecutor(4) as pool:
        told = list(
            pool.map(lambda n: messenger.send(cleared(), to(f"p{n}@example.com", f"k{n}"), within=WITHIN), range(24))
        )
    assert {one.result for one in told} == {Result.SENT}
    assert sorted(one.rcpt_tos[0] for one in server.kept) == sorted(f"p{n}@example.com" for n in range(24))
    assert all(mail["To"] == kept.rcpt_tos[0] for mail, kept in zip(server.mails, server.kept, strict=True))
    assert server.sessions <= 4


def test_a_kept_conversation_that_has_ended_is_begun_anew(server: MailServer) -> None:
    """The server hung up in between: nothing was handed over, so the mail goes out, once."""
    messenger = Email(server.connection())
    for number in range(3):
        assert messenger.send(cleared(), to(key=f"k{number}"), within=WITHIN).result is Result.SENT
        server.hang_up()
    assert (len(server.kept), server.sessions) == (3, 3)


def test_a_server_that_has_had_enough_is_begun_anew(server: MailServer) -> None:
    """Some take so many mails a conversation and answer 421 to the next: that mail was not taken."""
    messenger = Email(server.connection())
    messenger.send(cleared(), to(), within=WITHIN)
    answers = iter(["421 4.7.0 Too many mails"])
    server.at["MAIL"] = lambda _: next(answers, "")
    assert messenger.send(cleared(), to(key="copy-2"), within=WITHIN).result is Result.SENT
    assert (len(server.kept), server.sessions) == (2, 2)


@pytest.mark.parametrize(
    ("step", "answer", "result", "again"),
    [
        ("MAIL", "550 5.7.1 Not from you", Result.REFUSED, False),
        ("MAIL", "452 4.3.1 Full", Result.FAILED, True),
        ("RCPT", "550 5.1.1 No such user", Result.REFUSED, False),
        ("RCPT", "451 4.7.1 Greylisted", Result.FAILED, True),
        ("RCPT", "421 4.3.2 Going down", Result.FAILED, True),
        ("DATA", "554 5.7.1 Looks like spam", Result.REFUSED, False),
        ("DATA", "451 4.3.0 Later", Result.FAILED, True),
    ],
)
def test_a_server_that_says_no(server: MailServer, step: str, answer: str, result: Result, again: bool) -> None:
    """5xx is refused, 4xx was not taken and may be tried again; what it said is in the sentence."""
    server.at[step] = answer
    delivery = send(server)
    assert (delivery.result, delivery.again) == (result, again)
    assert answer[4:] in delivery.says
    assert not server.kept


@pytest.mark.parametrize("kept", [True, False], ids=["it had kept it", "it had not"])
def test_dropped_after_data_is_unknown_and_not_sent_again(server: MailServer, kept: bool) -> None:
    """Nobody here can know, so nobody here tries; a second conversation is never begun."""
    if kept:
        server.after = "drop"
    else:
        server.at["DATA"] = "drop"
    delivery = send(server)
    assert delivery.result is Result.UNKNOWN
    assert not delivery.again
    assert "ada@example.com" in delivery.says
    assert (len(server.kept), server.sessions) == (int(kept), 1)


def test_nobody_there_is_failed_and_may_be_tried_again(server: MailServer) -> None:
    """Nothing was handed over."""
    with socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        delivery = send(server, url=f"smtp://127.0.0.1:{deaf.getsockname()[1]}")
    assert (delivery.result, delivery.again) == (Result.FAILED, True)


@pytest.mark.parametrize("limit", [0, 3, 60, 200, 900, 1500])
@pytest.mark.parametrize("then", [Then.RESET, Then.END], ids=["reset", "end"])
def test_broken_off_anywhere(server: MailServer, limit: int, then: Then) -> None:
    """After so many bytes of its answers: failed only if it was not kept, and never sent twice."""
    with Proxy("127.0.0.1", server.port) as proxy:
        proxy.spoil(down=Flow(limit=limit, then=then))
        delivery = send(server, url=f"smtp://127.0.0.1:{proxy.port}")
    if delivery.result is Result.FAILED:
        assert delivery.again
        assert not server.kept
    else:
        assert delivery.result in {Result.UNKNOWN, Result.SENT}
    assert len(server.kept) <= 1


def test_a_server_that_drips_is_left_in_time(server: MailServer) -> None:
    """Each of its bytes comes soon after the last, and all of them too late."""
    with Proxy("127.0.0.1", server.port) as proxy:
        proxy.spoil(down=Flow(rate=20))
        made, begun = Email(server.connection(f"smtp://127.0.0.1:{proxy.port}")), perf_counter()
        delivery = made.send(cleared(), to(), within=0.3)
        assert perf_counter() - begun < 0.3 + GRACE
    assert delivery.result is Result.FAILED


def test_a_wrong_password_says_whose(server: MailServer) -> None:
    """By its reference; the password itself is nowhere."""
    wrong = FakeConnection("mail", "smtp", server.connection().settings, {"password": "wrong-4711-wrong"})
    delivery = Email(wrong).send(cleared(), to(), within=WITHIN)
    assert delivery.result is Result.REFUSED
    assert "env:PASSWORD" in delivery.says
    assert "wrong-4711-wrong" not in repr(delivery)


def test_without_a_login_where_one_is_needed(server: MailServer) -> None:
    """530 is about the login, and says so."""
    bare = {name: value for name, value in server.connection().settings.items() if name != "user"}
    delivery = Email(FakeConnection("mail", "smtp", bare)).send(cleared(), to(), within=WITHIN)
    assert delivery.result is Result.REFUSED
    assert "user and password" in delivery.says


def test_tls_from_the_first_byte(pki: Path) -> None:
    """What smtps:// means."""
    with MailServer(pki, implicit=True) as server:
        assert send(server).result is Result.SENT
        assert len(server.kept) == 1


@pytest.mark.parametrize("implicit", [True, False])
def test_an_unknown_certificate_gets_no_mail_and_no_password(pki: Path, implicit: bool) -> None:
    """Whoever it is, it is not known to be the mail server."""
    with MailServer(pki, implicit=implicit) as server:
        settings = {name: value for name, value in server.connection().settings.items() if name != "ca"}
        connection = FakeConnection("mail", "smtp", settings, {"password": PASSWORD})
        delivery = Email(connection).send(cleared(), to(), within=WITHIN)
        assert (delivery.result, server.kept) == (Result.FAILED, [])
        assert "certificate" in delivery.says


def test_a_server_without_tls_gets_nothing(pki: Path) -> None:
    """Neither a mail nor a password goes in the clear, unless it is this machine and psfir.yaml says so."""
    with MailServer(pki, tls=False, login=False) as server:
        refused = send(server)
        assert refused.result is Result.REFUSED
        assert "STARTTLS" in refused.says
        connection = FakeConnection("mail", "smtp", {"url": server.url, "plain_smtp": True})
        assert Email(connection).send(cleared(), to(), within=WITHIN).result is Result.SENT


def test_plain_mail_stays_on_this_machine() -> None:
    """plain_smtp does not open the way to another one."""
    connection = FakeConnection("mail", "smtp", {"url": "smtp://192.0.2.1:25", "plain_smtp": True, "user": USER})
    delivery = Email(connection).send(cleared(), to(), within=0.5)
    assert delivery.result is Result.REFUSED
    assert "another machine" in delivery.says
