"""Template files: what is taken, and what is told of those that are not."""

from pathlib import Path

import pytest

from psfir.comms.reading import read_template, read_templates
from psfir.comms.template import Template
from psfir.domain.message import Audience, Phase
from tests.comms.shelf import BODY, HEAD, TEXT, put


def read(path: Path) -> Template:
    found = read_template(path).get()
    assert isinstance(found, Template)
    return found


def test_a_template(tmp_path: Path) -> None:
    """Its head, its text, its language from its name."""
    one = read(put(tmp_path))
    assert (one.audience, one.phase, one.lang, one.variant) == (Audience.PUBLIC, Phase.HOLDING, "en", "")
    assert one.body == BODY
    assert one.key == "public-holding.en"
    assert list(one.fields) == ["product", "seen", "more"]


@pytest.mark.parametrize(
    ("swap", "same"),
    [
        (("\n", "\r\n"), True),
        (("You may have seen", "You may have seen "[:-1]), True),
        (("from {{ product }}.", "from {{ product }}.   "), True),
        (("comes soon.\n", "comes soon.\n\n\n"), True),
        (("bad answers", "bad  answers"), False),
        (("what else", "what more"), False),
        (("required: false", "required: true"), False),
        (("You may", "you may"), False),
        (("e: public\n", "e:  public\n"), False),
    ],
)
def test_a_digest_is_of_the_canonical_text(tmp_path: Path, swap: tuple[str, str], *, same: bool) -> None:
    """Line ends and trailing space do not count; a word, a field's definition, anything else does."""
    path = put(tmp_path)
    before = read(path).digest
    path.write_bytes(TEXT.replace(*swap).encode())
    assert (read(path).digest == before) is same


def test_composed_letters_do_not_count(tmp_path: Path) -> None:
    """The same text in another normal form is the same text."""
    path = put(tmp_path, TEXT.replace("bad answers", "f\u00fcr"))
    before = read(path).digest
    put(tmp_path, TEXT.replace("bad answers", "fu\u0308r"))
    assert read(path).digest == before


@pytest.mark.parametrize(
    ("name", "swap", "said"),
    [
        ("public/holding.md", None, "is called <phase>[.<variant>].<language>.md"),
        ("public/holding.english.md", None, "is called <phase>[.<variant>].<language>.md"),
        ("customers/holding.en.md", None, "lies in customers/ and says it is for public"),
        ("public/scope.en.md", None, "call it holding.en.md"),
        ("public/holding.en.md", ("fact: product", "fact: prodcut"), "did you mean product?"),
        ("public/holding.en.md", (", model_failure: no answers", ""), "one text for each of"),
        ("public/holding.en.md", ("source: person,", "source: person, fact: since,"), "is for a person to fill"),
        ("public/holding.en.md", ("source: person,", "source: row,"), "with its column as `fact`"),
        ("public/holding.en.md", ("audience: public", "audience: pubic"), "did you mean public?"),
        ("public/holding.en.md", ("{{ seen }}", "{{ sene }}"), "did you mean seen?"),
        ("public/holding.en.md", ("{{ product }}.", "{{ product.upper() }}."), "calls (a()) cannot stand"),
        ("public/holding.en.md", ("Problems with {{ product }}", "Problems {{ prodct }}"), "the title uses 'prodct'"),
        ("public/holding.en.md", (BODY, "\n"), "has no text behind its head"),
        ("public/holding.en.md", ("Problems with {{ product }}", "'{{ product'"), "the title is not a template here"),
        ("public/holding.en.md", ("id: public-holding\n", ""), "needs the key 'id'"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, name: str, swap: tuple[str, str] | None, said: str) -> None:
    """With the line, and what was probably meant."""
    path = put(tmp_path, TEXT.replace(*swap) if swap else TEXT, name=name)
    loaded = read_template(path)
    assert loaded.value is None
    assert said in "\n".join(str(problem) for problem in loaded.problems.found)
    assert all(problem.line for problem in loaded.problems.found)


def test_a_slip_in_the_text_is_told_at_its_line(tmp_path: Path) -> None:
    """Counted in the file, not behind the head."""
    path = put(tmp_path, HEAD + "\n\nOne {{ product }} {{ seen }} {{ more }}\n\nTwo {{ oops }}\n")
    problem = read_template(path).problems.found[0]
    assert path.read_text().splitlines()[problem.line - 1] == "Two {{ oops }}"


def test_a_field_that_the_text_does_not_use_is_warned_of(tmp_path: Path) -> None:
    """It is asked for and changes nothing."""
    loaded = read_template(put(tmp_path, HEAD + "{{ product }} {{ seen }}\n"))
    assert [problem.sentence for problem in loaded.problems.found] == ["the text does not use the field 'more'"]
    assert loaded.value is not None


def test_one_id_and_language_are_one_file(tmp_path: Path) -> None:
    """In another language the id is the same."""
    put(tmp_path)
    put(tmp_path, name="public/holding.de.md")
    put(tmp_path, name="public/holding.other.en.md")
    found, files = read_templates(tmp_path)
    said = [str(problem) for one in files for problem in one.problems.found]
    assert len(found) == 3
    assert len(said) == 1
    assert "the id 'public-holding' is taken in en by comms_templates/public/holding.en.md" in said[0]
