"""`psfir.drill/1`: one file a scenario. Ten lines are enough; what is left out has a default that can be played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psfir.domain.modes import FailureMode
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.shapes import ID, Day, Flag, Key, ListOf, MapOf, Object, Record, Text, Whole, Words
from psfir.rehearsal.drill_rules import Draft, structure
from psfir.rehearsal.inject_file import CONDITION, EXPECTATION, INJECT, condition, expectations, inject
from psfir.rehearsal.offsets import Offset, Placed, Speed
from psfir.rehearsal.scenario import (
    SOLO,
    Backstage,
    Cut,
    CutItem,
    End,
    FaultAt,
    Objective,
    Pace,
    Role,
    Safety,
    Scenario,
    Scoring,
)
from psfir.rehearsal.words import CommsTo, Delivery, Level, Levers, Rating, Sees

_HOUR = 3600
_PERCENT = Whole(0, 100)
_RATING = Words(Rating)
_CUT = Text(r"[0-9]+[mh]", "how long it takes, such as 30m")

SAFETY = Record(
    "safety block",
    (
        Key("banner", Text(r".*EXERCISE.*", "a line with EXERCISE in it"), "stands over all of it", required=True),
        Key("levers", Words(Levers), "what levers reach: range or none", required=True),
        Key("comms", Words(CommsTo), "where messages go: sink", required=True),
        Key("abort_word", Text(), "what somebody says when it gets real", required=True),
    ),
    Safety,
)
ROLE = Record(
    "role",
    (
        Key("required", Flag(), "whether it cannot be played without; default true"),
        Key("brief", Text(), "what its player knows beforehand"),
        Key("npc", Text(), "how the facilitator speaks for it if nobody has it"),
        Key("sees", Words(Sees), "player (default) or facilitator"),
    ),
)
OBJECTIVE = Record(
    "objective",
    (
        Key("id", ID, "what to call it", required=True),
        Key("text", Text(), "what is to be shown", required=True),
        Key("psf", Whole(1, 5), "the PSF statement it gives evidence for", required=True),
    ),
    Objective,
)
PACE = Record(
    "clock block",
    (
        Key("delivery", Words(Delivery), "who lets injects fire: clock (default) or facilitator"),
        Key("speed", Speed(), "scenario seconds a real second; default 1"),
    ),
    Pace,
)
FAULT = Record(
    "fault",
    (
        Key("at", Offset(), "how long after the start; default at once"),
        Key("fault", Text(), "its name: `psfir range fault` lists all", required=True),
        Key("for", Offset(1), "how long it is on; default until the end"),
        Key("set", Object(), "its settings"),
    ),
)
END = Record(
    "end block",
    (
        Key("after", Offset(1), "over at the latest; default the duration"),
        Key("when", CONDITION, "over as soon as this holds"),
    ),
)
SCORING = Record(
    "scoring block",
    (
        Key("bands", MapOf(_PERCENT, keys=Rating), "the least percent of P, S and M"),
        Key("missed_cap", _RATING, "the best rating with a critical one missed; default M"),
        Key("partial_cap", _RATING, "the best rating with a critical one partly met; default S"),
        Key("partial", _PERCENT, "what half done is worth in percent; default 50"),
        Key("hint_penalty", _PERCENT, "what each hint takes off in percent; default 10"),
    ),
    Scoring,
)
BACKSTAGE = Record(
    "facilitator block",
    (
        Key("summary", Text(), "what is really going on"),
        Key("note", Text(), "how to run it"),
        Key("facts", ListOf(Text()), "the truth behind the fog, fact by fact"),
    ),
    Backstage,
)


def _scenario(**raw: Any) -> Scenario:
    objectives = raw.get("objectives", ())
    only = objectives[0].id if len(objectives) == 1 else ""
    duration, end = raw.get("duration", _HOUR), raw.get("end", {})
    roles = {name: Role(name, **one) for name, one in raw.get("roles", {}).items()} or {SOLO: Role(SOLO)}
    same = ("id", "title", "safety", "objectives", "version", "summary", "difficulty", "systems", "failure_modes")
    more = ("tags", "scoring", "hot_wash", "counts_as_evidence", "author", "reviewed")
    return Scenario(
        **{name: raw[name] for name in (*same, *more) if name in raw},
        level=raw.get("level", Level.TABLETOP),
        duration=duration,
        roles=roles,
        injects=tuple(inject(one, number, only) for number, one in enumerate(raw["injects"], start=1)),
        end=End(end.get("after", duration), condition(end.get("when"))),
        pace=raw.get("clock", Pace()),
        expectations=tuple(expectations(raw.get("expectations", ()), "", only)),
        faults=tuple(_fault(**one) for one in raw.get("faults", ())),
        cuts=tuple(_cut(name, items) for name, items in raw.get("cuts", {}).items()),
        backstage=raw.get("facilitator", Backstage()),
    )


def _fault(fault: str, **more: Any) -> FaultAt:
    return FaultAt(more.get("at", 0), fault, more.get("for"), more.get("set", {}))


def _cut(name: str, items: tuple[tuple[str, int | None], ...]) -> Cut:
    seconds = int(name[:-1]) * (_HOUR if name[-1] == "h" else 60)
    return Cut(name, seconds, tuple(CutItem(*item) for item in items))


DRILL = Record(
    "scenario",
    (
        schema_key("drill"),
        Key("id", ID, "what to call it", required=True),
        Key("title", Text(), "what players may know of it, in a line", required=True),
        Key("version", Whole(1, 10_000), "raised with each change; default 1"),
        Key("summary", Text(), "what players may know of it, in a few lines"),
        Key("level", Words(Level), "tabletop (default), functional or live"),
        Key("duration", Offset(60), "how long it is planned to take; default 1h"),
        Key("difficulty", Whole(1, 5), "1 (default) to 5"),
        Key("systems", ListOf(ID), "the systems it is about"),
        Key("failure_modes", ListOf(Words(FailureMode)), "the PSF failure modes it rehearses"),
        Key("tags", ListOf(ID), "words to find it by"),
        Key("safety", SAFETY, "what keeps it a rehearsal", required=True),
        Key("clock", PACE, "how scenario time runs"),
        Key("roles", MapOf(ROLE), "who plays; default one responder"),
        Key("objectives", ListOf(OBJECTIVE, least=1), "what it is for", required=True),
        Key("facilitator", BACKSTAGE, "what players never see"),
        Key("faults", ListOf(FAULT), "what goes wrong on the range, and when"),
        Key("expectations", ListOf(EXPECTATION), "what is expected of the whole of it"),
        Key("injects", ListOf(INJECT, least=1), "what happens", required=True),
        Key("cuts", MapOf(ListOf(Placed(), least=1), key=_CUT), "shorter or longer versions: the injects each keeps"),
        Key("end", END, "when it is over"),
        Key("scoring", SCORING, "how it is scored"),
        Key("hot_wash", ListOf(Text()), "what to ask at once afterwards"),
        Key("counts_as_evidence", Flag(), "whether it shows that procedures are rehearsed; default true"),
        Key("author", Text(), "who wrote it"),
        Key("reviewed", Day(), "when it was last read through"),
    ),
    _scenario,
)


def read_drill(path: Path, *, shown: str = "") -> Loaded:
    """A scenario with its problems, those between its own parts among them."""
    loaded = load(path, "drill", DRILL, shown=shown)
    if loaded.value is not None:
        structure(Draft(loaded.value, loaded.root, loaded.problems))
    return loaded


def load_drill(path: Path) -> Scenario:
    """ContentError with all its problems."""
    return read_drill(path).get()  # type: ignore[no-any-return]  # built as one above
