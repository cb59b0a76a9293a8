"""A fault script: all that is wrong with it at once, each with its place and what was probably meant."""

from pathlib import Path

import pytest

from psfir.app.range_script import script
from psfir.errors import ContentError
from psfir.range.faults.order import Order

HEAD = "schema: psfir.faults/1\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_script_is_a_list_of_orders(tmp_path: Path) -> None:
    """In its order, with spans in seconds and settings as they stand."""
    text = f"{HEAD}faults:\n- fault: clock.skew\n- {{at: 1m, fault: wire.status, for: 2s, set: {{code: 429}}}}\n"
    assert script(written(tmp_path, text)) == [
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
        script(written(tmp_path, text))
    found = [(one.line, one.column, one.sentence) for one in error.value.problems]
    assert [(line, column) for line, column, _ in found] == [(3, 10), (5, 8), (6, 28)]
    assert "did you mean launchdarkly.down?" in found[0][2]
    assert "did you mean code?" in found[1][2]
    assert "code is a whole number between 200 and 599, not 1000" in found[1][2]
    assert "by is a span of time" in found[2][2]


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
        script(written(tmp_path, text))
    assert sentence in str(error.value)
