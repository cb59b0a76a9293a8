"""What no record can hold becomes what every record can, and what fits stays as it is."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain import canon
from psfir.domain.entries import Draft
from psfir.records.rows import sealed
from psfir.records.unfit import fitted
from tests.records.parts import note

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.binary(),
    st.complex_numbers(),
    st.sets(st.integers()),
    st.just(object()),
)
TREES = st.recursive(ODD, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner))


def holding(data: object) -> Draft:
    draft = note("x")
    whole: Any = data if isinstance(data, dict) else {"value": data}
    return Draft(draft.at, draft.incident, draft.actor, draft.channel, draft.kind, whole)


@settings(max_examples=60)
@given(TREES)
def test_whatever_it_holds_it_can_be_recorded(value: object) -> None:
    """Any Python value: the fitted draft seals, and fitting it again changes nothing."""
    fit = fitted(holding(value))
    assert sealed([fit], (0, ""), bytes)[0].data == fit.data
    assert fitted(fit) is fit


def test_what_fits_is_not_touched() -> None:
    """The very same draft comes back."""
    draft = holding({"a": [1, -0.5, None, True, {"b": "ü🎯"}]})
    assert fitted(draft) is draft


def test_only_what_does_not_fit_becomes_text() -> None:
    """Its neighbours keep their kinds, and the text tells what stood there."""
    data = {"token": 2**60 + 1, "ratio": float("nan"), "ok": 7, "list": (1, b"x"), 5: "\ud800", "yes": True, "no": None}
    assert fitted(holding(data)).data == {
        "token": "1152921504606846977",
        "ratio": "nan",
        "ok": 7,
        "list": [1, "(bytes has no JSON form)"],
        "5": "\\ud800",
        "yes": True,
        "no": None,
    }


def test_a_value_without_a_bottom_is_cut() -> None:
    """A list that holds itself ends somewhere."""
    loop: list[object] = []
    loop.append(loop)
    fit = fitted(holding(loop))
    assert b"too deep" in canon.canonical(fit.to_json())


def test_the_heading_is_fitted_too() -> None:
    """An incident, actor or channel with half a character in it."""
    draft = Draft(note("x").at, "INC-\udcff", "asserted:\udcff", "cli\udcff", note("x").kind, {})
    fit = fitted(draft)
    assert (fit.incident, fit.actor, fit.channel) == ("INC-\\udcff", "asserted:\\udcff", "cli\\udcff")
    assert sealed([fit], (0, ""), bytes)[0].seq == 1
