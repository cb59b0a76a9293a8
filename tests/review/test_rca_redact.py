"""What goes outside names roles, never people, and nothing of what is inside; all that was taken out is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.pages.blocks import Run, plain
from psfir.pages.inline import runs
from psfir.review.rca.redact import Known, Redactor

KNOWN = Known(
    people={"Ada Example": "the on call", "ada": "the on call", "Ada": "the on call", "Example": "the on call"},
    systems={"support-assistant": "the Support assistant", "search": "Search"},
    ids=frozenset({"prod-eu", "launchdarkly.flag"}),
    hosts=frozenset({"flags.example.com"}),
)


@pytest.mark.parametrize(
    ("inside", "outside", "kind"),
    [
        ("Ada Example switched it off", "the on call switched it off", "names said by role"),
        ("ADA and ada", "the on call and the on call", "names said by role"),
        ("Armada and ada-boost stay", "Armada and ada-boost stay", ""),
        ("in prod-eu by launchdarkly.flag", "in an internal system by an internal system", "names of what is inside"),
        ("support-assistant is off", "the Support assistant is off", "names of what is inside"),
        ("search is a word", "search is a word", ""),
        ("at flags.example.com", "at an internal system", "names of what is inside"),
        ("seen [entry 12], [E3].", "seen,.", "references to the record"),
        ("sha256:0123abcd", "", "references to the record"),
        ("of INC-20261121-k7q2xa", "of the incident", "references to the record"),
        ("in /var/lib/psfir/evidence/a.txt", "in [left out]", "paths"),
        ("see reviews/one.md", "see [left out]", "paths"),
        ("and/or, 24/7, 3/4", "and/or, 24/7, 3/4", ""),
    ],
)
def test_words_for_outside(inside: str, outside: str, kind: str) -> None:
    """Whole words only; a common word is not taken for a name of something."""
    redactor = Redactor(KNOWN)
    assert redactor.text(inside) == outside
    assert {name for _, name in redactor.taken} == ({kind} if kind else set())


def test_code_and_addresses_go() -> None:
    """A link keeps its words; one that has none but its address goes whole."""
    redactor = Redactor(KNOWN)
    told = redactor.runs(runs("`secret prompt` and [the page](https://x.example/a) <https://x.example/b>"))
    assert plain(told) == "[left out] and the page "
    assert not any(one.link for one in told)
    assert {kind: count for (_, kind), count in redactor.taken.items()} == {"code": 1, "links": 2}


@given(st.integers(1, 10))
def test_a_name_is_found_across_emphasis(cut: int) -> None:
    """Half of it in bold hides nothing."""
    name = "Ada Example"
    told = Redactor(KNOWN).runs((Run("by "), Run(name[:cut], strong=True), Run(name[cut:])))
    assert "xample" not in plain(told)
    assert "Ada" not in plain(told)


def test_counts_are_by_section_and_a_whole_one_counts_once() -> None:
    """What is gone as a whole needs no list of its parts."""
    redactor = Redactor(KNOWN)
    redactor.section = "Impact"
    redactor.text("ada, ada [entry 1]")
    redactor.section = "Evidence"
    redactor.text("ada")
    redactor.whole_section()
    assert dict(redactor.taken) == {
        ("Impact", "names said by role"): 2,
        ("Impact", "references to the record"): 1,
        ("Evidence", "whole section"): 1,
    }
