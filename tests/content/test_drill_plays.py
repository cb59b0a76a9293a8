"""Every scenario that ships, played to its end: by a team that is good at it, by one that is not, and alone."""

import json
from collections.abc import Iterator
from functools import cache

import pytest

from psfir.domain.kinds import Kind
from psfir.loading.content import files_of, shipped
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.inject import After, Inject
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.score import Score, score
from psfir.rehearsal.state import DrillState, Stage
from psfir.rehearsal.step import step
from psfir.rehearsal.words import Met, Purpose, Rating
from tests.content.drill_players import Shapes, Team, done_once, read_script
from tests.content.drill_scripts import BAD, GOOD
from tests.rehearsal.runs import Drill

DRILLS = {path.stem: path for path in files_of(shipped("drills").parent, "drills")}
NAMES = pytest.mark.parametrize("name", DRILLS)
LENGTHS = pytest.mark.parametrize("length", ["30m", "90m"])
GOOD_ENOUGH = (Rating.P, Rating.S)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Shapes:
    return done_once(tmp_path_factory.mktemp("once") / "work")


@cache
def scenario(name: str, length: str) -> Scenario:
    whole = load_drill(DRILLS[name])
    return whole if length == "90m" else whole.cut(length)


_PLAYED: dict[tuple[str, str, bool], Team] = {}


def played(name: str, length: str, shapes: Shapes, *, good: bool) -> Team:
    """Each game is played once, whatever is asked of it."""
    key = name, length, good
    if key not in _PLAYED:
        _PLAYED[key] = Team(scenario(name, length), (GOOD if good else BAD)[name], shapes)
        _PLAYED[key].play()
    return _PLAYED[key]


def scored(team: Team) -> Score:
    return score(team.drill.state)


def silent(state: DrillState, inject: Inject) -> str:
    """Why an inject never came; "" if there is no reason."""
    stands, trigger = state.injects[inject.id], inject.trigger
    if stands.stage is Stage.SKIPPED:
        return stands.why
    if not isinstance(trigger, After):
        return ""
    waited = state.expectations[trigger.expectation]
    if waited.met is not trigger.state:
        return f"{trigger.expectation} is {waited.met}"
    at_the_end = waited.at is not None and waited.at + trigger.delay * 1_000_000 >= (state.ended_at or 0)
    return "it was over before" if at_the_end else ""


@NAMES
@LENGTHS
def test_a_good_team_does_well(name: str, length: str, shapes: Shapes) -> None:
    """It ends by itself, nothing critical is missed, and the rating is P or S without a hint."""
    team = played(name, length, shapes, good=True)
    found = scored(team)
    open_lines = [f"{one.expectation}: {one.says}" for one in found.lines if one.met is not Met.MET and one.possible]
    assert team.drill.state.over
    assert not found.caps, open_lines
    assert found.rating in GOOD_ENOUGH, open_lines
    assert found.counts


@NAMES
def test_given_its_whole_time_a_good_team_leaves_nothing_open(name: str, shapes: Shapes) -> None:
    """So everything that is expected can be done, by the deeds that psfir has, in the time that is given."""
    found = scored(played(name, "90m", shapes, good=True))
    assert [one.expectation for one in found.lines if one.possible and one.met is not Met.MET] == []
    assert found.rating is Rating.P
    assert {rated.rating for rated in found.objectives.values()} == {Rating.P}


@NAMES
@LENGTHS
def test_a_bad_team_is_capped(name: str, length: str, shapes: Shapes) -> None:
    """It misses something critical, and no better rating is left than the cap."""
    team = played(name, length, shapes, good=False)
    found = scored(team)
    assert found.caps
    assert found.rating in {Rating.M, Rating.U}
    assert found.whole.percent < scored(played(name, length, shapes, good=True)).whole.percent - 30


@NAMES
@LENGTHS
@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
def test_every_inject_comes_or_there_is_a_reason(name: str, length: str, shapes: Shapes, *, good: bool) -> None:
    """It fired, was skipped, or waited for what came to something else."""
    state = played(name, length, shapes, good=good).drill.state
    unexplained = [
        one.id
        for one in state.scenario.injects
        if state.injects[one.id].stage is not Stage.FIRED and not silent(state, one)
    ]
    assert unexplained == []


