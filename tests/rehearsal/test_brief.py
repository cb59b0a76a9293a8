"""What is printed before a drill, and what players are sent in it: nothing of the plot, of any scenario that ships."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.errors import PsfirError
from psfir.loading.content import files_of, shipped
from psfir.pages.web import html
from psfir.rehearsal import deeds
from psfir.rehearsal.brief import facilitator_brief, player_brief, text
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.orders import Request, order, request, until
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.state import Stage
from psfir.rehearsal.views import player_view
from tests.rehearsal.plays import play
from tests.rehearsal.runs import Drill

SHIPPED = list(files_of(shipped("drills").parent, "drills"))
each = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)


def secrets(scenario: Scenario) -> Iterator[str]:
    """Every sentence that is for whoever leads; single words could stand anywhere."""
    yield from (scenario.backstage.summary, scenario.backstage.note, *scenario.backstage.facts)
    for inject in scenario.injects:
        guide = inject.guide
        yield from (guide.note, guide.red_flag, *guide.hints, *guide.questions)
        yield from (one.title for one in inject.expect)


@each
def test_no_player_is_sent_a_sentence_of_the_facilitator(path: Path) -> None:
    """With every inject fired, in every role: no note, hint, fact, question or expectation is in what is sent."""
    scenario = load_drill(path)
    drill = Drill(scenario, ticking=False)
    for name, stands in drill.state.injects.items():
        assert stands.stage is Stage.WAITING
        drill.do(deeds.fire(drill.state, name, at=0, by="fay", why="to see all of it"))
    hidden = [one for one in secrets(scenario) if len(one) > 15]
    assert hidden
    for role in scenario.roles:
        sent = json.dumps(player_view(drill.state, role, now=drill.real).to_json(), ensure_ascii=False)
        assert [one for one in hidden if one in sent] == []


@each
def test_a_player_s_page_says_nothing_of_what_happens(path: Path) -> None:
    """No inject and no secret; and the facilitator's has every one of them."""
    scenario = load_drill(path)
    page, whole = html(player_brief(scenario)), "\n".join(text(facilitator_brief(scenario)))
    told = [*secrets(scenario), *(one.shown.body for one in scenario.injects)]
    assert [one for one in told if len(one) > 15 and one in page] == []
    assert all(f"{one.id}:" in whole for one in scenario.injects)
    assert [one for one in scenario.backstage.facts if one not in whole] == []


def test_a_role_s_own_page_has_its_brief_alone(tmp_path: Path) -> None:
    scenario = play(tmp_path)
    assert "You read what customers read." in "\n".join(text(player_brief(scenario, "desk")))
    assert "You read what customers read." not in "\n".join(text(player_brief(scenario, "lead")))


def test_a_player_s_line_names_nothing_that_was_not_shown(tmp_path: Path) -> None:
    """Numbers of messages, never ids: of what another role was handed there is no word, also not in a refusal."""
    drill = Drill(play(tmp_path))
    drill.tick()
    for line in ("ack 1", "answer 1 x", "answer first x", "ack x", "frobnicate", "decide", "answer"):
        with pytest.raises(PsfirError) as refused:
            request(drill.state, line, role="desk", by="carol")
        assert "first" not in str(refused.value) or line == "answer first x"
    assert request(drill.state, "decide it stays", role="desk", by="c") == Request(note="decision: it stays")
    assert request(drill.state, "ack", role="lead", by="a").draft is not None


def test_orders_are_read_as_they_are_typed(tmp_path: Path) -> None:
    """A hint is of the newest inject that has one left; spans are scenario time."""
    drill = Drill(play(tmp_path))
    drill.tick()
    assert order(drill.state, "hint", at=0, by="fay").data == {"inject": "first", "number": 1}
    assert order(drill.state, "add desk,lead Look.", at=0, by="fay").data["to"] == ["desk", "lead"]
    noted = order(drill.state, "note s communicate @first well said", at=0, by="fay").data
    assert noted == {"rating": "S", "axis": "communicate", "inject": "first", "text": "well said"}
    assert until("wait 90s") == 90_000_000
    assert until("wait over") == -1
