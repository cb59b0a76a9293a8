"""The page of the benchmarks holds every figure, and needs nothing but itself."""

from xml.etree import ElementTree as ET

import pytest

from benchmarks.__main__ import report_of
from benchmarks.frame import Absent, Figure
from benchmarks.page import page

KEPT = Figure("kill: one <rung> & a probe", 150.0, "a script by hand", 120.0, 1.5, 15)
OVER = Figure("fold: 100,000 entries", 900.0, "json.loads", 300.0, 2.0, 3)
SLOW = Figure("flag: to the listener", 250.0, "a bare stream", 240.0, 4.0, 101, most_ms=200.0)
GONE = Absent("100 rungs", "chaostoolkit 1.19.0", "no network & no cache")


@pytest.fixture(name="shown")
def _shown() -> str:
    return page(report_of([KEPT, OVER, SLOW, GONE]))


def articles(shown: str) -> list[ET.Element]:
    root = ET.fromstring(shown.removeprefix("<!DOCTYPE html>\n"))  # noqa: S314 - our own page
    return root.findall(".//article")


def text(one: ET.Element) -> str:
    return " ".join("".join(one.itertext()).split())


def test_it_is_well_formed_and_has_each_figure(shown: str) -> None:
    """Each has its name, its peer, both times and its ratio; whatever stands in a name stays text."""
    found = [text(one) for one in articles(shown)]
    assert len(found) == 4
    for one, said in zip((KEPT, OVER, SLOW), found, strict=False):
        assert said.startswith(one.name)
        assert f"beside {one.peer}" in said
        assert f"ratio {one.ratio:.2f}, aim {one.aim:.1f}" in said
        assert f"{one.ours_ms:,.1f} ms" in said
        assert f"beside {one.peer_ms:,.1f} ms" in said


def test_a_peer_that_is_not_there_is_said(shown: str) -> None:
    """With the reason, and without a bar."""
    last = articles(shown)[-1]
    assert text(last) == f"{GONE.name} beside {GONE.peer} not here: {GONE.why}"
    assert last.find("svg") is None


def test_the_bar_is_as_long_as_the_ratio(shown: str) -> None:
    """All on one scale, with a line at the aim."""
    bars = {one.name: svg for one, svg in zip((KEPT, OVER, SLOW), drawn(shown), strict=True)}
    scale = bars[KEPT.name][0] / KEPT.ratio
    for one in (KEPT, OVER, SLOW):
        width, aim = bars[one.name]
        assert width == pytest.approx(one.ratio * scale, abs=2)
        assert aim == pytest.approx(one.aim * scale, abs=5)
        assert 0 < width <= 1000
        assert 0 < aim <= 1000


def drawn(shown: str) -> list[tuple[int, int]]:
    """The width of each figure's bar, and where its aim is."""
    found = []
    for svg in (one.find("svg") for one in articles(shown)[:3]):
        assert svg is not None
        (aim,) = (line for line in svg.findall("line") if line.get("class") == "aim")
        found.append((int(svg.findall("rect")[1].get("width", "")), int(aim.get("x1", ""))))
    return found


def test_what_misses_its_aim_says_so_in_words(shown: str) -> None:
    """By its ratio, or by its milliseconds: colour alone tells it to nobody who does not see it."""
    said = [text(one) for one in articles(shown)]
    assert "within the aim" in said[0]
    assert "over the aim" in said[1]
    assert "over the aim" in said[2]
    assert "of at most 200 ms" in said[2]


def test_it_needs_nothing_from_elsewhere(shown: str) -> None:
    """No address, no script, no import; it fits a narrow screen, and follows a dark one."""
    for word in ("http:", "https:", "src=", "href=", "url(", "@import", "<script"):
        assert word not in shown
    assert 'name="viewport"' in shown
    assert "prefers-color-scheme: dark" in shown


def test_a_run_with_nothing_measured_has_a_page() -> None:
    """Where the only peer asked for is not there."""
    assert len(articles(page(report_of([GONE])))) == 1
