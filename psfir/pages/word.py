"""A document for Word that bears no time of its own, so that the same words give the same bytes."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from psfir.charts.escaped import sayable

if TYPE_CHECKING:
    from docx.document import Document

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - Word's own dates bear no zone
_PACKED = (2000, 1, 1, 0, 0, 0)


def opened(title: str) -> Document:
    """An empty document of this name, by psfir, of no day."""
    import docx as word  # noqa: PLC0415 - a tenth of a second that only this format costs

    made = word.Document()
    about = made.core_properties
    about.author = about.last_modified_by = "psfir"
    about.title, about.comments, about.language = sayable(title)[:255], "", "en"
    about.created = about.modified = _MADE
    about.revision = 1
    return made


def packed(made: Document) -> bytes:
    """Packed once more: the library writes the time of day beside each part."""
    raw, again = BytesIO(), BytesIO()
    made.save(raw)
    with ZipFile(raw) as old, ZipFile(again, "w", ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = ZipInfo(name, _PACKED)
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return again.getvalue()
