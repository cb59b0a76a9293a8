"""How lines look on a terminal: as wide as it is, broken between words, and commands whole."""

import pytest

from psfir.cli import show


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(show, "width", lambda: 60)
    return 60


SENTENCE = "psfir looked at every replica it can name and not one of them answered within the time that was given"


def test_without_a_terminal_nothing_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log has lines as long as they are."""
    monkeypatch.setattr(show, "width", lambda: 0)
    assert show.folded(SENTENCE) == SENTENCE
    assert show.hanging("head", SENTENCE) == f"  head  {SENTENCE}"


def test_a_sentence_is_broken_between_words(narrow: int) -> None:
    """Below its own indent, with every word whole."""
    lines = show.folded(f"  It is so: {SENTENCE}").split("\n")
    assert len(lines) > 1
    assert max(map(len, lines)) <= narrow
    assert [line[:4] for line in lines[1:]] == ["    "] * (len(lines) - 1)
    assert " ".join(" ".join(lines).split()) == f"It is so: {SENTENCE}"


@pytest.mark.parametrize("lead", ["", "      ", "  -> "])
def test_a_command_stays_in_one_piece(narrow: int, lead: str) -> None:
    """It is there to be copied: the terminal may break it, psfir does not."""
    command = f"{lead}psfir playbook tick harmful-output read-verdict --incident INC-20261121-k7q2xa"
    assert show.folded(command) == command


def test_colour_does_not_count(narrow: int) -> None:
    """What is as wide as the terminal without its colours is left as it is."""
    line = show.loud("x" * narrow)
    assert show.folded(line) == line


def test_where_the_head_takes_the_room_the_text_goes_below(narrow: int) -> None:
    """Rather than into a column of a few letters."""
    lines = show.hanging("a-head-" * 7, SENTENCE).split("\n")
    assert lines[0] == "  " + "a-head-" * 7
    assert all(line.startswith("      ") for line in lines[1:])
    assert max(map(len, lines)) <= narrow
    assert " ".join(" ".join(lines[1:]).split()) == SENTENCE


def test_a_word_is_never_cut(narrow: int) -> None:
    """A digest is one word: too wide, but whole."""
    digest = f"sha256:{'a' * 64}"
    assert digest in show.hanging("plan", f"the digest {digest} is approved").split()
    assert digest in show.folded(f"the digest {digest} is approved").split()
