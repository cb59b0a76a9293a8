"""Reads a YAML text to the place of each member, so that comments and the order of keys outlive a change.

Values are the words that stand there: of what a plain `on` or `1` means, two readers of YAML think differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from psfir.domain.canon import Json
from psfir.errors import LeverError
from psfir.levers.flagd.spans import Block, Member

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def blocks(text: str, path: Sequence[str]) -> list[Block]:
    """The mapping that the text is, and those along the path, as far as it leads to mappings.

    LeverError, with its line, if the text is none.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise LeverError(f"{where}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise LeverError(str(error).splitlines()[0]) from None
    except RecursionError:
        raise LeverError("it is nested too deep") from None
    if not isinstance(node, yaml.MappingNode):
        raise LeverError("line 1: it is no mapping")
    found = [_block(text, node)]
    for key in path:
        node = next((value for name, value in node.value if name.value == key), None)
        if not isinstance(node, yaml.MappingNode):
            break
        found.append(_block(text, node))
    return found


def plain(text: str) -> str:
    """Why a mapping of this text cannot be taken apart by its lines; "" if it can."""
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return "it uses an anchor or an alias"
        if getattr(event, "tag", None) and not isinstance(event, yaml.ScalarEvent):
            return "it uses a tag"
    return ""


def _block(text: str, node: Any) -> Block:  # noqa: ANN401 - a node of PyYAML, which has no types of its own
    lined = not node.flow_style
    members = tuple(
        Member(
            str(key.value), _word(text, key), key.start_mark.index, value.start_mark.index, _end(value), _value(value)
        )
        for key, value in node.value
    )
    if len({one.key for one in members}) < len(members):
        raise LeverError(f"line {node.start_mark.line + 1}: a key stands in one mapping twice")
    start, end = node.start_mark.index, node.end_mark.index
    if lined:  # whole lines: from the first key's to that of whatever comes next
        start = text.rfind("\n", 0, start) + 1
        end = text.rfind("\n", 0, end) + 1 if end < len(text) else end
    return Block(start, end, members, lined)


def _word(text: str, node: Any) -> str:  # noqa: ANN401 - the same
    return text[node.start_mark.index : node.end_mark.index]


def _end(node: Any) -> int:  # noqa: ANN401 - the same
    """Behind its last word: a mapping by lines is said to go on to the next key, comments and all."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _value(node: Any) -> Json:  # noqa: ANN401 - the same
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(one) for one in node.value]
    return None if node.tag.endswith(":null") else str(node.value)
