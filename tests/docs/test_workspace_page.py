"""docs/workspace.md lists every key of psfir.yaml as the loader knows it, and shows all of them once."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from psfir.app.catalog import installed_catalog
from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.domain.people import Deed
from psfir.domain.system import System
from psfir.loading.comms_block import CHANNEL, COMMS, INVENTORY, LIST
from psfir.loading.connection_kinds import KINDS
from psfir.loading.review_block import CALENDAR, LEGAL, RCA, RETENTION, REVIEW
from psfir.loading.scalars import Zone
from psfir.loading.shapes import ID, Flag, Key, ListOf, SecretRef, Shape, Span, Text, Whole, Words
from psfir.loading.slack_block import EXERCISE, SLACK
from psfir.loading.workspace import COMMANDS, OVERLAY, PERSON, SYSTEM, WORKSPACE
from tests.docs.pages import blocks, table

HEADER = ("key", "type", "left out means", "is")
SHARED = ("kind", "vendor", "network")


def own(kind: str) -> tuple[Key, ...]:
    return tuple(key for key in KINDS[kind].keys if key.name not in SHARED)


TABLES: Mapping[str, tuple[Key, ...]] = {
    "The file": WORKSPACE.keys,
    "A person": PERSON.keys,
    "A system": SYSTEM.keys,
    "A connection": tuple(KINDS["http"].known[name] for name in SHARED),
    "Memory": own("memory"),
    "HTTP": own("http"),
    "flagd": own("flagd"),
    "LaunchDarkly": own("launchdarkly"),
    "LiteLLM": own("litellm"),
    "Unleash": own("unleash"),
    "Kubernetes": own("kubernetes"),
    "AWS": own("aws"),
    "Command": own("command"),
    "Statuspage": own("statuspage"),
    "SMTP": own("smtp"),
    "Slack": own("slack"),
    "Webhook": own("webhook"),
    "GitHub": own("github"),
    "Jira": own("jira"),
    "Folder": own("folder"),
    "Programs": COMMANDS.keys,
    "Messages": COMMS.keys,
    "A channel": CHANNEL.keys,
    "An inventory": INVENTORY.keys,
    "A list of recipients": LIST.keys,
    "Review": REVIEW.keys,
    "A calendar": CALENDAR.keys,
    "The analysis": RCA.keys,
    "Retention": RETENTION.keys,
    "By law": LEGAL.keys,
    "The Slack app": SLACK.keys,
    "The app of drills": EXERCISE.keys,
    "Another place for the same connections": OVERLAY.keys,
}


@pytest.fixture(scope="module")
def page(root: Path) -> Path:
    return root / "docs" / "workspace.md"


def rows(page: Path, section: str, folder: Path) -> dict[str, tuple[str, ...]]:
    """The table of one section, which may share its headings with others."""
    parts = dict(part.partition("\n")[::2] for part in page.read_text(encoding="utf-8").split("\n## ")[1:])
    alone = folder / "section.md"
    alone.write_text(parts[section].replace("| key in an overlay |", "| key |"), encoding="utf-8")
    return {row[0]: row for row in table(alone, *HEADER)}


def worded(shape: Shape) -> str:
    """The word for a shape in the column of types."""
    if isinstance(shape, Words):
        return "one of " + ", ".join(word.value for word in shape.kind)
    if isinstance(shape, ListOf) and isinstance(shape.of, Words):
        return "list of words"
    if isinstance(shape, ListOf):
        return f"list of {worded(shape.of)}s"
    if isinstance(shape, Text):
        return "id" if shape is ID else "text"
    plain = {Flag: "true or false", Span: "span of time", SecretRef: "reference to a secret", Zone: "text"}
    plain |= {Whole: "whole number"}
    return plain.get(type(shape), "mapping")


@pytest.mark.parametrize("section", TABLES)
def test_every_key_is_listed(page: Path, tmp_path: Path, section: str) -> None:
    """With its type, in the loader's order; the required ones are those that the loader asks for."""
    listed = [(row[0], row[1], row[2] == "required") for row in rows(page, section, tmp_path).values()]
    assert listed == [(key.name, worded(key.shape), key.required) for key in TABLES[section]]


