"""Quality of scenarios, rule by rule: what each tells, and that a sound scenario is told nothing."""

from pathlib import Path

import pytest

from psfir.domain.message import Audience, Phase
from psfir.rehearsal.lint import check_drills, quality
from psfir.rehearsal.lint_known import Known
from tests.rehearsal.plays import FULL, HEAD, read, said

KNOWN = Known(
    systems=["assistant"],
    runbooks=["all-off"],
    levers=["flag.off"],
    clocks=["gdpr-33-1"],
    messages={(Audience.CUSTOMERS, Phase.HOLDING)},
    file=lambda _, name: "sound" if name == "there.txt" else None,
    private=lambda text: ["holds somebody's number"] if "0170" in text else [],
)
TWO = FULL.replace("objectives: [", "objectives: [{id: learn, text: Learn, psf: 5}, ")


def found(folder: Path, text: str, known: Known = KNOWN) -> list[str]:
    loaded = read(folder, text)
    quality(loaded, known)
    return said(loaded)


def test_a_sound_scenario_is_told_nothing(tmp_path: Path) -> None:
    """No error and no warning."""
    assert found(tmp_path, FULL) == []


RULES = {
    "no expectation": (
        TWO.replace("kind: declared,", "kind: declared, objective: contain,"),
        "nothing is expected for 'learn'",
    ),
    "a role without an inject": (
        FULL.replace("roles: {", "roles: {idle: {}, ").replace("body: It goes", "to: [lead]\n    body: It goes")
        .replace("by: hand,", "by: hand, to: [lead],"),
        "no inject is for 'idle'",
    ),
    "a late start": (
        FULL.replace("- id: first\n", "- id: first\n    at: 13m\n").replace("at: 5m", "at: 14m"),
        "nothing happens by itself in the first fifth of the time (12m)",
    ),
    "no conflict": (FULL.replace("[conflict]", "[report]"), "no inject contradicts another"),
    "no decision": (FULL.replace("[decision]", "[report]"), "nothing has to be decided under uncertainty"),
    "no escalation": (FULL.replace("[escalation]", "[report]"), "it never gets worse"),
    "critical by eye": (
        FULL.replace("kind: containment, runbooks: [all-off]", "kind: manual"),
        "a critical expectation is met by what the record shows",
    ),
    "bands": (FULL + "scoring: {bands: {P: 60, S: 66, M: 50}}\n", "says the least percent of P, S and M"),
    "bands left out": (FULL + "scoring: {bands: {P: 60}}\n", "says the least percent of P, S and M"),
    "a circle": (
        FULL.replace("at: 5m,", "after: said,").replace("after: stopped\n    delay", "after: heard\n    delay")
        .replace("Engineering sees nothing.}", "Engineering sees nothing., expect: [{id: heard, kind: manual}]}"),
        "waits for itself: doubt after ask after doubt",
    ),
    "after the end": (
        FULL.replace("at: 5m", "at: 1h"),
        "doubt can never come: it is due after 1h, and the end is after 1h",
    ),
    "after the end by way of another": (
        FULL.replace("delay: 2m", "delay: 50m"),
        "worse can never come: it is due after 1h5m, and the end is after 1h",
    ),
    "missed only at the end": (
        FULL.replace("due: 15m, ", ""),
        "worse can never come: stopped has no `due`, so it is missed only at the end",
    ),
    "a condition that never holds": (
        FULL.replace("at: 5m,", "at: 5m, only_if: {all: {stopped: missed}},")
        .replace("due: 15m, ", "").replace("is: missed", "is: met"),
        "stopped has no `due`, so it is missed only at the end: this never holds",
    ),
    "a cut without what is waited for": (
        FULL + "cuts: {20m: [doubt@0s, worse]}\n",
        "in this cut worse can never come: stopped is not expected here",
    ),
    "a hint in a player's text": (
        FULL.replace("It goes on.", "It goes on. Which  button is RED?"),
        "players read here what is expected of them: 'Which button is red?'",
    ),
    "a runbook in a player's text": (
        FULL.replace("It goes on.", "Somebody should run all-off."),
        "players read here what is expected of them: 'all-off'",
    ),
    "a command in a player's text": (
        FULL.replace("It goes on.", "Try psfir kill now."),
        "players read here what is expected of them: 'psfir kill'",
    ),
    "a gap": (
        FULL.replace("It goes on.", "It goes on at <customer name>."),
        "'<customer name>' was left to be filled in",
    ),
    "no such runbook": (
        FULL.replace("[all-off]", "[all-of]"),
        "there is no runbook 'all-of' here; did you mean all-off?",
    ),
    "no such lever": (
        FULL.replace("runbooks: [all-off]", "levers: [flag.of]"),
        "there is no lever 'flag.of' here; did you mean flag.off?",
    ),
    "no such clock": (
        FULL.replace("kind: declared,", "kind: clock, clock: gdpr-33,"),
        "there is no legal clock 'gdpr-33' here; did you mean gdpr-33-1?",
    ),
    "no such playbook": (
        FULL.replace("kind: declared,", "kind: playbook, playbook: none,"),
        "there is no playbook 'none' here; there is: none",
    ),
    "no such system": (FULL + "systems: [asistant]\n", "there is no system 'asistant' here; did you mean assistant?"),
    "no template": (
        FULL.replace("kind: declared,", "kind: message, audience: press, phase: holding,"),
        "there is no template for press, holding",
    ),
    "no attachment": (
        FULL.replace("at: 5m,", "at: 5m, attachments: [there.txt, gone.txt],"),
        "there is no file 'gone.txt' beside the scenario",
    ),
    "somebody's number": (FULL.replace("It goes on.", "Call 0170 4711."), "holds somebody's number"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), RULES.values(), ids=RULES)
def test_each_rule_tells_what_is_wrong(tmp_path: Path, text: str, sentence: str) -> None:
    """One flaw, one sentence, and none beside it."""
    told = found(tmp_path, text)
    assert [one for one in told if sentence in one] == told
    assert told


def test_a_word_of_a_runbook_in_another_word_gives_nothing_away(tmp_path: Path) -> None:
    """Only the whole name counts, and a name of one plain word may stand in any sentence."""
    assert found(tmp_path, FULL.replace("It goes on.", "It is overall-offline.")) == []


@pytest.mark.parametrize(
    ("text", "gap"), [("T" + "ODO: who?", True), ("We know what to do.", False), ("{{ name }}", True)]
)
def test_a_gap_is_not_a_word(tmp_path: Path, text: str, gap: bool) -> None:
    """What is plain English stays."""
    assert bool(found(tmp_path, FULL.replace("body: It goes on.", f"body: '{text}'"))) == gap


def test_all_scenarios_of_a_workspace_are_checked(tmp_path: Path) -> None:
    """What is no scenario is left alone, and so is one that cannot be read."""
    loaded = read(tmp_path, FULL.replace("[conflict]", "[report]"))
    broken = read(tmp_path, HEAD)
    before = said(broken)
    check_drills({"a": loaded, "b": broken}, KNOWN)
    assert len(said(loaded)) == 1
    assert said(broken) == before
