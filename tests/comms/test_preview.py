"""The preview: what is filled in is told apart, nothing that somebody wrote is a part of the page."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from zipfile import ZipFile

import docx as word
import pytest

from psfir.comms.check import Row, State, Yes
from psfir.comms.fill import Filled, Value
from psfir.comms.finding import Finding
from psfir.comms.ledger import Given
from psfir.comms.pack import Level
from psfir.comms.preview import Leaf, Part, Preview, parts, reading
from psfir.comms.preview_document import docx
from psfir.comms.preview_page import html
from psfir.comms.template import FieldType, Source, Template, TemplateField
from psfir.domain.message import Audience, Phase
from psfir.domain.values import remade

HOSTILE = "\"><script>alert('x')</script><img src=x onerror=1>&amp;]]>\x0b\ue000"
TODAY = date(2026, 11, 21)
FIELDS = {
    "product": TemplateField("product", FieldType.LINE, Source.WORKSPACE, "what it is called", fact="product"),
    "seen": TemplateField("seen", FieldType.LINE, Source.CASE, "what they saw", words={"data_leakage": "others' data"}),
    "steps": TemplateField("steps", FieldType.LIST, Source.PERSON, "what to do", edit=True),
}
TEMPLATE = Template(
    "public-holding",
    Audience.PUBLIC,
    Phase.HOLDING,
    "en",
    "statuspage",
    title="Problems with {{ product }}",
    body="You may have seen {{ seen }}.\n\n{% for step in steps %}- {{ step }}\n{% endfor %}",
    author="cleo",
    digest="sha256:" + "a" * 64,
    fields=FIELDS,
    file="comms_templates/public/holding.en.md",
)


def filled(template: Template = TEMPLATE, **values: object) -> Filled:
    given = {"product": "the assistant", "seen": "others' data", "steps": ["wait", "write"], **values}
    return Filled(template, {name: Value(value, "sample") for name, value in given.items()})  # type: ignore[arg-type]  # all of them are JSON


def leaf(template: Template = TEMPLATE, *, state: State = State.APPROVED, **values: object) -> Leaf:
    read = reading(filled(template, **values))
    finding = Finding("guess", Level.ERROR, 2, "maybe <b>", "is a guess", "Say what is known.")
    given = Given(template.id, "en", template.digest, "dan", "legal", TODAY, TODAY, "only with Emma's word")
    yes = Yes(state, "approved until 2027-11-21")
    return Leaf(template, yes, (given,), (finding,), title=read.title, body=read.body, fails=read.fails)


def preview(*leaves: Leaf) -> Preview:
    lacks = Row("k", "press/holding", "en", State.MISSING, "there is no <file>")
    return Preview("Test & Works", TODAY, leaves or (leaf(),), (lacks,), ("x.md:1:1: is <wrong>",))


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_is_filled_in_is_told_apart() -> None:
    """Also item by item of a list; what is nothing leaves no trace."""
    read = reading(filled())
    assert read.title == (Part("Problems with "), Part("the assistant", filled=True))
    assert [part.text for part in read.body if part.filled] == ["others' data", "wait", "write"]
    assert list(parts("a\ue001b\ue000c")) == [Part("abc")]


def test_a_text_that_cannot_be_read_says_why() -> None:
    """And the others stand beside it."""
    long = leaf(seen="x" * 30_000)
    assert "grows beyond" in long.fails
    assert "grows beyond" in html(preview(long, leaf()))
    assert docx(preview(long))


def test_the_page_has_all_there_is_to_say() -> None:
    """Text, state, expiry, findings, who said yes, every word of a field, and what must be there and is not."""
    page = Seen(html(preview()))
    for said in (
        "What people will be told: Test & Works",
        "You may have seen others' data.",
        "approved until 2027-11-21",
        "maybe <b>",
        "dan as legal on 2026-11-21, until 2026-11-21, to this text, only with Emma's word",
        "data leakage: others' data",
        "press/holding, en: there is no <file>",
        "x.md:1:1: is <wrong>",
        "0 of 1 that must be ready may be used",
    ):
        assert said in page.text, said
    assert not page.open


def test_every_text_is_reached_from_the_overview() -> None:
    """And a screen reader is told what each table's cells are, and the language of each text."""
    page = Seen(html(preview(leaf(), leaf(remade(TEMPLATE, lang="de", id="x"), state=State.ALTERED))))
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    links = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    assert links == {"#texts", "#public-holding.en", "#x.de"}
    assert {link[1:] for link in links if link} <= ids
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    assert [attrs["lang"] for tag, attrs in page.tags if attrs.get("class") == "text"] == ["en", "de"]
    assert "altered" in page.text


def test_nothing_that_somebody_wrote_is_a_part_of_the_page() -> None:
    """Whatever a template, a field, a finding, an approval or a file's name holds; nothing is loaded or run."""
    evil = remade(
        TEMPLATE,
        id=HOSTILE,
        title=HOSTILE,
        body=HOSTILE + "{{ product }}",
        author=HOSTILE,
        file=HOSTILE,
        variant=HOSTILE,
        lang=HOSTILE,
        fields={"product": remade(FIELDS["product"], line=HOSTILE, words={HOSTILE: HOSTILE})},
    )
    bad = remade(leaf(evil, product=HOSTILE), findings=(Finding("r", Level.HINT, 0, HOSTILE, HOSTILE, HOSTILE),))
    page = html(remade(preview(bad), name=HOSTILE, problems=(HOSTILE,)))
    seen, good = Seen(page), Seen(html(preview()))
    assert {tag for tag, _ in seen.tags} <= {tag for tag, _ in good.tags}
    assert {name for _, attrs in seen.tags for name in attrs} <= {name for _, attrs in good.tags for name in attrs}
    assert "\x0b" not in page
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert word.Document(BytesIO(docx(preview(bad)))).paragraphs


def test_the_page_is_readable_by_night_and_on_paper() -> None:
    """Without a script; colours are never the only sign."""
    page = html(preview())
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page
    assert "<script" not in page


@pytest.mark.parametrize("made", [lambda one: html(one).encode(), docx])
def test_the_same_templates_give_the_same_bytes(made: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the time is: a document bears none of its own."""
    assert callable(made)
    first = made(preview())
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 5, 5, 5, 4, 0, 0, 0))
    assert made(preview()) == first


def test_the_document_can_be_edited_in_word() -> None:
    """It holds the text as people read it, with what is filled in highlighted, and as it is written."""
    raw = docx(preview())
    document = word.Document(BytesIO(raw))
    text = "\n".join(one.text for one in document.paragraphs)
    assert "You may have seen others' data." in text
    assert "Problems with {{ product }}" in text
    assert "approved: approved until 2027-11-21" in text
    assert [run.text for one in document.paragraphs for run in one.runs if run.font.highlight_color] == [
        "the assistant",
        "others' data",
        "wait",
        "write",
    ]
    assert [cell.text for cell in document.tables[0].columns[0].cells] == ["field", "product", "seen", "steps"]
    assert document.core_properties.created.year == 2000
    with ZipFile(BytesIO(raw)) as packed:
        assert {entry.date_time[0] for entry in packed.infolist()} == {2000}
