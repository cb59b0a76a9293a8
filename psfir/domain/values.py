"""Frozen values that are cheap to define: a command's cold start pays for every class it imports.

`@dataclass(frozen=True)` writes and compiles six methods for each class, 0.5 ms in all, and asks `inspect` for the
signature of a class without a docstring. Here making, comparing, hashing, showing and staying as it is are functions
that all values share, which leaves a twentieth of that; making one takes 3.5 us instead of 1.3, until a class has been
made so often that a maker of its own is worth writing. In every other way a value is a standard dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from functools import cache
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")

OFTEN = 250
"""A class that was made so often gets a maker of its own: writing it costs as much as making a hundred values."""


def _same(self: object, other: object) -> bool:
    return vars(self) == vars(other) if type(other) is type(self) else NotImplemented


def _hash(self: object) -> int:
    return hash((type(self), *vars(self).values()))


def _show(self: object) -> str:
    hidden = {name for name, spec in getattr(self, "__dataclass_fields__", {}).items() if not spec.repr}
    shown = ", ".join(f"{name}={found!r}" for name, found in vars(self).items() if name not in hidden)
    return f"{type(self).__qualname__}({shown})"


def _init(self: object, *given: object, **named: object) -> None:
    """As the standard one would: by place, by name, or by default."""
    form = _form(type(self))  # type: ignore[arg-type]  # mypy asks whether its instances can be hashed
    form.count += 1
    if form.count == OFTEN:
        form.write_maker()
    if form.whole and not named and len(given) == len(form.places):
        vars(self).update(zip(form.places, given, strict=True))
    else:
        _fill(self, given, named)
    if after := getattr(self, "__post_init__", None):
        after()


def _fill(self: object, given: tuple[object, ...], named: dict[str, object]) -> None:
    form = _form(type(self))  # type: ignore[arg-type]  # mypy asks whether its instances can be hashed
    if len(given) > len(form.places):
        raise TypeError(f"{type(self).__name__}() takes {len(form.places)} values by place, {len(given)} were given")
    found = dict(zip(form.places, given, strict=False))
    if found and not named.keys().isdisjoint(found):
        raise TypeError(f"{type(self).__name__}() got {', '.join(sorted(found.keys() & named.keys()))} twice")
    found.update(named)
    if not found.keys() <= form.taken:
        raise TypeError(f"{type(self).__name__}() has no field {', '.join(sorted(found.keys() - form.taken))}")
    if not found.keys() >= form.required:
        missing = next(name for name in form.template if name in form.required and name not in found)
        raise TypeError(f"{type(self).__name__}() is missing {missing}")
    values = vars(self)
    values.update(form.template)  # first, so that the fields stand in their order
    values.update(found)
    for name, make in form.made:
        if name not in found:
            values[name] = make()


class _Form:
    """What a class of values is filled from: what stands where nothing was given, and what has to be given."""

    def __init__(self, kind: type) -> None:
        plan: dict[str, Field[Any]] = getattr(kind, "__dataclass_fields__", {})
        self.kind, self.count = kind, 0
        self.places = tuple(name for name, spec in plan.items() if spec.init and not spec.kw_only)
        self.template = {
            name: None if spec.default is MISSING else spec.default
            for name, spec in plan.items()
            if spec.init or spec.default is not MISSING or spec.default_factory is not MISSING
        }
        self.taken = {name for name, spec in plan.items() if spec.init}
        self.made = [(n, spec.default_factory) for n, spec in plan.items() if spec.default_factory is not MISSING]
        defaulted = {name for name, spec in plan.items() if spec.default is not MISSING}
        self.required = self.taken - defaulted - {name for name, _ in self.made}
        self.whole = len(self.places) == len(plan)

    def write_maker(self) -> None:
        """What `@dataclass` would have written. A class that has its own keeps it."""
        if vars(self.kind).get("__init__") is not _init:
            return
        space: dict[str, Any] = {f"_given_{name}": value for name, value in self.template.items()}
        space |= {f"_make_{name}": make for name, make in self.made}
        space |= {f"_given_{name}": _NOT_GIVEN for name, _ in self.made}
        named = [self._word(name) for name in self.template if name in self.taken and name not in self.places]
        head = ", ".join(["_self", *map(self._word, self.places), *(["*", *named] if named else [])])
        lines = [f"def __init__({head}):", " _values = _self.__dict__", *map(self._line, self.template)]
        if hasattr(self.kind, "__post_init__"):
            lines.append(" _self.__post_init__()")
        with suppress(SyntaxError):
            exec("\n".join(lines), space)  # noqa: S102 - as `@dataclass` does, of nothing but the names of fields
            space["__init__"].__qualname__ = f"{self.kind.__qualname__}.__init__"
            type.__setattr__(self.kind, "__init__", space["__init__"])

    def _word(self, name: str) -> str:
        return name if name in self.required else f"{name}=_given_{name}"

    def _line(self, name: str) -> str:
        value = name if name in self.taken else f"_given_{name}"
        if any(name == one for one, _ in self.made):
            value = f"_make_{name}() if {value} is _given_{name} else {value}"
        return f" _values[{name!r}] = {value}"


_NOT_GIVEN = object()


@cache
def _form(kind: type) -> _Form:
    return _Form(kind)


def _stay(_self: object, name: str, _found: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _keep(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def remade(value: T, **fields: object) -> T:
    """What `dataclasses.replace` gives, without going over every field: a fold does it for each of 100,000 entries."""
    new = object.__new__(type(value))
    old, values = vars(value), vars(new)
    values.update(old, **fields)
    if len(values) != len(old):
        raise TypeError(f"{type(value).__name__} has no field {', '.join(sorted(values.keys() - old.keys()))}")
    if after := getattr(new, "__post_init__", None):
        after()
    return new


SHARED: dict[str, Callable[..., Any]] = {
    "__init__": _init,
    "__eq__": _same,
    "__hash__": _hash,
    "__repr__": _show,
    "__setattr__": _stay,
    "__delattr__": _keep,
}


@overload
def frozen(cls: type[T]) -> type[T]: ...
@overload
def frozen(*, kw_only: bool = ...) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T] | None = None, *, kw_only: bool = False) -> Any:
    """A frozen dataclass; equal if of the same class with equal fields."""

    def made(plain: type[T]) -> type[T]:
        for name, shared in SHARED.items():
            if name not in vars(plain):
                setattr(plain, name, shared)
        plain.__doc__ = plain.__doc__ or plain.__name__
        return dataclass(init=False, eq=False, repr=False, kw_only=kw_only)(plain)

    return made if cls is None else made(cls)
