"""What may run: as far as psfir.yaml says. What it does not say rules nothing out."""

from datetime import date

import pytest

from psfir.domain.duties import Legal, Review
from psfir.review.clock_applies import May, propose
from tests.review.clock_cases import SHIPPED

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("name", "legal", "may", "says"),
    [
        ("gdpr-33-1", Legal(), May.UNKNOWN, "roles, data, jurisdictions"),
        ("gdpr-33-1", Legal(("controller",), ("personal",), ("eu",)), May.YES, ""),
        ("gdpr-33-1", Legal(("processor",), ("personal",), ("eu",)), May.NO, "asks for roles controller"),
        ("gdpr-33-1", Legal(("controller",), (), ("eu",)), May.NO, "asks for data personal"),
        ("gdpr-33-1", Legal(("controller",), None, ("us",)), May.NO, "asks for jurisdictions eu"),
        ("gdpr-33-1", Legal(("controller",), None, ("eu",)), May.UNKNOWN, "data"),
        ("nis2-23-4-a", Legal(("important_entity",), None, ("eu-de",)), May.YES, ""),
        ("sec-8k-105", Legal(("us_public_company",), None, ("us-ny",)), May.YES, ""),
        ("nydfs-500-17", Legal(("nydfs_covered_entity",), None, ("us",)), May.NO, "us-ny"),
        ("eu-ai-73-2", Legal(("provider",), None, ("eu",)), May.UNKNOWN, "high_risk"),
        ("eu-ai-73-2", Legal(("provider",), None, ("eu",), high_risk=False), May.NO, "high-risk"),
        ("eu-ai-73-2", Legal(("provider",), None, ("eu",), high_risk=True), May.YES, ""),
        (
            "circia-72h",
            Legal(("critical_infrastructure",), None, ("us",)),
            May.NO,
            "switched off: the rule was not final",
        ),
        ("ny-raise-72h", Legal(("frontier_developer",), None, ("us-ny",)), May.NO, "in force from 2027-01-01"),
    ],
)
def test_it_is_proposed_as_far_as_is_known(name: str, legal: Legal, may: May, says: str) -> None:
    """With the reason that rules it out, or what was not said."""
    found = propose(SHIPPED[name], Review(legal=legal), ["assistant"], TODAY)
    assert found.may is may
    assert says in found.says


def test_of_several_systems_the_widest_answer_counts() -> None:
    """An incident about two is about the one that is high-risk too."""
    legal = Legal(("provider",), None, ("eu",), high_risk=False)
    review = Review(legal=legal, legal_systems={"search": Legal(high_risk=True)})
    assert propose(SHIPPED["eu-ai-73-2"], review, ["assistant"], TODAY).may is May.NO
    assert propose(SHIPPED["eu-ai-73-2"], review, ["assistant", "search"], TODAY).may is May.YES


def test_a_law_counts_from_its_day_on() -> None:
    """The day itself is in."""
    review = Review(legal=Legal(("frontier_developer",), None, ("us-ny",)))
    assert propose(SHIPPED["ny-raise-72h"], review, ["assistant"], date(2026, 12, 31)).may is May.NO
    assert propose(SHIPPED["ny-raise-72h"], review, ["assistant"], date(2027, 1, 1)).may is May.YES
