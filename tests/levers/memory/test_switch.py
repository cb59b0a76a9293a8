"""What memory.switch says and does beyond the contract of every lever."""

from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo, Reading, Result
from psfir.domain.modes import Mode
from psfir.errors import Drift, NoAnswer, NoSuchTarget, PsfirError, UsageError
from psfir.levers.memory.switch import Switch
from psfir.testing import FakeConnection
from psfir.vendors.memory import Estate

TARGET: dict[str, Json] = {"connection": "estate", "switch": "flag"}
BEFORE: dict[str, Json] = {"on": True, "model": "large"}


def world(folder: Path, **about: Json) -> tuple[Estate, Switch]:
    estate = Estate.create(folder / "estate.json", {"flag": {"state": BEFORE, **about}})
    return estate, Switch(FakeConnection("estate", "memory", {"path": str(estate.path)}))


def planned(lever: Switch, settings: dict[str, Json], mode: Mode = Mode.DISABLE) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=1), mode, settings)
    assert isinstance(change, Change)
    return change


@pytest.mark.parametrize(
    ("mode", "settings", "after", "why"),
    [
        (Mode.DISABLE, {"on": False}, {"on": False, "model": "large"}, "switch flag gets on = false to disable it"),
        (
            Mode.DEGRADE,
            {"model": "small", "tools": False},
            {"on": True, "model": "small", "tools": False},
            'switch flag gets model = "small", tools = false to degrade it',
        ),
        (
            Mode.ISOLATE,
            {"tenant": "acme"},
            {**BEFORE, "tenant": "acme"},
            'switch flag gets tenant = "acme" to isolate it',
        ),
    ],
)
def test_settings_are_laid_over_what_is_there(
    tmp_path: Path, mode: Mode, settings: dict[str, Json], after: Json, why: str
) -> None:
    """In each mode the rest of the state stays, and the plan says why in a sentence."""
    _, lever = world(tmp_path)
    change = planned(lever, settings, mode)
    assert (change.before, change.after, change.why, change.version) == (BEFORE, after, why, "1")


def test_nothing_to_set_is_no_plan(tmp_path: Path) -> None:
    """To set nothing would be `already so` for ever: it is refused, whatever the switch is at."""
    _, lever = world(tmp_path)
    with pytest.raises(UsageError, match=r"memory\.switch is not told what to set") as refused:
        lever.plan(TARGET, lever.read(TARGET, within=1), Mode.DISABLE, {})
    assert refused.value.todo == "say set: {on: false}"


def test_nothing_to_do_names_what_is_so_already(tmp_path: Path) -> None:
    """Also when other values of the switch are set."""
    _, lever = world(tmp_path)
    nothing = lever.plan(TARGET, Reading(BEFORE, "1"), Mode.DEGRADE, {"model": "large"})
    assert nothing == NothingToDo('switch flag already has model = "large"', BEFORE)


def test_restore_gives_back_the_whole_state(tmp_path: Path) -> None:
    """A value that the kill added is gone again, one that it replaced is back."""
    estate, lever = world(tmp_path)
    change = planned(lever, {"on": False, "answers": "canned"})
    lever.apply(change, within=1)
    assert estate.read("flag", within=1).state == {"on": False, "model": "large", "answers": "canned"}
    assert lever.restore(change, within=1).result is Result.CHANGED
    assert estate.read("flag", within=1).state == BEFORE


@pytest.mark.parametrize("deed", ["apply", "restore"])
def test_drift_shows_both_values(tmp_path: Path, deed: str) -> None:
    """The refusal has what was expected and what was found, so that it can be planned anew."""
    estate, lever = world(tmp_path)
    change = planned(lever, {"on": False})
    if deed == "restore":
        lever.apply(change, within=1)
    estate.put("flag", {"on": True, "model": "small"})
    effects = estate.effects("flag")
    with pytest.raises(Drift, match='model = "small", on = true') as raised:
        getattr(lever, deed)(change, within=1)
    assert raised.value.expected == (BEFORE if deed == "apply" else change.after)
    assert raised.value.found == {"on": True, "model": "small"}
    assert estate.effects("flag") == effects


def test_there_and_back_is_no_drift(tmp_path: Path) -> None:
    """Somebody changed it and changed it back: the state decides, not the version of the plan."""
    estate, lever = world(tmp_path)
    change = planned(lever, {"on": False})
    estate.put("flag", {"on": True})
    estate.put("flag", BEFORE)
    assert lever.apply(change, within=1).result is Result.CHANGED


def test_a_change_between_looking_and_writing_is_drift(tmp_path: Path) -> None:
    """The version it compared is the version it writes over: what came in between is never overwritten."""
    estate, lever = world(tmp_path, faults={"slow": 0.2, "hang": 0.2, "on": ["write"]})
    change = planned(lever, {"on": False})
    caught: list[PsfirError] = []

    def apply() -> None:
        try:
            lever.apply(change, within=5)
        except PsfirError as error:
            caught.append(error)

    worker = Thread(target=apply)
    worker.start()
    worker.join(0.1)
    estate.put("flag", {"on": True, "model": "small"})
    worker.join(10)
    assert [type(error) for error in caught] == [Drift]
    assert estate.read("flag", within=1).state == {"on": True, "model": "small"}


def test_two_that_pull_at_once_have_one_effect(tmp_path: Path) -> None:
    """Eight levers with one change: one write lands, nobody fails in another way than by drift."""
    estate, lever = world(tmp_path)
    change = planned(lever, {"on": False})
    results: list[str] = []

    def pull() -> None:
        one = Switch(FakeConnection("estate", "memory", {"path": str(estate.path)}))
        try:
            results.append(one.apply(change, within=5).result.value)
        except Drift:
            results.append("drift")

    threads = [Thread(target=pull) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert estate.effects("flag") == 1
    assert results.count("changed") == 1
    assert set(results) <= {"changed", "already_so", "drift"}


def test_a_late_landing_is_found_by_reading(tmp_path: Path) -> None:
    """No answer; read at once it is not there, read later it is, and a second apply finds it done."""
    estate, lever = world(tmp_path, faults={"land_late": 0.3})
    change = planned(lever, {"on": False})
    with pytest.raises(NoAnswer):
        lever.apply(change, within=0.1)
    assert lever.read(TARGET, within=1).state == BEFORE
    Event().wait(0.35)
    assert lever.read(TARGET, within=1).state == change.after
    assert lever.apply(change, within=1).result is Result.ALREADY_SO
    assert estate.effects("flag") == 1


def test_a_switch_that_is_not_there(tmp_path: Path) -> None:
    """Reading it, and applying a change to it, name the one probably meant."""
    _, lever = world(tmp_path)
    target: dict[str, Json] = {**TARGET, "switch": "flagg"}
    change = replace(planned(lever, {"on": False}), target=target)
    for deed in (lambda: lever.read(target, within=1), lambda: lever.apply(change, within=1)):
        with pytest.raises(NoSuchTarget, match="did you mean flag"):
            deed()


def test_a_state_that_no_switch_can_have_is_refused(tmp_path: Path) -> None:
    """A record that was tampered with cannot make it write what is no mapping."""
    estate, lever = world(tmp_path)
    change = replace(planned(lever, {"on": False}), after="off")
    with pytest.raises(Drift):
        lever.apply(change, within=1)
    assert estate.read("flag", within=1).state == BEFORE
