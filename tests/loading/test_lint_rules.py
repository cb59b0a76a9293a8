"""Every rule of lint: a workspace that passes is spoiled in one place, and exactly that is said, there."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from psfir.domain.budget import worst_case
from psfir.domain.durations import show
from psfir.loading.runbook import load_runbook
from tests.loading.desk import BOOK, PLAY, TODAY, Works, swapped

FIRST = "      - lever: memory.switch\n        target: {connection: estate, switch: bot}\n"
SECOND = """\
      - lever: memory.switch
        target: {connection: direct, switch: bot}
        set: {on: false}
        within: 10s
"""
TWO_STEPS = """\
  - id: again
    after: [stop]
    ladder:
""" + FIRST + "        set: {on: false}\n        within: 10s\n" + SECOND  # fmt: skip


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def test_a_sound_workspace_is_silent(works: Works) -> None:
    """No error, no warning; every file is counted, and the worst case is there."""
    report = works.lint()
    assert report.problems == ()
    assert report.files == ("psfir.yaml", "runbooks/off.yaml", "playbooks/harm.md")
    assert list(report.budgets) == ["off"]
    assert report.untested == ("harm",)
    assert (report.errors, report.warnings) == (0, 0)


BOOKS: dict[str, tuple[dict[str, str], list[str]]] = {
    "unknown system": (
        {"system: bot": "system: bott"},
        [
            "psfir.yaml:10:8: warning: no runbook contains bot [coverage]",
            "runbooks/off.yaml:4:9: psfir.yaml has no system 'bott'; did you mean bot? [reference]",
        ],
    ),
    "unknown connection of a rung": (
        {"connection: direct, switch: bot}\n        set": "connection: dirct, switch: bot}\n        set"},
        ["runbooks/off.yaml:16:30: psfir.yaml has no connection 'dirct'; did you mean direct? [reference]"],
    ),
    "unknown connection of a probe": (
        {"connection: direct, switch: bot}\n    expect": "connection: dirct, switch: bot}\n    expect"},
        ["runbooks/off.yaml:21:26: psfir.yaml has no connection 'dirct'; did you mean direct? [reference]"],
    ),
    "unknown playbook": (
        {"playbook: harm": "playbook: harmm"},
        ["runbooks/off.yaml:7:11: there is no playbook 'harmm'; did you mean harm? [reference]"],
    ),
    "two steps of one id": (
        {"verify:": swapped(TWO_STEPS, {"again": "stop", "    after: [stop]\n": ""}) + "verify:"},
        ["runbooks/off.yaml:19:9: the step 'stop' stands here a second time [duplicate-id]"],
    ),
    "after an unknown step": (
        {"verify:": swapped(TWO_STEPS, {"[stop]": "[sto]"}) + "verify:"},
        ["runbooks/off.yaml:20:13: there is no step 'sto'; did you mean stop? [reference]"],
    ),
    "a step after itself": (
        {"  - id: stop\n": "  - id: stop\n    after: [stop]\n"},
        ["runbooks/off.yaml:10:12: these steps wait for each other: stop after stop [cycle]"],
    ),
    "a cycle": (
        {"  - id: stop\n": "  - id: stop\n    after: [again]\n", "verify:": TWO_STEPS + "verify:"},
        ["runbooks/off.yaml:10:12: these steps wait for each other: stop after again after stop [cycle]"],
    ),
    "two probes of one id": (
        {"verify:\n": "verify:\n" + "  - {id: seen, probe: memory, target: {connection: direct, switch: bot}, "
         "expect: {state: {on: false}}}\n" * 2},
        ["runbooks/off.yaml:21:10: the probe 'seen' stands here a second time [duplicate-id]"],
    ),
    "a deadline above 15 minutes": (
        {"playbook: harm": "deadline: 15m1s\nplaybook: harm"},
        [("runbooks/off.yaml:7:11: a deadline of 15m1s is above 15m; say why under `deadline_reason`, or shorten it "
         "[deadline]")],
    ),
    "a deadline above 15 minutes, with a reason": (
        {"playbook: harm": "deadline: 20m\ndeadline_reason: two regions\nplaybook: harm"},
        [],
    ),
    "a probe that cannot be through in time": (
        {"    expect: {state": "    times: 31\n    every: 2s\n    expect: {state"},
        [("runbooks/off.yaml:20:5: 31 looks 2s apart take at least 1m, and its whole share is 1m: "
         "it could never be proven [probe]")],
    ),
    "a probe that can just be": ({"    expect: {state": "    times: 30\n    every: 2s\n    expect: {state"}, []),
    "one look longer than all": (
        {"    expect: {state": "    each: 2m\n    expect: {state"},
        ["runbooks/off.yaml:22:11: one look may take 2m, more than its whole share of 1m [probe]"],
    ),
    "no soak": (
        {"    expect: {state": "    soak: 0s\n    expect: {state"},
        [("runbooks/off.yaml:22:11: warning: the probe 'memory' does not soak: a controller that turns it back on "
         "would not be noticed [soak]")],
    ),
    "one rung": (
        {SECOND: ""},
        [("runbooks/off.yaml:11:7: warning: the step 'stop' has a single rung: if it fails, there is no other way "
         "[ladder]")],
    ),
    "one connection": (
        {SECOND: SECOND.replace("direct", "estate")},
        [("runbooks/off.yaml:11:7: warning: all rungs of the step 'stop' share the connection "
        "estate and the vendor one "
         "and the network here: they can fail together [ladder]")],
    ),
    "one person restores": (
        {"playbook: harm": "approval: {restore: 1}\nplaybook: harm"},
        ["runbooks/off.yaml:7:21: warning: one person alone can put this back; two is the rule [people]"],
    ),
    "more yeses to a restore than people": (
        {"playbook: harm": "approval: {restore: 3}\nplaybook: harm"},
        ["runbooks/off.yaml:7:21: a restore takes 3 people's yes, and 2 may say it: ada, ben [people]"],
    ),
    "more yeses to a kill than people": (
        {"playbook: harm": "approval: {kill: 4}\nplaybook: harm"},
        ["runbooks/off.yaml:7:18: a kill takes 4 people's yes, and 2 may say it: ada, ben [people]"],
    ),
    "whoever presses counts for one": ({"playbook: harm": "approval: {kill: 3}\nplaybook: harm"}, []),
    "signed, and nobody has a key": (
        {"playbook: harm": "approval: {signed: true}\nplaybook: harm"},
        [
            "runbooks/off.yaml:7:20: a kill takes 1 signed yes, and nobody who may say it has ssh_keys [people]",
            "runbooks/off.yaml:7:20: a restore takes 2 signed yeses, and nobody who may say it has ssh_keys [people]",
        ],
    ),
    "a case that no runbook covers": (
        {"harmful_output, data_leakage, ": ""},
        ["psfir.yaml:10:8: warning: no runbook of bot covers harmful_output, data_leakage [coverage]"],
    ),
    "a lever that is not installed": (
        {"lever: memory.switch": "lever: memory.swich"},
        ["runbooks/off.yaml:11:16: there is no lever 'memory.swich' (did you mean memory.switch?) [reference]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("swaps", "expected"), BOOKS.values(), ids=BOOKS)
def test_a_rule_of_runbooks(works: Works, swaps: Mapping[str, str], expected: list[str]) -> None:
    """The sentence, its place, its rule and its weight; and nothing else is said."""
    works.book(swaps)
    assert works.said() == expected


WORDS: dict[str, tuple[dict[str, str], list[str]]] = {
    "a runbook that is not there": (
        {"owner: ben": "owner: ben, runbooks: {disable: of}"},
        ["psfir.yaml:10:53: there is no runbook 'of'; did you mean off? [reference]"],
    ),
    "a runbook of another mode": (
        {"owner: ben": 'owner: ben, runbooks: {degrade: "off"}'},
        ["psfir.yaml:10:53: the runbook 'off' is there to disable, not to degrade [reference]"],
    ),
    "a runbook of another system": (
        {"  bot: {title: Bot, owner: ben}": "  bot: {title: Bot, owner: ben}\n"
         '  cat: {title: Cat, owner: ben, runbooks: {disable: "off"}}'},
        [
            "psfir.yaml:11:8: warning: no runbook contains cat [coverage]",
            "psfir.yaml:11:53: the runbook 'off' is for bot, not cat [reference]",
        ],
    ),
    "the runbook it has": ({"owner: ben": 'owner: ben, runbooks: {disable: "off"}'}, []),
    "one vendor": (
        {"vendor: two": "vendor: one"},
        [("runbooks/off.yaml:11:7: warning: all rungs of the step 'stop' share the vendor one: they can fail together "
         "[ladder]")],
    ),
    "one network": (
        {"network: there": "network: here"},
        [("runbooks/off.yaml:11:7: warning: all rungs of the step 'stop' share the network here: "
        "they can fail together "
         "[ladder]")],
    ),
    "nobody may restore": (
        {"[on_call]": "[comms]", "[owner]": "[legal]"},
        ["runbooks/off.yaml:1:1: a restore takes 2 people's yes, and 0 may say it: nobody [people]"],
    ),
    "a kind the lever does not know": (
        {"estate: {kind: memory, path: estate.json": "estate: {kind: http, url: 'https://a.example'"},
        [("runbooks/off.yaml:12:30: memory.switch works on a connection of kind memory, and estate is of kind http "
         "[reference]")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("swaps", "expected"), WORDS.values(), ids=WORDS)
def test_a_rule_of_the_workspace(works: Works, swaps: Mapping[str, str], expected: list[str]) -> None:
    """What psfir.yaml says against what the runbooks need of it."""
    works.words(swaps)
    assert works.said() == expected


PLAYS: dict[str, tuple[dict[str, str], list[str]]] = {
    "reviewed in the future": (
        {"2026-01-31": "2026-11-22"},
        ["playbooks/harm.md:6:16: 2026-11-22 lies in the future [dates]"],
    ),
    "reviewed today": ({"2026-01-31": "2026-11-21"}, []),
    "tested in the future": (
        {"last_tested: null": "last_tested: 2027-01-01"},
        ["playbooks/harm.md:7:14: 2027-01-01 lies in the future [dates]"],
    ),
    "reviewed a year ago": ({"2026-01-31": "2025-11-21"}, []),
    "reviewed longer ago": (
        {"2026-01-31": "2025-11-20"},
        [("playbooks/harm.md:6:16: warning: was last reviewed 366 days ago; read it through, and put today's date here "
         "[dates]")],
    ),
    "a case that no playbook covers": (
        {", model_failure": ""},
        ["psfir.yaml:10:3: warning: no playbook covers model_failure [coverage]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("swaps", "expected"), PLAYS.values(), ids=PLAYS)
def test_a_rule_of_playbooks(works: Works, swaps: Mapping[str, str], expected: list[str]) -> None:
    """Dates and cases."""
    works.play(swaps)
    assert works.said() == expected


def test_over_the_deadline_the_whole_path_is_said(works: Works) -> None:
    """Every share of it, each rung's among them, and their sum is the one that the run will spend."""
    works.book({"within: 10s": "within: 6m", "playbook: harm": "deadline: 7m\nplaybook: harm"})
    budget = worst_case(load_runbook(works.root / "runbooks" / "off.yaml"))
    parts = [f"{share.name} {show(share.seconds)}" for share in budget.shares]
    parts[parts.index("step stop 6m10s")] += " (memory.switch 6m + memory.switch 10s)"
    says = f"the worst case is {show(budget.total)}, over the deadline of 7m: {' + '.join(parts)}"
    assert works.said() == [f"runbooks/off.yaml:7:11: {says} [deadline]"]
    assert works.lint().budgets == {}


