"""What may fill a field: plain words pass as they are, everything else is refused with the field's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.comms.template import FieldType, Source, TemplateField
from psfir.comms.values import checked
from psfir.domain.message import EXERCISE
from psfir.errors import UsageError


def field(kind: FieldType = FieldType.LINE, longest: int = 200) -> TemplateField:
    return TemplateField("more", kind, Source.PERSON, "what else there is to say", longest=longest)


BAD = [
    "<script>alert(1)</script>",
    "see <a href=x>this</a>",
    "<!-- hidden",
    "[click](https://evil.example)",
    "[a][b]",
    "![x](y)",
    "go to https://evil.example",
    "www.evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "{{ config }}",
    "{% for x in y %}",
    "[[answer]]",
    "`code`",
    "line\nBcc: all@example.com",
    "line\rBcc: all@example.com",
    "a\u202eb",
    "a\u200bb",
    "a\x07b",
    "",
    "   ",
    f"{EXERCISE} never mind",
    "x" * 201,
]


@pytest.mark.parametrize("value", BAD)
def test_a_line_takes_plain_words_only(value: str) -> None:
    """The field is named, and what is wrong with it."""
    with pytest.raises(UsageError, match="the field more"):
        checked(field(), value)


@pytest.mark.parametrize("value", ["# Heading", "> quote", "```", "| a | b |", "ok\n# then a heading"])
def test_a_paragraph_takes_no_blocks(value: str) -> None:
    """Several lines, and still only words."""
    with pytest.raises(UsageError, match="the field more"):
        checked(field(FieldType.PARAGRAPH), value)


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (
            FieldType.LINE,
            "  Fränkische Straße, 5 < 6 & 7 > 2, 100 % (a) [b]  ",
            "Fränkische Straße, 5 < 6 & 7 > 2, 100 % (a) [b]",
        ),
        (FieldType.PARAGRAPH, "One.\r\nTwo.", "One.\nTwo."),
        (FieldType.COUNT, 120, "120"),
        (FieldType.COUNT, " 007 ", "7"),
        (FieldType.INSTANT, "2026-11-21 14:05 UTC", "2026-11-21 14:05 UTC"),
        (FieldType.INSTANT, "2026-11-21", "2026-11-21"),
        (FieldType.SPAN, "90m", "1h30m"),
        (FieldType.SPAN, "1 h 30 min", "1 h 30 min"),
        (FieldType.LINK, "https://status.example.com/a-b", "https://status.example.com/a-b"),
        (FieldType.LIST, "a\n\nb", ["a", "b"]),
        (FieldType.LIST, ["a"], ["a"]),
        (FieldType.FLAG, "yes", True),
        (FieldType.FLAG, False, False),
    ],
)
def test_what_is_taken(kind: FieldType, value: object, found: object) -> None:
    """By the field's type."""
    assert checked(field(kind), value) == found  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldType.COUNT, "many"),
        (FieldType.COUNT, -1),
        (FieldType.COUNT, True),
        (FieldType.INSTANT, "soon"),
        (FieldType.INSTANT, "2026-11-21 14:05"),
        (FieldType.SPAN, "a while"),
        (FieldType.LINK, "http://status.example.com"),
        (FieldType.LINK, "https://status.example.com/?token=x"),
        (FieldType.LINK, "https://user@status.example.com/"),
        (FieldType.LIST, []),
        (FieldType.LIST, ["a", "<b>"]),
        (FieldType.LIST, ["a"] * 51),
        (FieldType.FLAG, "maybe"),
        (FieldType.LINE, 5),
        (FieldType.LINE, None),
    ],
)
def test_what_is_not(kind: FieldType, value: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError, match="the field more"):
        checked(field(kind), value)  # type: ignore[arg-type]  # any JSON


@given(st.text(max_size=80))
def test_no_text_brings_a_line_into_a_heading_or_a_tag(text: str) -> None:
    """Whatever it is: taken as it is, without its outer space, or refused."""
    try:
        found = checked(field(), text)
    except UsageError:
        return
    assert found == text.strip()
    assert not set(str(found)) & set("\r\n`\x00")
    assert "](" not in str(found)
