"""A value is a standard frozen dataclass in every way that a reader of the code would rely on."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.values import OFTEN, frozen, remade


@frozen
class Plain:
    """Two fields, one with a default."""

    one: object
    two: object = 2


@dataclass(frozen=True)
class Standard:
    """The same by the standard library alone."""

    one: object
    two: object = 2


@frozen(kw_only=True)
class Named:
    """Fields by name only, one of them not shown."""

    open: str
    secret: str = field(default="", repr=False)


@frozen
class More(Plain):
    """A value may go on from another."""

    three: object = 3


@frozen
class Own:
    """What a class says itself stays."""

    one: object

    def __repr__(self) -> str:
        return "mine"


ANY = st.none() | st.integers() | st.text() | st.floats() | st.tuples(st.integers())


@given(ANY, ANY, ANY, ANY)
def test_equal_and_hashed_as_the_standard_does(one: object, two: object, three: object, four: object) -> None:
    """Field by field, NaN included."""
    same = Standard(one, two) == Standard(three, four)
    assert (Plain(one, two) == Plain(three, four)) is same
    if same:
        assert hash(Plain(one, two)) == hash(Plain(three, four))


@given(ANY, ANY)
def test_shown_as_the_standard_does(one: object, two: object) -> None:
    """With its name and every field."""
    assert repr(Plain(one, two)) == repr(Standard(one, two)).replace("Standard", "Plain")


def test_another_class_is_never_equal() -> None:
    """Not even with the same fields, nor one that goes on from it."""
    assert len({Plain(1), Standard(1)}) == 2
    assert Plain(1) != More(1)
    assert len({Plain(1), More(1), Plain(1)}) == 2


def test_a_value_cannot_be_altered() -> None:
    """Neither set nor deleted; a new one is made by `replace`."""
    value = Plain(1)
    with pytest.raises(FrozenInstanceError):
        value.one = 2  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(FrozenInstanceError):
        del value.one
    with pytest.raises(FrozenInstanceError):
        value.other = 3  # type: ignore[attr-defined]  # the same
    assert (replace(value, two=5), value) == (Plain(1, 5), Plain(1, 2))


def test_fields_by_name_only() -> None:
    """And what is not to be shown is not."""
    assert repr(Named(open="a", secret="b")).endswith("Named(open='a')")
    assert Named(open="a", secret="b") != Named(open="a")
    with pytest.raises(TypeError):
        Named("a")  # type: ignore[call-arg]  # that it is refused is the point


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"one": 1}), ((1,), {"three": 3})], ids=repr
)
def test_what_the_standard_does_not_take_is_not_taken(given: tuple[int, ...], named: dict[str, int]) -> None:
    """Too little, too much, twice, or nobody's."""
    for kind in (Plain, Standard):
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_a_class_may_say_it_itself() -> None:
    """Only what is missing is filled in."""
    assert repr(Own(1)) == "mine"
    assert Own(1) == Own(1)


def test_a_value_that_goes_on_from_another() -> None:
    """Its fields follow the other's."""
    assert [one.name for one in fields(More)] == ["one", "two", "three"]
    assert repr(More(1)).endswith("More(one=1, two=2, three=3)")


@pytest.mark.parametrize("value", [Plain([1]), Named(open="a"), More(1)], ids=repr)
def test_a_value_travels(value: object) -> None:
    """Copied, or pickled to another process, it is equal."""
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


def test_what_cannot_be_hashed_says_so() -> None:
    """A value that holds a list is no key, as ever."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Plain([]))


def test_a_value_remade_is_what_replace_gives() -> None:
    """Equal, of the same class, with the rest as it was; the old one stays, and what is no field is refused."""
    old = More(1, three=3)
    assert remade(old, two=5) == replace(old, two=5) == More(1, 5, 3)
    assert old == More(1, three=3)
    with pytest.raises(FrozenInstanceError):
        remade(old, two=5).two = 6  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(TypeError, match="More has no field four"):
        remade(old, four=4)


class Worn:
    """Classes of values that were made often, so that each has a maker of its own; one says it itself."""

    @frozen
    class Fields:
        """All that a field can be."""

        one: object
        two: object = 2
        made: list[object] = field(default_factory=list)
        fixed: int = field(default=7, init=False)
        last: object = field(kw_only=True)

    @frozen(kw_only=True)
    class Checked:
        """A field that is looked at, and bears a name that a maker might use itself."""

        values: int

        def __post_init__(self) -> None:
            if self.values < 0:
                raise ValueError("below nought")

    @frozen
    class Own:
        """It says how it is made."""

        one: object

        def __init__(self) -> None:
            vars(self)["one"] = "mine"


@pytest.fixture
def often() -> None:
    for _ in range(OFTEN + 1):
        Worn.Fields(1, last=0)
        Worn.Checked(values=1)
        Worn.Own()


@pytest.mark.usefixtures("often")
def test_a_value_that_is_made_often_is_made_as_ever() -> None:
    """By place, by name, by default and anew each time; the fields stand in their order, and each check is made."""
    value = Worn.Fields(1, last=9)
    assert vars(value) == {"one": 1, "two": 2, "made": [], "fixed": 7, "last": 9}
    assert list(vars(value)) == [one.name for one in fields(Worn.Fields)]
    assert value.made is not Worn.Fields(1, last=9).made
    assert Worn.Fields(made=[4], two=3, one=1, last=0) == Worn.Fields(1, 3, [4], last=0)
    assert "_values" in Worn.Checked.__init__.__code__.co_varnames
    with pytest.raises(ValueError, match="below nought"):
        Worn.Checked(values=-1)
    assert Worn.Own().one == "mine"


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), ((1,), {}), ((1, 2, [], 7, 5), {}), ((1,), {"fixed": 3, "last": 0}), ((1,), {"one": 1, "last": 0})],
    ids=repr,
)
def test_what_is_no_value_is_none_after_a_thousand_either(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Too little, too much, twice, or nobody's; the class is named."""
    with pytest.raises(TypeError, match=r"Fields\.__init__"):
        Worn.Fields(*given, **named)
