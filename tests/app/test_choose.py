"""Which runbook contains a system: a file that is broken, doubled or of another system never stands in the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from psfir.app.choose import Aim, runbook
from psfir.app.session import Session
from psfir.domain.modes import Mode
from psfir.errors import ContentError, UsageError
from tests.app.incident_kit import at_work, lay_out

BOOK = """\
schema: psfir.runbook/1
id: ID
title: Off
system: SYSTEM
mode: disable
steps:
  - id: stop
    ladder:
      - {lever: memory.switch, target: {connection: estate, switch: bot}, set: {"on": false}, within: 10s}
verify:
  - {probe: memory, target: {connection: estate, switch: bot}, expect: {state: {"on": false}}}
"""


class Folder:
    """A workspace, its runbooks, and what was warned of."""

    def __init__(self, root: Path) -> None:
        self.root = lay_out(root)
        (root / "runbooks").mkdir()
        self.warned: list[str] = []
        session = at_work(root)
        self.session: Session = replace(session, door=replace(session.door, warn=self.warned.append))

    def book(self, name: str, *, system: str = "support-assistant", file: str = "", text: str = BOOK) -> None:
        path = self.root / "runbooks" / f"{file or name}.yaml"
        path.write_text(text.replace("ID", name).replace("SYSTEM", system))

    def chosen(self, *, system: str = "support-assistant", name: str = "", mode: Mode | None = None) -> str:
        words = self.session.workspace.systems[system]
        return runbook(self.session, words, Aim((system,), runbook=name, mode=mode)).id


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_only_one_is_taken(folder: Folder) -> None:
    """Of this system and mode; nothing is warned of."""
    folder.book("bot-off")
    folder.book("search-off", system="search")
    assert folder.chosen() == "bot-off"
    assert folder.chosen(system="search") == "search-off"
    assert folder.warned == []


def test_a_broken_file_stops_no_kill(folder: Folder) -> None:
    """Its problem is said, and the sound one of this system is taken."""
    folder.book("bot-off")
    folder.book("broken", text="schema: psfir.runbook/1\nid: broken\n\ttabs: here\n")
    (folder.root / "runbooks" / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert folder.chosen() == "bot-off"
    assert len(folder.warned) == 2
    assert "broken.yaml:3:1: a tab stands here" in folder.warned[0]


def test_a_named_runbook_is_read_alone(folder: Folder) -> None:
    """No other file is opened for it, so none can be in the way."""
    folder.book("bot-off")
    folder.book("broken", text="[")
    assert folder.chosen(name="bot-off") == "bot-off"
    assert folder.warned == []


def test_an_id_that_others_share_stops_no_kill(folder: Folder) -> None:
    """Two files of one id are refused only where that id is asked for, with both names."""
    folder.book("bot-off")
    folder.book("search-off", system="search", file="one")
    folder.book("search-off", system="search", file="two")
    assert folder.chosen(name="bot-off") == "bot-off"
    assert folder.chosen() == "bot-off"
    with pytest.raises(ContentError, match=r"runbooks/two\.yaml.*taken by runbooks/one\.yaml"):
        folder.chosen(system="search", name="search-off")


def test_a_playbook_in_the_wrong_folder_stops_no_kill(folder: Folder) -> None:
    """It is no runbook, and said to be none."""
    folder.book("bot-off")
    folder.book("harm", text="---\nschema: psfir.playbook/1\nid: harm\n---\n")
    assert folder.chosen() == "bot-off"
    assert "harm" in folder.warned[0]


def test_two_are_refused_with_the_list(folder: Folder) -> None:
    """Nothing is guessed."""
    folder.book("bot-off")
    folder.book("bot-out")
    with pytest.raises(UsageError, match="2 runbooks disable support-assistant: bot-off, bot-out"):
        folder.chosen()


def test_none_but_a_broken_one_is_told_apart_from_none(folder: Folder) -> None:
    """Whoever stands before an empty hand learns that there is a file to mend."""
    folder.book("bot-off", text="schema: psfir.runbook/1\nid: bot-off\nsystem: support-assistant\n")
    with pytest.raises(UsageError, match="no runbook can disable it"):
        folder.chosen()
    assert "bot-off" in folder.warned[0]


def test_one_of_another_system_is_refused(folder: Folder) -> None:
    """A slip of the name must not switch off something else."""
    folder.book("search-off", system="search")
    with pytest.raises(UsageError, match="runbook search-off is for search, not for support-assistant"):
        folder.chosen(name="search-off")


def test_a_name_nobody_has_is_a_near_miss(folder: Folder) -> None:
    """With what was probably meant."""
    folder.book("bot-off")
    with pytest.raises(UsageError) as refused:
        folder.chosen(name="bot-of")
    assert refused.value.todo == "did you mean bot-off?"
