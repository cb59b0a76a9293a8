"""A newsroom to send from, with a status page, a mail server and a folder that are really there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.range.front import Front
from psfir.range.statuspage.server import Statuspage
from psfir.testing.certificates import authority
from tests.app.newsroom import Newsroom
from tests.messengers.mail_server import MailServer


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def newsroom(tmp_path: Path, pki: Path) -> Iterator[Newsroom]:
    with Statuspage() as page, Front(page.url.removesuffix("/v1")) as front, MailServer(pki) as mail:
        yield Newsroom(tmp_path, page, front, mail=mail, pki=pki)
