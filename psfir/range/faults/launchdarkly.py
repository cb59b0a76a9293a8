"""What goes wrong at LaunchDarkly: away, slow, limited, in need of approvals, or of another opinion."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from threading import Event

from psfir.domain.about import FieldType
from psfir.errors import UsageError
from psfir.range.faults.fault import FaultAbout, Ground, Setting, Settings, Undo
from psfir.range.faults.outage import HOW, down
from psfir.range.faulty import Fault
from psfir.range.launchdarkly.access import STARVED_BY
from psfir.range.server import Asked, Reply

DOWN, SLOW, UNAUTHORIZED = "launchdarkly.down", "launchdarkly.slow", "launchdarkly.unauthorized"


def _rest(asked: Asked) -> bool:
    return asked.path.startswith("/api/")


def _down(ground: Ground, settings: Settings) -> Undo:
    return down(ground.reach("launchdarkly"), settings.text("how"), DOWN)


def _slow(ground: Ground, settings: Settings) -> Undo:
    """What is asked is done at once; only the answer is late. Healed, all that wait are answered."""
    faults, over, by = ground.launchdarkly.faults, Event(), settings.number("by")

    def late(reply: Reply) -> Reply:
        over.wait(by)
        return reply

    faults.fault(Fault(SLOW, spoil=late), when=_rest)

    def undo() -> None:
        faults.heal(SLOW)
        over.set()

    return undo


def _rate_limited(ground: Ground, settings: Settings) -> Undo:
    estate = ground.launchdarkly.estate
    with estate.lock:
        estate.meter.starve(settings.number("reset"), by=settings.text("by"), again=True)

    def undo() -> None:
        with estate.lock:
            estate.meter.starve(0)

    return undo


def _approval_required(ground: Ground, settings: Settings) -> Undo:
    estate, only = ground.launchdarkly.estate, settings.text("environment")
    with estate.lock:
        places = [
            (project, key) for project, home in estate.projects.items() for key in home["environments"] if key == only
        ]
        if not places:
            raise _no_environment(only, (key for home in estate.projects.values() for key in home["environments"]))
        before = [deepcopy(estate.environment(*place)["approvalSettings"]) for place in places]
        triggers_before, estate.triggers_need_approval = estate.triggers_need_approval, settings.flag("triggers")
        for place in places:
            estate.require_approval(*place)

    def undo() -> None:
        with estate.lock:
            estate.triggers_need_approval = triggers_before
            for (project, key), held in zip(places, before, strict=True):
                if key in estate.projects.get(project, {}).get("environments", {}):
                    estate.environment(project, key)["approvalSettings"] = held

    return undo


def _no_environment(only: str, known: Iterable[str]) -> UsageError:
    what = f"no project has an environment {only!r}; there is {', '.join(sorted(set(known))) or 'none'}"
    return UsageError(what, where="launchdarkly.approval_required", todo="set environment to one of them")


def _conflict(ground: Ground, settings: Settings) -> Undo:
    estate = ground.launchdarkly.estate
    estate.clash(settings.whole("times") or -1)
    return lambda: estate.clash(0)


def _unauthorized(ground: Ground, _settings: Settings) -> Undo:
    faults = ground.launchdarkly.faults
    said = Reply(401, {"code": "unauthorized", "message": "Invalid access token"})
    faults.fault(Fault(UNAUTHORIZED, reply=said), when=_rest)
    return lambda: faults.heal(UNAUTHORIZED)


FAULTS = (
    FaultAbout(
        DOWN,
        "LaunchDarkly is away, its API and its streams",
        "flag levers cannot reach it; applications go on with the flags they heard last",
        _down,
        (HOW,),
    ),
    FaultAbout(
        SLOW,
        "LaunchDarkly's API answers late, though it does at once what it is asked",
        "flag levers run out of their share, and a flag they gave up on may be switched all the same",
        _slow,
        (Setting("by", FieldType.SPAN, "20s", "how late", most=600),),
    ),
    FaultAbout(
        "launchdarkly.rate_limited",
        "somebody else uses up the account's rate limit, window after window",
        "429 from the API, with the moment when it may be asked again",
        _rate_limited,
        (
            Setting("reset", FieldType.SPAN, "60s", "how far away the reset always is", most=3600),
            Setting("by", FieldType.TEXT, "account", "whose limit it is; silent: no header says", choices=STARVED_BY),
        ),
    ),
    FaultAbout(
        "launchdarkly.approval_required",
        "an environment asks for an approval before any change",
        "405 from the API: nobody can approve at night",
        _approval_required,
        (
            Setting("environment", FieldType.TEXT, "production", "in which environment, in every project"),
            Setting("triggers", FieldType.FLAG, default=False, line="whether flag triggers need one too"),
        ),
    ),
    FaultAbout(
        "launchdarkly.conflict",
        "another change of the same flag is always in progress",
        "409 from the API",
        _conflict,
        (Setting("times", FieldType.WHOLE, 0, "how many changes meet it; 0 for all"),),
    ),
    FaultAbout(
        UNAUTHORIZED,
        "every access token is void, as after a rotation; SDK keys are not",
        "401 from the API",
        _unauthorized,
    ),
)
