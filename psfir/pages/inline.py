"""What stands inside a line of Markdown: emphasis, code, links and signs that are only themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psfir.pages.blocks import Run, Runs

_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)(?P<code>[^`]|[^`].*?[^`])(?P=ticks)(?!`)"
    r"|\[(?P<name>[^\[\]]+)\]\((?P<link>[^()\s]+)\)"
    r"|<(?P<auto>https?://[^<>\s]+)>"
    r"|\*\*(?P<strong>[^\s*](?:[^*]*[^\s*])?)\*\*"
    r"|\*(?P<star>[^\s*](?:[^*]*[^\s*])?)\*"
    r"|(?<![\w])_(?P<line>[^\s_](?:[^_]*[^\s_])?)_(?![\w])"
)
_LINKS = ("https://", "http://", "mailto:")


def runs(text: str) -> Runs:
    """The words of one paragraph, cell or item. What is no markup is text, as it stands."""
    return tuple(_joined(_parts(text, Run(""))))


def _parts(text: str, look: Run) -> Iterator[Run]:
    end = 0
    for found in _TOKEN.finditer(text):
        yield _like(look, text[end : found.start()])
        end = found.end()
        if found["escaped"]:
            yield _like(look, found["escaped"])
        elif found["code"]:
            yield _like(look, found["code"].strip(), code=True)
        elif found["strong"]:
            yield from _parts(found["strong"], _like(look, "", strong=True))
        elif found["star"] or found["line"]:
            yield from _parts(found["star"] or found["line"], _like(look, "", slanted=True))
        else:
            yield from _linked(found, look)
    yield _like(look, text[end:])


def _linked(found: re.Match[str], look: Run) -> Iterator[Run]:
    link = found["auto"] or found["link"]
    name = found["name"] or link
    if link.lower().startswith(_LINKS):
        yield from _parts(name, _like(look, "", link=link))
    else:  # an address that is no one's to follow outside of the folder the file lies in
        yield from _parts(name, look)


def _like(look: Run, text: str, **more: bool | str) -> Run:
    values: dict[str, bool | str] = {**vars(look), "text": text, **more}
    return Run(**values)  # type: ignore[arg-type]  # the fields of a Run, each with its own type


def _joined(parts: Iterator[Run]) -> Iterator[Run]:
    """Neighbours that look alike as one."""
    last: Run | None = None
    for part in parts:
        if not part.text:
            continue
        if last is not None and _like(last, "") == _like(part, ""):
            last = _like(last, last.text + part.text)
            continue
        if last is not None:
            yield last
        last = part
    if last is not None:
        yield last
