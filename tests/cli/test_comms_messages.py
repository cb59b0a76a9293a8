"""`psfir comms draft|text|approve|withdraw` on a message, as people type it."""

from pathlib import Path

import pytest

from tests.app.incident_kit import opened, plan, ran
from tests.cli.keyboard import Keyboard, on_a_terminal
from tests.comms.shelf import TEXT, put

PEOPLE = """\
people:
  dan: {name: Dan, roles: [comms_approver]}
  emma: {name: Emma, roles: [legal]}
"""
SAID = "You may have seen the data of others from the assistant.\nThe next word comes soon.\n"
COMMS = "comms: {facts: {product: the assistant}}\n"
CONTAINED = TEXT.replace("public-holding", "public-contained").replace("phase: holding", "phase: contained")
ASKING = TEXT.replace(
    "  more: {type: line, source: person, line: what else, required: false, edit: true}",
    "  who: {type: line, source: person, line: whom it is about}\n"
    "  more: {type: line, source: person, line: what else}",
).replace("{% if more %}", "{{ who }}\n{% if more %}")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    put(keyboard.root)
    put(keyboard.root, CONTAINED, name="public/contained.en.md")
    words = keyboard.root / "psfir.yaml"
    words.write_text(words.read_text().replace("people:\n", PEOPLE, 1) + COMMS)
    keyboard.me("dan")
    keyboard.ok("comms", "approve", "--all", "--yes")
    keyboard.ok("incident", "declare", "support-assistant", "--case", "data_leakage")
    keyboard.me("carol")
    return keyboard


def drafted(desk: Keyboard, *words: str) -> str:
    return str(desk.ok("comms", "draft", "--json", *words).json["message"]["id"])


def test_the_first_word_needs_the_commander_alone(desk: Keyboard) -> None:
    """Of an approved template, with nothing but what is known in it."""
    message = desk.ok("comms", "draft", "--json").json["message"]
    assert (
        message["text"]["body"]
        == "You may have seen the data of others from the assistant.\nThe next word comes soon.\n"
    )
    assert (message["class"], message["needs"], message["cleared"]) == ("ordinary", ["incident_commander"], False)
    assert desk.type("comms", "approve", message["id"], "--yes").code == 3
    desk.me("alice")
    assert f"next: psfir comms send {message['id']}" in desk.ok("comms", "approve", message["id"], "--yes").out
    assert desk.ok("comms", "text", "--json").json["message"]["approved_by"] == ["alice"]


def test_free_words_need_comms_and_legal(desk: Keyboard) -> None:
    """Two people; the commander's yes is none for this."""
    name = drafted(desk, "--set", "more=Orders are safe.")
    desk.me("alice")
    done = desk.type("comms", "approve", name, "--yes")
    assert (done.code, "alice is not comms_approver or legal" in done.err) == (3, True)
    desk.me("dan")
    assert "still needs a yes as legal" in desk.ok("comms", "approve", name, "--yes").out


def test_a_template_that_was_altered_makes_an_edited_message(desk: Keyboard) -> None:
    """And it says so."""
    put(desk.root, TEXT.replace("You may", "You might"))
    done = desk.ok("comms", "draft", "--json")
    assert done.json["message"]["class"] == "edited"
    assert "was altered since dan approved it" in done.err


def test_contained_is_refused_until_it_is_proven(desk: Keyboard) -> None:
    """Nothing is recorded of a refused draft."""
    done = desk.type("comms", "draft", "--phase", "contained")
    assert (done.code, "the verdict is: nothing is contained" in done.err) == (3, True)
    session = desk.session()
    ran(session, session.incident(), plan())
    assert "MSG-" in drafted(desk, "--phase", "contained")


def test_what_is_open_is_told_and_nothing_is_recorded(desk: Keyboard) -> None:
    """With the command that fills it; where somebody can be asked, they are."""
    put(desk.root, TEXT.replace("required: false, ", ""))
    done = desk.type("comms", "draft")
    assert done.code == 2
    assert "more  what else  only a person knows" in done.out
    assert "next: psfir comms draft --set more=..." in done.out
    assert desk.type("comms", "text").code == 2
    asked = on_a_terminal(desk.root, "comms", "draft", typed="<b>no</b>\nAll is safe.\n", PSFIR_ME="carol")
    assert asked.code == 0, asked
    assert "the field more holds HTML or XML" in asked.out
    assert "All is safe." in asked.out


