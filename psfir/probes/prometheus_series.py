"""Answers of Prometheus as series. What is no whole answer of the expected shape is an error and never an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import LeverError

_SHOWN = 200


@frozen
class Series:
    """One series of an answer. `name` tells it from all others, `labels` is the same without the metric's name."""

    name: str
    labels: str
    at: float
    value: float


def vector(answer: Json) -> list[Series]:
    """The series of an instant query's answer."""
    if not isinstance(answer, Mapping) or answer.get("status") != "success":
        raise LeverError(f"the query was not answered: {_why(answer)}")
    warnings = answer.get("warnings")
    if warnings:
        raise LeverError(f"the answer is partial: {_cut(warnings)}")
    data = answer.get("data")
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, Mapping) else (None, None)
    if kind == "scalar" and isinstance(result, list):
        return [_series({}, result)]
    if kind != "vector" or not isinstance(result, list):
        raise LeverError(f"the answer holds no instant vector: its type is {_cut(kind)}")
    return [_one(item) for item in result]


def _one(item: Json) -> Series:
    metric = item.get("metric") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(metric, Mapping):
        raise LeverError(f"a series of the answer cannot be read: {_cut(item)}")
    if "value" not in item and "histogram" in item:
        raise LeverError("the answer holds a histogram and no number; ask for histogram_count() or a quantile of it")
    return _series(metric, item.get("value"))


def _series(metric: Mapping[str, Json], sample: Json) -> Series:
    pair = sample if isinstance(sample, list) and len(sample) == 2 else None  # noqa: PLR2004 - time and value
    try:
        at, value = (float(part) for part in pair or ())
    except (ValueError, TypeError):
        raise LeverError(f"a sample of the answer cannot be read: {_cut(sample)}") from None
    pairs = sorted((key, word) for key, word in metric.items() if key != "__name__")
    labels = ", ".join(f"{key}={dumps(word, ensure_ascii=False)}" for key, word in pairs)
    name = str(metric.get("__name__", ""))
    return Series(f"{name}{{{labels}}}" if labels else name or "value", labels, at, value)


def _why(answer: Json) -> str:
    if not isinstance(answer, Mapping):
        return _cut(answer)
    return " ".join(_cut(answer[key]) for key in ("errorType", "error") if key in answer) or _cut(answer.get("status"))


def _cut(value: Json) -> str:
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
