"""How injects and expectations are written in a scenario, and the values they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Severity
from psfir.domain.people import Seat
from psfir.domain.verdict import Verdict
from psfir.loading.shapes import ID, Flag, Key, ListOf, MapOf, Record, Text, Whole, Words
from psfir.rehearsal.expectation import Condition, Expectation, Expects, Stands, Wanted
from psfir.rehearsal.inject import After, At, ByHand, Guide, Inject, PlayerInject, Question, Trigger
from psfir.rehearsal.offsets import Offset
from psfir.rehearsal.words import Axis, By, Met, Purpose, Sent, Via, Wait

_TEXTS = ListOf(Text(), least=1)
_IDS = ListOf(ID, least=1)
_STANDS = MapOf(Words(Met))

CONDITION = Record(
    "condition",
    (
        Key("all", _STANDS, "expectations, and how each of them has to stand"),
        Key("any", _STANDS, "expectations, of which one has to stand as is said"),
    ),
)

OWN: Mapping[str, tuple[Key, ...]] = {
    Expects.CONTAINMENT: (
        Key("runbooks", _IDS, "runbooks of which one proves it; default any"),
        Key("levers", _IDS, "levers of which one, pulled and seen to hold, is enough"),
        Key("verdict", Words(Verdict), "the verdict that counts; default contained"),
        Key("soaked", Flag(), "whether the soak has to be over as well; default false"),
    ),
    Expects.EVIDENCE: (Key("source", ID, "the capture it is taken by; default any"),),
    Expects.MESSAGE: (
        Key("audience", Words(Audience), "for whom; default anybody"),
        Key("phase", Words(Phase), "for which phase; default any"),
        Key("state", Words(Sent), "sent (default) or approved"),
    ),
    Expects.CLOCK: (Key("clock", ID, "which legal clock; default any"),),
    Expects.DECLARED: (Key("severity", Words(Severity), "at least as severe as this; default any"),),
    Expects.SEAT: (Key("seat", Words(Seat), "which seat; default any"),),
    Expects.PLAYBOOK: (
        Key("playbook", ID, "which playbook; default any"),
        Key("step", ID, "which of its steps; default any"),
    ),
}
"""The keys that only some kinds have."""
_MENTIONS = (Key("mentions", _TEXTS, "words of which one stands in the note, in any case"),)
OWN = {**OWN, Expects.NOTE: _MENTIONS, Expects.DECISION: _MENTIONS}

EXPECTATION = Record(
    "expectation",
    (
        Key("id", ID, "what to call it; default the inject's id with a number"),
        Key("kind", Words(Expects), "how it shows that it was met", required=True),
        Key("title", Text(), "what is expected, in a line"),
        Key("objective", ID, "which objective it is for; default the only one"),
        Key("axis", Words(Axis), "on which axis it is judged; default by its kind"),
        Key("to", _IDS, "the roles whose task it is"),
        Key("due", Offset(1), "by when, counted from the inject; default until the end"),
        Key("weight", Whole(1, 100), "how much it counts; default 1"),
        Key("critical", Flag(), "whether missing it caps the score; default false"),
        *dict.fromkeys(key for keys in OWN.values() for key in keys),
    ),
)

POLL = Record(
    "poll",
    (
        Key(
            "options", ListOf(Text(), least=2, empty="needs two options at least"), "what can be chosen", required=True
        ),
        Key("correct", _TEXTS, "which are right; players never see this", required=True),
        Key("multi", Flag(), "whether several can be chosen; default false"),
    ),
)

GUIDE = Record(
    "facilitator block",
    (
        Key("note", Text(), "what to know while it runs"),
        Key("hints", _TEXTS, "hints, the gentlest first"),
        Key("red_flag", Text(), "what shows that it goes wrong"),
        Key("questions", _TEXTS, "what to ask"),
    ),
)

INJECT = Record(
    "inject",
    (
        Key("id", ID, "what to call it; default i1, i2, ..."),
        Key("at", Offset(), "how long after the start; the first is at 0s by default"),
        Key("after", ID, "the expectation it waits for"),
        Key("is", Words(Wait), "what that has to come to: met (default), partial or missed"),
        Key("delay", Offset(), "how long after that; default at once"),
        Key("by", Words(By), "hand: only when the facilitator fires it"),
        Key("only_if", CONDITION, "looked at when it is due; otherwise it is skipped"),
        Key("purpose", ListOf(Words(Purpose), least=1), "what it does to the players"),
        Key("from", Text(), "who seems to send it"),
        Key("to", _IDS, "the roles that get it; default all"),
        Key("via", Words(Via), "how it reaches them; default chat"),
        Key("title", Text(), "its subject"),
        Key("body", Text(), "what players read", required=True),
        Key("attachments", _TEXTS, "files beside the scenario that come with it"),
        Key("poll", POLL, "a question with it"),
        Key("starts_clock", Flag(), "whether the 15 minutes count from it; default the first trigger"),
        Key("expect", ListOf(EXPECTATION), "what the players are expected to do about it"),
        Key("facilitator", GUIDE, "what players never see"),
    ),
)


def condition(raw: Mapping[str, Mapping[str, Met]] | None) -> Condition | None:
    """Where both are said, rules tell."""
    if not raw:
        return None
    every = "all" in raw
    return Condition(tuple(Stands(name, met) for name, met in raw["all" if every else "any"].items()), every)


def inject(raw: Mapping[str, Any], number: int, objective: str) -> Inject:
    """`number` counts from 1; `objective` is the one that expectations are for that name none."""
    name = raw.get("id", f"i{number}")
    poll, first = raw.get("poll"), number == 1
    shown = PlayerInject(
        body=raw["body"],
        title=raw.get("title", ""),
        sender=raw.get("from", ""),
        to=raw.get("to", ()),
        via=raw.get("via", Via.CHAT),
        attachments=raw.get("attachments", ()),
        poll=Question(poll["options"], poll.get("multi", False)) if poll else None,
    )
    return Inject(
        id=name,
        shown=shown,
        trigger=_trigger(raw),
        purposes=raw.get("purpose", (Purpose.TRIGGER if first else Purpose.REPORT,)),
        only_if=condition(raw.get("only_if")),
        expect=tuple(expectations(raw.get("expect", ()), name, objective)),
        guide=Guide(**raw.get("facilitator", {}), correct=poll["correct"] if poll else ()),
        starts_clock=raw.get("starts_clock", False),
    )


def _trigger(raw: Mapping[str, Any]) -> Trigger:
    if "after" in raw:
        return After(raw["after"], Met(raw.get("is", Wait.MET).value), raw.get("delay", 0))
    return ByHand() if "by" in raw else At(raw.get("at", 0))


def expectations(raw: tuple[Mapping[str, Any], ...], inject: str, objective: str) -> Iterator[Expectation]:
    """Those of one inject, or with "" those of the whole scenario."""
    for number, one in enumerate(raw, start=1):
        kind: Expects = one["kind"]
        own = {key.name: one[key.name] for key in OWN.get(kind, ()) if key.name in one}
        yield Expectation(
            id=one.get("id", f"{inject}.{number}" if inject else f"x{number}"),
            kind=kind,
            title=one.get("title", kind.line),
            wanted=Wanted(**own),
            inject=inject,
            objective=one.get("objective", objective),
            axis=one.get("axis", kind.axis),
            to=one.get("to", ()),
            due=one.get("due"),
            weight=one.get("weight", 1),
            critical=one.get("critical", False),
        )
