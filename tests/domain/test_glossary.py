"""Words in code and files are the same."""

import ast
import pkgutil
from pathlib import Path

import pytest

from psfir.domain.glossary import GLOSSARY

PLACED = {word: known.place for word, known in GLOSSARY.items() if known.place}

WINGS = {"comms", "rehearsal", "review", "assurance"}
"""Each has words of its own, which no other room needs."""

# What each word is often called elsewhere. A class or a function of one of these names would blur it.
NOT_SAID = {
    "system": "app service model feature",
    "incident": "case event alert issue",
    "trigger": "hook watcher",
    "runbook": "experiment workflow recipe",
    "playbook": "sop guide",
    "step": "action activity task operation",
    "lever": "plugin actionner provider integration handler",
    "target": "resource object subject",
    "mode": "type kind strategy",
    "reading": "state status data",
    "change": "diff patch",
    "plan": "preview dryrun",
    "containment": "execution run rollout",
    "restore": "rollback undo revert",
    "probe": "check hypothesis health",
    "template": "string notification",
    "approval": "confirmation signoff ack",
    "drill": "test exercise gameday stimulus sandbox lab",
    "RCA": "postmortem rootcause",
    "remediation item": "actionitem ticket",
    "evidence": "artifact attachment log",
    "actor": "user operator principal",
}

# Where one of these names means something else, and is the plain word for that.
MEANT_OTHERWISE = {
    "Kind": "which kind of entry, not how a system is contained",
    "Status": "where an incident stands, not what a lever saw",
    "Run": "a containment or a restore while it is carried out",
    "check": "whether a chain or a pointer is whole, not whether an effect holds",
}


def names(path: Path) -> set[str]:
    """Every public class and function of a file; a method is read together with its class, which says what is meant."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.name for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef)) and not n.name.startswith("_")}


def said(root: Path) -> set[str]:
    files = [*(root / "psfir/domain").glob("*.py"), *(root / "psfir/engine").glob("*.py")]
    return set().union(*(names(file) for file in files))


@pytest.mark.parametrize("word", PLACED)
def test_a_word_lives_where_the_glossary_says(word: str) -> None:
    """The name can be imported, and bears the word."""
    place = PLACED[word]
    room = place.split(".")[1]
    pkgutil.resolve_name(place)
    assert room in {"domain", *WINGS} or word == "range", "the range is a room, and no word of the domain"
    bears = word.replace(" ", "").lower() in place.rpartition(".")[2].lower()
    assert bears or word == "containment", "a containment lives in the facts of its run"


def test_each_word_is_one_line() -> None:
    """One short line, no full stop: it stands in tables."""
    for word, known in GLOSSARY.items():
        assert 0 < len(known.line) <= 100, word
        assert "\n" not in known.line, word
        assert not known.line.endswith("."), word


def test_every_word_has_a_place() -> None:
    """All rooms are open; a word of one that is yet to come would have none."""
    assert {word for word, known in GLOSSARY.items() if not known.place} == set()


def test_nothing_bears_a_wrong_neighbour_of_a_word(root: Path) -> None:
    """No class and no function of the domain or the engine is called what a word is not."""
    wrong = {other: word for word, others in NOT_SAID.items() for other in others.split()}
    found = {name: wrong[name.lower()] for name in said(root) - set(MEANT_OTHERWISE) if name.lower() in wrong}
    assert found == {}


def test_every_exception_is_still_needed(root: Path) -> None:
    """A name that is gone needs no excuse."""
    assert set(MEANT_OTHERWISE) <= said(root)