def test_every_kind_of_connection_has_its_keys_listed(page: Path, tmp_path: Path) -> None:
    """None is left out, and the keys that every kind has are the same in each."""
    assert {section.lower() for section in TABLES} >= set(KINDS)
    shared = [[KINDS[kind].known[name] for name in SHARED] for kind in KINDS]
    assert all(keys == shared[0] for keys in shared)
    kinds = rows(page, "A connection", tmp_path)["kind"][3]
    assert set(re.findall(r"\w+", kinds)) - {"or"} == set(KINDS)


def test_the_defaults_of_a_system_are_those_of_the_word(page: Path, tmp_path: Path) -> None:
    """What stands for a word or a yes-or-no that is left out is what a run would use."""
    listed = rows(page, "A system", tmp_path)
    plain = {
        field.name: str(field.default).lower() for field in fields(System) if isinstance(field.default, str | bool)
    }
    assert {name: listed[name][2] for name in plain} == plain
    assert {"autonomy", "agentic"} <= set(plain)


@pytest.mark.parametrize("section", TABLES)
def test_defaults_that_the_loader_names_are_on_the_page(page: Path, tmp_path: Path, section: str) -> None:
    """A key whose own description ends with its default, as `psfir schema` prints it, has the same one here."""
    listed = rows(page, section, tmp_path)
    for key in TABLES[section]:
        said = re.search(r"; default `?(\S+)", key.doc)
        if said and said[1] != "the":  # a sentence, and not a value
            assert listed[key.name][2].startswith(said[1].strip("`")), key.name


def test_every_deed_is_explained(page: Path) -> None:
    """What a role can be given, in the order of the words."""
    assert [row[0] for row in table(page, "deed", "allows")] == [deed.value for deed in Deed]


def test_the_example_has_every_key_and_lints(page: Path, tmp_path: Path) -> None:
    """Put into what `psfir init` lays out, it has neither an error nor a warning."""
    (example,) = blocks(page, "yaml")
    lay_out(tmp_path)
    days = next(b.text for b in blocks(page.parent / "clocks.md", "yaml") if "psfir.closed_days/1" in b.text)
    (tmp_path / "closed-days.yaml").write_text(days, encoding="utf-8")
    (tmp_path / "psfir.yaml").write_text(example.text, encoding="utf-8")
    report = lint(tmp_path, (), catalog=installed_catalog(), today=date(2026, 11, 21))
    assert [str(problem) for problem in report.problems] == []
    tree: dict[str, Any] = yaml.safe_load(example.text)
    links = tree["connections"].values()
    used = {
        "The file": set(tree),
        "A person": {key for person in tree["people"].values() for key in person},
        "A system": {key for system in tree["systems"].values() for key in system},
        **{f"kind {kind}": {key for link in links if link["kind"] == kind for key in link} for kind in KINDS},
    }
    block = tree["comms"]
    used |= {
        "Messages": set(block),
        "An inventory": set(block["inventory"]),
        "A channel": {key for one in block["channels"].values() for key in one},
        "A list of recipients": {key for one in block["lists"].values() for key in one},
    }
    used |= {"The Slack app": set(tree["slack"]), "The app of drills": set(tree["slack"]["exercise"])}
    block = tree["review"]
    used |= {
        "Review": set(block),
        "A calendar": {key for one in block["calendars"].values() for key in one},
        "The analysis": set(block["rca"]),
        "By law": set(block["legal"]),
    }
    known = {
        "The Slack app": SLACK,
        "The app of drills": EXERCISE,
        "Messages": COMMS,
        "An inventory": INVENTORY,
        "A channel": CHANNEL,
        "A list of recipients": LIST,
        "Review": REVIEW,
        "A calendar": CALENDAR,
        "The analysis": RCA,
        "By law": LEGAL,
        "The file": WORKSPACE,
        "A person": PERSON,
        "A system": SYSTEM,
    }
    known |= {f"kind {kind}": record for kind, record in KINDS.items()}
    assert used == {name: set(record.known) for name, record in known.items()}
