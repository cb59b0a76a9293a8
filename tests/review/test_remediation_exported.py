"""What the record tells of one item in one tracker: no order of entries makes it forget, or believe too much."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.kinds import Kind
from psfir.review.remediation_export import CREATE, UPDATE, Exported
from tests.review.remediation_deeds import Chain, somebody

ALICE = somebody("alice")
intentions = st.tuples(st.just(Kind.REMEDIATION_EXPORTING), st.sampled_from([CREATE, UPDATE]), st.just(""))
outcomes = st.tuples(
    st.just(Kind.REMEDIATION_EXPORTED),
    st.sampled_from([CREATE, UPDATE]),
    st.sampled_from(["sent", "already_there", "failed", "unknown"]),
)
Step = tuple[Kind, str, str]


def told(steps: list[Step]) -> Exported:
    chain = Chain()
    ref = chain.add(by=ALICE)
    for attempt, (kind, act, result) in enumerate(steps, 1):
        data: dict[str, Any] = {"item": "R1", "to": "issues", "act": act, "digest": "sha256:a", "attempt": attempt}
        more = {"result": result, "says": "", "ref": "#7", "url": "https://t.example/7"}
        chain.write(kind, {**data, **more} if result else data, by=ALICE)
    return chain.items[ref].exports.get("issues", Exported())


def there(result: str) -> bool:
    return result in {"sent", "already_there"}


@given(st.lists(st.one_of(intentions, outcomes), max_size=10))
def test_where_it_is_is_never_forgotten(steps: list[Step]) -> None:
    """Once it was surely there its name stays; before that there is none."""
    assert (told(steps).ref == "#7") is any(there(result) for _, _, result in steps)


@given(st.lists(st.one_of(intentions, outcomes), max_size=10))
def test_whatever_began_and_was_not_heard_of_is_lost(steps: list[Step]) -> None:
    """From the last intention to create one, until an outcome that is sure."""
    lost = False
    for kind, act, result in steps:
        if kind is Kind.REMEDIATION_EXPORTING or result == "unknown":
            lost = lost or act == CREATE
        elif there(result) or act == CREATE:
            lost = False
    assert (told(steps).lost is not None) is lost


@given(st.lists(st.one_of(intentions, outcomes), max_size=10))
def test_it_is_known_to_say_something_only_after_a_sure_answer(steps: list[Step]) -> None:
    """An intention makes that unsure, and neither a failure nor silence makes it sure again."""
    sure = False
    for kind, _, result in steps:
        sure = there(result) if kind is Kind.REMEDIATION_EXPORTING or there(result) else sure
    assert bool(told(steps).digest) is sure
