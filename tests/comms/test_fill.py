"""Filling a template: what is known fills its fields, what is not is asked for, what is not theirs is refused."""

from pathlib import Path

import pytest

from psfir.comms.facts import Fact
from psfir.comms.fill import Known, Value, fill
from psfir.comms.reading import read_template
from psfir.comms.template import Template
from psfir.domain.modes import PlanCase
from psfir.domain.values import remade
from psfir.errors import Refusal, UsageError
from tests.comms.shelf import TEXT, put

KNOWN = Known({"count": Fact(None, "", "no inventory was given")}, {"product": "the assistant"}, PlanCase.DATA_LEAKAGE)


def template(tmp_path: Path, *swaps: tuple[str, str]) -> Template:
    text = TEXT
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    found = read_template(put(tmp_path, text)).get()
    assert isinstance(found, Template)
    return found


def test_what_is_known_fills_it(tmp_path: Path) -> None:
    """Each value says where it comes from; an optional field may stay empty."""
    filled = fill(template(tmp_path), KNOWN, {})
    assert filled.values["product"] == Value("the assistant", "psfir.yaml")
    assert filled.values["seen"] == Value("the data of others", "the failure: data_leakage")
    assert filled.text() == (
        "Problems with the assistant",
        "You may have seen the data of others from the assistant.\nThe next word comes soon.\n",
    )
    assert not filled.edited


def test_what_is_open_is_named_with_its_reason(tmp_path: Path) -> None:
    """All of it at once, and there is no text meanwhile."""
    filled = fill(template(tmp_path, ("required: false, ", "")), Known({}, {}), {})
    assert [(gap.field.name, gap.askable) for gap in filled.gaps] == [
        ("product", False),
        ("seen", False),
        ("more", True),
    ]
    assert "does not say product" in filled.gaps[0].why
    with pytest.raises(UsageError, match="nothing fills product, seen, more"):
        filled.text()


def test_what_a_person_adds_makes_it_edited(tmp_path: Path) -> None:
    """Unless the template's whitelist has the field."""
    said = {"more": "Orders are not affected."}
    assert fill(template(tmp_path), KNOWN, said).edited
    listed = template(tmp_path, ("author: cleo\n", "author: cleo\nwhitelist: [more]\n"))
    assert not fill(listed, KNOWN, said).edited


def test_what_the_record_says_is_nobodys_to_say(tmp_path: Path) -> None:
    """Unless the field may be edited; to say the same is no edit."""
    one = template(tmp_path)
    with pytest.raises(
        Refusal, match="seen is not yours to say: it comes from the case, which says: the data of others"
    ):
        fill(one, KNOWN, {"seen": "nothing at all"})
    assert not fill(one, KNOWN, {"seen": "the data of others"}).edited
    open_ = template(tmp_path, ("fact: product,", "fact: product, edit: true,"))
    assert fill(open_, KNOWN, {"product": "our app"}).edited


def test_a_number_that_nobody_counted_is_refused(tmp_path: Path) -> None:
    """With why the record does not support it."""
    swap = (
        "{type: line, source: person, line: what else, required: false, edit: true}",
        "{type: count, source: record, fact: count, line: how many}",
    )
    one = template(tmp_path, swap)
    assert [gap.why for gap in fill(one, KNOWN, {}).gaps] == ["no inventory was given"]
    with pytest.raises(Refusal, match="does not support it: no inventory was given"):
        fill(one, KNOWN, {"more": "3"})


def test_a_slip_in_a_fields_name_is_told(tmp_path: Path) -> None:
    """With what was meant."""
    with pytest.raises(UsageError) as error:
        fill(template(tmp_path), KNOWN, {"mor": "x"})
    assert "did you mean more?" in error.value.todo


def test_a_row_fills_its_slot_for_each_recipient(tmp_path: Path) -> None:
    """The text holds the slot, and nobody may say it for all."""
    swap = (
        "source: person, line: what else, required: false, edit: true",
        "source: row, fact: answer, line: the answer",
    )
    one = template(tmp_path, swap)
    assert one.slots == ("more",)
    assert "[[more]]" in fill(one, remade(KNOWN, rows=True), {}).text()[1]
    assert [gap.why for gap in fill(one, KNOWN, {}).gaps] == ["each row's answer fills it: --inventory FILE"]
    with pytest.raises(Refusal, match="filled for each recipient"):
        fill(one, KNOWN, {"more": "x"})
