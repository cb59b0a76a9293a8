"""One document, three formats: each bears all of its words, is the same twice, and says nothing of the hour."""

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from zipfile import ZipFile

import docx as word
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.charts.graph import Box, graph
from psfir.pages.blocks import Block, Bullets, Code, Document, Figure, Heading, Paragraph, Run, Table, table, words
from psfir.pages.pdf import pdf
from psfir.pages.pdf_words import Speech
from psfir.pages.web import html
from psfir.pages.word_document import docx

FIGURE = Figure(
    "What led to what",
    graph([Box("F1", "one", "cause", ("F2",)), Box("F2", "two", certain=False)], title="What led to what"),
    table(("factor", "what"), [("F1", "one"), ("F2", "two")]),
)
BODY: list[Block] = [
    Table((), ((words("Owner"), words("role")),)),
    Heading(2, words("Summary")),
    Paragraph((Run("It was ", slanted=True), Run("off", strong=True), Run("x", link="https://example.org/y"))),
    Heading(4, words("Deeper")),
    Bullets((words("first"), (Run("code", code=True),))),
    Bullets((words("counted"),), ordered=True),
    table(("what", "when"), [("trigger", "03:12"), ("end", "03:15")]),
    Code("a --> b", "mermaid"),
    Heading(2, words("Summary")),
    FIGURE,
]
REPORT = Document("Title & <more>", "DRAFT", BODY, "The foot.")
WRITERS = pytest.mark.parametrize("write", [lambda one: html(one).encode(), docx, pdf], ids=["html", "docx", "pdf"])


class Page(HTMLParser):
    """Tags that are open and closed, ids, and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@WRITERS
def test_the_same_document_gives_the_same_bytes(write: Callable[[Document], bytes]) -> None:
    """In another second too, and with signs that need more than ASCII."""
    document = Document("Ünïcode – 中文", "DRAFT", [*BODY, Paragraph(words("größer, ł, 中文"))])
    first = write(document)
    time.sleep(1.1)  # as long as the clocks in these formats need to tell two moments apart
    assert write(document) == first


@WRITERS
def test_an_empty_document_is_one(write: Callable[[Document], bytes]) -> None:
    """Nothing but a title; tables without rows or columns."""
    assert len(write(Document("Only this", "", [Table((), ()), table(("a",), [])]))) > 400


def test_a_page_is_whole_and_loads_nothing() -> None:
    """Its tags match, its ids are there once, no address is loaded, and a policy forbids it."""
    page = Page(html(REPORT))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "img", "iframe", "object"}]
    assert not [name for _, attrs in page.tags for name in attrs if name in {"src", "srcset", "onload", "onclick"}]
    policies = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_a_page_has_landmarks_headings_in_order_and_scopes() -> None:
    """For those who go by keyboard and by ear; every link inside leads somewhere."""
    text = html(REPORT)
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    assert [tags.count(one) for one in ("header", "nav", "main", "footer", "h1")] == [1, 1, 1, 1, 1]
    assert [tag for tag in tags if re.fullmatch("h[1-6]", tag)] == ["h1", "h2", "h3", "h2"]
    links = [attrs["href"] or "" for tag, attrs in page.tags if tag == "a"]
    assert {one[1:] for one in links if one.startswith("#")} <= set(page.ids)
    assert '<th scope="row">Owner</th>' in text
    assert '<th scope="col">what</th>' in text
    assert 'role="img" aria-label="What led to what"' in text
    assert '<p class="status">DRAFT</p>' in text


@given(st.text(max_size=30))
@settings(max_examples=30)
def test_whatever_is_written_is_words_on_the_page(text: str) -> None:
    """No tag, no attribute comes of it."""
    usual = Page(html(Document("t", "", [Paragraph(words("x")), table(("a",), [("b",)]), Code("c")])))
    odd = Page(html(Document(text, "", [Paragraph(words(text)), table((text,), [(text,)]), Code(text)])))
    assert odd.open == []
    assert {tag for tag, _ in odd.tags} <= {tag for tag, _ in usual.tags} | {"p", "td", "th", "thead", "tr"}


def test_word_gets_real_headings_and_tables() -> None:
    """By style and level; a table's first row is said again on each sheet; the status stands on each."""
    made = word.Document(BytesIO(docx(REPORT)))
    heads = [(one.style.name, one.text) for one in made.paragraphs if one.style and one.style.name.startswith("Head")]
    assert heads == [("Heading 2", "Summary"), ("Heading 3", "Deeper"), ("Heading 2", "Summary")]
    assert [cell.text for cell in made.tables[1].rows[0].cells] == ["what", "when"]
    assert "tblHeader" in made.tables[1].rows[0]._tr.xml  # noqa: SLF001 - the library shows it nowhere else
    assert made.sections[0].header.paragraphs[0].text == "DRAFT"
    assert "x (https://example.org/y)" in made.paragraphs[4].text + made.paragraphs[3].text + made.paragraphs[2].text
    assert made.core_properties.created is not None
    assert made.core_properties.created.year == 2000


def test_word_bears_no_hour() -> None:
    """Neither inside nor beside its parts."""
    with ZipFile(BytesIO(docx(REPORT))) as packed:
        assert {one.date_time[0] for one in packed.infolist()} == {2000}


def test_a_pdf_has_an_outline_and_a_fixed_date() -> None:
    """Its headings are bookmarks; it names its language."""
    made = pdf(REPORT)
    assert made.startswith(b"%PDF-1.")
    assert made.count(b"/Title (Summary)") == 2
    assert b"/Title (Deeper)" in made
    assert b"/Lang (en)" in made
    assert set(re.findall(rb"Date \(D:(\d{4})", made)) == {b"2000"}


def test_what_the_pdfs_font_lacks_is_shown_as_its_number() -> None:
    """Nothing vanishes: letters with marks are drawn, others stand as code points and are counted."""
    speech = Speech()
    assert speech.drawn("größer – łosć “x”") == "größer – łosć “x”"
    assert speech.lacking == set()
    assert speech.drawn("中 ▲") == "[U+4E2D] !"
    assert speech.lacking == {"中"}
    plain, odd = (pdf(Document("t", "", [Paragraph(words(text))])) for text in ("a", "中"))
    assert len(odd) > len(plain)


@pytest.mark.parametrize(("write", "rows"), [(html, 400), (docx, 400), (pdf, 60)], ids=["html", "docx", "pdf"])
def test_ten_times_the_rows_take_about_ten_times_the_time(write: Callable[[Document], object], rows: int) -> None:
    """Not a hundred times: an incident of thousands of entries is exported like a short one."""

    def took(count: int) -> float:
        report = Document("t", "", [table(("at", "what"), [("03:12", f"something {at}") for at in range(count)])])
        begun = time.process_time()
        write(report)
        return time.process_time() - begun

    took(rows)
    assert took(10 * rows) < 40 * max(took(rows), 0.005)


def test_a_pdf_takes_cells_and_lines_longer_than_a_sheet() -> None:
    """A word of 3,000 letters, a cell of many lines, a line of code that never ends."""
    long = "many words " * 1500
    made = pdf(Document("t", "", [table(("a", "b"), [("x" * 3000, long)]), Code("y" * 500 + "\n" + "z\n" * 200)]))
    assert made.count(b"/Type /Page\n") >= 3
