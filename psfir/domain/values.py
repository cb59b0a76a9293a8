"""Frozen values that are cheap to define: a command's cold start pays for every class it imports.

`@dataclass(frozen=True)` writes and compiles six methods for each class, 0.6 ms in all. Here comparing, hashing and
showing are functions that all values share, which leaves less than half of that. In every other way a value is a
standard dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")


def _same(self: object, other: object) -> bool:
    return vars(self) == vars(other) if type(other) is type(self) else NotImplemented


def _hash(self: object) -> int:
    return hash((type(self), *vars(self).values()))


def _show(self: object) -> str:
    hidden = {name for name, spec in getattr(self, "__dataclass_fields__", {}).items() if not spec.repr}
    shown = ", ".join(f"{name}={found!r}" for name, found in vars(self).items() if name not in hidden)
    return f"{type(self).__qualname__}({shown})"


@overload
def frozen(cls: type[T]) -> type[T]: ...
@overload
def frozen(*, kw_only: bool = ...) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T] | None = None, *, kw_only: bool = False) -> Any:
    """A frozen dataclass; equal if of the same class with equal fields."""

    def made(plain: type[T]) -> type[T]:
        for name, shared in (("__eq__", _same), ("__hash__", _hash), ("__repr__", _show)):
            if name not in vars(plain):
                setattr(plain, name, shared)
        return dataclass(frozen=True, eq=False, repr=False, kw_only=kw_only)(plain)

    return made if cls is None else made(cls)
