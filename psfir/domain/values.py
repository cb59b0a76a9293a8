"""Frozen values that are cheap to define: a command's cold start pays for every class it imports.

`@dataclass(frozen=True)` writes and compiles six methods for each class, 0.5 ms in all, and asks `inspect` for the
signature of a class without a docstring. Here only `__init__` is written; comparing, hashing, showing and staying as it
is are functions that all values share, which leaves a fifth of that. In every other way a value
is a standard dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field
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


def _set_once(self: object, name: str, found: object) -> None:
    # `__init__` gives each field once; whoever comes later finds it there.
    if name in vars(self) or name not in getattr(self, "__dataclass_fields__", ()):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, found)


def _keep(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


SHARED = {"__eq__": _same, "__hash__": _hash, "__repr__": _show, "__setattr__": _set_once, "__delattr__": _keep}


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
        return dataclass(eq=False, repr=False, kw_only=kw_only)(plain)

    return made if cls is None else made(cls)
