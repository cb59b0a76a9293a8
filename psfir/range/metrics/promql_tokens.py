"""The words of an instant query in PromQL, one after the other."""

from __future__ import annotations

import re
from math import inf, nan

from psfir.domain.values import frozen
from psfir.range.metrics.promql_tree import BadData

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_DURATION = r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?"
_TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n]*)
    |(?P<duration>(?=\d+(?:ms|[smhdwy])){_DURATION}(?![\w.]))
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|(?:[iI][nN][fF]|[nN][aA][nN])(?![\w:]))
    |(?P<identifier>[a-zA-Z_:][a-zA-Z0-9_:]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
    |(?P<sign>=~|!~|!=|==|>=|<=|[-+*/(){{}}\[\],=<>])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_PLAIN = "\\\"'"


@frozen
class Token:
    """`at` is where in the query it stands."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return "end of input" if self.kind == "end" else f"{self.kind} {self.text}"


def tokens(query: str) -> list[Token]:
    """All of them, with an end after the last."""
    found, at = [], 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise bad(query, at, f"unexpected character: {query[at]!r}")
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    return [*found, Token("end", "", len(query))]


def bad(query: str, at: int, what: str) -> BadData:
    """That refusal, with line and column as Prometheus has them."""
    line, column = query.count("\n", 0, at) + 1, at - query.rfind("\n", 0, at)
    return BadData(f"{line}:{column}: parse error: {what}")


def seconds(text: str) -> float:
    """How long a duration such as 1h30m or 500ms is; ValueError if it is none."""
    if not text or not re.fullmatch(_DURATION, text):
        raise ValueError(f"not a valid duration string: {text!r}")
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", text))


def number(text: str) -> float:
    if text.lower() in {"inf", "nan"}:
        return inf if text.lower() == "inf" else nan
    return float(int(text, 16)) if text.lower().startswith("0x") else float(text)


def string(text: str) -> str:
    """What stands between the quotes; ValueError for an escape that Go does not know."""
    return text[1:-1] if text.startswith("`") else _ESCAPE.sub(_character, text[1:-1])


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16))
    if match[4] not in _ESCAPED and match[4] not in _PLAIN:
        raise ValueError(f"unknown escape sequence {match[0]}")
    return _ESCAPED.get(match[4], match[4])
