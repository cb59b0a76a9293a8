"""What lint says of a declared request that would be refused at three in the morning, or could not be put back."""

from pathlib import Path

import pytest

from tests.loading.desk import Works

SWITCH = """\
      - lever: memory.switch
        target: {connection: direct, switch: bot}
        set: {on: false}
"""
RUNG = """\
      - lever: http.request
        target:
          connection: gate
          read: {path: /state, pointer: /on}
          apply: {method: PUT, path: /state, body: {on: "${value}"}}
        set: {value: false}
"""
NOWHERE = "${value} stands nowhere in apply: it sends the same whatever the value is, also to put it back"


@pytest.fixture
def works(tmp_path: Path) -> Works:
    works = Works(tmp_path)
    gate = "connections:\n  gate: {kind: http, url: 'https://gate.example', vendor: three, network: away}\n"
    works.words({"connections:\n": gate})
    return works


def said(works: Works, old: str = "", new: str = "") -> list[str]:
    assert old in RUNG
    works.book({SWITCH: RUNG.replace(old, new, 1)})
    return works.said()


def test_a_whole_one_is_silent(works: Works) -> None:
    """Nothing is said of what would work."""
    assert said(works) == []


@pytest.mark.parametrize(("old", "place"), [("path: /state, p", "18:24"), ("path: /state, b", "19:38")])
def test_a_path_begins_with_a_slash(works: Works, old: str, place: str) -> None:
    """The lever would refuse it; here it is an error at its place, with what was meant."""
    sentence = "a path begins with /; did you mean '/state'? [schema]"
    assert said(works, old, old.replace("/", "")) == [f"runbooks/off.yaml:{place}: {sentence}"]


def test_a_probes_path_as_well(works: Works) -> None:
    """It is the same kind of field wherever it stands."""
    probe = "  - probe: http\n    target: {connection: gate, path: health}\n    expect: {status: 503}\n"
    works.book({"verify:\n": f"verify:\n{probe}"})
    assert [line for line in works.said() if "did you mean '/health'?" in line] != []


def test_a_value_that_is_used_nowhere_is_warned_of(works: Works) -> None:
    """The restore would send once more what the kill sent; a restore of its own, or a value in the path, is enough."""
    fixed = said(works, '"${value}"', "false")
    assert fixed == [f"runbooks/off.yaml:19:11: warning: {NOWHERE}; write ${{value}}, or say restore [placeholder]"]
    assert said(works, 'PUT, path: /state, body: {on: "${value}"}', 'PUT, path: "/state/${value}"') == []
    own = "false}}\n          restore: {method: PUT, path: /state, body: {on: true}}"
    assert said(works, '"${value}"}}', own) == []
