"""`psfir rca export`: for the house as it is, for outside without what is inside, in each format the same twice."""

import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import docx as word
import pytest

from psfir.app import rca
from psfir.app.approve import Yes
from psfir.app.rca_export import exported
from tests.app.incident_kit import at_work
from tests.cli.keyboard import Done, Keyboard
from tests.cli.test_rca import happened, workspace, written

FORMS = ("html", "docx", "pdf")
ANALYSIS = """\
## Impact

The person on call, Alice, saw it first, see /var/log/feature.log and `prompt 39` [entry 3].

### For ourselves
<!-- psfir:internal -->

Nobody outside reads this secret plan.
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    workspace(keyboard.root)
    happened(keyboard.session())
    keyboard.me("finn")
    keyboard.ok("rca", "new", "--facilitator", "gita")
    monkeypatch.chdir(tmp_path)
    return keyboard


def analysis(desk: Keyboard) -> Path:
    (path,) = (desk.root / "reviews").iterdir()
    return path


def write(desk: Keyboard, old: str, new: str) -> None:
    path = analysis(desk)
    text = written(path.read_text())
    assert old in text
    path.write_text(text.replace(old, new, 1))


def outside(desk: Keyboard) -> str:
    desk.ok("rca", "export", "--audience", "external", "-o", "out.html")
    return re.sub(r"<style>.*?</style>", "", Path("out.html").read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("audience", ["internal", "external"])
def test_taken_away_and_exported_again_it_is_the_same(desk: Keyboard, form: str, audience: str) -> None:
    """From the file and the record alone; nothing of the hour is in it. It is named after the incident."""
    more = ("--format", form, "--audience", audience)
    path = Path(desk.ok("rca", "export", *more, "--json").json["file"])
    assert path.name == f"{analysis(desk).stem}{'-external' if audience == 'external' else ''}.{form}"
    first = path.read_bytes()
    path.unlink()
    desk.ok("rca", "export", *more)
    assert path.read_bytes() == first


def test_another_process_writes_the_same_bytes(desk: Keyboard) -> None:
    """No order of a set and no place in memory is in them."""
    written_ = {}
    for seed in ("1", "2"):
        out = desk.root / f"{seed}.pdf"
        words = ["rca", "export", "--format", "pdf", "--audience", "external", "-o", str(out)]
        code = f"from psfir.cli.main import main; main({words!r})"
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True)
        written_[seed] = out.read_bytes()
    assert written_["1"] == written_["2"]


def test_the_house_gets_all_of_it_drawn(desk: Keyboard) -> None:
    """Chart and graph as figures with a table each; no comment of psfir's is seen; nobody is named."""
    write(desk, "## Learning", "## Learning\n\nWords of ours.")
    desk.ok("rca", "export", "-o", "in.html")
    text = Path("in.html").read_text()
    assert text.count("<svg") == 2
    assert text.count("<details>") == 2
    assert "mermaid" not in text
    assert "psfir:begin" not in text
    assert "Words of ours." in text
    assert "memory.switch" in text
    assert not re.search(r"\b[Aa]lice\b", text)


def test_a_drawing_that_a_person_changed_stays_as_it_is(desk: Keyboard) -> None:
    """It is theirs, so it is shown and not replaced."""
    write(desk, "    title INC-", "    title Ours INC-")
    desk.ok("rca", "export", "-o", "in.html")
    text = Path("in.html").read_text()
    assert "title Ours INC-" in text
    assert text.count("<svg") == 1


def test_outside_gets_neither_names_nor_the_inside(desk: Keyboard) -> None:
    """No name, id, path, code or row of the record; what is marked internal is not there; all of it is counted."""
    write(desk, "## Impact\n", ANALYSIS)
    desk.me("alice")
    desk.ok("incident", "note", "between ourselves: the vendor is slow")
    desk.me("finn")
    desk.ok("rca", "refresh")
    text = outside(desk)
    for inside in ("Alice", "feature.log", "prompt 39", "entry", "secret plan", "between ourselves", "memory.switch"):
        assert inside not in text
    assert not re.search(r"INC-\d|sha256|run-1|asserted", text)
    assert "the on call, saw it first" in text.replace("the on call, the on call", "the on call")
    assert "containment proven" in text
    assert "trigger to proven containment" in text
    found = {(row["section"], row["kind"]): row["count"] for row in desk.ok(
        "rca", "export", "--audience", "external", "--json"
    ).json["left_out"]}  # fmt: skip
    assert found["Impact", "names said by role"] == 1
    assert found["Impact", "paths"] == 1
    assert found["Impact", "code"] == 1
    assert found["Evidence", "whole section"] == 1
    assert "What is left out" in text


