"""Generated blocks in a document that people write: what psfir wrote is renewed, what a person wrote is never touched.

A block stands between two comments that Markdown does not show. The first has the digest of what psfir wrote there:

    <!-- psfir:begin timeline sha256:0f84... -->
    ...
    <!-- psfir:end timeline -->

Whoever changes a letter between them has made the block theirs: it stays as they left it, and the first comment says
when the record has something else to tell by now. Everything outside of blocks is nobody's but the writer's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from psfir.domain.canon import digest_bytes
from psfir.domain.values import frozen

_BEGIN = re.compile(
    r"<!-- psfir:begin (?P<name>[a-z][a-z-]*) (?P<digest>sha256:[0-9a-f]{16})(?P<stale> stale sha256:[0-9a-f]{16})? -->"
)
_END = "<!-- psfir:end {name} -->"


@frozen
class Block:
    """One block as it stands: `start` and `end` are the lines of its two comments, counted from 0."""

    name: str
    digest: str
    content: str
    start: int
    end: int
    stale: str = ""

    @property
    def theirs(self) -> bool:
        """Whether a person has changed what psfir wrote."""
        return mark(self.content) != self.digest


@frozen
class Renewed:
    """A document with its blocks as the record tells them now, and what became of each."""

    text: str
    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def mark(content: str) -> str:
    """The short digest of a block's content: whether it was touched, not whether it was forged."""
    return digest_bytes(content.encode())[: len("sha256:") + 16]


def block(name: str, content: str) -> str:
    """A block to put into a document."""
    body = content.strip("\n")
    return "\n".join([f"<!-- psfir:begin {name} {mark(body)} -->", body, _END.format(name=name)])


def find(text: str) -> list[Block]:
    """Every whole block, in order. A comment without its partner is the writer's own text."""
    lines = text.split("\n")
    found: list[Block] = []
    at = 0
    while at < len(lines):
        begun = _BEGIN.fullmatch(lines[at].strip())
        end = _end(lines, at, begun["name"]) if begun else 0
        if begun is None or not end:
            at += 1
            continue
        content = "\n".join(line.removesuffix("\r") for line in lines[at + 1 : end])
        stale = (begun["stale"] or "").removeprefix(" stale ")
        found.append(Block(begun["name"], begun["digest"], content, at, end, stale))
        at = end + 1
    return found


def renew(text: str, contents: Mapping[str, str]) -> Renewed:
    """Write every block anew that nobody touched. One that the writer took out stays out, and is named as lost."""
    lines = text.split("\n")
    found = find(text)
    written: list[str] = []
    kept: list[str] = []
    for one in reversed(found):
        if one.name not in contents:
            continue
        new = contents[one.name].strip("\n")
        if one.theirs:
            kept.append(one.name)
            lines[one.start] = _begin(one, mark(new)) + _ending(lines[one.start])
        elif one.content != new:
            written.append(one.name)
            lines[one.start : one.end + 1] = _anew(one, new, _ending(lines[one.start]))
    there = {one.name for one in found}
    lost = tuple(name for name in contents if name not in there)
    return Renewed("\n".join(lines), tuple(reversed(written)), tuple(reversed(kept)), lost)


def take(text: str, name: str, content: str) -> str:
    """Give a block that a person had changed back to psfir: what they wrote there is gone."""
    lines = text.split("\n")
    for one in reversed(find(text)):
        if one.name == name:
            lines[one.start : one.end + 1] = _anew(one, content, _ending(lines[one.start]))
    return "\n".join(lines)


def _anew(one: Block, content: str, ending: str) -> list[str]:
    return [line + ending for line in block(one.name, content).split("\n")]


def _ending(line: str) -> str:
    """Lines end as the writer's do: an editor that ends them in its own way has changed no word."""
    return "\r" if line.endswith("\r") else ""


def _begin(one: Block, new: str) -> str:
    """The first comment of a block that is a person's now: it says when the record tells something else."""
    stale = f" stale {new}" if new != one.digest else ""
    return f"<!-- psfir:begin {one.name} {one.digest}{stale} -->"


def _end(lines: list[str], start: int, name: str) -> int:
    """The line of the second comment; 0 where another block begins before it, or there is none."""
    wanted = _END.format(name=name)
    for at in range(start + 1, len(lines)):
        line = lines[at].strip()
        if line == wanted:
            return at
        if _BEGIN.fullmatch(line):
            return 0
    return 0
