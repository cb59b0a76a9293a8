"""`psfir comms send|settle|status`, as people type them: what they say and the codes they end with."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from psfir.app.clock import RealClock
from psfir.cli.main import main
from psfir.domain.message import Audience
from psfir.range.faulty import Fault, reset
from psfir.range.front import Front
from psfir.range.statuspage.server import Statuspage
from psfir.testing.certificates import authority
from tests.app.newsroom import NAMES, Newsroom
from tests.cli.keyboard import Done
from tests.messengers.mail_server import MailServer
from tests.messengers.stage import WebhookStage

Typed = Callable[..., Done]


@pytest.fixture
def newsroom(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    pki = authority(tmp_path_factory.mktemp("pki"))
    with Statuspage() as page, Front(page.url.removesuffix("/v1")) as front, MailServer(pki) as mail:
        made = Newsroom(tmp_path, page, front, mail=mail, pki=pki)
        made.clock.at = RealClock().now()
        yield made


@pytest.fixture
def typed(newsroom: Newsroom, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What one command of alice came to."""
    for key, value in {**newsroom.env, "PSFIR_WORKSPACE": str(newsroom.root), "PSFIR_ME": "alice"}.items():
        monkeypatch.setenv(key, value)

    def run(*words: str) -> Done:
        monkeypatch.setattr(sys, "stdin", StringIO())
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["comms", *words])
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


def test_it_is_out(newsroom: Newsroom, typed: Typed) -> None:
    """0, with where it stands; then 3. Nobody to ask is 2."""
    name = newsroom.approved()
    assert typed("send", name).code == 2
    done = typed("send", name, "--yes")
    assert (done.code, f"{name}  sent: posted" in " ".join(done.out.split("\n"))) == (0, True), done
    again = typed("send", name, "--yes")
    assert (again.code, "went out over status-page" in again.err) == (3, True)
    assert len(newsroom.posted) == 1


def test_programs_get_one_object(newsroom: Newsroom, typed: Typed) -> None:
    """Also of a list, whatever is said on the way."""
    name = newsroom.approved(Audience.CUSTOMERS)
    done = typed("send", name, "--yes", "--json")
    assert done.code == 0
    (only,) = done.out.splitlines()
    said = json.loads(only)
    assert (said["schema"], said["message"], said["left"]) == ("psfir.out.comms.send/1", name, 0)
    assert (said["delivery"]["result"], said["counts"]) == ("sent", {"sent": 3})
    assert not [who for who in NAMES if who in done.out + done.err]


def test_what_nobody_knows_is_six_until_somebody_looked(newsroom: Newsroom, typed: Typed) -> None:
    """Status says which lines, settle takes them, and what did not go out goes then."""
    name = newsroom.approved(Audience.CUSTOMERS)
    newsroom.mail.after = "drop"
    done = typed("send", name, "--yes")
    assert (done.code, f"psfir comms settle {name}" in done.out) == (6, True)
    newsroom.mail.after = ""
    shown = typed("status")
    assert "3 copies over mail may have gone out, of line 1, 2, 3 of the list" in " ".join(shown.out.split())
    (waits,) = json.loads(typed("status", "--json").out)["waiting"]
    assert waits["unknown"] == [{"channel": "mail", "lines": [1, 2, 3], "under_way": False}]
    assert typed("settle", name, "--sent", "--line", "9", "--reason", "x").code == 2
    assert typed("settle", name, "--not-sent", "--line", "2", "--reason", "the log").code == 0
    left = typed("settle", name, "--sent", "--reason", "the log")
    assert (left.code, f"next: psfir comms send {name}" in left.out) == (0, True)
    assert typed("settle", name, "--sent", "--reason", "the log").code == 3
    assert typed("send", name, "--yes").code == 0
    assert newsroom.mailed == [*NAMES, NAMES[1]]


def test_a_list_of_which_copies_are_left_is_five(newsroom: Newsroom, typed: Typed) -> None:
    """The mail server is away: nothing went out, and the same command goes on."""
    name = newsroom.approved(Audience.CUSTOMERS)
    words = newsroom.root / "psfir.yaml"
    whole = words.read_text(encoding="utf-8")
    words.write_text(whole.replace(newsroom.mail.url, "smtp://127.0.0.1:1"), encoding="utf-8")
    done = typed("send", name, "--yes")
    assert (done.code, f"psfir comms send {name} goes on with the 3 that are left" in done.out) == (5, True), done
    assert "3 copies are left" in " ".join(typed("status").out.split())


