"""The `review:` block of psfir.yaml: calendars, days in which an analysis is due, what the company is by law."""

from __future__ import annotations

from typing import Any

from psfir.domain.duties import PSF_RETENTION, CalendarWords, Legal, RcaRule, Retention, Review, Roll, Starts
from psfir.loading.files import Loaded
from psfir.loading.rules_references import look_up
from psfir.loading.scalars import ZONE
from psfir.loading.shapes import ID, Flag, Key, ListOf, MapOf, Record, Text, Whole, Words

COUNTRY = Text(r"[A-Z]{2,4}", "the code of a country such as DE or US")
_SUBDIVISION = Text(r"[A-Za-z0-9][A-Za-z0-9 -]*", "the code of a part of a country such as BE")
_CATEGORY = Text(r"[a-z_]+", "a kind of holidays such as public or bank")
WORD = Text(r"[a-z][a-z0-9_]*", "a word such as controller")
PLACE = Text(r"[a-z]{2}(-[a-z0-9]+)*", "a jurisdiction such as eu, us or us-ca")

CALENDAR = Record(
    "calendar",
    (
        Key("country", COUNTRY, "whose holidays are off; default none, weekends alone"),
        Key("subdivision", _SUBDIVISION, "the part of it, where holidays differ"),
        Key("categories", ListOf(_CATEGORY, least=1), "which kinds of holidays count; default public"),
        Key("zone", ZONE, "the time zone in which its days end; default UTC"),
        Key("closed_days", Text(), "a file in the workspace with the company's own days"),
    ),
)

RCA = Record(
    "rca block",
    (
        Key("days", Whole(1, 60), "in how many business days it is due; default 5"),
        Key("start", Words(Starts), "what starts them; default resolved"),
        Key("roll", Words(Roll), "which day counts as the first; default next_day_is_one"),
    ),
    RcaRule,
)

_PROFILE = (
    Key("roles", ListOf(WORD), "what the company is by law: controller, provider, financial_entity, ..."),
    Key("data", ListOf(WORD), "what data it handles: personal, health, ..."),
    Key("jurisdictions", ListOf(PLACE), "where it operates: eu, us, us-ca, ..."),
    Key("high_risk", Flag(), "whether its systems are high-risk under the EU AI Act"),
)
LEGAL_SYSTEM = Record("system's legal block", _PROFILE, Legal)
LEGAL = Record("legal block", (*_PROFILE, Key("systems", MapOf(LEGAL_SYSTEM), "what differs for single systems")))

_DAYS = Whole(PSF_RETENTION, 36500)
RETENTION = Record(
    "retention block",
    (
        Key("evidence", _DAYS, "days that captured evidence stays; default 30"),
        Key("lists", _DAYS, "days that the copies of a message with their addresses stay; default 30"),
        Key("copies", _DAYS, "days that older records and merged spools stay; default 30"),
    ),
    Retention,
)

REVIEW = Record(
    "review block",
    (
        Key("calendars", MapOf(CALENDAR), "calendars by name"),
        Key("calendar", ID, "the one that counts where nothing else is said"),
        Key("people", MapOf(ID), "the calendar of single people, by person"),
        Key("systems", MapOf(ID), "the calendar of single systems, by system"),
        Key("rca", RCA, "when the written analysis falls due"),
        Key("retention", RETENTION, "for how long files beside the record stay once all is done"),
        Key("legal", LEGAL, "what the company is by law, so that duties that may run can be named"),
    ),
)


def review_of(raw: dict[str, Any]) -> Review:
    """The block as a value; what it leaves out keeps its default."""
    calendars = {name: CalendarWords(name, **one) for name, one in raw.get("calendars", {}).items()}
    legal = dict(raw.get("legal", {}))
    legal_systems = legal.pop("systems", {})
    rest = {key: raw[key] for key in ("calendar", "people", "systems", "rca", "retention") if key in raw}
    return Review(calendars=calendars, legal=Legal(**legal), legal_systems=legal_systems, **rest)


def check_review(loaded: Loaded) -> None:
    """What the block names is there: calendars, people, systems."""
    block = loaded.root.get("review")
    if block is None:
        return
    calendars = block.names("calendars") or {}
    look_up(loaded, block.get("calendar"), calendars, "there is no calendar {}")
    for key, says in (("people", "there is no person {}"), ("systems", "there is no system {}")):
        named = block.get(key)
        for who, calendar in named.pairs if named else ():
            look_up(loaded, who, loaded.root.names(key), says)
            look_up(loaded, calendar, calendars, "there is no calendar {}")
    legal = block.get("legal")
    systems = legal.get("systems") if legal else None
    for system, _ in systems.pairs if systems else ():
        look_up(loaded, system, loaded.root.names("systems"), "there is no system {}")
