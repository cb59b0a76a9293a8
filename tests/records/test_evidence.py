"""Evidence is kept under its digest, whole or not at all, and what was altered is told from what is missing."""

import hashlib
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from psfir.contracts import Captured
from psfir.errors import RecordError
from psfir.records.evidence import EvidenceFolder, Found
from tests.records.parts import INCIDENT, finish, start

LOG = Captured("pods.log", "text/plain", b"03:12 the assistant said something\n")


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / ".psfir" / "evidence")


def test_it_is_there_under_its_digest_with_its_name_beside_it(folder: EvidenceFolder) -> None:
    """The digest is the content's, the file is the content, for its owner only."""
    digest = folder.keep(INCIDENT, LOG)
    assert digest == "sha256:" + hashlib.sha256(LOG.content).hexdigest()
    path = folder.root / INCIDENT / digest.removeprefix("sha256:")
    assert path.read_bytes() == LOG.content
    beside = json.loads((path.parent / f"{path.name}.json").read_text(encoding="utf-8"))
    assert beside == {"name": "pods.log", "media_type": "text/plain", "size": 35}
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    assert folder.check(INCIDENT, digest) is Found.WHOLE


def test_the_same_content_is_kept_once(folder: EvidenceFolder) -> None:
    """A second capture of the same bytes is the same piece; nothing unfinished is left about."""
    assert folder.keep(INCIDENT, LOG) == folder.keep(INCIDENT, Captured("again.log", "text/plain", LOG.content))
    assert len(list((folder.root / INCIDENT).iterdir())) == 2


def test_altered_and_missing_are_told_apart(folder: EvidenceFolder) -> None:
    """A changed byte is altered, no file is missing; kept again, it is whole again."""
    digest = folder.keep(INCIDENT, LOG)
    path = folder.path(INCIDENT, digest)
    path.write_bytes(LOG.content + b" ")
    assert folder.check(INCIDENT, digest) is Found.ALTERED
    assert folder.keep(INCIDENT, LOG) == digest
    assert folder.check(INCIDENT, digest.removeprefix("sha256:")) is Found.WHOLE
    path.unlink()
    assert folder.check(INCIDENT, digest) is Found.MISSING
    assert folder.check("INC-other", digest) is Found.MISSING


@pytest.mark.parametrize("incident", ["../out", "a/b", "", ".", "..", ".hidden", "a\x00b", "x" * 200, "INC\n"])
def test_an_incident_that_leads_out_of_the_folder_is_refused(folder: EvidenceFolder, incident: str) -> None:
    """Nothing is written anywhere."""
    with pytest.raises(RecordError, match="name no evidence"):
        folder.keep(incident, LOG)
    assert not folder.root.exists()


@pytest.mark.parametrize("digest", ["sha256:../../etc/passwd", "", "sha256:" + "g" * 64, "A" * 64, "sha256:"])
def test_a_digest_that_is_none_is_refused(folder: EvidenceFolder, digest: str) -> None:
    """A record that was tampered with cannot make the check read other files."""
    with pytest.raises(RecordError, match="name no evidence"):
        folder.check(INCIDENT, digest)


def test_where_it_cannot_be_kept_the_reason_is_said(folder: EvidenceFolder) -> None:
    """A file in the folder's place: a RecordError, not a traceback."""
    folder.root.parent.mkdir()
    folder.root.write_text("in the way", encoding="utf-8")
    with pytest.raises(RecordError, match="could not be kept"):
        folder.keep(INCIDENT, LOG)


def test_threads_that_keep_the_same_piece_do_not_disturb_each_other(folder: EvidenceFolder) -> None:
    """Eight at once: one piece, whole, and one file beside it."""
    content = os.urandom(300_000)
    digests: list[str] = []
    threads = [
        threading.Thread(target=lambda: digests.append(folder.keep(INCIDENT, Captured("x", "x/y", content))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(digests)) == 1
    assert len(digests) == 8
    assert folder.check(INCIDENT, digests[0]) is Found.WHOLE
    assert len(list((folder.root / INCIDENT).iterdir())) == 2


FULL = """
import resource, sys
from pathlib import Path
from psfir.contracts import Captured
from psfir.errors import RecordError
from psfir.records.evidence import EvidenceFolder
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    EvidenceFolder(Path(sys.argv[1])).keep("INC-1", Captured("big", "x/y", b"x" * 5000))
except RecordError as error:
    print(error)
"""


def test_half_a_piece_is_never_left_under_a_name(tmp_path: Path) -> None:
    """When it does not fit, the error says so and the folder is empty."""
    said = finish(start(FULL, tmp_path / "evidence"))
    assert "could not be kept" in said
    assert list((tmp_path / "evidence" / "INC-1").iterdir()) == []
