"""What one HTTP connection of a workspace answers: values that runbooks read and write, and what probes look at.

Values are kept as they were written. What else probes expect is not known to depend on anything, so it goes by the
stand-in rule: as expected once the probe's runbook is pulled, and something else before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import Any
from urllib.parse import unquote

from psfir.domain.canon import Json, canonical
from psfir.domain.values import frozen
from psfir.range.server import Asked, Reply
from psfir.range.supply.http_writes import Write, shown
from psfir.range.supply.unlike import same, unlike
from psfir.range.supply.uses import Use
from psfir.vendors.http_pointer import steps

REQUEST = "http.request"
_LOOKS = {"http", "http.get"}
_BEFORE = (200, 404, 410)
"""How a page is answered before, the first that no probe takes for the effect."""
_TEAPOT = 418
_MADE = {"made_by": "psfir range"}


@frozen
class _Place:
    """Where a value is: in which page, and where in it."""

    page: str
    pointer: str


class Pages:
    """`contained` tells which runbooks are pulled now, the one with the last word last."""

    def __init__(self, uses: Sequence[Use], contained: Callable[[], list[str]]) -> None:
        self._contained = contained
        self._looks = [use for use in uses if use.name in _LOOKS]
        self._pulls = [use for use in uses if use.name == REQUEST]
        self._lock = Lock()
        self._values: dict[_Place, Json] = {}
        self._writes: list[tuple[_Place, Write]] = []
        self.reset()

    def reset(self) -> None:
        """All values as before any kill."""
        with self._lock:
            self._values = {_place(use): unlike(self._set_at(_place(use))) for use in self._pulls}
            self._writes = list(self._declared())

    def value(self, use: Use) -> Json:
        with self._lock:
            return self._values.get(_place(use))

    def answer(self, asked: Asked) -> Reply:
        page, fresh = self._written(asked)
        if not fresh:
            return Reply(412, {"error": "somebody was faster"})
        if not page and (not asked.writes or asked.method == "POST"):
            page = next((one for one in self._known if one == unquote(asked.target)), "")
        if not page:
            return Reply(404, {"error": f"no runbook says {asked.method} {unquote(asked.target)} of this connection"})
        # Asked without the lock: to tell whether a runbook is pulled others' values are looked at, and these too.
        pulled = self._contained()
        with self._lock:
            return self._page(page, pulled)

    def _written(self, asked: Asked) -> tuple[str, bool]:
        """The page that the request has changed, if any, and whether it had the entity tag that it asked for."""
        with self._lock:
            found = [(place, write.carried(asked)) for place, write in self._writes]
            written = {place: value for place, (met, value) in found if met}
            tag = asked.headers.get("if-match", "")
            if written and tag and tag not in {self._tag(place.page) for place in written}:
                return "", False
            self._values |= written
            return next((place.page for place in written), ""), True

    @property
    def _known(self) -> set[str]:
        return {unquote(use.text("path")) for use in self._looks} | {place.page for place in self._values}

    def _set_at(self, place: _Place) -> list[Json]:
        return [use.set["value"] for use in self._pulls if _place(use) == place and "value" in use.set]

    def _declared(self) -> Iterator[tuple[_Place, Write]]:
        for use in self._pulls:
            place, apply, restore = _place(use), use.target.get("apply"), use.target.get("restore")
            known = [*self._set_at(place), self._values[place]]
            if isinstance(apply, Mapping):
                yield place, Write(apply, use.set.get("value"), known)
            if isinstance(restore, Mapping):
                yield place, Write(restore, self._values[place], known)

    def _page(self, page: str, pulled: Sequence[str]) -> Reply:
        """As it is now. A value that is the whole of a page is all that is on it."""
        values = {place.pointer: value for place, value in self._values.items() if place.page == page}
        looks = [use for use in self._looks if unquote(use.text("path")) == page]
        last = [use for name in pulled for use in looks if use.runbook == name]
        status, headers = _status(looks, last), {"ETag": self._tag(page)} if values else {}
        for use in last:
            headers |= _texts(use.expect.get("header"))
        if "" in values:
            return Reply(status, shown(values[""]), {**headers, "Content-Type": "application/json"})
        says = _says(looks, last)
        body: dict[str, Any] = {}
        for key, value in (*_before(looks), *_expected(last), *values.items()):
            _put(body, key, value)
        if not body and says:
            return Reply(status, says.encode(), {**headers, "Content-Type": "text/plain; charset=utf-8"})
        whole = {**(body or _MADE), **({"says": says} if says else {})}
        return Reply(status, shown(whole), {**headers, "Content-Type": "application/json"})

    def _tag(self, page: str) -> str:
        """Of the values alone: what the stand-in shows beside them is nobody's write."""
        values = {place.pointer: value for place, value in self._values.items() if place.page == page}
        return f'"{sha256(canonical(values)).hexdigest()[:16]}"'


def _place(use: Use) -> _Place:
    read = use.target.get("read")
    read = read if isinstance(read, Mapping) else {}
    return _Place(unquote(str(read.get("path", ""))), str(read.get("pointer", "")))


def _before(looks: Sequence[Use]) -> Iterator[tuple[str, Json]]:
    """Each key that is expected to be something, and something else."""
    wanted: dict[str, list[Json]] = {}
    for key, value in _expected(looks):
        wanted.setdefault(key, []).append(value)
    return ((key, unlike(values)) for key, values in wanted.items())


def _expected(looks: Sequence[Use]) -> Iterator[tuple[str, Json]]:
    for use in looks:
        said = use.expect.get("json")
        for key, value in said.items() if isinstance(said, Mapping) else ():
            plain = key.startswith("/") or not key
            yield (key if plain else "/" + key.replace("~", "~0").replace("/", "~1")), value


def _says(looks: Sequence[Use], last: Sequence[Use]) -> str:
    """Texts that are to be there after, and those that are not to be there any more."""
    names = {id(use) for use in last}
    after = [str(use.expect["text"]) for use in last if "text" in use.expect]
    before = [str(use.expect["not_text"]) for use in looks if "not_text" in use.expect and id(use) not in names]
    gone = [str(use.expect["not_text"]) for use in last if "not_text" in use.expect]
    said = [text for text in (*after, *before) if not any(other in text for other in gone)]
    return "\n".join(said) or ("..." if gone else "")


def _status(looks: Sequence[Use], last: Sequence[Use]) -> int:
    told = [codes for use in last if (codes := _codes(use))]
    if told:
        return told[-1][0]
    alone = {code for use in looks if set(use.expect) == {"status"} for code in _codes(use)}
    return _BEFORE[0] if last else next((code for code in _BEFORE if code not in alone), _TEAPOT)


def _codes(use: Use) -> list[int]:
    said = use.expect.get("status")
    found = said if isinstance(said, (list, tuple)) else [said]
    return [code for code in found if isinstance(code, int)]


def _texts(said: Json) -> dict[str, str]:
    if not isinstance(said, Mapping):
        return {}
    return {key: value if isinstance(value, str) else canonical(value).decode() for key, value in said.items()}


def _put(body: dict[str, Any], pointer: str, value: Json) -> None:
    """At the pointer, with objects on the way to it."""
    *way, last = steps(pointer) or [""]
    for step in way:
        inner = body.get(step)
        body = body.setdefault(step, {}) if isinstance(inner, dict) or inner is None else body
        if not isinstance(body, dict):
            return
    body[last] = value


def pulled(pages: Pages, use: Use) -> bool:
    return "value" in use.set and same(pages.value(use), use.set["value"])
