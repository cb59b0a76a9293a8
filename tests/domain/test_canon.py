"""Canonical JSON: the vectors of RFC 8785, what is refused, and that what was written reads back as the same."""

import json
import math
import struct
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.canon import Json, canonical, canonical_text, digest, digest_bytes
from tests.domain.parts import JSON

# Appendix B of RFC 8785: the bits of a double, and how ECMAScript prints it.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


class Colour(StrEnum):
    RED = "red"


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(("bits", "printed"), NUMBERS)
def test_a_number_is_printed_as_ecmascript_does(bits: str, printed: str) -> None:
    """Every finite double of the RFC's table."""
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(value) == printed.encode()


def test_the_example_of_the_rfc() -> None:
    """Section 3.2.2: white space goes, escapes are the shortest, names are sorted."""
    text = r"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    expected = (
        r'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA'
        r"'"
        r'B\"\\\\\"/"}'
    )
    assert canonical(json.loads(text)) == expected.encode()


def test_keys_are_sorted_by_utf_16_units() -> None:
    """Section 3.2.3: an emoji is two units, and those come before a later letter of the basic plane."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = list(json.loads(canonical(dict.fromkeys(keys))))
    assert written == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("\b\t\n\f\r", r'"\b\t\n\f\r"'),
        ("\x00\x1f\x7f", '"\\u0000\\u001f\x7f"'),
        ("\u2028/é", '"\u2028/é"'),
        ({}, "{}"),
        ([], "[]"),
        ((1, (2,)), "[1,[2]]"),
        ({"": {"b": 1, "a": None}}, '{"":{"a":null,"b":1}}'),
        (Colour.RED, '"red"'),
    ],
)
def test_how_a_value_is_written(value: Json, written: str) -> None:
    """Control characters, empty ones, tuples as lists, and enumerations as their text."""
    assert canonical(value) == written.encode()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (math.nan, "infinite or not a number"),
        (-math.inf, "infinite or not a number"),
        (2**53 + 1, "beyond what every JSON reader keeps"),
        (-(2**53) - 1, "beyond what every JSON reader keeps"),
        (2**63, "beyond what every JSON reader keeps"),
        (10**21, "beyond what every JSON reader keeps"),
        (10**400, "beyond what every JSON reader keeps"),
        ("\ud800", "surrogates"),
        ({"\udfff": 1}, "surrogates"),
        (nested(201), "nested more than 200 deep"),
        (nested(100_000), "nested more than 200 deep"),
    ],
)
def test_what_readers_would_not_agree_on_is_refused(value: Json, says: str) -> None:
    """A sentence, wherever it stands; never a rounding and never an exhausted stack."""
    with pytest.raises(ValueError, match=says):
        canonical({"deep": [value]} if says != "nested more than 200 deep" else value)


@pytest.mark.parametrize("value", [b"ab", {"a", "b"}, {1: 2}, {b"a": 1}, {None: 1}, object(), 1j, iter([1]), range(3)])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    """A set would have another digest in every process, and bytes that of a list of numbers."""
    with pytest.raises(TypeError):
        canonical([value])  # type: ignore[list-item]  # that it is refused is the point


def test_a_number_too_long_to_print_is_refused() -> None:
    """Python refuses to print it, which is a ValueError as well."""
    with pytest.raises(ValueError, match="limit"):
        canonical(10**5000)


def test_nesting_up_to_the_limit_is_written() -> None:
    """Two hundred levels, also from deep within a program."""

    def further_down(levels: int) -> bytes:
        return further_down(levels - 1) if levels else canonical(nested(200))

    assert further_down(200) == b"[" * 200 + b"1" + b"]" * 200


def test_a_time_is_no_json() -> None:
    """Whoever wants to record an instant writes it first."""
    with pytest.raises(TypeError, match="datetime has no JSON form"):
        canonical({"at": datetime.now(UTC)})  # type: ignore[dict-item]  # that it is refused is the point


@given(JSON)
def test_what_is_read_back_is_the_same(value: Json) -> None:
    """Any JSON: it means the same to a reader of doubles, and writing what was read gives the very bytes again."""
    written = canonical(value)
    assert json.loads(written, parse_int=float) == json.loads(json.dumps(value), parse_int=float)
    assert canonical(json.loads(written)) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_kept_exactly(value: float) -> None:
    """The shortest digits that read back as the same double, also where they look like an integer."""
    assert float(json.loads(canonical(value))) == value
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(st.integers())
def test_an_integer_is_exact_or_refused(value: int) -> None:
    """What is written means this integer to a reader of doubles too."""
    try:
        written = canonical(value)
    except ValueError:
        assert abs(value) > 2**53
    else:
        assert json.loads(written) == value
        assert canonical(float(value)) == written


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_one_and_one_point_nought_are_the_same(value: int) -> None:
    """JSON knows one kind of number: a digest must not tell 1 from 1.0."""
    assert digest({"replicas": value}) == digest({"replicas": float(value)})


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_the_short_way_writes_what_the_long_one_does(value: dict[str, Json]) -> None:
    """Json's own encoder is used where it spells as RFC 8785 does; a mapping that is no dict goes word by word."""
    assert canonical(value) == canonical(MappingProxyType(value))


@pytest.mark.parametrize("odd", [{1: 2}, {None: 1}, {True: 1}, {1.5: 1}, {"a": {2: 3}}, {"a": [{4: 5}]}])
def test_a_key_that_is_no_text_is_refused_however_deep(odd: object) -> None:
    """Json's own encoder would make a text of it."""
    with pytest.raises(TypeError, match="key"):
        canonical(odd)  # type: ignore[arg-type]  # that is what is tested


def test_true_is_not_one() -> None:
    """Python says that they are equal; no other reader does."""
    assert len({digest(value) for value in (True, 1, "1", "true", [1], None, "null", 0, False, "")}) == 10


@given(st.dictionaries(st.text(), st.integers(0, 9)), st.randoms())
def test_the_order_of_keys_says_nothing(value: dict[str, int], random: Random) -> None:
    """However a mapping was put together, its digest is the same."""
    keys = list(value)
    random.shuffle(keys)
    assert digest({key: value[key] for key in keys}) == digest(value)


def test_a_digest_says_how_it_was_taken() -> None:
    """The well-known digest of the empty object."""
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest_bytes(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a\r\nb\rc", "a\nb\nc\n"),
        ("a  \t\nb\u00a0", "a\nb\n"),
        ("e\u0301", "é\n"),
        ("a\n\n\n", "a\n"),
        ("\n\na", "\n\na\n"),
        ("", "\n"),
        ("  a\n\n  b", "  a\n\n  b\n"),
    ],
)
def test_text_that_looks_the_same_is_the_same(text: str, same: str) -> None:
    """Line ends, trailing space and ways to write an accent do not void an approval; all else does."""
    assert canonical_text(text) == same


@given(st.text())
def test_canonical_text_stays_as_it_is(text: str) -> None:
    """Doing it twice changes nothing, and nothing of the words is lost."""
    once = canonical_text(text)
    assert canonical_text(once) == once
    assert unicodedata.normalize("NFC", text).split() == once.split()
