"""Names that files give to each other are looked up in the same run in which their other slips are told."""

from pathlib import Path

import pytest

from psfir.errors import ContentError
from psfir.loading.workspace import load_workspace
from tests.loading.desk import BOOK, WORDS, Works, swapped


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def test_a_slip_in_psfir_yaml_hides_no_reference_of_it(works: Works) -> None:
    """Owner, role, runbook and a shared key are told beside what is wrong with the file's shape."""
    works.words(
        {
            "name: Works": "nam: Works",
            "roles: [on_call]": "roles: [oncall], ssh_keys: [ssh-ed25519 AAAA ada]",
            "roles: [owner]": "roles: [owner], ssh_keys: [ssh-ed25519 AAAA ben]",
            "owner: ben": 'owner: bem, agentic: "yes", runbooks: {disable: of, isolate: "off"}',
        }
    )
    assert works.said() == [
        "psfir.yaml:1:1: a workspace needs the key 'name': the name of the team or company [missing-key]",
        "psfir.yaml:2:1: a workspace has no key 'nam'; did you mean name? [unknown-key]",
        "psfir.yaml:4:28: there is no role 'oncall'; did you mean on_call? [reference]",
        "psfir.yaml:5:47: this is ada's key already: a key is one person's [people]",
        "psfir.yaml:10:28: the owner 'bem' is nobody under people; did you mean ben? [reference]",
        "psfir.yaml:10:42: must be true or false, not 'yes' [schema]",
        "psfir.yaml:10:69: there is no runbook 'of'; did you mean off? [reference]",
        "psfir.yaml:10:82: the runbook 'off' is there to disable, not to isolate [reference]",
    ]


WRONG_BOOK = {
    "title: Off": "titel: Off",
    "system: bot": "system: bott",
    "playbook: harm": "playbook: harmm",
    "estate, switch: bot": "estat, switch: bot",
    "    ladder": "    after: [stopp]\n    ladder",
    "connection: direct, switch: bot}\n    expect": "connection: dirct, switch: bot}\n    expect",
}
TOLD = [
    "runbooks/off.yaml:1:1: a runbook needs the key 'title': what it does, in a line [missing-key]",
    "runbooks/off.yaml:3:1: a runbook has no key 'titel'; did you mean title? [unknown-key]",
    "runbooks/off.yaml:4:9: psfir.yaml has no system 'bott'; did you mean bot? [reference]",
    "runbooks/off.yaml:7:11: there is no playbook 'harmm'; did you mean harm? [reference]",
    "runbooks/off.yaml:10:13: there is no step 'stopp'; did you mean stop? [reference]",
    "runbooks/off.yaml:13:30: psfir.yaml has no connection 'estat'; did you mean estate? [reference]",
    "runbooks/off.yaml:22:26: psfir.yaml has no connection 'dirct'; did you mean direct? [reference]",
]


def test_a_slip_in_a_runbook_hides_no_reference_of_it(works: Works) -> None:
    """System, playbook, connections and steps are told beside what is wrong with its shape."""
    works.book(WRONG_BOOK)
    assert works.said() == TOLD


def test_a_slip_in_psfir_yaml_hides_no_reference_of_a_runbook(works: Works) -> None:
    """Its names can be looked up while something else in psfir.yaml is wrong."""
    works.words({"owner: ben": "owner: ben, agentic: maybe"})
    works.book(WRONG_BOOK)
    assert works.said() == ["psfir.yaml:10:42: must be true or false, not 'maybe' [schema]", *TOLD]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("[", 1),
        ("schema: psfir.workspace/2\n", 1),
        (swapped(WORDS, {"systems:\n": "system:\n"}), 2),
        (WORDS.partition("connections:")[0] + "connections: []\n" + WORDS[WORDS.index("systems:") :], 1),
        (swapped(WORDS, {"connections:\n": "roles: [chief]\nconnections:\n", "[on_call]": "[chief]"}), 1),
    ],
    ids=["no tree", "another version", "no systems", "no connections", "no roles"],
)
def test_what_cannot_be_looked_up_is_not_called_missing(works: Works, words: str, count: int) -> None:
    """Where the names should stand nothing can be read: only that is told, and nothing about who uses them."""
    works.write("psfir.yaml", words)
    said = works.said()
    assert len(said) == count
    assert all(line.startswith("psfir.yaml:") and "[reference]" not in line for line in said)


def test_a_name_of_the_wrong_shape_is_told_once(works: Works) -> None:
    """What can be no id is not looked up as well."""
    works.words({"owner: ben": "owner: Ben!", "[on_call]": "[On Call]"})
    works.book({"system: bot": "system: BOT"})
    assert [line.partition(": ")[0] for line in works.said()] == [
        "psfir.yaml:4:28",
        "psfir.yaml:10:28",
        "runbooks/off.yaml:4:9",
    ]


def test_a_slip_in_an_overlay_hides_no_reference_of_it(works: Works) -> None:
    """For lint and for a command that reads it: what it adds is told beside what is wrong with its shape."""
    overlay = works.write("range.yaml", "schema: psfir.connections/1\nconnections:\n  estat: {kind: memry}\n")
    told = ["3:3: psfir.yaml has no connection 'estat' to re-point; did you mean estate?"]
    told.append("3:17: 'memry' is no kind of connection; did you mean memory?")
    works.words({"name: Works": "nam: Works"})
    assert [line.rpartition(" [")[0] for line in works.said("range.yaml")] == [f"range.yaml:{line}" for line in told]
    with pytest.raises(ContentError) as refused:
        load_workspace(works.root / "psfir.yaml", overlay=overlay)
    assert {str(problem) for problem in refused.value.problems} >= {f"{overlay}:{line}" for line in told}
    assert any("has no key 'nam'" in str(problem) for problem in refused.value.problems)


def test_no_worst_case_with_a_step_that_waits_for_none(works: Works) -> None:
    """Nobody knows how long it would wait."""
    works.write("runbooks/off.yaml", swapped(BOOK, {"    ladder": "    after: [stopp]\n    ladder"}))
    report = works.lint()
    assert (report.errors, dict(report.budgets)) == (1, {})
