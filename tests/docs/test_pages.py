"""What the pages say about psfir is so: links lead somewhere, commands exist, tables are those of the code."""

import re
from pathlib import Path

import pytest

from psfir.domain.modes import CASE_OF, PlanCase
from psfir.domain.people import DEFAULT_ROLES, Deed, Identity, Seat
from psfir.loading.playbook import FRONT, load_playbook
from tests.docs.commands import flaw
from tests.docs.pages import blocks, pages, spans, table


def test_every_link_leads_somewhere(root: Path) -> None:
    """A relative link names a file of the repository, and its anchor a heading of that file."""
    broken = []
    for page in pages(root):
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if link.startswith("https://"):
                continue
            name, _, anchor = link.partition("#")
            aim = (page.parent / name).resolve() if name else page
            if not aim.exists() or (anchor and anchor not in anchors(aim)):
                broken.append(f"{page.relative_to(root)}: {link}")
    assert broken == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_command_that_a_page_names_exists(root: Path) -> None:
    """A code span that starts with `psfir ` is a command with options that psfir knows."""
    shown = [(page, at, span) for page in pages(root) for at, span in spans(page) if span.startswith("psfir ")]
    wrong = [f"{page.relative_to(root)}:{at}: {flaw(span)}" for page, at, span in shown if flaw(span)]
    assert wrong == []
    assert len(shown) > 20


@pytest.mark.parametrize("shown", ["psfir kil x", "psfir kill x --nope", "psfir whoami a b", "ls"])
def test_a_command_that_does_not_exist_is_found(shown: str) -> None:
    """The check above finds a wrong command, option, and number of words."""
    assert flaw(shown)


def test_every_make_target_that_a_page_names_exists(root: Path) -> None:
    """A code span that starts with `make ` names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {span.split()[1] for page in pages(root) for _, span in spans(page) if span.startswith("make ")}
    assert named
    assert named <= targets


def test_every_file_that_a_page_names_exists(root: Path) -> None:
    """A code span that looks like a path of this repository is one."""
    tops = ("psfir/", "tests/", "scripts/", "docs/")
    shown = ((page, span) for page in pages(root) for _, span in spans(page) if span.startswith(tops))
    named = {(page, span.split()[0].partition("::")[0]) for page, span in shown}
    missing = [
        f"{page.name}: {path}" for page, path in named if path != "psfir/_content/" and not (root / path).exists()
    ]
    assert missing == []


def test_the_roles_are_the_defaults(root: Path) -> None:
    """The table of roles is what DEFAULT_ROLES gives."""
    known = [(role, ", ".join(deed.value for deed in Deed if deed in deeds)) for role, deeds in DEFAULT_ROLES.items()]
    assert table(root / "docs" / "identity-and-approvals.md", "role", "may") == known


def test_the_identities_are_all_there(root: Path) -> None:
    """Each identity that an actor can have is explained."""
    rows = table(root / "docs" / "identity-and-approvals.md", "identity", "means")
    assert {row[0] for row in rows} == {identity.value for identity in Identity}


def test_each_failure_mode_has_its_plan_case_and_playbook(root: Path) -> None:
    """The table says CASE_OF, and the playbook it links is there for that case."""
    rows = table(root / "docs" / "playbooks.md", "failure mode", "plan case", "playbook")
    assert {row[0]: row[1] for row in rows} == {mode.value: case.value for mode, case in CASE_OF.items()}
    for _, case, link in rows:
        page = root / "docs" / link.partition("](")[2].rstrip(")")
        assert PlanCase(case) in load_playbook(page).covers, link


def test_the_seats_are_all_there(root: Path) -> None:
    """The page on playbooks names each seat, deputies by their prefix."""
    text = (root / "docs" / "playbooks.md").read_text(encoding="utf-8")
    assert [seat for seat in Seat if f"`{seat.value.removeprefix('deputy_')}`" not in text] == []
    assert "`deputy_`" in text


def test_the_front_matter_is_the_loader_s(root: Path) -> None:
    """Each key of a playbook's front matter is explained."""
    rows = table(root / "docs" / "playbooks.md", "in the front matter", "holds")
    assert [row[0] for row in rows] == [key.name for key in FRONT.keys]


def test_the_playbook_that_is_shown_loads(root: Path, tmp_path: Path) -> None:
    """The example of the page is a playbook without a problem."""
    (example,) = blocks(root / "docs" / "playbooks.md", "markdown")
    (tmp_path / "example.md").write_text(example.text, encoding="utf-8")
    playbook = load_playbook(tmp_path / "example.md")
    assert [(step.id, bool(step.say), bool(step.detail)) for step in playbook.steps] == [
        ("smaller-first", True, True),
        ("open-vendor", False, True),
    ]


def test_the_framework_is_attributed(root: Path) -> None:
    """Whoever reads of the framework learns whose it is and under which licence."""
    for name in ("README.md", "docs/playbooks.md"):
        text = " ".join((root / name).read_text(encoding="utf-8").split())
        assert "Production Safety Framework" in text
        assert "Production AI Institute" in text
        assert "CC BY 4.0" in text
