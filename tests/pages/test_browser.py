"""Every page that psfir writes, looked at in a real Chromium: by day, by night, and on a phone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psfir.app import rca
from psfir.app.comms_preview import preview
from psfir.app.comms_preview import render as previewed
from psfir.app.demo_report import Seen, report
from psfir.app.init import lay_out
from psfir.app.rca_export import exported, render
from psfir.app.simulate import Luck, simulate, write_page
from psfir.app.templates import shelf
from psfir.charts.axis import Mark, Tone
from psfir.domain.values import remade
from psfir.range.assistant.counts import WIDTH, Bin
from tests.app.incident_kit import NOW, at_work
from tests.cli.test_rca import happened, workspace, written
from tests.pages.browser import looked

PAGES = ("analysis", "analysis-outside", "preview", "report", "odds")


def _analyses(folder: Path) -> list[bytes]:
    session = at_work(workspace(folder / "ws"))
    name = happened(session)
    finn = at_work(folder / "ws", "finn")
    path = rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    path.write_text(written(path.read_text()) + "\n```text\n" + "a long line of code " * 20 + "\n```\n")
    made = [exported(finn, finn.incident(name), external=external) for external in (False, True)]
    assert not made[1].found
    return [render(one.document, "html") for one in made]


def _report(folder: Path) -> bytes:
    session = at_work(folder / "ws")
    entries = list(session.journal.read())
    bins = [Bin(NOW.timestamp() + at * WIDTH, 5, at % 2, 0, 0, 0) for at in range(20)]
    told = [(NOW, Mark(0.0, "it goes wrong", Tone.BAD))]
    seen = Seen(entries, bins, told, NOW + timedelta(seconds=20 * WIDTH))
    return report(seen, "An incident", [("proven after", "5 s")]).encode()


def _odds(folder: Path) -> bytes:
    lay_out(folder, reference=True)
    write_page(folder / "odds.html", simulate(at_work(folder, "ada"), "support-assistant", luck=Luck(2000, 7)))
    return (folder / "odds.html").read_bytes()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("pages")
    inside, outside = _analyses(folder)
    whole = preview(shelf(lay_out(folder / "fresh").root), NOW)
    few = remade(whole, leaves=whole.leaves[:: len(whole.leaves) // 4])  # they are all alike, and axe takes its time
    pages = (inside, outside, previewed(few, "html"), _report(folder), _odds(folder / "reference"))
    files = [folder / f"{name}.html" for name in PAGES]
    for file, page in zip(files, pages, strict=True):
        file.write_bytes(page)
    return looked(files, folder)


@pytest.mark.timeout(170)
def test_axe_finds_nothing_serious(found: list[dict[str, Any]]) -> None:
    """Contrast, names, roles, scopes, landmarks, what scrolls and cannot be reached: on each page in each look."""
    assert {(Path(one["file"]).stem, one["name"]) for one in found} == {
        (page, name) for page in PAGES for name in ("day", "night", "phone")
    }
    grave = [
        (Path(one["file"]).stem, one["name"], each)
        for one in found
        for each in one["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert grave == []


@pytest.mark.timeout(170)
def test_no_page_asks_for_anything_and_none_is_wider_than_its_screen(found: list[dict[str, Any]]) -> None:
    """What is wide scrolls by itself; the page does not."""
    assert [one["asked"] for one in found if one["asked"]] == []
    assert [(one["file"], one["name"], one["wider"]) for one in found if one["wider"] > 0] == []


@pytest.mark.timeout(170)
def test_the_keyboard_leads_somewhere_to_be_seen(found: list[dict[str, Any]]) -> None:
    """The first Tab, on each page."""
    assert [(one["file"], one["first"]) for one in found if not one["first"]["seen"]] == []