@NAMES
@LENGTHS
def test_no_inject_is_written_in_vain(name: str, length: str, shapes: Shapes) -> None:
    """Each comes to the one team or to the other, and each branch to one of them alone."""
    fired = {
        good: {n for n, one in played(name, length, shapes, good=good).drill.state.injects.items() if one.number}
        for good in (True, False)
    }
    assert fired[True] | fired[False] == {one.id for one in scenario(name, length).injects}
    worse = {
        i.id for i in scenario(name, length).injects if isinstance(i.trigger, After) and i.trigger.state is Met.MISSED
    }
    assert worse
    assert worse <= fired[False] - fired[True]


@NAMES
def test_a_player_is_handed_nothing_of_the_facilitators(name: str, shapes: Shapes) -> None:
    """Not a note, a hint that nobody gave, an expectation, a right answer as such, nor the id of anything."""
    for good in (True, False):
        team = played(name, "90m", shapes, good=good)
        seen = [json.dumps(view.to_json(), ensure_ascii=False) for view in team.views]
        files = {file for view in team.views for one in view.injects for file in one.shown.attachments}
        page = "\n".join([*seen, *((DRILLS[name].parent / file).read_text(encoding="utf-8") for file in files)])
        assert [text for text in backstage(team.drill.scenario) if text in page] == []
        keys = {key for view in team.views for one in view.to_json()["injects"] for key in one}  # type: ignore[union-attr]
        assert keys <= {"number", "at", "from", "to", "via", "title", "body", "attachments", "poll"}


def backstage(one: Scenario) -> Iterator[str]:
    yield from (one.backstage.summary, one.backstage.note, *one.backstage.facts)
    yield from (role.npc for role in one.roles.values() if role.npc)
    for inject in one.injects:
        guide = inject.guide
        yield from (text for text in (guide.note, guide.red_flag, *guide.hints, *guide.questions) if text)
    for expected in one.expected.values():
        yield from (expected.title, *expected.wanted.runbooks, expected.wanted.clock or expected.title)


@NAMES
def test_one_person_can_play_it_alone(name: str, shapes: Shapes) -> None:
    """All roles joined by one, in half an hour, with the same outcome as four people have."""
    team = Team(scenario(name, "30m"), GOOD[name], shapes, solo=True)
    state = team.play().state
    assert set(state.joined.values()) == {("sam",)}
    assert score(state).rating is scored(played(name, "30m", shapes, good=True)).rating


@NAMES
def test_the_same_deeds_give_the_same_drill(name: str, shapes: Shapes) -> None:
    """Played again, and worked out again in a single tick at the end: the same, but for when it was written down."""
    first = played(name, "30m", shapes, good=True).drill
    again = Team(scenario(name, "30m"), GOOD[name], shapes).play()
    assert again.log == first.log
    late = Drill(first.scenario)
    late.log = [one for one in first.log if one.by != "psfir"]
    made = step(late.scenario, late.log, now=first.real, entries=first.record)
    assert [(one.kind, one.data) for one in made] == [(o.kind, o.data) for o in first.log if o.by == "psfir"]


@NAMES
def test_hints_cost_something(name: str, shapes: Shapes) -> None:
    """Each ladder of hints can be given, and takes points off where something was expected."""
    one = scenario(name, "90m")
    hinted = [inject for inject in one.injects if inject.guide.hints]
    assert len(hinted) >= len(one.injects) // 2
    assert all(inject.expect or Purpose.ESCALATION in inject.purposes or inject.guide.note for inject in hinted)


@NAMES
def test_its_scripts_speak_of_its_injects(name: str) -> None:
    """No line waits for what does not exist."""
    injects = {one.id for one in scenario(name, "90m").injects}
    assert {line.inject for line in (*read_script(GOOD[name]), *read_script(BAD[name]))} <= injects
    assert GOOD.keys() == BAD.keys() == DRILLS.keys()


def test_the_deeds_were_done_in_earnest(shapes: Shapes) -> None:
    """What players' entries look like was taken from a record that psfir wrote, a kill that was proven among it."""
    assert {"severity", "seat", "clock", "text", "plan", "message"} <= {
        word for data in shapes.values() for word in data
    }
    assert shapes[Kind.VERDICT]["verdict"] == "contained"
    assert shapes[Kind.NOTE] == {"text": "A note", "about": "note"}
