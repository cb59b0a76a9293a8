"""A player is handed what their role may know by now, and nothing that only the facilitator knows."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from psfir.loading.content import files_of, shipped
from psfir.rehearsal import deeds
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.expectation import Expectation
from psfir.rehearsal.inject import Guide, Inject, PlayerInject
from psfir.rehearsal.scenario import Backstage, Scenario
from psfir.rehearsal.state import Stage
from psfir.rehearsal.views import PlayerView, player_view
from tests.rehearsal.plays import play
from tests.rehearsal.runs import Drill

DRILLS = sorted(files_of(shipped("drills").parent, "drills"))
SECRET = (Guide, Inject, Expectation, Backstage, Scenario)


def values(found: object) -> Iterator[object]:
    """A value and all that it is made of."""
    yield found
    if is_dataclass(found):
        parts: Any = [getattr(found, field.name) for field in fields(found)]
    elif isinstance(found, dict):
        parts = [*found, *found.values()]
    else:
        parts = found if isinstance(found, list | tuple) else ()
    for part in parts:
        yield from values(part)


def texts(found: object) -> set[str]:
    return {part for part in values(found) if isinstance(part, str) and part}


def secrets(scenario: Scenario) -> set[str]:
    """Every text of a scenario that only the facilitator knows, ids among them."""
    known = texts(scenario.backstage) | texts([fault.fault for fault in scenario.faults])
    for inject in scenario.injects:
        known |= {inject.id} | texts(inject.guide)
    for one in scenario.expected.values():
        known |= {one.id, one.title} | texts([one.wanted.runbooks, one.wanted.levers, one.wanted.clock])
    known |= {role.npc for role in scenario.roles.values()}
    shown = json.dumps([one.text for one in scenario.objectives])
    seen = texts([one.shown for one in scenario.injects]) | {scenario.title, scenario.summary, *scenario.roles}
    return {text for text in known if text not in seen and re.search(r"[a-z][ .-][a-z]", text)} | {shown}


@pytest.mark.parametrize("path", DRILLS, ids=[path.stem for path in DRILLS])
def test_nothing_of_the_facilitators_reaches_a_player(path: Path) -> None:
    """Of every scenario that ships, at every inject, for every role: searched text by text in what a client is sent."""
    scenario = load_drill(path)
    hidden = secrets(scenario)
    assert len(hidden) > 20
    drill = Drill(scenario)
    for inject in scenario.injects:
        drill.wait(300)
        if drill.state.injects[inject.id].stage is not Stage.FIRED:
            drill.do(deeds.fire(drill.state, inject.id, at=drill.at, by="fay", why="to see it"))
        for role in scenario.roles:
            sent = json.dumps(player_view(drill.state, role, now=drill.real).to_json(), ensure_ascii=False)
            assert {text for text in hidden if text in sent} == set()


def test_no_type_of_a_players_view_has_room_for_it(tmp_path: Path) -> None:
    """By type: a view is made of nothing that the facilitator's values are made of."""
    drill = Drill(play(tmp_path))
    drill.wait(400)
    view = player_view(drill.state, "lead", now=drill.real)
    assert isinstance(view, PlayerView)
    assert any(isinstance(part, PlayerInject) for part in values(view))
    assert not any(isinstance(part, SECRET) for part in values(view))


def test_a_role_sees_its_own_and_what_is_for_all(tmp_path: Path) -> None:
    """Each with the number that players call it by; what has not come yet is not there."""
    drill = Drill(play(tmp_path))
    drill.wait(1)
    assert [one.number for one in player_view(drill.state, "lead", now=drill.real).injects] == [1]
    assert player_view(drill.state, "desk", now=drill.real).injects == ()
    drill.wait(300)
    drill.do(deeds.add(drill.state, PlayerInject("One more.", to=("lead",)), by="fay"))
    lead, desk = (player_view(drill.state, role, now=drill.real) for role in ("lead", "desk"))
    assert [one.shown.body for one in lead.injects] == ["Answers are odd.", "One more."]
    assert [one.shown.body for one in desk.injects] == ["Engineering sees nothing."]
    assert (desk.brief, lead.brief) == ("You read what customers read.", "")


def test_whoever_joins_late_gets_what_the_others_got(tmp_path: Path) -> None:
    """The same view, whoever asks and whenever they joined."""
    drill = Drill(play(tmp_path))
    drill.do(deeds.join(drill.state, "lead", "ada"))
    drill.wait(400)
    before = player_view(drill.state, "lead", now=drill.real)
    drill.do(deeds.join(drill.state, "lead", "ben"))
    after = player_view(drill.state, "lead", now=drill.real)
    assert after.injects == before.injects
    assert dict(after.roles)["lead"] == ("ada", "ben")


def test_a_hint_is_seen_once_it_is_given(tmp_path: Path) -> None:
    """Rung by rung, by those who got the inject."""
    drill = Drill(play(tmp_path))
    drill.wait(1)
    assert player_view(drill.state, "lead", now=drill.real).hints == ()
    drill.do(deeds.hint(drill.state, "first", by="fay"))
    lead, desk = (player_view(drill.state, role, now=drill.real) for role in ("lead", "desk"))
    assert [one.text for one in lead.hints] == ["Who may stop it?"]
    assert "Which button" not in json.dumps(lead.to_json())
    assert desk.hints == ()


def test_the_end_is_told_without_its_reason(tmp_path: Path) -> None:
    """Why it was broken off may be about a real incident; that it was, everybody sees."""
    drill = Drill(play(tmp_path))
    drill.do(deeds.abort(drill.state, by="ada", why="it is real"))
    sent = player_view(drill.state, "lead", now=drill.real)
    assert (sent.over, sent.running) == ("aborted", False)
    assert "it is real" not in json.dumps(sent.to_json())
    with pytest.raises(KeyError):
        player_view(drill.state, "nobody", now=drill.real)
