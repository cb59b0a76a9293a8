"""A message of Slack's within its limits, whatever is put in: too many blocks, too long texts, a fallback for all.

What a block cannot hold is cut, and the message knows its whole text: `over` says that some of it is shown nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from psfir.domain.values import frozen
from psfir.slackbot.mrkdwn import cut

Block: TypeAlias = Mapping[str, Any]

BLOCKS, SECTION, HEADER, CONTEXT, BUTTONS = 50, 3000, 150, 2000, 25
LABEL, VALUE, ACTION = 75, 2000, 255
FALLBACK = 3900
"""Slack shows notices and screen readers this; it cuts off at 4,000."""


@frozen
class Message:
    """What is posted: the blocks, and the same as text for whoever sees none."""

    text: str
    blocks: tuple[Block, ...] = ()
    over: str = ""

    def words(self) -> dict[str, Any]:
        """As the Web API takes them. An edited message without blocks has to say so, or the old ones stay."""
        quiet = {"unfurl_links": False, "unfurl_media": False}
        return {"text": self.text, "blocks": [dict(block) for block in self.blocks], **quiet}


@frozen
class Button:
    """`value` is what comes back with a press; a digest, an id, never a text that somebody reads."""

    action: str
    label: str
    value: str
    style: str = ""
    sure: str = ""


class Page:
    """Blocks in the order they are put in. What is put in has been made safe before."""

    def __init__(self, *, banner: str = "") -> None:
        self._blocks: list[Block] = []
        self._said: list[str] = []
        self._over: list[str] = []
        if banner:
            self.note([banner])

    def head(self, text: str) -> Page:
        """A heading: plain text, in which nothing is a format."""
        return self._add({"type": "header", "text": _plain(cut(text, HEADER))}, text)

    def lines(self, lines: Iterable[str]) -> Page:
        """Whole lines, as many to a section as it holds."""
        part: list[str] = []
        for line in lines:
            if len(line) > SECTION:
                self._over.append(line)
            short = cut(line, SECTION)
            if part and sum(map(len, part)) + len(part) + len(short) > SECTION:
                self._section(part)
                part = []
            part.append(short)
        if part:
            self._section(part)
        return self

    def note(self, lines: Sequence[str]) -> Page:
        text = cut("\n".join(lines), CONTEXT)
        return self._add({"type": "context", "elements": [_mrkdwn(text)]}, text)

    def rule(self) -> Page:
        return self._add({"type": "divider"}, "")

    def buttons(self, buttons: Sequence[Button]) -> Page:
        shown = [_button(one, number) for number, one in enumerate(buttons[:BUTTONS])]
        return self._add({"type": "actions", "elements": shown}, "") if shown else self

    def message(self) -> Message:
        """Within the limits: of more blocks than fit the last say that there is more, but buttons stay."""
        blocks, whole = self._blocks, "\n".join(text for text in self._said if text)
        over = "\n".join(self._over)
        if len(blocks) > BLOCKS:
            kept_back = [block for block in blocks if block["type"] == "actions"][-3:]
            room = BLOCKS - len(kept_back) - 1
            first = [block for block in blocks[:room] if block not in kept_back]
            more = {"type": "context", "elements": [_mrkdwn("There is more than one message holds.")]}
            blocks, over = [*first, more, *kept_back], whole
        return Message(cut(whole, FALLBACK) or "psfir", tuple(blocks), over)

    def _section(self, part: Sequence[str]) -> None:
        text = "\n".join(part)
        self._add({"type": "section", "text": _mrkdwn(text)}, text)

    def _add(self, block: Block, said: str) -> Page:
        self._blocks.append(block)
        self._said.append(said)
        return self


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text or " ", "emoji": False}


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text or " ", "verbatim": True}


def _button(one: Button, number: int) -> dict[str, Any]:
    if len(one.value) > VALUE or len(one.action) > ACTION:
        raise ValueError(f"the button {one.label} holds more than Slack lets one hold")
    shown: dict[str, Any] = {
        "type": "button",
        "action_id": f"{one.action}:{number}",
        "text": _plain(cut(one.label, LABEL)),
        "value": one.value,
    }
    if one.style:
        shown["style"] = one.style
    if one.sure:
        sides = {"confirm": _plain(cut(one.label, 30)), "deny": _plain("No")}
        shown["confirm"] = {"title": _plain("Sure?"), "text": _plain(cut(one.sure, 300)), **sides}
    return shown


def told(text: str) -> Message:
    """A plain sentence, of safe text."""
    return Page().lines(text.split("\n")).message()
