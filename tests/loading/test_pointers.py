"""Pointers, and whatever else is nested in a target, are looked at by lint and not first by a kill."""

from pathlib import Path

import pytest

from tests.loading.desk import BOOK, WORDS, Works, swapped

LINKS = {
    "  estate: {kind: memory, path: estate.json, vendor: one, network: here}": "  estate: "
    "{kind: http, url: 'https://one.example', vendor: one}",
    "  direct: {kind: memory, path: estate.json, vendor: two, network: there}": "  direct: "
    "{kind: http, url: 'https://two.example', vendor: two}",
}
RUNG = """\
      - lever: http.request
        target:
          connection: {link}
          read: {{path: /state, pointer: /on}}
          apply: {{method: PUT, path: /state, body: {{connection: "${{value}}"}}}}
        set: {{value: false}}
        within: 10s
"""
HTTP = (
    BOOK.partition("      - lever")[0]
    + RUNG.format(link="estate")
    + RUNG.format(link="direct")
    + """\
verify:
  - probe: http
    target: {connection: direct, path: /health}
    expect: {json: {assistant: "off", /deep/0: 1}}
"""
)


@pytest.fixture
def works(tmp_path: Path) -> Works:
    works = Works(tmp_path)
    works.write("psfir.yaml", swapped(WORDS, LINKS))
    works.write("runbooks/off.yaml", HTTP)
    return works


@pytest.mark.parametrize("pointer", ["/on", '""', "/a~1b", "/"])
def test_a_pointer_is_taken(works: Works, pointer: str) -> None:
    """Also the empty one, which is the whole answer; keys of an expectation may be plain names."""
    works.write("runbooks/off.yaml", swapped(HTTP, {"pointer: /on": f"pointer: {pointer}"}))
    assert works.said() == []


def test_no_pointer_is_needed(works: Works) -> None:
    """Without one it is the whole answer."""
    works.write("runbooks/off.yaml", swapped(HTTP, {", pointer: /on": ""}))
    assert works.said() == []


BEGINS = "is no JSON pointer, each step of one begins with /; did you mean"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('pointer: "on"', f"41: 'on' {BEGINS} '/on'? [schema]"),
        ("pointer: enabled", f"41: 'enabled' {BEGINS} '/enabled'? [schema]"),
        ("pointer: $.a.b", f"41: '$.a.b' {BEGINS} '/a/b'? [schema]"),
        ("pointer: /a~b", "41: '/a~b' is no JSON pointer, ~ is written ~0 in one; did you mean '/a~0b'? [schema]"),
        ("pointer: 5", "41: pointer must be a JSON pointer [schema]"),
        ("pointer: ~", "41: pointer must be a JSON pointer [schema]"),
        ("pointers: /on", "32: there is no field 'pointers' here; did you mean pointer? [unknown-key]"),
        ("method: PUT", "40: method must be one of GET, POST [schema]"),
    ],
)
def test_a_slip_in_what_is_nested(works: Works, said: str, sentence: str) -> None:
    """Refused at its place, with what was probably meant."""
    works.write("runbooks/off.yaml", swapped(HTTP, {"pointer: /on": said}))
    assert works.said() == [f"runbooks/off.yaml:14:{sentence}"]


def test_a_missing_part_is_told(works: Works) -> None:
    """Of each declared request, in one run."""
    works.write("runbooks/off.yaml", swapped(HTTP, {"path: /state, pointer": "pointer", "method: PUT, ": ""}))
    assert [line.partition(":14:")[2] or line.partition(":15:")[2] for line in works.said()] == [
        "17: the field 'path' is missing: what to ask for, below the connection's url; begins with / [missing-key]",
        "18: the field 'method' is missing: how to send it [missing-key]",
    ]


def test_a_pointer_of_an_expectation(works: Works) -> None:
    """A key that begins like a pointer has to be one; told at the key."""
    works.write("runbooks/off.yaml", swapped(HTTP, {"/deep/0": "/de~ep"}))
    assert works.said() == [
        "runbooks/off.yaml:28:39: '/de~ep' is no JSON pointer, ~ is written ~0 in one; did you mean '/de~0ep'? [schema]"
    ]
