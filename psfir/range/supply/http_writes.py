"""Requests that a target of `http.request` declares, recognised when they come in, and the value that they carry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from psfir.domain.canon import Json, canonical
from psfir.domain.values import frozen
from psfir.range.server import Asked
from psfir.range.supply.unlike import same

_VALUE = "${value}"
_NOTHING = object()


@frozen
class Write:
    """One declared request. `value` is what it stands for where it carries none; `known` are values that it may."""

    declared: Mapping[str, Json]
    value: Json
    known: Sequence[Json]

    def carried(self, asked: Asked) -> tuple[bool, Json]:
        """Whether it is this request, and the value."""
        if asked.method != self.declared.get("method"):
            return False, None
        found = list(self._found(asked))
        if _NOTHING in found:
            return False, None
        return True, found[0] if found else self.value

    def _found(self, asked: Asked) -> Iterator[Any]:
        yield from self._in_text(str(self.declared.get("path", "")), unquote(asked.target))
        if "body" in self.declared:
            yield from self._in_body(self.declared["body"], _body(asked))

    def _in_body(self, declared: Json, sent: Any) -> Iterator[Any]:  # noqa: ANN401 - whatever came in
        if declared == _VALUE:
            yield sent
        elif isinstance(declared, Mapping):
            if not isinstance(sent, dict) or set(sent) != set(declared):
                yield _NOTHING
                return
            for key, part in declared.items():
                yield from self._in_body(part, sent[key])
        elif isinstance(declared, (list, tuple)):
            if not isinstance(sent, list) or len(sent) != len(declared):
                yield _NOTHING
                return
            for part, one in zip(declared, sent, strict=True):
                yield from self._in_body(part, one)
        elif isinstance(declared, str) and isinstance(sent, str):
            yield from self._in_text(declared, sent)
        elif not same(declared, sent):
            yield _NOTHING

    def _in_text(self, declared: str, sent: str) -> Iterator[Any]:
        """In a text a value is as it reads; which kind it is of, those tell that are known."""
        parts = [re.escape(part) for part in unquote(declared).split(_VALUE)]
        met = re.fullmatch("(.*)".join(parts), sent, re.DOTALL)
        if met is None:
            yield _NOTHING
            return
        for text in met.groups():
            plain = (one for one in self.known if not isinstance(one, str) and canonical(one).decode() == text)
            yield next(plain, text)


def _body(asked: Asked) -> Any:  # noqa: ANN401 - whatever came in
    try:
        return asked.json()
    except (ValueError, UnicodeDecodeError):
        return asked.body.decode(errors="replace")


def shown(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
