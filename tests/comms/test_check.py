"""The gate: what must ship, and whether it may be used."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from psfir.comms.check import State, approved, table
from psfir.comms.ledger import Given, Ledger, load_ledger, read_ledger, shown, write_ledger
from psfir.comms.reading import read_template
from psfir.comms.required import Cell
from psfir.comms.template import Template
from psfir.domain.message import Audience, Phase
from psfir.domain.people import Person, Team
from psfir.domain.values import remade
from psfir.errors import Refusal
from tests.comms.shelf import put

TODAY = date(2026, 11, 21)
TEAM = Team(
    {
        "cleo": Person("cleo", "Cleo", ("comms_approver",)),
        "dan": Person("dan", "Dan", ("comms_approver",)),
        "emma": Person("emma", "Emma", ("legal", "comms")),
        "ada": Person("ada", "Ada", ("on_call",)),
    }
)


@pytest.fixture
def template(tmp_path: Path) -> Template:
    found = read_template(put(tmp_path)).get()
    assert isinstance(found, Template)
    return found


def yes(template: Template, by: str = "dan", role: str = "comms_approver", *, days: int = 90, sha: str = "") -> Given:
    until = TODAY + timedelta(days=days)
    return Given(template.id, template.lang, sha or template.digest, by, role, TODAY - timedelta(days=400), until)


def state(template: Template, *given: Given, roles: tuple[str, ...] = ()) -> State:
    return approved(template, Ledger(given), team=TEAM, today=TODAY, roles=roles).state


def test_each_way_in_which_a_text_may_not_be_used(template: Template) -> None:
    """And the two in which it may."""
    assert state(template) is State.UNAPPROVED
    assert state(template, yes(template, sha="sha256:" + "0" * 64)) is State.ALTERED
    assert state(template, yes(template, "ada", "on_call")) is State.NO_ROLE
    assert state(template, yes(template, "nobody")) is State.NO_ROLE
    assert state(template, yes(template, "dan", "legal")) is State.NO_ROLE
    assert state(template, yes(template, "emma", "comms")) is State.NO_ROLE
    assert state(template, yes(template, "cleo")) is State.AUTHOR_ALONE
    assert state(template, yes(template, days=-1)) is State.EXPIRED
    assert state(template, yes(template, days=0)) is State.EXPIRES_SOON
    assert state(template, yes(template)) is State.APPROVED
    assert state(template, yes(template, "cleo"), yes(template)) is State.APPROVED


def test_an_expired_yes_beside_a_good_one_does_no_harm(template: Template) -> None:
    """Nor does one of somebody without the role."""
    assert state(template, yes(template, days=-1), yes(template, "emma", "legal")) is State.APPROVED
    assert state(template, yes(template, "ada", "on_call"), yes(template)) is State.APPROVED


def test_each_role_that_is_asked_for_must_be_somebodys(template: Template) -> None:
    """And the earliest end is the end."""
    wanted = ("comms_approver", "legal")
    assert state(template, yes(template), roles=wanted) is State.NO_ROLE
    both = (yes(template), yes(template, "emma", "legal", days=40))
    found = approved(template, Ledger(both), team=TEAM, today=TODAY, roles=wanted)
    assert (found.state, found.until) == (State.APPROVED, TODAY + timedelta(days=40))


def test_the_table_has_a_row_for_each_language(template: Template) -> None:
    """What is not there is missing; what need not ship is there and marked."""
    cells = [Cell(Audience.PUBLIC, Phase.HOLDING, languages=("en", "de")), Cell(Audience.PRESS, Phase.HOLDING)]
    rows = table(cells, [template], Ledger((yes(template),)), team=TEAM, today=TODAY)
    assert [(row.cell, row.lang, row.state) for row in rows] == [
        ("public/holding", "en", State.APPROVED),
        ("public/holding", "de", State.MISSING),
        ("press/holding", "en", State.MISSING),
    ]
    assert [row.required for row in table([], [template], Ledger(), team=TEAM, today=TODAY)] == [False]


def test_the_ledger_reads_back(tmp_path: Path, template: Template) -> None:
    """Exactly, and writing it again changes no byte; a word that YAML would take for something else is quoted."""
    odd = Given("on", "en", template.digest, "dan", "legal", TODAY, TODAY, "it's: only #1 'here'")
    ledger = Ledger().with_(yes(template, "emma", "legal")).with_(yes(template)).with_(odd)
    (tmp_path / "comms_templates").mkdir(exist_ok=True)
    write_ledger(tmp_path, ledger)
    found = load_ledger(tmp_path)
    assert found == ledger
    assert shown(found) == (tmp_path / "comms_templates" / "approvals.yaml").read_text()


def test_a_later_yes_takes_the_place_of_the_earlier(template: Template) -> None:
    """Of the same person; the diff of a new yes is its own lines."""
    first = Ledger().with_(yes(template, sha="sha256:" + "1" * 64)).with_(yes(template, "emma", "legal"))
    second = first.with_(yes(template))
    assert len(second.given) == 2
    pairs = list(zip(shown(first).splitlines(), shown(second).splitlines(), strict=True))
    assert [new for old, new in pairs if old != new] == [f"    sha256: {template.digest}"]
    assert second.without(template.key, "dan").of(template.key) == (yes(template, "emma", "legal"),)
    with pytest.raises(Refusal, match="ada has approved no"):
        second.without(template.key, "ada")


def test_an_empty_ledger_is_a_file_that_reads_back(tmp_path: Path) -> None:
    """As one that is not there."""
    (tmp_path / "comms_templates").mkdir()
    assert load_ledger(tmp_path) == Ledger()
    write_ledger(tmp_path, Ledger())
    assert load_ledger(tmp_path) == Ledger()


def test_a_ledger_that_somebody_edited_wrongly_is_told(tmp_path: Path, template: Template) -> None:
    """One yes twice, an end before its beginning, a digest that is none."""
    path = tmp_path / "approvals.yaml"
    block = shown(Ledger((yes(template),)))
    path.write_text(block + block.partition("approvals:\n")[2].replace("sha256: sha256:", "sha256: md5:"))
    assert "is not a digest" in str(read_ledger(path).problems.found[0])
    path.write_text(block + block.partition("approvals:\n")[2])
    assert "dan approved public-holding.en further up already" in str(read_ledger(path).problems.found[0])
    path.write_text(shown(Ledger((yes(template, days=-500),))))
    assert "ends before it was given" in str(read_ledger(path).problems.found[0])
    path.write_text(shown(Ledger((yes(template, days=800),))))
    assert "is more than 732 days after it was given" in str(read_ledger(path).problems.found[0])


def test_a_yes_that_is_dated_days_ahead_is_none_yet(template: Template) -> None:
    """Somebody wrote that day into the ledger by hand: psfir writes today's."""
    assert state(template, remade(yes(template), on=TODAY + timedelta(days=2))) is State.UNAPPROVED
    assert state(template, remade(yes(template), on=TODAY + timedelta(days=2)), yes(template, "emma", "legal")).good