def test_what_is_open_keeps_the_words_that_were_typed(desk: Keyboard) -> None:
    """The command to go on with drafts for the same audience, and not for the public."""
    put(desk.root, ASKING.replace("public", "customers"), name="customers/holding.en.md")
    done = desk.type("comms", "draft", "--audience", "customers", "--phase", "holding", "--set", "who=All of you.")
    assert done.code == 2
    again = "psfir comms draft --audience customers --phase holding --set 'who=All of you.' --set more=..."
    assert f"next: {again}" in done.out.replace("\n", " ")


def test_an_unknown_failure_is_told_with_the_word_for_it(desk: Keyboard) -> None:
    """The record need not say which failure it is; whoever drafts can."""
    inc = opened(desk.session(), "search").id
    done = desk.type("comms", "draft", inc)
    assert (done.code, f"next: psfir comms draft {inc} --case ..." in done.out) == (2, True), done


def test_at_a_terminal_nothing_that_was_typed_is_lost(desk: Keyboard) -> None:
    """Words that must not go out are told, and asked for again; what was answered before stands there."""
    put(desk.root, ASKING)
    typed = "Some of you.\nWe believe it is a bug.\n\nWe do not know more yet.\n"
    done = on_a_terminal(desk.root, "comms", "draft", typed=typed, PSFIR_ME="carol")
    assert done.code == 0, done
    assert "is a guess" in done.out
    assert "who: whom it is about [Some of you.]:" in done.out
    said = desk.ok("comms", "text").out
    assert "Some of you." in said
    assert "We do not know more yet." in said


def test_at_a_terminal_the_failure_is_asked_for(desk: Keyboard) -> None:
    """Where the text turns on it, and the record does not say."""
    inc = opened(desk.session(), "search").id
    done = on_a_terminal(desk.root, "comms", "draft", inc, typed="harmful_output\n", PSFIR_ME="carol")
    assert done.code == 0, done
    assert "You may have seen bad answers from" in desk.ok("comms", "text", "--incident", inc).out


def test_a_file_that_cannot_be_read_is_told(desk: Keyboard) -> None:
    """Its line, and not that there is no such template."""
    file = put(
        desk.root, CONTAINED.replace("public", "press").replace("contained", "holding"), name="press/holding.en.md"
    )
    file.write_bytes(file.read_bytes() + b"\xe9\n")
    done = desk.type("comms", "draft", "--audience", "press", "--phase", "holding")
    assert (done.code, "comms_templates/press/holding.en.md" in done.err) == (2, True), done
    assert "is not UTF-8" in done.err


def test_a_withdrawn_draft_is_nobodys_to_approve(desk: Keyboard) -> None:
    """With its reason."""
    name = drafted(desk)
    desk.ok("comms", "withdraw", name, "--reason", "wrong audience")
    desk.me("alice")
    done = desk.type("comms", "approve", name, "--yes")
    assert (done.code, "was withdrawn: wrong audience" in done.err) == (3, True)


def test_to_show_it_records_nothing(desk: Keyboard) -> None:
    """And needs no right."""
    desk.me("dora")
    assert "You may have seen the data of others" in desk.ok("comms", "draft", "--show").out
    assert desk.type("comms", "draft").code == 3
    assert desk.type("comms", "text").code == 2


def test_the_text_alone_can_be_copied(desk: Keyboard) -> None:
    """Title, a blank line, the text."""
    name = drafted(desk)
    said = desk.ok("comms", "text", name[-6:]).out
    assert said == f"Problems with the assistant\n\n{SAID}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "more"), "is not FIELD=VALUE"),
        (("--set", "mor=x"), "did you mean more?"),
        (("--set", "seen=nothing"), "is not yours to say"),
        (("--phase", "scope"), "there is no template public/scope"),
        (("--channel", "mail"), "psfir.yaml has no channel 'mail'"),
        (("--supersedes", "MSG-zzz"), "has no message MSG-zzz"),
    ],
)
def test_bad_words_are_told(desk: Keyboard, words: tuple[str, ...], said: str) -> None:
    """And nothing is recorded."""
    done = desk.type("comms", "draft", *words)
    assert done.code in {2, 3}
    assert said in done.err
    assert desk.type("comms", "text").code == 2


def test_a_second_incident_has_to_be_named(desk: Keyboard) -> None:
    """Messages are one incident's."""
    name = drafted(desk)
    first = desk.session().incident().id
    opened(desk.session(), "search")
    assert desk.type("comms", "text", name).code == 2
    assert desk.ok("comms", "text", name, "--incident", first).out
