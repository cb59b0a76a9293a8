"""The figure: well formed whatever is written on it, and no two labels stand on one another."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from psfir.charts.axis import Band, Chart, Mark, Series, Tone
from psfir.charts.lanes import Sheet, extent
from psfir.charts.svg import svg
from psfir.pages.report import Page, Table, html

SECONDS = 60.0
MOMENTS = st.floats(0, SECONDS)
TEXTS = st.text(max_size=40)
LABELS = st.text(st.characters(codec="ascii", categories=("L", "P")), max_size=130)
BANDS = st.builds(
    lambda start, over, row, label, tone: Band(start, min(SECONDS, start + over), row, label, tone),
    MOMENTS,
    MOMENTS,
    st.sampled_from(["stop-conversations", "verdict", "probe x"]),
    LABELS,
    st.sampled_from(Tone),
)


@given(st.lists(BANDS, max_size=12))
def test_no_label_stands_on_another_or_off_the_sheet(bands: list[Band]) -> None:
    """Of one lane each begins where the one before has ended; a label that fits nowhere is cut."""
    sheet = Sheet(Chart("", "", SECONDS, 1, bands=bands))
    lanes: dict[float, list[tuple[float, float]]] = {}
    for placed in sheet.bands():
        lanes.setdefault(placed.y, []).append(extent(placed))
    for found in lanes.values():
        assert all(one[1] <= other[0] + 0.1 for one, other in pairwise(sorted(found)))
        assert all(first >= sheet.left - 1 and last <= sheet.wide + 1 for first, last in found)


@given(st.lists(MOMENTS, max_size=9))
def test_no_number_of_a_mark_stands_on_another(moments: list[float]) -> None:
    """Several things may happen within one second."""
    sheet = Sheet(Chart("", "", SECONDS, 1, [Series("a", [1])], marks=[Mark(at, "x") for at in sorted(moments)]))
    spots = [(sheet.x(at), sheet.mark(number)) for number, at in enumerate(sorted(moments), 1)]
    for index, (x, y) in enumerate(spots):
        assert y >= 8
        assert all(abs(x - x2) >= 16 or abs(y - y2) >= 16 for x2, y2 in spots[:index])


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_it_is_well_formed_whatever_is_written_on_it(title: str, row: str, label: str, name: str) -> None:
    """Signs that XML has no way to say are left out; all others are escaped."""
    bands = [Band(0, 1, row, label), Band(0.5, 60, row, label, Tone.BAD)]
    marks = [Mark(1, label), Mark(1, label), Mark(1.1, label)]
    shown = svg(Chart(title, name, SECONDS, 1, [Series(name, [1, 2])], bands, marks))
    figure = ET.fromstring(shown)  # noqa: S314 - our own
    assert figure.tag == "{http://www.w3.org/2000/svg}svg"


def test_an_empty_chart_is_a_figure() -> None:
    """No time, no series, no band, no mark."""
    for shown in (Chart("", "", 0, 1), Chart("", "", 0, 1, [Series("a", [])], [Band(0, 0, "r")], [Mark(0, "m")])):
        ET.fromstring(svg(shown))  # noqa: S314 - our own


def test_words_on_a_page_are_words() -> None:
    """Nothing that somebody wrote becomes part of the page."""
    evil = '<script src="http://evil.example">&"\''
    page = html(Page(evil, [(evil, evil)], "<svg/>", [Table(evil, [evil], [[evil, evil]])], evil))
    assert "<script" not in page
    assert page.count("&lt;script") == 10
    assert 'src="http' not in page
