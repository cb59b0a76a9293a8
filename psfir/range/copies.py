"""A copy of plain JSON in a third of the time of `copy.deepcopy`: stand-ins copy whatever they take or hand out."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")

_SHARED = "fieldsV1"
"""Which fields a manager owns, in objects of Kubernetes: half of what there is to copy, and made anew by each write."""


def copied(value: T) -> T:
    """Dicts and lists made anew, all the way down; the rest cannot be changed anyway, or nobody does."""
    return _copied(value)  # type: ignore[no-any-return]  # it is of the type that it was


def _copied(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if type(value) is dict:
        return {key: each if type(each) is str or key == _SHARED else _copied(each) for key, each in value.items()}
    if type(value) is list:
        return [each if type(each) is str else _copied(each) for each in value]
    return value
