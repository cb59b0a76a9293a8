"""Settings as people give them, on a command line or in a file, checked against what the fault says it has."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain import durations
from psfir.domain.about import FieldType
from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.errors import UsageError
from psfir.range.faults.fault import FaultAbout, Setting, Settings


def settled(about: FaultAbout, given: Mapping[str, Json]) -> Settings:
    """All settings of the fault; UsageError with everything that is wrong with those given."""
    known = {one.name: one for one in about.settings}
    wrong = [f"there is no setting {name!r}; {_near(name, known)}" for name in given if name not in known]
    values: dict[str, Json] = {}
    for name, setting in known.items():
        try:
            values[name] = _value(setting, given.get(name, setting.default))
        except ValueError as error:
            wrong.append(f"{name} is {error}, not {given[name]!r}")
    if wrong:
        raise UsageError("; ".join(wrong), where=about.name, todo=_there_is(about))
    return Settings(values)


def _there_is(about: FaultAbout) -> str:
    shown = (f"{one.name} ({one.kind.value}, default {shown_default(one)})" for one in about.settings)
    return f"its settings: {', '.join(shown) or 'none'}"


def shown_default(setting: Setting) -> str:
    """As somebody would write it."""
    if isinstance(setting.default, bool):
        return "true" if setting.default else "false"
    return str(setting.default) or "empty"


def _near(name: str, known: Mapping[str, Setting]) -> str:
    return near(name, known) if known else "it has none"


def _value(setting: Setting, given: Json) -> Json:
    """ValueError with what it should be."""
    if setting.kind is FieldType.FLAG:
        if given in (True, False, "true", "false"):
            return given in (True, "true")
        raise ValueError("true or false")
    if setting.kind is FieldType.WHOLE:
        return _whole(setting, given)
    if setting.kind is FieldType.SPAN:
        return _span(setting, given)
    return _text(setting, str(given))


def _text(setting: Setting, text: str) -> str:
    named = [one.strip() for one in text.split(",")] if setting.several else [text]
    if setting.choices and not set(named) <= set(setting.choices):
        how_many = "one or more, with commas between," if setting.several else "one"
        raise ValueError(f"{how_many} of {', '.join(setting.choices)}")
    return ",".join(named)


def _whole(setting: Setting, given: Json) -> int:
    text = "" if isinstance(given, bool) else str(given)
    if not text.isdecimal() or not setting.least <= int(text[:18]) <= setting.most:
        raise ValueError(f"a whole number between {setting.least:.0f} and {setting.most:.0f}")
    return int(text)


def _span(setting: Setting, given: Json) -> float:
    most = durations.show(setting.most)
    wanted = f"a span of time such as 200ms, 5s or 2m, at most {most}"
    try:
        span = durations.seconds(str(given))
    except ValueError:
        raise ValueError(wanted) from None
    if not setting.least <= span <= setting.most:
        raise ValueError(wanted)
    return span
