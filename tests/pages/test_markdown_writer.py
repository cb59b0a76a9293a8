"""A document as Markdown: what reads it back finds the same words in the same blocks."""

from __future__ import annotations

import pytest

from psfir.pages.blocks import Block, Bullets, Code, Comment, Document, Figure, Heading, Paragraph, Run, table, words
from psfir.pages.markdown import blocks
from psfir.pages.markdown_writer import markdown, text

ODD = "a|b *c* _d_ `e` <f> # [g](h) ~~~ \\ {x}"
WRITTEN: tuple[Block, ...] = (
    Heading(2, words(ODD)),
    Paragraph(words(ODD)),
    Paragraph((Run("Loud", strong=True), Run(" and "), Run("soft", slanted=True), Run(" and "), Run("x_y", code=True))),
    Paragraph((Run("a page", link="https://example.com/a_b"),)),
    Bullets((words(ODD), words("two"))),
    Bullets((words("one"), words("two")), ordered=True),
    table(("head", ODD), [("a", ODD), ("", "d")]),
    table((), [("name", "value")]),
    Code("x = 1\n  # no heading\n```\n", "python"),
    Comment("seen by psfir alone"),
)


@pytest.mark.parametrize("block", WRITTEN, ids=lambda one: type(one).__name__)
def test_what_is_read_back_is_what_was_written(block: Block) -> None:
    """Whatever signs stand in it."""
    page = markdown(Document("Title", "", [block]))
    assert blocks(page) == [Heading(1, words("Title")), block]


@pytest.mark.parametrize("line", ["- no item", "1. no item", "12) no item", "+ no item", "---", "= x", "* no item"])
def test_a_paragraph_that_looks_like_something_else_stays_one(line: str) -> None:
    """No list and no rule comes of how a sentence begins."""
    assert blocks(markdown(Document("Title", "", [Paragraph(words(line))])))[1:] == [Paragraph(words(line))]


def test_title_status_foot_and_drawings() -> None:
    """The drawing itself is left out: its table tells the same."""
    figure = Figure("How it went", "<svg/>", table(("after",), [("1:00",)]))
    page = markdown(Document("A & B", "DRAFT", [figure], "made by psfir"))
    assert page == ("# A & B\n\n**DRAFT**\n\n**How it went**\n\n| after |\n|---|\n| 1:00 |\n\nmade by psfir\n")


def test_words_stay_on_one_line() -> None:
    """A line break in a cell would end its table."""
    assert text(" a\n| b ") == "a \\| b"
