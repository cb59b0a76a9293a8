"""A channel of psfir.yaml leads to the messenger that works on its connection, or to a sentence that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from psfir.app.catalog import InstalledCatalog, installed_catalog
from psfir.app.messengers import bound, channel_named, destination
from psfir.app.reach import reach
from psfir.app.session import Door, Session, open_session
from psfir.domain.about import MessengerAbout
from psfir.domain.catalog import messenger_on
from psfir.domain.channels import Channel
from psfir.domain.message import Audience, Result
from psfir.domain.system import Connection
from psfir.errors import CatalogError, UsageError
from psfir.range.statuspage.server import Statuspage
from psfir.testing import MESSAGE, cleared

WORDS = """\
schema: psfir.workspace/1
name: Test
people:
  lee: {name: Lee, roles: [incident_commander]}
connections:
  status: {kind: statuspage, url: "URL", token: env:PAGE_KEY}
  outbox: {kind: folder, path: private/outbox}
  estate: {kind: memory, path: estate.json}
systems:
  assistant: {title: Assistant, owner: lee}
comms:
  channels:
    status-page: {connection: status, audiences: [public], set: {page: PAGE, notify: false}}
    paste: {connection: outbox, audiences: [press]}
    other: {connection: outbox, audiences: [regulator]}
    wrong: {connection: estate, audiences: [internal]}
"""


def session(folder: Path, *, url: str = "https://status.invalid", page: str = "none", key: str = "") -> Session:
    (folder / "psfir.yaml").write_text(WORDS.replace("URL", url).replace("PAGE,", f"{page},"))
    return open_session(Door({"PAGE_KEY": key, "PSFIR_ME": "lee"}), workspace=folder)


def test_a_message_leaves_by_its_channel(tmp_path: Path) -> None:
    """The page is told what the channel says, with the key that psfir.yaml only names."""
    with Statuspage() as page:
        here = session(tmp_path, url=page.url, page=page.estate.add_page(), key=page.estate.add_key())
        channel = channel_named(here, "status-page")
        delivery = bound(here, channel).send(cleared(), destination(channel, "copy-1"), within=10)
        assert delivery.result is Result.SENT
        assert not page.estate.notified
        assert page.estate.writes == 1


def test_a_folder_is_taken_from_psfir_yaml(tmp_path: Path) -> None:
    """Wherever the command is typed; and two channels of one connection share its messenger."""
    here = session(tmp_path)
    paste, other = channel_named(here, "paste"), channel_named(here, "other")
    assert bound(here, paste) is bound(here, other)
    bound(here, paste).send(cleared(), destination(paste, "copy-1"), within=10)
    (file,) = (tmp_path / "private" / "outbox").iterdir()
    assert MESSAGE.subject in file.read_text(encoding="utf-8")


def test_what_is_no_channel_says_what_was_meant(tmp_path: Path) -> None:
    """A misspelt one, and one whose connection leads to nobody who tells people."""
    here = session(tmp_path)
    with pytest.raises(UsageError, match="did you mean status-page"):
        channel_named(here, "status-pag")
    with pytest.raises(CatalogError, match="nothing tells people over a connection of kind memory"):
        bound(here, channel_named(here, "wrong"))


def test_a_copy_goes_where_the_channel_says_and_to_whom_it_is_for() -> None:
    """One address is laid over what the channel says, and only for one person's copy."""
    channel = Channel("mail", "mail", (Audience.CUSTOMERS,), {"from": "a@acme.example"})
    assert destination(channel, "k").target == {"from": "a@acme.example"}
    to = destination(channel, "k", address="ada@example.com", thread="t", fills={"name": "Ada"})
    assert to.target == {"from": "a@acme.example", "address": "ada@example.com"}
    assert (to.key, to.thread, to.fills) == ("k", "t", {"name": "Ada"})


class Two(InstalledCatalog):
    """Messengers of these kinds, of which one may be broken."""

    def __init__(self, *kinds: str, broken: bool = False) -> None:
        super().__init__([])
        self._kinds = kinds
        self._broken = broken

    def names(self, group: str) -> list[str]:
        return [f"{number}" for number in range(len(self._kinds))] + (["broken"] if self._broken else [])

    def messenger(self, name: str) -> MessengerAbout:
        if name == "broken":
            raise CatalogError("it is broken")
        return MessengerAbout(name=name, line="x", connects=(self._kinds[int(name)],), finds=False)


def test_two_messengers_of_one_kind_are_told_apart_by_nobody() -> None:
    """So it is an error; a broken one stands in nobody's way who does not need it."""
    with pytest.raises(CatalogError, match="two messengers work on connections of kind pager: 0 and 1"):
        messenger_on(Two("pager", "pager"), "pager")
    assert messenger_on(Two("pager", broken=True), "pager").name == "0"
    with pytest.raises(CatalogError, match="broken"):
        messenger_on(Two("pager", broken=True), "fax")


def test_the_built_in_ones_have_a_kind_each() -> None:
    """So a channel needs to name its connection only."""
    catalog = installed_catalog()
    found = {kind: messenger_on(catalog, kind).name for kind in ("statuspage", "smtp", "slack", "webhook", "folder")}
    assert found == {
        "statuspage": "statuspage",
        "smtp": "email",
        "slack": "slack",
        "webhook": "webhook",
        "folder": "file",
    }


def test_a_folder_is_reached_where_it_can_be_made(tmp_path: Path) -> None:
    """It need not be there; a file in its place is no folder."""
    (tmp_path / "taken").write_text("")

    def found(path: str) -> tuple[str, str]:
        return reach(Connection("x", "folder", {"path": path}), tmp_path, within=1)

    assert found("out/box") == ("ok", f"{tmp_path / 'out/box'} is made when it is needed")
    assert found(".")[0] == "ok"
    assert found("taken/box")[0] == "failed"
