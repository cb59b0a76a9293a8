"""Where in a text a mapping and its members stand, so that one member can be changed and every other byte kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json
from psfir.domain.values import frozen


@frozen
class Member:
    """One key, written as `word`, with its value. `start` is where the key begins, `end` where the value ends."""

    key: str
    word: str
    start: int
    at: int
    end: int
    value: Json


@frozen
class Block:
    """A mapping as it stands there, members in order. `lined`: by lines and indentation, without braces."""

    start: int
    end: int
    members: tuple[Member, ...]
    lined: bool = False

    def get(self, key: str) -> Member | None:
        return next((one for one in self.members if one.key == key), None)

    def value(self) -> dict[str, Json]:
        return {one.key: one.value for one in self.members}


@frozen
class Edit:
    """Put `text` in the place of what stands between the two."""

    start: int
    end: int
    text: str = ""


def edited(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: (-edit.start, -edit.end)):  # what is put in before what is taken out
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def setting(text: str, block: Block, values: Mapping[str, str]) -> list[Edit]:
    """Give members these values, already written as the file writes them; those that are missing go to the front."""
    edits = []
    for key, written in values.items():
        if one := block.get(key):
            edits.append(Edit(one.at, one.end, written))
            continue
        first = block.members[0]
        if block.lined:
            line = text.rfind("\n", 0, first.start) + 1
            edits.append(Edit(line, line, f"{text[line : first.start]}{key}: {written}\n"))
        else:
            front, gap = block.start + 1, text[block.start + 1 : first.start]
            edits.append(Edit(front, front, f'{gap}"{key}": {written},' + ("" if gap else " ")))
    return edits


def without(text: str, block: Block, key: str) -> list[Edit]:
    """Take one member out, with the line or the comma that was its own."""
    one = block.get(key)
    if one is None:
        return []
    if block.lined:
        line = text.rfind("\n", 0, one.start) + 1
        after = one.end if text[one.end - 1] == "\n" else text.find("\n", one.end) + 1
        return [Edit(line, after or len(text))]
    index = block.members.index(one)
    if index + 1 < len(block.members):
        return [Edit(one.start, block.members[index + 1].start)]
    return [Edit(block.members[index - 1].end if index else one.start, one.end)]
