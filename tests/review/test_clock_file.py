"""A clock of one's own: what is wrong with it gets a sentence, and it takes the place of one that ships."""

from pathlib import Path

import pytest

from psfir.errors import ContentError
from psfir.review.catalogue import load_clocks
from psfir.review.clock_file import read_clock

GOOD = """\
schema: psfir.clock/1
id: own-1
regime: Contract
paragraph: Section 4
title: Tell the customer
who: we
to: Big Customer
quote: The supplier shall tell the customer within 12 hours.
source_url: https://contracts.example.com/4
retrieved_on: 2026-11-01
review_by: 2027-05-01
verified_by: emma
grade: primary
limits:
  - {start: aware, kind: hours, n: 12}
"""


def put(root: Path, text: str = GOOD, name: str = "own-1.yaml") -> Path:
    (root / "clocks").mkdir(exist_ok=True)
    path = root / "clocks" / name
    path.write_text(text)
    return path


def test_a_workspace_brings_its_own(tmp_path: Path) -> None:
    """Beside those that ship, or in the place of one."""
    put(tmp_path)
    put(tmp_path, GOOD.replace("id: own-1", "id: gdpr-33-1"), "gdpr.yaml")
    clocks = load_clocks(tmp_path)
    assert clocks["own-1"].own
    assert clocks["own-1"].limits[0].n == 12
    assert (clocks["gdpr-33-1"].regime, clocks["gdpr-33-1"].own) == ("Contract", True)
    assert not clocks["gdpr-33-2"].own


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("n: 12", "n: 10", "the quote does not say 10"),
        ("n: 12", "n: none", "must be a whole number"),
        (", n: 12", "", "only `immediately` has none"),
        ("kind: hours", "kind: immediately", "only `immediately` has none"),
        ("start: aware, ", "", "either a `start` or an `after`"),
        ("start: aware", "start: awre", "did you mean aware?"),
        ("2027-05-01", "2026-10-01", "must be after `retrieved_on`"),
        ("source_url: https", "source_url: http", "begins with https"),
        ("verified_by", "veryfied_by", "did you mean verified_by?"),
        ("quote: The supplier shall tell the customer within 12 hours.\n", "", "needs the key 'quote'"),
        ("grade: primary", "grade: primary\nenabled: false", "needs its `reason`"),
    ],
)
def test_a_slip_has_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    """And what was probably meant."""
    found = [p for p in read_clock(put(tmp_path, GOOD.replace(old, new))).problems.found if says in p.sentence]
    assert len(found) == 1
    assert found[0].line >= 1
    with pytest.raises(ContentError):
        load_clocks(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("b.yaml", GOOD, "ids are used once"),
        ("b.yaml", GOOD.replace("own-1", "own-2").replace("start: aware", "after: [own-2]"), "its own submission"),
        ("b.yaml", GOOD.replace("own-1", "own-2").replace("start: aware", "after: [own-3]"), "did you mean own-"),
    ],
)
def test_what_does_not_hold_between_files_is_refused(tmp_path: Path, name: str, text: str, says: str) -> None:
    """An id twice, a circle, a name that is nobody's."""
    put(tmp_path)
    put(tmp_path, text, name)
    with pytest.raises(ContentError) as caught:
        load_clocks(tmp_path)
    assert says in str(caught.value)
