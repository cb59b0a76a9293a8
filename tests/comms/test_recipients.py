"""Lists of recipients: read in order, each once, and never repeated in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from psfir.comms.recipients import SHOWN, Recipient, held_to, read, reckon, told
from psfir.domain.channels import RecipientList
from psfir.errors import ContentError, Refusal

LIST = RecipientList("x", file="who.txt")
TABLE = RecipientList("x", file="who.csv", column="mail")


def test_a_line_each(tmp_path: Path) -> None:
    """Blank lines and comments are none; lines are counted as an editor does."""
    (tmp_path / "who.txt").write_bytes(b"\xef\xbb\xbf# who\r\n\r\nada@example.com\r\n ben@example.com \r\n")
    assert list(read(LIST, tmp_path)) == [Recipient(3, "ada@example.com"), Recipient(4, "ben@example.com")]


def test_a_column_of_a_table(tmp_path: Path) -> None:
    """With the rest of its row."""
    (tmp_path / "who.csv").write_text('name,mail\n"Lovelace, Ada",ada@example.com\nBen,ADA@example.com\n')
    assert list(read(TABLE, tmp_path)) == [
        Recipient(2, "ada@example.com", {"name": "Lovelace, Ada", "mail": "ada@example.com"})
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"name,address\nAda,a@b.example\n", "has no column 'mail'; its first line says name, address"),
        (b"", "its first line says nothing"),
        (b'mail\n"a@b.example\n', "is no list that can be read"),
        (b"mail\n\xff@b.example\n", "is not written in UTF-8"),
        (b"mail\n", "names nobody"),
        (b"name,mail\nAda\n", "is no address"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, text: bytes, says: str) -> None:
    (tmp_path / "who.csv").write_bytes(text)
    with pytest.raises(ContentError, match=says):
        list(read(TABLE, tmp_path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"who\.txt: cannot be read: No such file"):
        list(read(LIST, tmp_path))


@pytest.mark.parametrize("text", ["x", "a@b@c", "<a@b.example>", "a@b.example, c@d.example", "a b@c.example", "a@"])
def test_what_is_no_address(text: str) -> None:
    """Nothing of it is repeated."""
    with pytest.raises(ContentError, match="is no address") as found:
        list(told(LIST, text.encode()))
    assert text not in str(found.value) or len(text) == 1


def test_many_wrong_lines_are_counted() -> None:
    """The first hundred by their line."""
    with pytest.raises(ContentError, match=f"put {SHOWN + 20} lines right") as found:
        list(told(LIST, b"x\n" * (SHOWN + 20)))
    assert [one.line for one in found.value.problems] == list(range(1, SHOWN + 1))


def test_a_list_is_held_to_what_it_was() -> None:
    """One who is new, gone, elsewhere in it, or whose row is another makes it another."""
    ada, ben = Recipient(1, "ada@example.com", {"n": "1"}), Recipient(2, "ben@example.com")
    found = reckon([ada, ben])
    assert found.count == 2
    assert list(held_to([ada, ben], found)) == [ada, ben]
    for other in ([ada], [ben, ada], [ada, ben, Recipient(3, "c@example.com")], [Recipient(1, ada.address), ben]):
        with pytest.raises(Refusal, match="changed while it was read"):
            list(held_to(other, found))
