"""`psfir comms preview`: the shipped templates on one page or in one document."""

from pathlib import Path

import docx as word
import pytest

from psfir.app.init import lay_out
from tests.cli.keyboard import Keyboard
from tests.comms.shelf import TEXT, put


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    keyboard = Keyboard(tmp_path / "ws", capsys, monkeypatch)
    monkeypatch.chdir(tmp_path)
    return keyboard


def test_the_shipped_templates_are_on_one_page(desk: Keyboard, tmp_path: Path) -> None:
    """Each of them, and none fails or has an error; the German ones too."""
    root = lay_out(tmp_path / "fresh").root
    done = desk.ok("comms", "preview", "-w", str(root), "--json").json
    page = Path("templates.html").read_text(encoding="utf-8")
    assert done["templates"] == page.count("<article")
    assert done["file"] == "templates.html"
    assert 'lang="de"' in page
    assert '<strong class="bad">error' not in page
    assert "nobody has approved it" in page


def test_word_gets_a_document(desk: Keyboard, tmp_path: Path) -> None:
    """With each text of the shelf."""
    put(desk.root)
    desk.ok("comms", "preview", "--format", "docx", "--out", str(tmp_path / "all.docx"))
    document = word.Document(str(tmp_path / "all.docx"))
    assert "holding (en)" in [one.text for one in document.paragraphs]


def test_an_approval_and_a_broken_file_are_on_it(desk: Keyboard) -> None:
    """The page is written all the same, and the broken file is told on it and at the desk."""
    put(desk.root)
    put(desk.root, TEXT.replace("{{ seen }}", "{{ sen }}"), name="public/scope.en.md")
    desk.ok("comms", "preview", "--out", "first.html")
    done = desk.ok("comms", "preview", "--out", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "Files that cannot be read" in page
    assert "scope.en.md" in done.err
    assert Path("first.html").read_bytes() == page.encode()


def test_where_nothing_can_be_written_it_says_so(desk: Keyboard) -> None:
    """And leaves nothing half-written."""
    done = desk.type("comms", "preview", "--out", "nowhere/page.html")
    assert (done.code, "cannot be written: No such file" in done.err) == (2, True)