def test_exactly_the_deadline_fits(works: Works) -> None:
    """The last millisecond counts, the next one is too much."""
    total = works.lint().budgets["off"].total
    works.book({"playbook: harm": f"deadline: {show(total)}\nplaybook: harm"})
    assert (works.said(), works.lint().budgets["off"].fits) == ([], True)
    works.book({"playbook: harm": f"deadline: {show(total - 0.001)}\nplaybook: harm"})
    assert f"over the deadline of {show(total - 0.001)}" in works.said()[0]


def test_two_runbooks_of_one_mode_are_refused_unless_one_is_named(works: Works) -> None:
    """The night is the wrong time to choose."""
    works.book({"id: off": "id: out"}, name="out")
    said = "psfir.yaml:10:8: 2 runbooks disable bot (off, out); name one under `runbooks` [ambiguous]"
    assert works.said() == [said]
    works.words({"owner: ben": "owner: ben, runbooks: {disable: out}"})
    assert works.said() == []


def test_an_id_that_is_taken_is_said_of_the_later_file(works: Works) -> None:
    """With the name of the other; for playbooks too."""
    works.book({}, name="zzz")
    works.play({}, name="zzz")
    assert works.said() == [
        "playbooks/zzz.md:3:5: the id 'harm' is taken by playbooks/harm.md; ids are used once [duplicate-id]",
        "runbooks/zzz.yaml:2:5: the id 'off' is taken by runbooks/off.yaml; ids are used once [duplicate-id]",
    ]


def test_a_day_may_pass_between_two_time_zones(works: Works) -> None:
    """What is today depends on who asks: the date is an argument, not the machine's."""
    works.play({"2026-01-31": "2026-11-22"})
    assert works.said(today=date(2026, 11, 22)) == []
    assert len(works.said(today=TODAY)) == 1


def test_all_is_said_at_once(works: Works) -> None:
    """Problems of three files and of several rules, in the order of files and lines."""
    works.words({"owner: ben": "owner: ben, runbooks: {isolate: cut}"})
    works.write(
        "runbooks/off.yaml", swapped(BOOK, {"system: bot": "system: bt", "connection: estate": "connection: e"})
    )
    works.write("playbooks/harm.md", swapped(PLAY, {"2026-01-31": "2036-01-31"}))
    found = [line.partition(": ")[0] for line in works.said()]
    assert found == [
        "playbooks/harm.md:6:16",
        "psfir.yaml:10:8",
        "psfir.yaml:10:53",
        "runbooks/off.yaml:4:9",
        "runbooks/off.yaml:12:30",
    ]