def test_interrupted_it_finishes_the_copy_on_its_way(newsroom: Newsroom, typed: Typed) -> None:
    """The first ^C ends it behind that one, with 5; the same command goes on with the others."""
    name = newsroom.approved(Audience.CUSTOMERS)
    asked: list[str] = []

    def at_first(who: str) -> str:
        asked.append(who)
        if len(asked) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return ""

    newsroom.mail.at["RCPT"] = at_first
    done = typed("send", name, "--yes")
    assert (done.code, "stopping behind the copy that is on its way" in done.err) == (5, True), done
    assert newsroom.mailed == [NAMES[0]]
    assert typed("send", name, "--yes").code == 0
    assert newsroom.mailed == list(NAMES)


def test_a_page_that_refuses_is_three(newsroom: Newsroom, typed: Typed) -> None:
    """Psfir's key is not the page's."""
    name = newsroom.approved()
    words = newsroom.root / "psfir.yaml"
    whole = words.read_text(encoding="utf-8")
    words.write_text(whole.replace("token: env:PAGE_KEY", "token: env:PATH"), encoding="utf-8")
    assert typed("send", name, "--yes").code == 3
    assert not newsroom.posted


def test_some_of_a_list_who_are_refused_are_four(newsroom: Newsroom, typed: Typed) -> None:
    """The others have it; who has none is named by line, never by address."""
    newsroom.mail.at["RCPT"] = lambda who: "550 5.1.1 no such user" if who == NAMES[1] else ""
    done = typed("send", newsroom.approved(Audience.CUSTOMERS), "--yes")
    assert (done.code, "next: reach line 2 of the list another way" in done.out) == (4, True), done
    assert NAMES[1] not in done.out


def test_a_copy_to_oneself(newsroom: Newsroom, typed: Typed) -> None:
    """It says that it was one."""
    done = typed("send", newsroom.drafted(), "--to-me")
    assert (done.code, done.out.startswith("  test copy  sent")) == (0, True), done
    assert newsroom.mailed == ["alice@acme.example"]


def test_a_lost_answer_is_six(newsroom: Newsroom, typed: Typed) -> None:
    """And what to do stands last."""
    name = newsroom.approved()
    newsroom.front.fault(Fault("lost", carry=True, wire=reset))
    done = typed("send", name, "--yes")
    assert done.code == 6
    assert done.out.splitlines()[-1] == f"next: look, then psfir comms settle {name} --sent, or --not-sent"
    newsroom.front.heal()
    assert typed("send", name, "--yes").code == 0


def test_people_record_what_they_sent(newsroom: Newsroom, typed: Typed) -> None:
    """What is only drafted says so in the status, until somebody says where they filed it."""
    name = newsroom.drafted(Audience.REGULATOR)
    newsroom.approve(name, "emma")
    assert "cleared for people to send" in " ".join(typed("status").out.split())
    assert typed("send", name, "--yes").code == 3
    done = typed("settle", name, "--sent", "--reason", "filed as 4711", "--json")
    assert json.loads(done.out)["channel"] == "by hand"
    assert "filed as 4711" not in typed("status").err
    assert name not in typed("status").out


def test_a_webhook_is_told_once_and_signed(newsroom: Newsroom, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side takes only what is signed; a lost answer is a person's to settle."""
    with WebhookStage() as hook, Front(hook.upstream) as front:
        monkeypatch.setenv("HOOK", hook.secret)
        connection = f'  banner: {{kind: webhook, url: "{front.url}/hooks/acme", secret: env:HOOK}}'
        channel = "    banner: {connection: banner, audiences: [public], set: {with: {place: support-page}}}"
        newsroom.write("file: affected.txt", connections=connection, more=channel)
        name = newsroom.approved(channel="banner")
        front.fault(Fault("lost", carry=True, wire=reset))
        assert typed("send", name, "--yes").code == 6
        front.heal()
        refused = typed("send", name, "--yes")
        assert (refused.code, "webhook cannot look for what it sent" in refused.err) == (3, True), refused
        assert typed("settle", name, "--not-sent", "--reason", "their log lacks it").code == 0
        assert typed("send", name, "--yes").code == 0
        said = [json.loads(one.body) for one in hook.posts]
        assert {(one["schema"], one["subject"]) for one in said} == {("psfir.message/1", "Problems with the assistant")}
        first, second = (one.headers["webhook-id"] for one in hook.posts)
        assert first == second
        assert hook.secret not in refused.out + refused.err
