"""Generated blocks are renewed, and not a letter of what people wrote changes."""

from hypothesis import given
from hypothesis import strategies as st

from psfir.review.rca.blocks import block, find, mark, renew, take

WORDS = st.text(alphabet="ab |<>!-#\n", max_size=40).filter(lambda text: "psfir" not in text)
CONTENT = st.text(alphabet="xyz |\n", max_size=40).map(lambda text: text.strip("\n"))


def document(before: str, one: str, between: str, two: str, after: str) -> str:
    return "\n".join([before, block("one", one), between, block("two", two), after])


@given(WORDS, CONTENT, WORDS, CONTENT, WORDS, CONTENT, CONTENT)
def test_what_nobody_touched_is_renewed_and_nothing_else(
    before: str, one: str, between: str, two: str, after: str, new: str, other: str
) -> None:
    """Everything outside is as it was, byte for byte; twice is the same as once."""
    text = document(before, one, between, two, after)
    done = renew(text, {"one": new, "two": other})
    assert done.text == document(before, new, between, other, after)
    assert renew(done.text, {"one": new, "two": other}).text == done.text
    assert set(done.written) == {name for name, old, now in (("one", one, new), ("two", two, other)) if old != now}


@given(WORDS, CONTENT, CONTENT, CONTENT, WORDS)
def test_what_a_person_changed_stays(before: str, one: str, theirs: str, new: str, after: str) -> None:
    """To the letter; the first comment says when the record tells something else."""
    text = "\n".join([before, block("one", one), after])
    edited = text.replace(f"\n{one}\n<!-- psfir:end one -->", f"\n{theirs}!\n<!-- psfir:end one -->")
    done = renew(edited, {"one": new})
    assert done.kept == ("one",)
    (found,) = find(done.text)
    assert found.content == f"{theirs}!"
    assert found.stale == (mark(new) if new != one else "")
    outside = [line for line in done.text.split("\n") if not line.startswith("<!-- psfir:begin")]
    assert outside == [line for line in edited.split("\n") if not line.startswith("<!-- psfir:begin")]


@given(WORDS, CONTENT, CONTENT, WORDS)
def test_an_editor_that_ends_lines_in_its_own_way_changes_no_word(before: str, one: str, new: str, after: str) -> None:
    """With a carriage return at the end of each line blocks are still the record's, and all lines keep theirs."""
    text = "\n".join([before, block("one", one), after]).replace("\n", "\r\n")
    done = renew(text, {"one": new})
    assert done.kept == ()
    assert done.text == "\n".join([before, block("one", new), after]).replace("\n", "\r\n")
    assert take(text, "one", new) == done.text


def test_an_edited_block_can_be_given_back() -> None:
    """What was written there is gone, and the record tells again."""
    text = block("one", "a").replace("\na\n", "\nmine\n")
    assert take(text, "one", "b") == block("one", "b")


def test_a_block_that_was_taken_out_stays_out() -> None:
    """And is named."""
    assert renew("words", {"one": "a"}).lost == ("one",)


def test_half_a_block_is_the_writers_own_text() -> None:
    """A comment without its partner, or with another block between, is left alone."""
    begun = block("one", "a").split("\n")[0]
    text = f"{begun}\nwords\n{block('two', 'b')}\n"
    assert [found.name for found in find(text)] == ["two"]
    assert renew(text, {"one": "x", "two": "c"}).text == f"{begun}\nwords\n{block('two', 'c')}\n"
