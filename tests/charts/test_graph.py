"""The drawing of what led to what: every box is there, none stands on another, and rings do no harm."""

from itertools import combinations
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from psfir.charts.graph import Box, graph

IDS = [f"F{number}" for number in range(1, 7)]
BOXES = st.lists(
    st.tuples(st.text(max_size=60), st.lists(st.sampled_from([*IDS, "F99"]), max_size=4), st.booleans()), max_size=6
)
SPACE = "{http://www.w3.org/2000/svg}"


@given(BOXES)
def test_no_box_stands_on_another(told: list[tuple[str, list[str], bool]]) -> None:
    """Whatever leads to what, in rings too; what is not there is not drawn."""
    boxes = [Box(IDS[at], text, "kind", after, certain=sure) for at, (text, after, sure) in enumerate(told)]
    drawn = ET.fromstring(graph(boxes, title="x"))  # noqa: S314 - our own
    found = [one for one in drawn.iter(f"{SPACE}rect") if one.get("class") == "ground"]
    assert len(found) == len(boxes)
    places = [tuple(float(one.attrib[name]) for name in ("x", "y", "width", "height")) for one in found]
    for (x, y, wide, high), (x2, y2, wide2, high2) in combinations(places, 2):
        assert x + wide <= x2 or x2 + wide2 <= x or y + high <= y2 or y2 + high2 <= y


def test_what_led_to_it_stands_left_of_it() -> None:
    """A chain goes from left to right; one that joins late stands next to what it led to."""
    told = [Box("F1", "a", after=["F2"]), Box("F2", "b", after=["F3"]), Box("F3", "c"), Box("F4", "d", after=["F3"])]
    drawn = ET.fromstring(graph(told, title="x"))  # noqa: S314 - our own
    x = [float(one.attrib["x"]) for one in drawn.iter(f"{SPACE}rect") if one.get("class") == "ground"]
    assert x[0] < x[1] < x[2]
    assert x[3] == x[1]


def test_a_hypothesis_has_a_broken_edge() -> None:
    """Its box and its arrow."""
    shown = graph([Box("F1", "a", after=["F2"], certain=False), Box("F2", "b")], title="x")
    assert shown.count("stroke-dasharray") == 2
