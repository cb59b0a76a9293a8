"""Markdown as blocks: what a report is written in is read, and nothing anybody wrote gets lost or becomes markup."""

import time

from hypothesis import given
from hypothesis import strategies as st

from psfir.pages.blocks import Bullets, Code, Comment, Heading, Paragraph, Run, Table, leveled, plain
from psfir.pages.inline import runs
from psfir.pages.markdown import blocks

REPORT = """\
# Title

Words over
two lines.

## Section ##

- one
- two
  goes on

1. first
2) second

| a | b |
|---|:-:|
| 1 | 2 \\| 3 |
| 4 |

```mermaid
a --> b
```

<!-- psfir:end x -->
> quoted
"""


def test_each_kind_of_block_is_read() -> None:
    """In order, with the words of each."""
    found = blocks(REPORT)
    assert [type(one) for one in found] == [
        *(Heading, Paragraph, Heading, Bullets, Bullets, Table, Code, Comment, Paragraph)
    ]
    assert found[1] == Paragraph((Run("Words over two lines."),))
    assert found[2] == Heading(2, (Run("Section"),))
    assert found[3] == Bullets(((Run("one"),), (Run("two goes on"),)))
    assert found[4] == Bullets(((Run("first"),), (Run("second"),)), ordered=True)
    assert found[5] == Table(((Run("a"),), (Run("b"),)), (((Run("1"),), (Run("2 | 3"),)), ((Run("4"),), ())))
    assert found[6:8] == [Code("a --> b", "mermaid"), Comment("psfir:end x")]
    assert found[8] == Paragraph((Run("quoted"),))


def test_a_table_without_names_of_columns_has_none() -> None:
    """Its first cells name its rows then."""
    (found,) = blocks("| | |\n|---|---|\n| Owner | finn |")
    assert isinstance(found, Table)
    assert (found.head, found.columns) == ((), 2)


def test_emphasis_code_and_links() -> None:
    """Also within one another; an escaped sign is only itself."""
    assert runs("a **b _c_** `d *e*` \\*f\\*") == (
        *(Run("a "), Run("b ", strong=True), Run("c", strong=True, slanted=True)),
        *(Run(" "), Run("d *e*", code=True), Run(" *f*")),
    )
    assert runs("[x](https://example.org/a) <https://example.org>") == (
        *(Run("x", link="https://example.org/a"), Run(" ")),
        Run("https://example.org", link="https://example.org"),
    )


def test_what_is_no_markup_is_words() -> None:
    """References, names with lines in them, an address that runs something, raw HTML."""
    for text in ("[entry 3]", "a snake_case_name", "2 * 3 * 4", "<script>alert(1)</script>"):
        assert runs(text) == (Run(text),)
    assert runs("[x](javascript:alert)") == (Run("x"),)


def test_words_behind_a_comment_stay() -> None:
    """A comment without an end takes the rest, as everywhere in Markdown."""
    assert blocks("<!-- a --> b") == [Comment("a"), Paragraph((Run("b"),))]
    assert blocks("<!-- a\nb") == [Comment("a\nb")]


def test_the_outline_has_no_hole() -> None:
    """A level that is left out on the way down is closed up; comments are gone."""
    found = leveled(blocks("# a\n\n#### b\n\n<!-- c -->\n\n## d\n\n### e"))
    assert [one.level for one in found if isinstance(one, Heading)] == [2, 3, 2, 3]
    assert len(found) == 4


@given(st.text("ab`*_[]()|#->\n \\<!", max_size=60))
def test_any_text_is_read_and_no_letter_is_lost(text: str) -> None:
    """Whatever stands there outside of a comment: its letters come out again."""
    source = text.replace("<!", "")
    told = "".join(_words(one) for one in blocks(source))
    kept = sum(map(told.count, "ab"))
    assert kept >= sum(map(source.count, "ab")) - _named(source)


def _named(text: str) -> int:
    """Letters that are a link's address, or a fence's language."""
    return len(text) if "](" in text or "```" in text else 0


def _words(one: object) -> str:
    if isinstance(one, Heading | Paragraph):
        return plain(one.runs)
    if isinstance(one, Bullets):
        return " ".join(plain(item) for item in one.items)
    if isinstance(one, Table):
        return " ".join(plain(cell) for row in (one.head, *one.rows) for cell in row)
    return one.text if isinstance(one, Code) else ""


def test_ten_times_the_text_takes_about_ten_times_the_time() -> None:
    """Not a hundred times: a long timeline is read like a short one."""
    row = "| 2026-11-21 03:12:00 | something _happened_ | on call | [entry 1] |\n"
    text = "| a | b | c | d |\n|---|---|---|---|\n"

    def took(rows: int) -> float:
        begun = time.process_time()
        blocks(text + row * rows)
        return time.process_time() - begun

    took(100)
    assert took(5000) < 40 * max(took(500), 0.002)
