"""An inventory: every row is checked before any is used, every bad one is told by its line, and none is repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psfir.comms import inventory_files
from psfir.comms.inventory import Inventory, rows
from psfir.comms.template import FieldType, Source, TemplateField
from psfir.errors import ContentError

WRONG = TemplateField("wrong", FieldType.PARAGRAPH, Source.ROW, "what they were told", fact="said", longest=40)
NAME = TemplateField("name", FieldType.LINE, Source.ROW, "their name", fact="name", required=False)
HEAD = "email,said\n"


def inventory(file: str = "rows.csv", **words: int) -> Inventory:
    return Inventory(file, "email", words.get("most", 10), (WRONG, NAME))


def read(folder: Path, text: str, *, name: str = "rows.csv", most: int = 10) -> list[tuple[str, dict[str, str]]]:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return [(one.address, dict(one.row)) for one in rows(inventory(name, most=most), folder)]


def refused(folder: Path, text: str, *, name: str = "rows.csv", most: int = 10) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as said:
        read(folder, text, name=name, most=most)
    return [(one.line, one.sentence) for one in said.value.problems]


def test_a_row_fills_its_slots(tmp_path: Path) -> None:
    """By the column that each field names; further columns are nobody's business; an optional one may lack."""
    text = '\ufeffemail,said,internal\r\nada@example.com,"30 days, and\nno fee",x\r\n\r\nbob@example.com,ok,y\r\n'
    assert read(tmp_path, text) == [
        ("ada@example.com", {"wrong": "30 days, and\nno fee", "name": ""}),
        ("bob@example.com", {"wrong": "ok", "name": ""}),
    ]


def test_json_is_read_as_csv_is(tmp_path: Path) -> None:
    """A list of objects; a number is taken as it is written."""
    text = json.dumps([{"email": "ada@example.com", "said": 30, "name": "Ada"}], indent=1)
    assert read(tmp_path, text, name="rows.json") == [("ada@example.com", {"wrong": "30", "name": "Ada"})]


def test_two_rows_for_one_address_are_told_also_on_one_line(tmp_path: Path) -> None:
    """A JSON file need have no line breaks: a second row is a second one by its place, not by its line."""
    row = {"email": "ada@example.com", "said": "one"}
    assert len(read(tmp_path, json.dumps([row, row]), name="rows.json")) == 1
    for other in ("ada@example.com", "ADA@example.com"):
        text = json.dumps([row, {"email": other, "said": "two"}])
        ((line, said),) = refused(tmp_path, text, name="rows.json")
        assert (line, "is for the same address as line 1" in said) == (1, True)


def test_every_bad_row_is_told_at_once(tmp_path: Path) -> None:
    """By the line on which it begins, also behind a row of several lines; nothing of any row is repeated."""
    found = refused(
        tmp_path,
        'email,said\nada@example.com,"a\nb"\nnobody,x\nbob@example.com,\ncid@example.com,<b>no</b>\n'
        "dan@example.com,a,b\neve@example.com,[[name]] secret-thing\nADA@example.com,else\n",
    )
    assert [line for line, _ in found] == [4, 5, 6, 7, 8, 9]
    said = " ".join(sentence for _, sentence in found)
    assert "is no address" in found[0][1]
    assert "must not be empty" in found[1][1]
    assert "HTML" in found[2][1]
    assert found[3][1] == "has 3 cells, and the first line 2"
    assert "slot of a mail-merge" in found[4][1]
    assert "same address as line 2" in found[5][1]
    assert not any(word in said for word in ("example.com", "secret-thing", "nobody,"))


def test_nothing_is_given_behind_a_bad_row(tmp_path: Path) -> None:
    """What reads it row by row must not have sent half of it with joy."""
    (tmp_path / "rows.csv").write_text(f"{HEAD}nobody,x\nada@example.com,x\n")
    with pytest.raises(ContentError):
        next(rows(inventory(), tmp_path))


def test_a_row_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    """Whatever the capitals of its address."""
    assert len(read(tmp_path, f"{HEAD}ada@example.com,x\nAda@Example.com,x\n")) == 1


def test_a_secret_in_a_row_is_told(tmp_path: Path) -> None:
    """And not repeated."""
    (tmp_path / "rows.csv").write_text(f"{HEAD}ada@example.com,the key is hush-4711\n")
    with pytest.raises(ContentError, match="holds a secret of this workspace") as said:
        list(rows(inventory(), tmp_path, secret=lambda text: "hush" in text))
    assert "hush" not in str(said.value)


def test_more_rows_than_may_be_are_refused(tmp_path: Path) -> None:
    """As many as may be are taken."""
    three = HEAD + "".join(f"{name}@example.com,x\n" for name in "abc")
    assert len(read(tmp_path, three, most=3)) == 3
    assert refused(tmp_path, three, most=2) == [(4, "has more than 2 rows")]


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("rows.csv", "", 1, "its first line is empty"),
        ("rows.csv", "mail,said\na@b.example,x\n", 1, "has no column 'email'"),
        ("rows.csv", "email,said,email\n", 1, "has the column 'email' twice"),
        ("rows.csv", HEAD, 0, "has no rows"),
        ("rows.csv", f'{HEAD}a@b.example,"x" y\n', 2, "is no CSV here"),
        ("rows.txt", "x", 0, "is neither .csv nor .json"),
        ("rows.json", "{}", 0, "is no list of objects"),
        ("rows.json", '[{"email": "a@b.example",\n"said": "x"},\n 7]', 3, "is no object"),
        ("rows.json", '[{"email": "a@b.example", "said": "x"}\n{}]', 1, "a comma or ] is missing"),
        ("rows.json", '[{"email": "a@b.example", "said": "x"},]', 1, "is no JSON from here on"),
        ("rows.json", '[{"said": "x"}]', 1, "has no email"),
        ("rows.json", "[\n" + "[" * 100_000, 2, "is no JSON from here on"),
        ("rows.json", "[] []", 0, "has something behind its list"),
        ("rows.json", "[]", 0, "has no rows"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, name: str, text: str, line: int, said: str) -> None:
    """In a sentence with its line."""
    found = refused(tmp_path, text, name=name)
    assert found[0][0] == line
    assert said in found[0][1]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not there, is in another encoding, or is larger than anybody's."""
    with pytest.raises(ContentError, match="No such file"):
        list(rows(inventory(), tmp_path))
    (tmp_path / "rows.csv").write_bytes(HEAD.encode() + b"ada@example.com,\xe4\n")
    with pytest.raises(ContentError, match="is not UTF-8"):
        list(rows(inventory(), tmp_path))
    monkeypatch.setattr(inventory_files, "LARGEST", 10)
    with pytest.raises(ContentError, match="is larger than"):
        list(rows(inventory(), tmp_path))


def test_what_a_draft_remembers_is_enough_to_read_it_again() -> None:
    """Also once the template has been altered."""
    again = Inventory.from_json(inventory().to_json())
    assert (again.file, again.column, again.most) == ("rows.csv", "email", 10)
    assert [(one.name, one.type, one.fact, one.longest) for one in again.fields] == [
        ("wrong", FieldType.PARAGRAPH, "said", 40),
        ("name", FieldType.LINE, "name", 500),
    ]
