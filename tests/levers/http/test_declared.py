"""What a runbook declares of an API: templates are filled in safely, and nonsense is a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.errors import NoSuchTarget, UsageError
from psfir.levers.http.declared import Compare, Declared
from psfir.vendors.http_pointer import at

READ: dict[str, Any] = {"path": "/x"}
APPLY: dict[str, Any] = {"method": "PUT", "path": "/x", "body": "${value}"}


def sent(value: Json, **apply: Any) -> Any:  # noqa: ANN401 - whatever JSON was sent
    """The request that `apply` becomes with this value."""
    declared = Declared.of({"connection": "c", "read": READ, "apply": {**APPLY, **apply}})
    return declared.apply.request(value, writes=True)


@pytest.mark.parametrize("value", [False, None, 0, 1.5, "off", "", [1, "${value}"], {"a": {"b": None}}])
def test_the_whole_text_is_the_value(value: Json) -> None:
    """`${value}` alone stands for the JSON value itself, at any depth; what is in the value is not filled in again."""
    assert json.loads(sent(value).body) == value
    nested = {"a": [{"b": "${value}"}, 1, None], "${value}": True}
    assert json.loads(sent(value, body=nested).body) == {"a": [{"b": value}, 1, None], "${value}": True}


@pytest.mark.parametrize(
    ("value", "text"), [("off", "off"), (False, "false"), (None, "null"), ([1, 2], "[1,2]"), ('a"b', 'a"b')]
)
def test_inside_a_text_it_is_text(value: Json, text: str) -> None:
    """A text as it is, anything else as JSON; the body stays valid JSON around it."""
    assert json.loads(sent(value, body={"say": "it is ${value}!"}).body) == {"say": f"it is {text}!"}


@pytest.mark.parametrize(
    ("value", "path"),
    [("a/b", "/s/a%2Fb/e"), ("../x?y#z", "/s/..%2Fx%3Fy%23z/e"), (False, "/s/false/e"), ("é\r\n", "/s/%C3%A9%0D%0A/e")],
)
def test_in_a_path_it_is_encoded(value: Json, path: str) -> None:
    """No value can lead a request to another path, or end its line."""
    assert sent(value, path="/s/${value}/e").path == path


def test_headers_and_other_bodies() -> None:
    """JSON unless a Content-Type says otherwise; a method without a body has none."""
    assert sent(False).headers == {"Content-Type": "application/json"}
    patch = sent("on", headers={"content-type": "application/merge-patch+json", "X-Reason": "set to ${value}"})
    assert patch.headers == {"content-type": "application/merge-patch+json", "X-Reason": "set to on"}
    assert patch.body == b'"on"'
    form = sent("on", headers={"Content-Type": "application/x-www-form-urlencoded"}, body="state=${value}")
    assert form.body == b"state=on"
    declared = Declared.of({"read": READ, "apply": {"method": "DELETE", "path": "/x"}})
    assert declared.apply.request(None, writes=True).body is None
    assert declared.apply.request(None, writes=True).headers == {}


def test_defaults() -> None:
    """GET, the whole document, apply for restore, and no compare said."""
    declared = Declared.of({"read": READ, "apply": APPLY})
    assert (declared.read.method, declared.pointer, declared.compare) == ("GET", "", None)
    assert declared.restore == declared.apply
    assert Declared.of({"read": READ, "apply": APPLY, "compare": "etag"}).compare is Compare.ETAG


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({"apply": APPLY}, "needs read:"),
        ({"read": READ}, "needs apply:"),
        ({"read": "x", "apply": APPLY}, "needs read:"),
        ({"read": READ, "apply": APPLY, "restore": "x"}, "needs restore:"),
        ({"read": {"pointer": "/a"}, "apply": APPLY}, "read: needs a path"),
        ({"read": {"path": "http://evil"}, "apply": APPLY}, "read: needs a path"),
        ({"read": {"path": "/x", "method": "PUT"}, "apply": APPLY}, "one of GET, POST"),
        ({"read": {"path": "/x", "pointer": "a/b"}, "apply": APPLY}, "no JSON pointer"),
        ({"read": {"path": "/x", "pointer": "/~2"}, "apply": APPLY}, "no JSON pointer"),
        ({"read": {"path": "/x/${value}"}, "apply": APPLY}, "what it reads is the value"),
        ({"read": {"path": "/x", "when": 1}, "apply": APPLY}, "no key 'when'"),
        ({"read": READ, "apply": {**APPLY, "method": "GET"}}, "one of PUT, PATCH, POST, DELETE"),
        ({"read": READ, "apply": {"path": "/x"}}, "apply: needs a method"),
        ({"read": READ, "apply": {**APPLY, "headers": {"X": 1}}}, "map names to texts"),
        ({"read": READ, "apply": APPLY, "compare": "hope"}, "neither etag nor value"),
        ({"read": READ, "apply": APPLY, "compare": ["etag"]}, "neither etag nor value"),
    ],
)
def test_nonsense_is_a_sentence(target: Mapping[str, Json], says: str) -> None:
    """Each mistake in a target names the key and what belongs there."""
    with pytest.raises(UsageError, match=says):
        Declared.of(target)


DOCUMENT: Json = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
    "0": {"1": "one"},
}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/0/1", "one"),
    ],
)
def test_pointers_of_the_standard(pointer: str, value: Json) -> None:
    """The examples of RFC 6901."""
    assert at(DOCUMENT, pointer) == value


@pytest.mark.parametrize(
    "pointer", ["/fo", "/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/0/x", "/foo/\u0661", "/foo/" + "9" * 99]
)
def test_pointers_that_lead_nowhere(pointer: str) -> None:
    """What is not there is an error that names the pointer, also past the end of a list or into a text."""
    with pytest.raises(NoSuchTarget, match="the answer has no /fo"):
        at(DOCUMENT, pointer)
