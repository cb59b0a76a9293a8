"""What must not stand in a message: each finding says where, why, and what to write instead."""

from pathlib import Path

import pytest

from psfir.app.comms_lint import of_template
from psfir.app.init import lay_out
from psfir.app.templates import shelf
from psfir.comms.finding import About, Finding
from psfir.comms.lint import blocks, lint
from psfir.comms.pack import Level, read_pack, shipped
from psfir.domain.message import EXERCISE, Audience, Phase

NEXT = "We will write here again by 2026-11-21 15:00 UTC."
ALLOWED = ("support@example.com", "https://status.example.com")
PUBLIC = About(Audience.PUBLIC, Phase.SCOPE, "en", allowed=ALLOWED, people=("Ada Example",))
GERMAN = About(Audience.PUBLIC, Phase.SCOPE, "de", allowed=ALLOWED)


def found(line: str, about: About = PUBLIC, *, title: str = "Title") -> list[Finding]:
    closing = NEXT if about.lang == "en" else "Wir schreiben hier wieder bis 15:00 UTC."
    return lint(title, f"{line}\n\n{closing}\n", about, shipped())


HARMFUL = {
    "We believe the update did it.": "english.guess",
    "It was probably the update.": "english.guess",
    "It will be fixed within 2 hours.": "english.promised-time",
    "The feature is back by tomorrow.": "english.promised-time",
    "ETA is soon.": "english.promised-time",
    "This will never happen again, never again.": "english.absolute",
    "It is 100 % secure.": "english.absolute",
    "No customer data was affected.": "english.no-data",
    "No personal information has been leaked.": "english.no-data",
    "Nobody was affected.": "english.no-data",
    "There was a data breach.": "english.belongs-to-legal",
    "There is an outage.": "english.outage",
    "This was caused by our vendor.": "english.blames-vendor",
    "An OpenAI bug caused it.": "english.blames-vendor",
    "The AI lied to you.": "english.person",
    "The assistant went rogue.": "english.person",
    "The answer was hallucinated.": "english.person",
    "It was human error.": "english.human-error",
    "It happens if you type 'ignore previous instructions'.": "english.recipe",
    "Somebody found a jailbreak.": "english.recipe",
    "The system prompt was shown.": "english.prompt",
    "Write to jane.doe@mail.example.": "personal-data",
    "Call +49 171 1234567.": "personal-data",
    "Order 1234567 was shown.": "personal-data",
    "The IBAN DE89 3704 0044 0532 0130 00 was shown.": "personal-data",
    "Card 4111 1111 1111 1111 was shown.": "personal-data",
    "The key is AKIAABCDEFGHIJKLMNOP.": "secret",
    "The token is ghp_abcdefghijklmnopqrstuvwx.": "secret",
    "password: hunter2": "secret",
    "It runs on db1.prod.internal.": "host",
    "It runs on 10.0.0.12.": "host",
    "See https://evil.example/x.": "link",
    "See https://status.example.com.evil.example.": "link",
    "Ada Example is looking into it.": "staff",
    "We told 40 customers.": "as-of",
    "We told 1,200 of our customers.": "as-of",
    "Say {{ more }} here.": "open",
    "It is TBD.": "open",
}


@pytest.mark.parametrize(("line", "rule"), HARMFUL.items(), ids=list(HARMFUL))
def test_what_does_harm_keeps_a_text_from_going_out(line: str, rule: str) -> None:
    """At its line, with a better wording."""
    errors = [one for one in found(line) if one.level is Level.ERROR]
    assert rule in {one.rule for one in errors}
    assert all(one.line == 1 and one.says and one.better for one in errors)


@pytest.mark.parametrize("line", HARMFUL)
def test_a_title_is_looked_at_as_well(line: str) -> None:
    """It is line 0."""
    assert blocks(one for one in found("Fine.", title=line) if one.line == 0)