def test_a_section_may_be_opened_for_outside(desk: Keyboard) -> None:
    """By a comment below its heading; without it a section that psfir does not know stays inside."""
    write(desk, "## Evidence", "## Our promise\n\nIt is mended.\n\n## Evidence")
    text = outside(desk)
    assert "It is mended." not in text
    assert "Our promise" not in text  # what it is called says enough
    assert "a section of our own" in text
    write(desk, "## Our promise\n", "## Our promise\n<!-- psfir:external -->\n")
    assert "It is mended." in outside(desk)


def test_what_nobody_has_written_does_not_go_out(desk: Keyboard) -> None:
    """A place that says `Write here` is counted instead."""
    assert "Write here" not in outside(desk)
    desk.ok("rca", "export", "-o", "in.html")
    assert "Write here" in Path("in.html").read_text()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("It is AKIAABCDEFGHIJKLMNOP.", "secret"),
        ("Write to jane@customer.example.", "personal-data"),
        ("Her card is 4111 1111 1111 1111.", "personal-data"),
        ("It ran on 10.1.2.3.", "host"),
        ("It ran on db.cluster.internal.", "host"),
        ("It ran on web.eu.vendor.io.", "host"),
        ("See https://tracker.vendor.io/1.", "link"),
    ],
)
def test_what_looks_private_stays_inside(desk: Keyboard, line: str, rule: str) -> None:
    """Refused with its place; no file is written, and no word of a secret is said."""
    write(desk, "## Learning\n", f"## Learning\n\n{line}\n")
    done: Done = desk.type("rca", "export", "--audience", "external", "-o", "out.html", "--json")
    assert done.code == 1
    assert ("Learning", rule) in {(one["section"], one["rule"]) for one in done.json["found"]}
    assert done.json["file"] == ""
    assert not Path("out.html").exists()
    assert "AKIA" not in done.out
    told = desk.type("rca", "export", "--audience", "external", "-o", "out.html")
    assert "nothing is written: 1 places" in told.out


def test_its_status_stands_in_large_letters_until_it_is_published(tmp_path: Path) -> None:
    """Draft, in review, published; a word changed later makes it a draft again."""
    session = at_work(workspace(tmp_path))
    name = happened(session)
    finn, gita = at_work(tmp_path, "finn"), at_work(tmp_path, "gita")
    path = rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    path.write_text(written(path.read_text()))

    def status() -> tuple[str, str]:
        made = exported(finn, finn.incident(name), external=True)
        return made.status, made.document.status

    assert status() == ("DRAFT", "DRAFT")
    text = path.read_text()
    path.write_text(re.sub(r"### F\d[\s\S]*?(?=## Response)", "", text))
    rca.review(gita, gita.incident(name), Yes())
    assert status() == ("DRAFT", "DRAFT")
    digest = rca.opened(finn, finn.incident(name)).digest
    from psfir.domain.kinds import Kind

    finn.record(finn.draft(name, Kind.RCA_SUBMITTED, {"digest": digest, "owner": "finn"}))
    assert status() == ("IN REVIEW", "IN REVIEW")
    finn.record(finn.draft(name, Kind.RCA_PUBLISHED, {"digest": digest, "owner": "finn", "late": 0}))
    assert status() == ("PUBLISHED", "")
    path.write_text(path.read_text() + "\nOne more word.\n")
    assert status() == ("DRAFT", "DRAFT")


def test_word_and_pdf_say_draft_too(desk: Keyboard) -> None:
    """On their first sheet and on each."""
    desk.ok("rca", "export", "--format", "docx", "-o", "a.docx")
    made = word.Document(BytesIO(Path("a.docx").read_bytes()))
    assert made.paragraphs[0].text == "DRAFT"
    assert made.sections[0].header.paragraphs[0].text == "DRAFT"
    assert [one.text for one in made.paragraphs if one.style and one.style.name == "Heading 2"][0] == "Summary"  # noqa: RUF015 - the first of many


def test_where_there_is_nothing_to_export_it_says_so(desk: Keyboard) -> None:
    """No analysis yet; a place that cannot be written."""
    done = desk.type("rca", "export", "-o", "nowhere/a.html")
    assert (done.code, "cannot be written" in done.err) == (2, True)
    analysis(desk).unlink()
    done = desk.type("rca", "export")
    assert (done.code, "has no analysis yet" in done.err) == (2, True)


def test_a_format_loads_no_library_but_its_own() -> None:
    """A page needs neither Word's nor the PDF's."""
    code = (
        "import sys, psfir.app.rca_export as one; from psfir.pages.blocks import Document;"
        "one.render(Document('t', '', []), 'html');"
        "print(sorted({'docx', 'reportlab', 'lxml'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
