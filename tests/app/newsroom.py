"""People who send messages of one incident: over a status page, by mail to a list, into a folder."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from psfir.app import templates
from psfir.app.approve import Yes
from psfir.app.clock import RealClock
from psfir.app.messages import Table, approve, record, sheet, table
from psfir.app.sending import Sent, ready, send
from psfir.app.session import Door, Session, open_session
from psfir.comms.choose import Wanted
from psfir.comms.delivery import Pace, Watch
from psfir.comms.record import Told
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase
from psfir.domain.values import remade
from psfir.range.front import Front
from psfir.range.statuspage.server import Statuspage
from tests.app.incident_kit import StandingClock, opened
from tests.comms.shelf import TEXT, put
from tests.messengers.mail_server import PASSWORD, USER, MailServer

KEY = "key-of-the-page-4711"
NAMES = ("ada@example.com", "ben@example.com", "cyd@example.com")
WORDS = """\
schema: psfir.workspace/1
name: Test Works
people:
  alice: {{name: Alice, roles: [on_call, incident_commander], email: alice@acme.example}}
  bob: {{name: Bob, roles: [on_call]}}
  dan: {{name: Dan, roles: [comms_approver]}}
  emma: {{name: Emma, roles: [legal]}}
  fay: {{name: Fay, roles: [executive]}}
connections:
  status: {{kind: statuspage, url: "{page}/v1", token: env:PAGE_KEY}}
  mail: {{kind: smtp, url: "{mail}", user: {user}, password: env:MAIL_PASSWORD, ca: {ca}}}
  outbox: {{kind: folder, path: out}}
{connections}
systems:
  support-assistant: {{title: Support assistant, owner: alice}}
comms:
  facts: {{product: the assistant}}
  lists: {{affected: {{{listed}}}}}
  channels:
    status-page: {{connection: status, audiences: [public], set: {{page: {name}, notify: true}}}}
    mail: {{connection: mail, audiences: [customers], list: affected, set: {{from: status@acme.example}}}}
    paste: {{connection: outbox, audiences: [public, press]}}
{more}
"""
CUSTOMERS = (
    TEXT.replace("public-holding", "customers-holding")
    .replace("audience: public", "audience: customers")
    .replace("channel: statuspage", "channel: email")
)
REGULATOR = (
    TEXT.replace("public-holding", "regulator-holding")
    .replace("audience: public", "audience: regulator")
    .replace("channel: statuspage", "channel: file\ndraft_only: true")
)


class Newsroom:
    """`page`, `front` before it and `mail` are what it tells people by; `root` is its workspace."""

    def __init__(self, root: Path, page: Statuspage, front: Front, *, mail: MailServer, pki: Path) -> None:
        self.root, self.page, self.front, self.mail, self.pki = root, page, front, mail, pki
        page.estate.add_key(KEY)
        self.name = page.estate.add_page()
        self.clock = StandingClock()
        put(root, TEXT)
        put(root, CUSTOMERS, name="customers/holding.en.md")
        put(root, REGULATOR, name="regulator/holding.en.md")
        self.write("file: affected.txt")
        self.affected(*NAMES)
        shelf = templates.shelf(root)
        templates.approve(self.session("dan"), shelf, shelf.templates)
        opened(self.session(), case=PlanCase.DATA_LEAKAGE)

    def write(self, listed: str, *, connections: str = "", more: str = "") -> None:
        said = {"page": self.front.url, "mail": self.mail.url, "user": USER, "ca": self.pki / "ca.pem"}
        words = WORDS.format(**said, name=self.name, listed=listed, connections=connections, more=more)
        (self.root / "psfir.yaml").write_text(words, encoding="utf-8")

    def affected(self, *lines: str) -> None:
        (self.root / "affected.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    @property
    def env(self) -> dict[str, str]:
        return {"PAGE_KEY": KEY, "MAIL_PASSWORD": PASSWORD, "HOME": str(self.root)}

    def session(self, me: str = "alice") -> Session:
        session = open_session(Door({**self.env, "PSFIR_ME": me}), workspace=self.root)
        return remade(session, clock=self.clock)

    def table(self, me: str = "alice") -> Table:
        return table(self.session(me))

    def drafted(self, audience: Audience = Audience.PUBLIC, *, channel: str = "", **said: Any) -> str:
        """A message's id. It may be sent once it is approved."""
        at = self.table()
        wanted = Wanted(audience, Phase.HOLDING, "en", PlanCase.DATA_LEAKAGE)
        supersedes = said.pop("supersedes", "")
        return record(at, sheet(at, wanted, said, channel=channel), supersedes=supersedes).id

    def approved(self, audience: Audience = Audience.PUBLIC, **said: Any) -> str:
        name = self.drafted(audience, **said)
        self.approve(name)
        return name

    def approve(self, name: str, me: str = "alice", **words: Any) -> None:
        at = self.table(me)
        approve(at, at.message(name), Yes(**words))

    def send(self, name: str, *, channel: str = "", pace: Pace | None = None, watch: Watch | None = None) -> Sent:
        at = self.table()
        prepared = ready(at, at.message(name), channel=channel)
        return send(at, prepared, pace=pace or Pace(), watch=watch or Watch(Event()))

    def told(self, name: str) -> Told:
        return self.table().message(name)

    @staticmethod
    def real_now() -> datetime:
        return RealClock().now()

    def later(self, **span: float) -> None:
        self.clock.at += timedelta(**span)

    @property
    def posted(self) -> list[dict[str, Any]]:
        return self.page.estate.incidents(self.name)

    @property
    def mailed(self) -> list[str]:
        return [one.rcpt_tos[0] for one in self.mail.kept]
