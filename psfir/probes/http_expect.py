"""What an HTTP probe was told to find, and whether an answer is that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psfir.domain.canon import Json, canonical
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.errors import LeverError, UsageError
from psfir.vendors.http import Answer
from psfir.vendors.http_pointer import at, steps

_NOBODY_LOOKED = {401, 403, 407, 408, 425, 429}
"""Answers by which somebody in between, or the credential, kept the probe from looking."""

_KEYS = ("status", "json", "text", "not_text", "header", "unreachable")
_SHOWN = 80


@frozen
class Expected:
    """An `expect:` block, checked. No status means any 2xx."""

    status: frozenset[int]
    json: Mapping[str, Json]
    text: str | None
    not_text: str | None
    header: Mapping[str, str]
    unreachable: bool

    @classmethod
    def of(cls, said: Mapping[str, Json]) -> Expected:
        """UsageError if it says nothing, or what cannot be: nothing found must not pass for something proven."""
        if unknown := sorted(set(said) - set(_KEYS)):
            raise UsageError(f"expect: has no key {unknown[0]!r}", todo=f"there is: {', '.join(_KEYS)}")
        if said.get("unreachable") is True and len(said) > 1:
            raise UsageError("expect: unreachable stands alone: where nobody answers, nothing else can be seen")
        expected = cls(
            _statuses(said.get("status", ())),
            _object(said, "json"),
            _text(said, "text"),
            _text(said, "not_text"),
            {name.lower(): _plain(value) for name, value in _object(said, "header").items()},
            said.get("unreachable") is True,
        )
        for key in expected.json:
            steps(_pointer(key))
        if not (expected.unreachable or expected.status or expected.header or expected.reads):
            raise UsageError("the probe was told to expect nothing", todo="say, for example, expect: {status: 503}")
        return expected

    @property
    def redirects(self) -> bool:
        """Whether a redirect itself is what is expected."""
        return any(300 <= status < 400 for status in self.status)  # noqa: PLR2004 - HTTP's own numbers

    @property
    def reads(self) -> bool:
        """Whether it takes a body to tell."""
        return bool(self.json) or self.text is not None or self.not_text is not None

    def fits(self, method: str) -> None:
        if method == "HEAD" and self.reads:
            raise UsageError("an answer to HEAD has no body to find json or text in", todo="say method: GET")

    def judge(self, answer: Answer) -> tuple[Held, str]:
        """What an answer shows, and in a few words what was seen."""
        head = f"answered {answer.status}"
        if self.unreachable:
            return Held.NOT_HELD, f"{head}, so it can be reached"
        if not self._expects(answer.status):
            wanted = ", ".join(map(str, sorted(self.status))) or "2xx"
            nobody = answer.status >= 500 or answer.status in _NOBODY_LOOKED  # noqa: PLR2004 - the same
            return (Held.COULD_NOT_TELL if nobody else Held.NOT_HELD), f"{head}, not {wanted}"
        if self.reads and (trouble := answer.unreadable):
            return Held.COULD_NOT_TELL, f"{head}, {trouble}"
        if self.not_text is not None and not answer.text.replace("\ufeff", "").strip():
            return Held.COULD_NOT_TELL, f"{head} and said nothing: that a text is missing proves nothing"
        missing = next(self._missing(answer), "")
        return (Held.NOT_HELD, f"{head}, {missing}") if missing else (Held.HELD, f"{head}{self._match()}")

    def _expects(self, status: int) -> bool:
        return status in self.status if self.status else 200 <= status < 300  # noqa: PLR2004 - the same

    def _match(self) -> str:
        found = [f"{key} is {_word(value)}" for key, value in self.json.items()]
        return "".join(f", {each}" for each in found)

    def _missing(self, answer: Answer) -> Iterator[str]:
        for name, value in self.header.items():
            if name not in answer.headers:
                yield f"without header {name}"
            elif answer.headers[name] != value:
                yield f"header {name} is {answer.headers[name][:_SHOWN]!r}, not {value!r}"
        if self.json:
            yield from self._other_values(answer)
        if self.text is not None and self.text not in answer.text:
            yield f"without the text {self.text[:_SHOWN]!r}"
        # Also in the bytes: a charset that is not true would hide it.
        if self.not_text is not None and (self.not_text in answer.text or self.not_text.encode() in answer.body):
            yield f"with the text {self.not_text[:_SHOWN]!r}"

    def _other_values(self, answer: Answer) -> Iterator[str]:
        try:
            document = answer.json()
        except LeverError as error:
            yield error.what
            return
        for key, wanted in self.json.items():
            try:
                found = at(document, _pointer(key))
            except LeverError:
                yield f"without {key}"
                continue
            if canonical(found) != canonical(wanted):
                yield f"{key} is {_word(found)}, not {_word(wanted)}"


def _pointer(key: str) -> str:
    """A key that is no pointer names a member of the outermost object."""
    return key if key.startswith("/") or not key else "/" + key.replace("~", "~0").replace("/", "~1")


def _statuses(said: Json) -> frozenset[int]:
    items = said if isinstance(said, (list, tuple)) else (said,)
    found = [item for item in items if isinstance(item, int) and not isinstance(item, bool) and 200 <= item < 600]  # noqa: PLR2004 - HTTP's own
    if len(found) != len(items):
        raise UsageError(f"expect: status: {said!r} is not one status or a list of them")
    return frozenset(found)


def _object(said: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = said.get(key, {})
    if not isinstance(value, Mapping) or (key in said and not value):
        raise UsageError(f"expect: {key} needs names with values")
    return value


def _text(said: Mapping[str, Json], key: str) -> str | None:
    value = said.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise UsageError(f"expect: {key} needs a text")
    return value


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value).decode()


def _word(value: Json) -> str:
    text = canonical(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