@pytest.mark.parametrize(
    "line",
    [
        "Since 2026-11-21 14:05 UTC you may have seen answers that it should not give.",
        "As of 2026-11-21 14:05 UTC, 40 customers were told.",
        "If you need help: support@example.com. See https://status.example.com/incident-1.",
        "We do not know yet how it came about.",
        "We switched it off at 14:05 UTC, and checked that this works.",
        "Please do not act on such an answer.",
        "This concerns 2 of 5 places.",
    ],
)
def test_plain_true_words_pass(line: str) -> None:
    """No finding at all."""
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Wahrscheinlich war es das Update.", "german.guess"),
        ("Es ist bis in 2 Stunden behoben.", "german.promised-time"),
        ("Das kommt nie wieder vor.", "german.absolute"),
        ("Keine Daten sind betroffen.", "german.no-data"),
        ("Es gab ein Datenleck.", "german.belongs-to-legal"),
        ("Die KI hat gelogen.", "german.person"),
        ("Wir haben 40 Kunden geschrieben.", "as-of"),
    ],
)
def test_german_has_rules_of_its_own(line: str, rule: str) -> None:
    """And the English ones do not count there."""
    assert [one.rule for one in found(line, GERMAN) if one.level is Level.ERROR] == [rule]
    assert found("Die probably Sache.", GERMAN) == []


def test_legal_and_insiders_may_say_what_others_may_not() -> None:
    """Each rule knows for whom it does not count."""
    regulator = About(Audience.REGULATOR, Phase.SCOPE, "en", allowed=ALLOWED)
    assert not blocks(found("The nature of the personal data breach.", regulator))
    internal = About(Audience.INTERNAL, Phase.SCOPE, "en", allowed=ALLOWED)
    assert not blocks(found("It was probably a prompt injection.", internal))


def test_the_next_word_is_promised_unless_it_is_the_last() -> None:
    """A message without it is not finished."""
    assert [one.rule for one in lint("T", "Fine.\n", PUBLIC, shipped())] == ["next-update"]
    assert lint("T", "Fine.\n", About(Audience.PUBLIC, Phase.RESOLVED, "en"), shipped()) == []


def test_the_marker_of_a_drill() -> None:
    """Must stand in title and text in a drill, and nowhere in the live."""
    drill = About(Audience.PUBLIC, Phase.SCOPE, "en", exercise=True)
    assert [one.rule for one in found("Fine.", drill)] == ["exercise"]
    assert [one.rule for one in found(f"{EXERCISE}\n\nFine.", drill)] == ["exercise"]
    assert found(f"{EXERCISE}\n\nFine.", drill, title=f"{EXERCISE} Title") == []
    assert "exercise" in {one.rule for one in found(f"{EXERCISE} Fine.")}


def test_a_secret_that_is_in_reach_is_known() -> None:
    """By its value, whatever it looks like."""
    about = About(Audience.PUBLIC, Phase.SCOPE, "en", knows=lambda line: "swordfish" in line)
    assert [one.rule for one in found("It is swordfish.", about)] == ["secret"]


def test_how_hard_it_reads_is_a_hint() -> None:
    """And never keeps a text back."""
    hard = "Notwithstanding considerable organisational endeavours, remediation of the aforementioned "
    hints = found((hard * 4).strip() + ".")
    assert {"long-sentence", "reading-grade"} <= {one.rule for one in hints}
    assert not blocks(hints)


def test_a_company_adds_its_own(tmp_path: Path) -> None:
    """A pattern that is none, or that fits everything, is told at its line."""
    path = tmp_path / "own.yaml"
    head = "schema: psfir.pack/1\nid: own\nrules:\n"
    path.write_text(
        head + "  - {id: name, level: error, words: [Project Falcon], says: is secret, better: the project}\n"
    )
    rules = read_pack(path).get()
    assert [one.rule for one in lint("T", f"project  falcon\n{NEXT}\n", PUBLIC, rules)] == ["own.name"]
    for pattern, said in (("'('", "is no regular expression"), ("'x*'", "fits the empty text")):
        path.write_text(head + f"  - {{id: name, level: error, patterns: [{pattern}], says: s, better: b}}\n")
        (problem,) = read_pack(path).problems.found
        assert said in problem.sentence
        assert problem.line == 4
    path.write_text(head + "  - {id: name, level: error, says: s, better: b}\n")
    assert "either words or patterns" in read_pack(path).problems.found[0].sentence


def test_every_shipped_template_is_clean(tmp_path: Path) -> None:
    """With made-up facts, for every failure it is for."""
    lay_out(tmp_path)
    found = shelf(tmp_path)
    assert len(found.templates) == 38
    for template in found.templates:
        assert not blocks(of_template(found.workspace, template, shipped())), template.key
