"""What a role's player may know at this instant: all that is ever handed to a player's process is made of these types.

None of them has a place for what only the facilitator knows. Whoever joins late gets what all others of the role got.
"""

from __future__ import annotations

from collections.abc import Iterator

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.rehearsal.inject import PlayerInject
from psfir.rehearsal.state import DrillState, Stage


@frozen
class Delivered:
    """An inject that has come. `number` counts all that players were handed, whoever they are."""

    number: int
    at: int
    shown: PlayerInject

    def to_json(self) -> dict[str, Json]:
        poll = self.shown.poll
        asked: dict[str, Json] = {"poll": {"options": list(poll.options), "multi": poll.multi}} if poll else {}
        return {
            "number": self.number,
            "at": self.at,
            "from": self.shown.sender,
            "to": list(self.shown.to),
            "via": self.shown.via.value,
            "title": self.shown.title,
            "body": self.shown.body,
            "attachments": list(self.shown.attachments),
            **asked,
        }


@frozen
class Hinted:
    """A hint that was given, and to which inject."""

    number: int
    at: int
    text: str


@frozen
class PlayerView:
    """Everything a player of one role sees. `at` is scenario time in microseconds; `over` is why it is, or ""."""

    banner: str
    abort_word: str
    title: str
    summary: str
    role: str
    brief: str
    at: int
    running: bool
    over: str
    roles: tuple[tuple[str, tuple[str, ...]], ...]
    injects: tuple[Delivered, ...] = ()
    hints: tuple[Hinted, ...] = ()

    def to_json(self) -> dict[str, Json]:
        plain: dict[str, Json] = {
            "banner": self.banner,
            "abort_word": self.abort_word,
            "title": self.title,
            "summary": self.summary,
            "role": self.role,
            "brief": self.brief,
            "at": self.at,
            "running": self.running,
            "over": self.over,
            "roles": {name: list(people) for name, people in self.roles},
        }
        injects: list[Json] = [one.to_json() for one in self.injects]
        hints: list[Json] = [{"number": one.number, "at": one.at, "text": one.text} for one in self.hints]
        return {**plain, "injects": injects, "hints": hints}


def player_view(state: DrillState, role: str, *, now: int) -> PlayerView:
    """What this role may know at a real instant. KeyError for a role that the scenario does not have."""
    scenario = state.scenario
    over = ("aborted" if state.aborted else "over") if state.over else ""
    return PlayerView(
        banner=scenario.safety.banner,
        abort_word=scenario.safety.abort_word,
        title=scenario.title,
        summary=scenario.summary,
        role=role,
        brief=scenario.roles[role].brief,
        at=state.clock.at(now),
        running=state.clock.running,
        over=over,
        roles=tuple((name, state.joined.get(name, ())) for name in scenario.roles),
        injects=tuple(sorted(_delivered(state, role), key=lambda one: one.number)),
        hints=tuple(_hints(state, role)),
    )


def _delivered(state: DrillState, role: str) -> Iterator[Delivered]:
    for inject in state.scenario.injects:
        stands = state.injects[inject.id]
        if stands.stage is Stage.FIRED and inject.shown.for_role(role):
            yield Delivered(stands.number, stands.at, inject.shown)
    for added in state.added:
        if added.shown.for_role(role):
            yield Delivered(added.number, added.at, added.shown)


def _hints(state: DrillState, role: str) -> Iterator[Hinted]:
    for given in state.hints:
        inject = state.scenario.inject(given.inject)
        if inject.shown.for_role(role):
            text = inject.guide.hints[given.number - 1]
            yield Hinted(state.injects[given.inject].number, given.at, text)
