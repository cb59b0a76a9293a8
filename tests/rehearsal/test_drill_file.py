"""Scenarios as files: ten lines are enough, and whatever is wrong has its place and what was probably meant."""

from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import pytest

from psfir.domain.modes import Severity
from psfir.rehearsal.expectation import Expects
from psfir.rehearsal.inject import After, At, ByHand, Guide, PlayerInject
from psfir.rehearsal.scenario import SOLO
from psfir.rehearsal.words import Axis, Level, Met, Purpose
from tests.rehearsal.plays import FULL, HEAD, play, read, said

ONE = HEAD + "injects:\n  - {body: Something is odd., expect: [{kind: declared}]}\n"


def test_a_few_lines_are_enough(tmp_path: Path) -> None:
    """One role, an hour, real time, the first inject at once: all of it by default."""
    found = play(tmp_path, ONE)
    assert (found.level, found.duration, found.end.after) == (Level.TABLETOP, 3600, 3600)
    assert (list(found.roles), found.pace.speed) == ([SOLO], Fraction(1))
    (first,) = found.injects
    assert (first.id, first.trigger, first.purposes) == ("i1", At(0), (Purpose.TRIGGER,))
    (expected,) = first.expect
    assert (expected.id, expected.objective, expected.axis) == ("i1.1", "contain", Axis.ACTIVATE)
    assert expected.wanted.severity is Severity.SEV4


def test_triggers_are_offsets_expectations_or_a_hand(tmp_path: Path) -> None:
    """Whole seconds of scenario time; after an expectation, which state of it and how long after."""
    found = {one.id: one.trigger for one in play(tmp_path).injects}
    assert found == {
        "first": At(0),
        "doubt": At(300),
        "worse": After("stopped", Met.MISSED, 120),
        "ask": After("stopped", Met.MET, 60),
        "extra": ByHand(),
    }


def test_what_players_read_has_no_place_for_what_they_may_not(tmp_path: Path) -> None:
    """By type: no field of theirs is one of the facilitator's, and the right answer of a poll is not among them."""
    own = {field.name for field in fields(PlayerInject)}
    assert not own & {field.name for field in fields(Guide)}
    assert not own & {"id", "expect", "guide", "trigger", "only_if", "purposes", "facilitator"}
    ask = play(tmp_path).inject("ask")
    assert ask.guide.correct == ("The truth",)
    assert "correct" not in repr(ask.shown)


def test_a_cut_keeps_some_injects_and_may_move_them(tmp_path: Path) -> None:
    """Its time is its name; expectations of what it leaves out are gone with it."""
    cut = play(tmp_path, FULL + "cuts: {20m: [first, doubt@2m]}\n").cut("20m")
    assert [(one.id, one.trigger) for one in cut.injects] == [("first", At(0)), ("doubt", At(120))]
    assert (cut.duration, cut.end.after) == (1200, 1200)
    assert list(cut.expected) == ["declared", "stopped"]


def test_a_speed_is_a_whole_number_or_a_fraction(tmp_path: Path) -> None:
    """Exact, so that no time is lost by rounding."""
    assert play(tmp_path, ONE + "clock: {speed: 4}\n").pace.speed == 4
    assert play(tmp_path, ONE + "clock: {speed: 3/2}\n").pace.speed == Fraction(3, 2)


