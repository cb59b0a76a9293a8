"""One flag of a flag file: found, told in a few words, and rewritten so that everybody is served one variant.

A state holds the flag's own text. So putting it back puts back every byte of it, comments too, and what else stands in
the file is neither kept nor touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, TypeAlias

from psfir.domain.canon import Json, canonical
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import LeverError, NoSuchTarget, Refusal, UsageError
from psfir.levers.flagd import in_json
from psfir.levers.flagd.spans import Block, Edit, edited, setting, without

State: TypeAlias = Mapping[str, Any]
SERVED = ("state", "default", "targeting", "variants")
"""The parts that decide who gets what."""

ENABLED, DISABLED = "ENABLED", "DISABLED"
_FLAGS = "flags"


@frozen
class Found:
    """A flag and where in the file it stands."""

    state: State
    start: int
    end: int


def reader(yaml: bool) -> ModuleType:  # noqa: FBT001 - which of the two is all there is to say
    if not yaml:
        return in_json
    from psfir.levers.flagd import in_yaml  # noqa: PLC0415 - a JSON file needs no YAML

    return in_yaml


def find(text: str, flag: str, *, yaml: bool) -> Found:
    """LeverError, with its line, for a file that is broken; NoSuchTarget for a flag that is not in it."""
    along = reader(yaml).blocks(text, (_FLAGS, flag))
    root = along[0]
    if len(along) == 1:
        if root.get(_FLAGS):
            raise LeverError(f"its {_FLAGS} are no mapping", todo="psfir knows flags by their key only")
        raise NoSuchTarget(f"it has no {_FLAGS}", todo="name a file that flagd reads")
    if len(along) == 2:  # noqa: PLR2004 - the mapping of the flags, and not that of this one
        known = [one.key for one in along[1].members]
        if flag in known:
            raise LeverError(f"the flag {flag} is no mapping", todo="mend the file")
        raise NoSuchTarget(f"there is no flag {flag!r} in it", todo=near(flag, known))
    block = along[2]
    return Found(_state(text[block.start : block.end], block, yaml=yaml), block.start, block.end)


def _state(text: str, block: Block, *, yaml: bool) -> State:
    said = block.value()
    variants = said.get("variants")
    if not isinstance(variants, Mapping) or not variants:
        raise LeverError("the flag has no variants", todo="mend the file")
    targeting = said.get("targeting")
    return {
        "state": said.get("state", ENABLED),
        "default": said.get("defaultVariant"),
        "targeting": targeting not in (None, {}),
        "variants": dict(variants),
        "text": text,
        "yaml": yaml,
    }


def everyone(state: State, variant: str) -> State:
    """The state in which everybody is served this variant. UsageError if there is none of the name."""
    known = list(state["variants"])
    if variant not in known:
        raise UsageError(f"the flag has no variant {variant!r}", todo=near(variant, known))
    if {**serving(state), "state": ENABLED, "default": variant, "targeting": False} == serving(state):
        return state
    yaml, text = state["yaml"] is True, state["text"]
    if yaml and (why := reader(yaml).plain(text)):
        raise _cannot(why)
    block, variants = reader(yaml).blocks(text, ("variants",))
    if block.lined and text[text.rfind("\n", 0, block.members[0].start) + 1 : block.members[0].start].strip():
        raise _cannot("its first key does not begin a line")
    # In the variant's own spelling: a plain `off` is a text to flagd, and false to flagd's provider for Python.
    meant = {**block.value(), "defaultVariant": variant}
    values = {"defaultVariant": next(one.word for one in variants.members if one.key == variant)}
    if state["state"] == DISABLED:
        meant["state"], values["state"] = ENABLED, f'"{ENABLED}"'
    new = edited(text, [*setting(text, block, values), *without(text, block, "targeting")])
    return _checked(new, meant, yaml=yaml)


def _checked(new: str, meant: Mapping[str, Json], *, yaml: bool) -> State:
    """What was written, read again: it must say what was meant and nothing else."""
    try:
        (after,) = reader(yaml).blocks(new, ())
    except LeverError as error:
        raise _cannot(f"rewritten it would not be readable: {error.what}") from None
    meant = {key: value for key, value in meant.items() if key != "targeting"}
    if (after.start, after.end) != (0, len(new)) or canonical(after.value()) != canonical(meant):
        raise _cannot("it stands there in a way that psfir cannot rewrite piece by piece")
    return _state(new, after, yaml=yaml)


def replaced(text: str, found: Found, wanted: State, flag: str) -> str:
    """The file with the flag in this state. Refusal if anything else in it would then read differently."""
    yaml = wanted["yaml"] is True
    new = edited(text, [Edit(found.start, found.end, wanted["text"])])
    old_root, old_flags = reader(yaml).blocks(text, (_FLAGS,))
    new_root, new_flags = reader(yaml).blocks(new, (_FLAGS,))
    rest = _rest(old_root, _FLAGS) == _rest(new_root, _FLAGS) and _rest(old_flags, flag) == _rest(new_flags, flag)
    if not rest or find(new, flag, yaml=yaml).state != wanted:
        raise _cannot("rewritten it would change what else stands in the file")
    return new


def _rest(block: Block, key: str) -> dict[str, Json]:
    return {name: value for name, value in block.value().items() if name != key}


def serving(state: State) -> dict[str, Json]:
    return {key: state[key] for key in SERVED}


def words(state: State) -> str:
    """What callers get of it, in a few words."""
    if state["state"] == DISABLED:
        return "is DISABLED: every caller gets the default of its own code"
    if state["default"] is None:
        default = "the default of the caller's own code"
    else:
        value = state["variants"].get(state["default"])
        shown = value if state["yaml"] and isinstance(value, str) else canonical(value).decode()
        default = f"{state['default']} ({shown})"
    return f"serves {default}" + (", but where its targeting says otherwise" if state["targeting"] else " to everybody")


def _cannot(why: str) -> Refusal:
    return Refusal(f"the flag cannot be changed without rewriting more than it: {why}", todo="pull another rung")
