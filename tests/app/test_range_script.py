"""A fault script: all that is wrong with it at once, each with its place and what was probably meant."""

from pathlib import Path

import pytest

from psfir.app.range_script import Script
from psfir.errors import ContentError, UsageError
from psfir.range.faults.order import Order, OrdersRefused

HEAD = "schema: psfir.faults/1\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_script_is_a_list_of_orders(tmp_path: Path) -> None:
    """In its order, with spans in seconds and settings as they stand."""
    text = f"{HEAD}faults:\n- fault: clock.skew\n- {{at: 1m, fault: wire.status, for: 2s, set: {{code: 429}}}}\n"
    assert Script(written(tmp_path, text)).orders == [
        Order("clock.skew"),
        Order("wire.status", {"code": 429}, after=60.0, lasting=2.0),
    ]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Names and settings at their lines, as any other slip of a file."""
    text = HEAD + (
        "faults:\n"
        "- fault: launchdarkly.dwn\n"
        "- fault: wire.status\n"
        "  set: {kode: 5, code: 1000}\n"
        "- {fault: clock.skew, set: {by: soon}}\n"
    )
    with pytest.raises(ContentError) as error:
        Script(written(tmp_path, text))
    found = [(one.line, one.column, one.sentence) for one in error.value.problems]
    assert [(line, column) for line, column, _ in found] == [(3, 10), (5, 8), (6, 28)]
    assert "did you mean launchdarkly.down?" in found[0][2]
    assert "did you mean code?" in found[1][2]
    assert "code is a whole number between 200 and 599, not 1000" in found[1][2]
    assert "by is a span of time" in found[2][2]


def test_names_and_settings_are_told_beside_slips_of_the_file(tmp_path: Path) -> None:
    """A span that is none hides no fault that is none."""
    text = HEAD + (
        "faults:\n"
        "- {fault: launchdarkly.dwn, at: soon}\n"
        "- {fault: wire.status, set: {code: 1000}, for: 0s}\n"
        "- {fault: clock.skew, set: {by: 5m, behind: true}, after: 5s}\n"
    )
    with pytest.raises(ContentError) as error:
        Script(written(tmp_path, text))
    told = "\n".join(map(str, error.value.problems))
    for sentence in (
        "did you mean launchdarkly.down?",
        "soon",
        "between 200 and 599, not 1000",
        "0.001s",
        "key 'after'",
    ):
        assert sentence in told
    assert len(error.value.problems) == 5


def test_what_the_range_refuses_is_told_where_it_stands(tmp_path: Path) -> None:
    """All of it; the file that is not there is told without a line."""
    text = f"{HEAD}faults:\n- fault: clock.skew\n- fault: assistant.drifts\n  set: {{system: x}}\n- fault: slack.down\n"
    path = written(tmp_path, text)
    refused = {1: UsageError("no system 'x'", todo="there is: y"), 2: UsageError("no Slack")}
    with pytest.raises(ContentError) as error, Script(path).carried_out():
        raise OrdersRefused(refused)
    assert [str(one) for one in error.value.problems] == [
        f"{path}:5:8: no system 'x'; there is: y",
        f"{path}:6:3: no Slack",
    ]
    with pytest.raises(ContentError) as missing:
        Script(tmp_path / "nope.yaml")
    assert str(missing.value) == f"{tmp_path / 'nope.yaml'}: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("schema: psfir.falts/1\n", "did you mean psfir.faults/1?"),
        (HEAD, "needs the key 'faults'"),
        (f"{HEAD}faults: []\n", "must not be empty"),
        (f"{HEAD}faults:\n- {{at: 5s}}\n", "needs the key 'fault'"),
        (f"{HEAD}faults:\n- {{fault: clock.skew, for: 0s}}\n", "is not between 0.001s and 366d"),
        (f"{HEAD}faults:\n- {{fault: clock.skew, after: 5s}}\n", "no key 'after'"),
    ],
)
def test_what_is_no_script_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    """With what it should be."""
    with pytest.raises(ContentError) as error:
        Script(written(tmp_path, text))
    assert sentence in str(error.value)
