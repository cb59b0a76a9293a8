"""JSON pointers: what is one, and what was meant by what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.pointer import is_pointer, likely


@pytest.mark.parametrize("text", ["", "/", "/a", "/a/0/b", "/a~1b/~0", "//", "/a b", "/é"])
def test_a_pointer(text: str) -> None:
    """The whole document, or steps; a step may be empty."""
    assert is_pointer(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("enabled", "/enabled"),
        ("flags/on", "/flags/on"),
        ("a.b", "/a.b"),
        ("$.flags.on", "/flags/on"),
        ("$", "/"),
        (".enabled", "/enabled"),
        ("./enabled", "/enabled"),
        ("#/enabled", "/enabled"),
        ("/a~b", "/a~0b"),
        ("~", "/~0"),
    ],
)
def test_what_was_meant(text: str, meant: str) -> None:
    """Without its slash, as a path of another kind, or with a bare `~`."""
    assert not is_pointer(text)
    assert likely(text) == meant


@given(st.text("/~01a.$# ", max_size=8))
def test_what_is_proposed_is_one(text: str) -> None:
    """Nobody is sent from one mistake to the next."""
    assert is_pointer(likely(text))
