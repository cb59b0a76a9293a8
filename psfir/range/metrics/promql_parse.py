"""The text of an instant query as a tree: that part of PromQL that runbooks use, and a refusal of all the rest."""

from __future__ import annotations

import re

from psfir.range.metrics.promql_tokens import Token, bad, number, seconds, string, tokens
from psfir.range.metrics.promql_tree import (
    Aggregate,
    BadData,
    Binary,
    Call,
    Expr,
    Matcher,
    Number,
    Selector,
    kind,
    pattern,
)
from psfir.range.metrics.samples import NAME

FUNCTIONS = {"rate": "range vector", "increase": "range vector", "timestamp": "instant vector"}
AGGREGATES = frozenset({"sum", "max", "min", "count", "avg"})
COMPARISONS = frozenset({"==", "!=", ">=", "<=", ">", "<"})
_LEVELS = (COMPARISONS, frozenset("+-"), frozenset("*/"))
_GROUPINGS = frozenset({"by", "without"})


def parse(query: str) -> Expr:
    """BadData for whatever is not understood."""
    try:
        return _Parser(query).whole()
    except RecursionError:
        raise BadData("parse error: too deeply nested") from None


class _Parser:
    """By recursive descent: a level of `_LEVELS` binds looser than the one after it."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokens(query)
        self._next = 0

    def whole(self) -> Expr:
        if self._here.kind == "end":
            raise self._bad("no expression found in input")
        expr = self._binary(0)
        if self._here.kind != "end":
            raise self._unexpected("")
        return expr

    def _binary(self, level: int) -> Expr:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._here.kind == "sign" and self._here.text in _LEVELS[level]:
            operator = self._take().text
            right = self._binary(level + 1)
            kinds = {kind(left), kind(right)}
            if "range vector" in kinds:
                raise self._bad("binary expression must contain only scalar and instant vector types")
            if operator in COMPARISONS and kinds == {"scalar"}:
                raise self._bad("comparisons between scalars must use BOOL modifier")
            left = Binary(operator, left, right)
        return left

    def _unary(self) -> Expr:
        if self._here.text not in {"+", "-"}:
            return self._operand()
        sign = self._take().text
        of = self._unary()
        if kind(of) == "range vector":
            raise self._bad("unary expression only allowed on expressions of type scalar or instant vector")
        return of if sign == "+" else Binary("*", Number(-1.0), of)

    def _operand(self) -> Expr:
        token = self._here
        if token.kind == "number":
            return Number(number(self._take().text))
        if token.text == "(":
            self._take()
            expr = self._binary(0)
            self._expect(")")
            return expr
        if token.text == "{":
            return self._selector(())
        if token.kind != "identifier":
            raise self._unexpected("")
        return self._named(self._take())

    def _named(self, name: Token) -> Expr:
        if name.text.lower() in AGGREGATES and self._here.text.lower() in _GROUPINGS | {"("}:
            return self._aggregate(name.text.lower())
        if self._here.text == "(":
            return self._call(name)
        return self._selector((Matcher(NAME, "=", name.text),))

    def _call(self, name: Token) -> Expr:
        wanted = FUNCTIONS.get(name.text)
        if wanted is None:
            raise self._bad(f'unknown function with name "{name.text}"', name)
        of = self._argument()
        if kind(of) != wanted:
            what = f'expected type {wanted} in call to function "{name.text}", got {kind(of)}'
            raise self._bad(what, name)
        return Call(name.text, of)

    def _aggregate(self, how: str) -> Expr:
        before = self._grouping()
        of = self._argument()
        if kind(of) != "instant vector":
            raise self._bad(f"expected type instant vector in aggregation expression, got {kind(of)}")
        labels, without = before or self._grouping() or ((), False)
        return Aggregate(how, of, labels, without)

    def _grouping(self) -> tuple[tuple[str, ...], bool] | None:
        if self._here.text.lower() not in _GROUPINGS:
            return None
        without = self._take().text.lower() == "without"
        self._expect("(")
        labels = []
        while self._here.text != ")":
            labels.append(self._label())
            if self._here.text != ")":
                self._expect(",")
        self._take()
        return tuple(labels), without

    def _argument(self) -> Expr:
        self._expect("(")
        of = self._binary(0)
        self._expect(")")
        return of

    def _selector(self, matchers: tuple[Matcher, ...]) -> Expr:
        if self._here.text == "{":
            matchers += self._matchers(named=bool(matchers))
        span = 0.0
        if self._here.text == "[":
            self._take()
            if self._here.kind != "duration":
                raise self._unexpected("in range, expected a duration")
            span = seconds(self._take().text)
            if not span:
                raise self._bad("duration must be greater than 0")
            self._expect("]")
        if all(one.takes("") for one in matchers):
            raise self._bad("vector selector must contain at least one non-empty matcher")
        return Selector(matchers, span)

    def _matchers(self, *, named: bool) -> tuple[Matcher, ...]:
        self._take()
        found: list[Matcher] = []
        while self._here.text != "}":
            found.append(self._matcher(named=named))
            if self._here.text != "}":
                self._expect(",")
        self._take()
        return tuple(found)

    def _matcher(self, *, named: bool) -> Matcher:
        label = self._label()
        if self._here.text not in {"=", "!=", "=~", "!~"}:
            raise self._unexpected("in label matching, expected one of =, !=, =~, !~")
        how = self._take().text
        if self._here.kind != "string":
            raise self._unexpected("in label matching, expected string")
        token = self._take()
        if named and label == NAME:
            raise self._bad("metric name must not be set twice", token)
        try:
            text = string(token.text)
            if how in {"=~", "!~"}:
                pattern(text)
        except (ValueError, re.error) as error:
            raise self._bad(f"{token.text} cannot be read: {error}", token) from None
        return Matcher(label, how, text)

    def _label(self) -> str:
        if self._here.kind != "identifier" or ":" in self._here.text:
            raise self._unexpected("where a label was expected")
        return self._take().text

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _expect(self, sign: str) -> None:
        if self._here.text != sign or self._here.kind != "sign":
            raise self._unexpected(f'where "{sign}" was expected')
        self._take()

    def _unexpected(self, where: str) -> BadData:
        return self._bad(f"unexpected {self._here}{where and ' '}{where}")

    def _bad(self, what: str, token: Token | None = None) -> BadData:
        return bad(self._query, (token or self._here).at, what)
