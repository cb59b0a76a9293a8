"""docs/comms.md says of the channels what the messengers say of themselves, and its example lints."""

from pathlib import Path

import pytest
import yaml

from psfir.app.catalog import installed_catalog
from psfir.domain.about import MessengerAbout
from psfir.domain.message import Phase, Result
from psfir.messengers.statuspage import STATUS
from tests.docs.pages import blocks, table

CATALOG = installed_catalog()


@pytest.fixture(scope="module")
def page(root: Path) -> Path:
    return root / "docs" / "comms.md"


@pytest.fixture(scope="module")
def abouts() -> list[MessengerAbout]:
    names = CATALOG.names("messengers")
    return [CATALOG.messenger(name) for name in names if CATALOG.source("messengers", name).startswith("psfir ")]


def test_each_messenger_is_listed(page: Path, abouts: list[MessengerAbout]) -> None:
    """With the kind of connection it works on, whether it writes to each of a list, and whether it can look."""
    rows = table(page, "messenger", "kind of connection", "writes", "can look for what it sent")
    assert list(rows) == [
        (
            one.name,
            ", ".join(one.connects),
            "to each recipient of a list" if one.each else "once",
            "yes" if one.finds else "no",
        )
        for one in abouts
    ]


def test_each_setting_is_listed(page: Path, abouts: list[MessengerAbout]) -> None:
    """In the messenger's own order, with its type, and required where it is."""
    rows = table(page, "messenger", "key", "type", "left out means", "is")
    listed = [(name, key, kind, means == "required") for name, key, kind, means, _ in rows]
    known = [(one.name, field.name, field.type.value, field.required) for one in abouts for field in one.settings]
    assert listed == known


def test_each_result_is_explained(page: Path) -> None:
    """In the order of the words."""
    assert [word for word, _ in table(page, "word", "means")] == [result.value for result in Result]


def test_each_phase_has_its_status(page: Path) -> None:
    """As it is posted."""
    assert table(page, "phase", "status") == [(phase.value, STATUS[phase]) for phase in Phase]


def test_the_example_has_a_channel_for_each_messenger(page: Path, abouts: list[MessengerAbout]) -> None:
    """With all that it needs."""
    (example,) = [yaml.safe_load(block.text) for block in blocks(page, "yaml") if block.text.startswith("comms:")]
    channels = list(example["comms"]["channels"].values())
    for one in abouts:
        needed = {field.name for field in one.settings if field.required}
        known = {field.name for field in one.settings}
        assert any(needed <= set(each.get("set", {})) <= known for each in channels), one.name
