"""The text of a file that people wrote, or one clear sentence why not. Nothing is read before it is measured."""

from __future__ import annotations

import re
from pathlib import Path
from stat import S_ISREG

from psfir.errors import ContentError, Problem

LARGEST = 1024 * 1024

# Control characters, line breaks that only some programs know, and marks that turn the direction of writing: with these
# a file would say one thing to whoever reviews it and another to psfir.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\r(?!\n)")


def read_text(path: Path, shown: str) -> str:
    """ContentError, with the place in the file where there is one."""
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise _whole(shown, "is not a file")
        if found.st_size > LARGEST:
            raise _whole(shown, f"is {found.st_size / LARGEST:.1f} MiB; psfir reads files up to 1 MiB")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _whole(shown, f"cannot be read: {error.strerror or error}") from error
    if len(data) > LARGEST:
        raise _whole(shown, "is more than 1 MiB; psfir reads files up to 1 MiB")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        sentence = f"is not UTF-8 here (byte {error.start}): save the file as UTF-8"
        raise ContentError([Problem(shown, line, column, sentence, "encoding")]) from error
    unseen = UNSEEN.search(text)
    if unseen:
        at = unseen.start()
        sentence = f"holds the invisible character U+{ord(text[at]):04X} here: take it out"
        place = (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        raise ContentError([Problem(shown, *place, sentence, "encoding")])
    return text


def _whole(shown: str, sentence: str) -> ContentError:
    return ContentError([Problem(shown, 0, 0, sentence, "file")])
