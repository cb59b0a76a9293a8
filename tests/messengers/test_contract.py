"""Each messenger is held to what all of them promise; and none gets past the one place that decides what leaves."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event

import pytest

from psfir.app.catalog import installed_catalog
from psfir.contracts import Messenger
from psfir.domain.canon import Json
from psfir.messengers.email import Email
from psfir.messengers.file import File
from psfir.messengers.outgoing import Outgoing
from psfir.range.front import Front
from psfir.range.proxy import BLACK_HOLE, Proxy
from psfir.testing import FakeConnection, MessengerContract, MessengerHarness
from psfir.vendors.outbox import Outbox
from tests.messengers.mail_server import MailServer
from tests.messengers.stage import STAGES, Stage, StageHarness


class MailHarness(MessengerHarness):
    target: Mapping[str, Json] = {"from": "Acme Status <status@acme.example>", "address": "ben@example.com"}
    person = "ada@example.com"

    def __init__(self, server: MailServer, proxy: Proxy) -> None:
        self._server, self._proxy = server, proxy
        self._url = f"smtp://127.0.0.1:{proxy.port}"

    def messenger(self) -> Messenger:
        return Email(self._server.connection(self._url))

    def copies(self) -> Sequence[str]:
        return [f"{mail['Subject']}\n\n{mail.get_content()}" for mail in self._server.mails]

    def lose_answer(self) -> None:
        self._server.after = "hang"

    def hang(self) -> None:
        self._proxy.spoil(down=BLACK_HOLE)


class SlowFolder(Outbox):
    """A mount that hangs: before it has taken a file, or after."""

    def __init__(self, connection: FakeConnection, harness: "FileHarness") -> None:
        super().__init__(connection)
        self._harness = harness

    def _lay(self, path: Path, content: bytes) -> bool:
        if self._harness.hangs:
            self._harness.released.wait()
        laid = super()._lay(path, content)
        if self._harness.loses:
            self._harness.released.wait()
        return laid

    def _has(self, path: Path) -> bool:
        if self._harness.hangs:
            self._harness.released.wait()
        return super()._has(path)


class FileHarness(MessengerHarness):
    target: Mapping[str, Json] = {"subject": True}

    def __init__(self, folder: Path) -> None:
        self.hangs = self.loses = False
        self.released = Event()
        self._folder = folder

    def messenger(self) -> Messenger:
        connection = FakeConnection("outbox", "folder", {"path": str(self._folder)})
        return File(connection, outbox=SlowFolder(connection, self))

    def copies(self) -> Sequence[str]:
        files = sorted(self._folder.glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_text(encoding="utf-8") for path in files]

    def lose_answer(self) -> None:
        self.loses = True

    def hang(self) -> None:
        self.hangs = True


class TestEmail(MessengerContract):
    @pytest.fixture
    def harness(self, pki: Path) -> Iterator[MessengerHarness]:
        with MailServer(pki) as server, Proxy("127.0.0.1", server.port) as proxy:
            yield MailHarness(server, proxy)


class TestFile(MessengerContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[MessengerHarness]:
        harness = FileHarness(tmp_path / "outbox")
        yield harness
        harness.released.set()


class TestOnAWire(MessengerContract):
    @pytest.fixture(params=STAGES, ids=lambda made: made.name)
    def harness(self, request: pytest.FixtureRequest) -> Iterator[MessengerHarness]:
        made: type[Stage] = request.param
        with made() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)


HELD = {"email", "file", *(stage.name for stage in STAGES)}


def test_every_built_in_messenger_is_held_to_the_contract() -> None:
    """Whoever adds a messenger adds it here."""
    catalog = installed_catalog()
    ours = {name for name in catalog.names("messengers") if catalog.source("messengers", name).startswith("psfir ")}
    assert ours == HELD


@pytest.mark.parametrize("name", sorted(HELD))
def test_none_gets_past_the_place_that_decides_what_leaves(name: str) -> None:
    """`send` and `find` are those of Outgoing: a messenger says how a copy is posted, never whether."""
    made = installed_catalog().load_messenger(name)
    assert isinstance(made, type)
    assert issubclass(made, Outgoing)
    assert made.send is Outgoing.send
    assert made.find is Outgoing.find
    assert {"send", "find", "_copy"}.isdisjoint(vars(made))
