"""What differs between two states, a line for each place: what people say yes to must be seen, not guessed.

States are JSON of any shape: a path in the API of Kubernetes may be a key, a whole policy a value. Only places that
differ are told, each under a short name, and two values that differ never look the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from psfir.domain.canon import Json, canonical
from psfir.domain.values import frozen

MOST = 4
LONGEST = 60
_LEAD = 12
"""Signs that are kept before the first difference of two long values."""
_SOME = 2
"""Keys that are kept at the end, and that are worth leaving out: for one alone, the ellipsis would be no shorter."""
_API = ("/api/", "/apis/")


@frozen
class Absent:
    """What a state does not have."""


@frozen
class Difference:
    """One place in two states, and what is there."""

    path: tuple[str, ...]
    now: Json | Absent
    then: Json | Absent


_ABSENT = Absent()


def lines(now: Json, then: Json, *, most: int = MOST) -> list[str]:
    """Each difference on a line, `place: from -> to`; beyond `most`, how many more there are."""
    found = differences(now, then)
    names = _names([one.path for one in found])
    told = [_line(name, one) for name, one in zip(names[:most], found, strict=False)]
    return [*told, f"and {len(found) - most} more"] if len(found) > most else told


def differences(now: Json, then: Json) -> list[Difference]:
    """Every place that differs, by its keys in order: a plan and its record tell the same. The same JSON has none."""
    return list(_walk((), now, then))


def _walk(path: tuple[str, ...], now: Json | Absent, then: Json | Absent) -> Iterator[Difference]:
    if _same(now, then):
        return
    pairs = _inside(now, then)
    if pairs is None:
        yield Difference(path, now, then)
        return
    for key, one, other in pairs:
        yield from _walk((*path, key), one, other)


def _same(now: Json | Absent, then: Json | Absent) -> bool:
    if isinstance(now, Absent) or isinstance(then, Absent):
        return now is then
    return canonical(now) == canonical(then)


def _inside(now: Json | Absent, then: Json | Absent) -> list[tuple[str, Json | Absent, Json | Absent]] | None:
    """What both hold under each key; None where they can only be told as a whole."""
    if isinstance(now, Mapping) and isinstance(then, Mapping):
        return [(key, now.get(key, _ABSENT), then.get(key, _ABSENT)) for key in sorted({*now, *then})]
    if not (isinstance(now, (list, tuple)) and isinstance(then, (list, tuple))):
        return None
    ones, others = _named(now), _named(then)
    if ones and others and [key for key in ones if key in others] == [key for key in others if key in ones]:
        return [(key, ones.get(key, _ABSENT), others.get(key, _ABSENT)) for key in dict.fromkeys((*ones, *others))]
    if len(now) == len(then) and any(isinstance(one, (Mapping, list, tuple)) for one in (*now, *then)):
        return [(f"#{number}", *pair) for number, pair in enumerate(zip(now, then, strict=True), 1)]
    return None


def _named(items: Sequence[Json]) -> dict[str, Json]:
    """The items by what each is called; nothing unless each has a name of its own."""
    for word in ("name", "Name", "Sid", "id", "Id"):
        those = [one for one in items if isinstance(one, Mapping) and isinstance(one.get(word), str)]
        found: dict[str, Json] = {str(one[word]): one for one in those}
        if len(found) == len(items):
            return found
    return {}


def _names(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """Each path in short, and no two alike."""
    objects = {path[0]: _object(path[0]) for path in paths if path}
    short = list(objects.values())
    named = {key: name if short.count(name) == 1 else key for key, name in objects.items()}
    return [_name(path, [one[1:] for one in paths if one[:1] == path[:1]], named) for path in paths]


def _object(key: str) -> str:
    """The kind and the name of what a path in the API of Kubernetes leads to."""
    return "/".join(key.rsplit("/", 2)[1:]) if key.startswith(_API) else key


def _name(path: tuple[str, ...], beside: Sequence[tuple[str, ...]], named: Mapping[str, str]) -> str:
    """Where it is, without the keys that all differences of the same object have in common."""
    if not path:
        return ""
    common = sum(1 for _ in takewhile(lambda at: len(set(at)) == 1, zip(*beside, strict=False)))
    common = min(common, min(map(len, beside)) - _SOME)
    kept = path[1:] if common < _SOME else ("…", *path[1 + common :])
    return safe(" ".join((named[path[0]], *kept)))


def _line(name: str, one: Difference) -> str:
    now, then = _whole(one.now, beside=one.then), _whole(one.then, beside=one.now)
    if now == then or now.endswith(f": {then}") or then.endswith(f": {now}"):
        now, then = _exact(one.now), _exact(one.then)
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(now, then, strict=False)))
    if max(len(now), len(then)) > LONGEST and start > _LEAD:
        now, then = (f"…{text[start - _LEAD :]}" for text in (now, then))
    return f"{name}{': ' if name else ''}{_cut(now)} -> {_cut(then)}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _whole(value: Json | Absent, *, beside: Json | Absent) -> str:
    """A value on one line; null beside an object is how a lever says that the object is not there."""
    if isinstance(value, Absent) or (value is None and isinstance(beside, (Mapping, list, tuple))):
        return "absent"
    if isinstance(value, str):
        return safe(value) or '""'
    text = safe(json.dumps(value, ensure_ascii=False, sort_keys=True))
    return text if len(text) <= LONGEST else _counted(value) or text


def _exact(value: Json | Absent) -> str:
    """A value with its quotes, where without them it would look like another."""
    return "absent" if isinstance(value, Absent) else safe(json.dumps(value, sort_keys=True))


def _counted(value: Json) -> str:
    """A long value by how many statements, rules or items it has, where it has one list of them."""
    lists = [("item", value)] if isinstance(value, (list, tuple)) else []
    if isinstance(value, Mapping):
        lists = [(key, one) for key, one in value.items() if isinstance(one, (list, tuple))]
    if len(lists) != 1:
        return ""
    key, items = lists[0]
    noun = safe(key).lower().removesuffix("s")
    said = safe(json.dumps(items, ensure_ascii=False, sort_keys=True))
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}: {said}"


def safe(text: str) -> str:
    """One line that a terminal shows and does not obey, and that still tells a space from a tab."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