BAD = {
    "offset": (FULL.replace("at: 5m", "at: 1.5s"), ["17:21: '1.5s' is not in whole seconds [schema]"]),
    "speed": (ONE + "clock: {speed: 1.5}\n", ["8:16: must be a speed such as 1, 4 or 3/2, not '1.5' [schema]"]),
    "role": (
        FULL.replace("to: [desk], body: E", "to: [deks], body: E"),
        ["17:51: there is no role 'deks'; did you mean desk? [reference]"],
    ),
    "after": (
        FULL.replace("after: stopped\n    is", "after: stoped\n    is"),
        ["19:12: there is no expectation 'stoped'; did you mean stopped? [reference]"],
    ),
    "kind": (
        FULL.replace("kind: declared", "kind: declare"),
        ["14:30: 'declare' is none of these; did you mean declared? [schema]"],
    ),
    "two triggers": (
        FULL.replace("at: 5m,", "at: 5m, by: hand,"),
        ["17:5: an inject says one of at, after and by; here it is at and by [trigger]"],
    ),
    "no trigger": (
        FULL.replace("at: 5m, ", ""),
        ["17:5: an inject says one of at, after and by; here it is none [trigger]"],
    ),
    "delay alone": (
        FULL.replace("at: 5m,", "at: 5m, delay: 1m,"),
        ["17:32: 'delay' belongs to an `after` [trigger]"],
    ),
    "twice": (
        FULL.replace("id: doubt", "id: first"),
        ["17:10: the inject 'first' stands here a second time [duplicate-id]"],
    ),
    "other kind's word": (
        FULL.replace("kind: declared,", "kind: declared, runbooks: [all-off],"),
        ["14:40: declared does not look at 'runbooks'; there is: severity [unknown-key]"],
    ),
    "any note": (
        FULL.replace("kind: declared,", "kind: note,"),
        ["14:9: a note needs `mentions`: any note would do [missing-key]"],
    ),
    "right answer": (
        FULL.replace("correct: [The truth]", "correct: [The trutz]"),
        ["30:53: 'The trutz' is none of the options; did you mean The truth? [reference]"],
    ),
    "no poll": (
        FULL.replace("kind: declared,", "kind: poll,"),
        ["14:30: there is no poll here to answer [reference]"],
    ),
    "condition": (
        FULL.replace("at: 5m,", "at: 5m, only_if: {all: {stoped: met}},"),
        ["17:49: there is no expectation 'stoped'; did you mean stopped? [reference]"],
    ),
    "both": (
        FULL.replace("at: 5m,", "at: 5m, only_if: {all: {stopped: met}, any: {said: met}},"),
        ["17:34: a condition says either `all` or `any` [condition]"],
    ),
    "cut": (
        FULL + "cuts: {20m: [frist, doubt@20m, doubt@x]}\n",
        [
            (
                "33:32: must be the id of an inject, or one with its offset in whole seconds such as i2@10m, "
                "not 'doubt@x' [schema]"
            )
        ],
    ),
    "cut of nothing": (
        FULL + "cuts: {20m: [frist, doubt@20m]}\n",
        ["33:14: there is no inject 'frist'; did you mean first? [reference]", "33:21: it is over after 20m [cut]"],
    ),
    "objective": (
        FULL.replace("kind: declared,", "kind: declared, objective: contian,"),
        ["14:51: there is no objective 'contian'; did you mean contain? [reference]"],
    ),
    "banner": (
        ONE.replace("EXERCISE EXERCISE EXERCISE", "hello"),
        ["4:18: 'hello' is not a line with EXERCISE in it [schema]"],
    ),
    "live comms": (
        ONE.replace("comms: sink", "comms: live"),
        ["4:67: 'live' is none of these; there is: sink [schema]"],
    ),
    "faults of no range": (
        ONE + "faults: [{fault: launchdarkly.down}]\n",
        ["8:9: faults are of the range, and this drill has none: say `levers: range` [safety]"],
    ),
    "functional": (
        ONE + "level: functional\n",
        ["4:54: a functional drill pulls levers on the range: say `range` [safety]"],
    ),
    "live levers": (
        ONE.replace("levers: none", "levers: range") + "level: live\n",
        ["4:54: a live drill holds no lever, it observes an ordinary approved containment: say `none` [safety]"],
    ),
    "no safety": (
        "\n".join(line for line in ONE.splitlines() if not line.startswith("safety")),
        ["1:1: a scenario needs the key 'safety': what keeps it a rehearsal [missing-key]"],
    ),
}


@pytest.mark.parametrize(("text", "problems"), BAD.values(), ids=BAD)
def test_each_mistake_is_told_at_its_place(tmp_path: Path, text: str, problems: list[str]) -> None:
    """With what was probably meant."""
    assert said(read(tmp_path, text)) == problems


def test_every_kind_has_words_for_itself() -> None:
    """A title, so that none has to be written."""
    assert all(kind.line for kind in Expects)
    assert all(level.shows for level in Level)
