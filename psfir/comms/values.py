"""What may fill a field. Nothing is escaped or mended: what people approve is what was typed, or it is refused.

A value comes from a colleague in a hurry, from notes, or from a row of a file; some of it was typed by strangers. It
must not bring markup, links, line breaks of a mail's heading, invisible characters, or slots of a mail-merge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from psfir.comms.template import FieldType, TemplateField
from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.message import EXERCISE
from psfir.errors import UsageError
from psfir.loading.text import UNSEEN

_MOST = 50
_MARKUP = (
    (re.compile(r"<[a-zA-Z/!?]"), "HTML or XML"),
    (re.compile(r"\]\s*\(|\]\s*\[|^\s*\[[^\]]+\]:", re.MULTILINE), "a Markdown link"),
    (re.compile(r"!\["), "an image"),
    (re.compile(r"\{\{|\{%|\{#"), "template syntax"),
    (re.compile(r"\[\[|\]\]"), "a slot of a mail-merge"),
    (re.compile(r"\b(?:javascript|data|vbscript|file):", re.IGNORECASE), "a script or data link"),
    (re.compile(r"^\s{0,3}(?:#{1,6}\s|```|~~~|>\s|\|)", re.MULTILINE), "Markdown of a block"),
    (re.compile(r"`"), "code marks"),
)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_HTTPS = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/%-]*)?")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def checked(field: TemplateField, value: Json) -> Json:
    """The value as it goes into the text; UsageError with the field's name and what to write instead."""
    return _CHECKS[field.type](field, value)


def _line(field: TemplateField, value: Json) -> str:
    text = _text(field, value)
    if "\n" in text or "\r" in text:
        raise _bad(field, "is one line", "write it without a line break")
    return text


def _paragraph(field: TemplateField, value: Json) -> str:
    return _text(field, value)


def _text(field: TemplateField, value: Json) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _bad(field, "must not be empty")
    text = value.strip().replace("\r\n", "\n")
    if len(text) > field.longest:
        raise _bad(field, f"has {len(text)} characters; it may have {field.longest}")
    if UNSEEN.search(text) or _HIDDEN.search(text):
        raise _bad(field, "holds an invisible character", "type it anew instead of pasting it")
    if EXERCISE in text:
        raise _bad(field, "holds the marker of a drill", "psfir puts it there itself, in a drill")
    for pattern, what in _MARKUP:
        if pattern.search(text):
            raise _bad(field, f"holds {what}", "write plain words")
    if _LINK.search(text):
        raise _bad(field, "holds a link", "only a field of type link may, with an address of the workspace")
    return text


def _count(field: TemplateField, value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _bad(field, "must be a whole number")
    text = str(value).strip()
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise _bad(field, "must be a whole number, such as 120")
    return str(int(text))


def _instant(field: TemplateField, value: Json) -> str:
    """As the record words it; somebody's own needs its zone."""
    text = _line(field, value)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2} [A-Z]{2,5})?", text):
        raise _bad(field, "must be a time with its zone, such as 2026-11-21 14:05 UTC")
    return text


def _span(field: TemplateField, value: Json) -> str:
    text = _line(field, value)
    if re.fullmatch(r"(?:\d+ h )?\d+ min", text):
        return text
    try:
        return durations.show(durations.seconds(text))
    except ValueError:
        raise _bad(field, "must be a span of time such as 45m or 1h30m") from None


def _link(field: TemplateField, value: Json) -> str:
    if not isinstance(value, str) or not _HTTPS.fullmatch(value) or len(value) > field.longest:
        raise _bad(field, "must be an https address without a query", "such as https://status.example.com/incident")
    return value


def _list(field: TemplateField, value: Json) -> list[str]:
    items = value.splitlines() if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items:
        raise _bad(field, "must be a list, one item a line")
    if len(items) > _MOST:
        raise _bad(field, f"has {len(items)} items; it may have {_MOST}")
    return [_line(field, item) for item in items if not isinstance(item, str) or item.strip()]


def _flag(field: TemplateField, value: Json) -> bool:
    known: Mapping[Json, bool] = {True: True, False: False, "true": True, "yes": True, "false": False, "no": False}
    if not isinstance(value, bool | str) or value not in known:
        raise _bad(field, "must be yes or no")
    return known[value]


def _bad(field: TemplateField, says: str, todo: str = "") -> UsageError:
    return UsageError(f"the field {field.name} {says}", todo=todo or f"{field.name} is {field.line}")


_CHECKS: Mapping[FieldType, Callable[[TemplateField, Json], Json]] = {
    FieldType.LINE: _line,
    FieldType.PARAGRAPH: _paragraph,
    FieldType.COUNT: _count,
    FieldType.INSTANT: _instant,
    FieldType.SPAN: _span,
    FieldType.LINK: _link,
    FieldType.LIST: _list,
    FieldType.FLAG: _flag,
}
