"""The files an inventory may be in: CSV with a first line of names, or a JSON list of objects. Each row knows its line.

A CSV is read as it is needed; of JSON the whole text is held, within a bound, because only so its rows have lines.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import ContentError, Problem

LARGEST = 64 * 1024 * 1024
"""Bytes."""

_SPACE = re.compile(r"[ \t\r\n]*")


@frozen
class Line:
    """One row. `wrong` says why nothing of it can be used."""

    number: int
    cells: Mapping[str, Json]
    wrong: str = ""


def lines(file: str, root: Path, columns: tuple[str, ...]) -> Iterator[Line]:
    """Every row of the file, whether it is right or not; ContentError for a file that has none to read."""
    path = root / file
    read = {".csv": _csv, ".json": _json}.get(path.suffix.lower())
    if read is None:
        raise _whole(file, "is neither .csv nor .json")
    try:
        if path.stat().st_size > LARGEST:
            raise _whole(file, f"is larger than {LARGEST // 1024**2} MiB")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from read(file, stream, columns)
    except OSError as error:
        raise _whole(file, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _whole(file, f"is not UTF-8: its byte {error.start} is not") from None


def _csv(file: str, stream: TextIO, columns: tuple[str, ...]) -> Iterator[Line]:
    reader = csv.reader(stream, strict=True)
    number = 1
    try:
        names = [name.strip() for name in next(reader, [])]
        _named(file, names, columns)
        for number, cells in _numbered(reader):
            if not cells:
                continue
            if len(cells) == len(names):
                yield Line(number, dict(zip(names, cells, strict=True)))
            else:
                yield Line(number, {}, f"has {len(cells)} cells, and the first line {len(names)}")
    except csv.Error as error:
        raise _at(file, reader.line_num or number, f"is no CSV here: {error}") from None


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """A row may go over several lines: it is known by its first."""
    began = reader.line_num + 1  # type: ignore[attr-defined]  # csv's reader has it, and no name of its own to say so
    for cells in reader:
        yield began, cells
        began = reader.line_num + 1  # type: ignore[attr-defined]  # as above


def _named(file: str, names: list[str], columns: tuple[str, ...]) -> None:
    lacks = [one for one in columns if one not in names]
    found = [f"has no column {one!r}; {near(one, names) if names else 'its first line is empty'}" for one in lacks]
    found += [f"has the column {one!r} twice" for one in dict.fromkeys(names) if names.count(one) > 1]
    if found:
        raise ContentError([Problem(file, 1, 1, sentence, "inventory") for sentence in found])


def _json(file: str, stream: TextIO, columns: tuple[str, ...]) -> Iterator[Line]:
    text = stream.read()
    decoder = json.JSONDecoder()
    at, number = _skip(text, 0), 1
    if text[at : at + 1] != "[":
        raise _whole(file, "is no list of objects: it begins with something else than [")
    number += text.count("\n", 0, at)
    begun = at
    sign = "["
    while True:
        at = _skip(text, at + 1)
        number += text.count("\n", begun, at)
        begun = at
        if text[at : at + 1] == "]" and sign == "[":
            break
        try:
            row, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise _at(file, number, "is no JSON from here on") from None
        yield _object(number, row, columns)
        at = _skip(text, at)
        sign = text[at : at + 1]
        if sign == "]":
            break
        if sign != ",":
            raise _at(file, number, "is no JSON behind this row: a comma or ] is missing")
    if text[_skip(text, at + 1) :]:
        raise _whole(file, "has something behind its list")


def _object(number: int, row: Json, columns: tuple[str, ...]) -> Line:
    if not isinstance(row, dict):
        return Line(number, {}, "is no object")
    lacks = [one for one in columns if one not in row]
    return Line(number, row, f"has no {', '.join(lacks)}" if lacks else "")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _whole(file: str, sentence: str) -> ContentError:
    return _at(file, 0, sentence)


def _at(file: str, line: int, sentence: str) -> ContentError:
    return ContentError([Problem(file, line, 1 if line else 0, sentence, "inventory")])
