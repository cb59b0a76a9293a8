"""What somebody probably meant, in words that end a sentence."""

import subprocess
import sys

import pytest

from psfir.domain.near import near


@pytest.mark.parametrize(
    ("word", "known", "says"),
    [
        ("retires", ["retries", "within"], "did you mean retries?"),
        ("within", ["within"], "did you mean within?"),
        ("xyz", ["retries", "within"], "there is: retries, within"),
        ("", ["retries"], "there is: retries"),
        ("xyz", [], "there is: none"),
        ("kil", ["kill", "init"], "did you mean kill?"),
        ("bill", ["kill", "show"], "there is: kill, show"),
        ("skill", ["kill", "skip"], "did you mean skip?"),
    ],
)
def test_what_was_probably_meant(word: str, known: list[str], says: str) -> None:
    """The nearest name if one is near, else all there are."""
    assert near(word, known) == says
    assert near(word, iter(known)) == says


def test_the_matcher_is_loaded_only_for_a_mistake() -> None:
    """A kill that is typed right does not wait for it."""
    code = "import sys, psfir.domain.near, psfir.domain.incident; sys.exit('difflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
