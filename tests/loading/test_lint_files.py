"""Which files lint looks at, and that nothing in one of them hides what is wrong with another."""

import os
from pathlib import Path

import pytest

from psfir.domain.about import LeverAbout
from psfir.errors import UsageError
from psfir.loading.lint import lint_workspace
from tests.loading.desk import BOOK, PLAY, REAL, TODAY, Catalog, Works, swapped


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path / "works")


def test_a_broken_psfir_yaml_hides_nothing(works: Works) -> None:
    """Other files are held to all rules that do not need it, and their worst case is shown."""
    works.write("psfir.yaml", "[")
    works.book({"playbook: harm": "playbook: harmm"})
    works.write("runbooks/sound.yaml", swapped(BOOK, {"id: off": "id: sound"}))
    report = works.lint()
    assert [problem.file for problem in report.problems] == ["psfir.yaml", "runbooks/off.yaml"]
    assert list(report.budgets) == ["sound"]


def test_a_missing_psfir_yaml_is_a_problem(works: Works) -> None:
    """And no traceback."""
    (works.root / "psfir.yaml").unlink()
    assert works.said() == ["psfir.yaml:0:0: cannot be read: No such file or directory [file]"]


def test_a_broken_file_is_said_once(works: Works) -> None:
    """Whoever names it is not told that it is missing: it is there."""
    works.words({"owner: ben": 'owner: ben, runbooks: {disable: "off"}'})
    works.book({"mode: disable": "mode: off"})
    works.play({"| ops_lead |": "| opslead |"})
    assert works.said() == [
        "playbooks/harm.md:12:14: there is no seat 'opslead'; did you mean ops_lead? [playbook]",
        "runbooks/off.yaml:5:7: 'off' is none of these; there is: disable, degrade, isolate [schema]",
    ]


def test_a_runbook_whose_lever_is_gone_hides_nothing_else(works: Works) -> None:
    """Its other problems, and those of the other runbook, are said in the same run."""
    works.book({"memory.switch": "memory.gone", "within: 10s": "within: soon"})
    works.book({"id: off": "id: cut", "mode: disable": "mode: isolate", "[harmful_output": "[hurtful"}, name="cut")
    wrong_case, gone, share = works.said()
    assert wrong_case.startswith("runbooks/cut.yaml:6:10: 'hurtful'")
    assert gone.startswith("runbooks/off.yaml:11:16: there is no lever 'memory.gone'")
    assert "'soon' is not a span of time" in share


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("runbooks/x.yaml", "hello\n", "1:1: the first line must say what this is: `schema: psfir.runbook/1`"),
        ("runbooks/x.yaml", "", "1:1: the first line must say what this is: `schema: psfir.runbook/1`"),
        ("playbooks/x.md", "# Hello\n", "1:1: the first line must say what this is: `schema: psfir.playbook/1`"),
        ("runbooks/x.yaml", "schema: psfir.runbok/1\n", ("1:1: 'psfir.runbok/1' is no kind of file here; did you mean "
         "psfir.runbook/1?")),
        ("runbooks/x.yaml", "schema: helm/1\n", ("1:1: 'helm/1' is no kind of file here; there is: psfir.workspace/1, "
         "psfir.runbook/1, psfir.playbook/1, psfir.connections/1, psfir.settings/1")),
    ],
)  # fmt: skip
def test_a_file_of_no_kind_is_an_error(works: Works, name: str, text: str, said: str) -> None:
    """With what it would have to say."""
    works.write(name, text)
    assert works.said() == [f"{name}:{said} [unknown-kind]"]


def test_kinds_of_later_are_only_warned_of(works: Works) -> None:
    """A workspace written for a newer psfir still passes."""
    name = "drills/x.yaml"
    works.write(name, "schema: psfir.scenario/1\n")
    report = works.lint()
    assert (report.errors, report.warnings) == (0, 1)
    assert report.problems[0].file == name


def test_a_file_that_no_kill_would_find_is_an_error(works: Works) -> None:
    """In the wrong folder, with the wrong suffix, or with its id where nobody looks."""
    works.write("runbooks/play.yaml", swapped(PLAY, {"id: harm": "id: play"}))
    works.write("runbooks/cut.yml", swapped(BOOK, {"id: off": "id: cut", "mode: disable": "mode: isolate"}))
    works.write("runbooks/late.yaml", swapped(BOOK, {"id: off": '"id": late', "mode: disable": "mode: degrade"}))
    assert [line.rpartition(" ")[0] for line in works.said() if line.endswith("[place]")] == [
        "runbooks/cut.yml:1:1: a runbook is called *.yaml; like this nobody finds it",
        "runbooks/late.yaml:2:7: must stand on a line of its own near the top, as `id: NAME`: there psfir looks for it",
        "runbooks/play.yaml:2:1: a playbook belongs into playbooks/; here nobody looks for it",
    ]


def test_what_is_no_file_hangs_nothing(works: Works) -> None:
    """A pipe, a folder, links in a circle and to nowhere: one sentence each, or none."""
    books = works.root / "runbooks"
    os.mkfifo(books / "pipe.yaml")
    (books / "folder.yaml").mkdir()
    (books / "circle.yaml").symlink_to("circle.yaml")
    (books / "gone.yaml").symlink_to("nowhere")
    (books / "round").symlink_to(books)
    files = {line.split(":")[0] for line in works.said()}
    assert files == {"runbooks/pipe.yaml", "runbooks/circle.yaml", "runbooks/gone.yaml"}
    assert list(works.lint().budgets) == ["off"]


def test_a_link_to_a_shared_runbook_is_read(works: Works) -> None:
    """As content, and when it is named."""
    shared = works.root.parent / "shared.yaml"
    shared.write_text(swapped(BOOK, {"id: off": "id: cut", "mode: disable": "mode: isolate"}))
    (works.root / "runbooks" / "cut.yaml").symlink_to(shared)
    assert list(works.lint().budgets) == ["cut", "off"]
    assert works.lint("runbooks/cut.yaml").files == ("runbooks/cut.yaml",)


def test_a_file_that_vanishes_meanwhile_is_a_sentence(works: Works) -> None:
    """Between being listed and being read."""

    class Vanishing(Catalog):
        def lever(self, name: str) -> LeverAbout:
            (works.root / "runbooks" / "zzz.yaml").unlink(missing_ok=True)
            return super().lever(name)

    works.book({"id: off": "id: zzz"}, name="zzz")
    said = works.said(catalog=Vanishing())
    assert len(said) == 1
    assert said[0].startswith("runbooks/zzz.yaml:")


def test_a_name_of_odd_bytes_can_be_printed(works: Works) -> None:
    """Whatever the file system holds."""
    path = os.fsencode(works.root / "runbooks") + b"/caf\xe9.yaml"
    with open(path, "wb") as file:  # noqa: PTH123 - a Path holds no bytes
        file.write(b"hello")
    (said,) = works.said()
    assert said.encode().startswith("runbooks/caf\ufffd.yaml:1:1".encode())


def test_only_what_is_named_is_reported(works: Works) -> None:
    """References are looked up in the whole workspace all the same."""
    works.play({"2026-01-31": "2036-01-31"})
    works.book({"playbook: harm": "playbook: harmm"})
    assert [line.split(":")[0] for line in works.said("playbooks")] == ["playbooks/harm.md"]
    report = works.lint("runbooks/off.yaml")
    assert report.files == ("runbooks/off.yaml",)
    assert "did you mean harm?" in report.problems[0].sentence
    assert [problem.file for problem in works.lint("psfir.yaml").problems] == []
    assert works.said(".") == works.said()
    assert works.said("runbooks", "playbooks/harm.md") == works.said()


def test_a_folder_whose_name_begins_alike_is_another(works: Works) -> None:
    """`runbooks/a` is not `runbooks/ab.yaml`."""
    works.book({"id: off": "id: cut", "mode: disable": "mode: isolate"}, name="a/cut")
    works.book({"id: off": "id: low", "mode: disable": "mode: degrade"}, name="ab")
    assert works.lint("runbooks/a").files == ("runbooks/a/cut.yaml",)


def test_a_path_that_means_nothing_is_refused(works: Works) -> None:
    """A clean report about no file would be a lie."""
    with pytest.raises(UsageError, match=r"there is no .*nothing\.yaml"):
        works.lint("nothing.yaml")
    (works.root / "docs").mkdir()
    with pytest.raises(UsageError, match="holds nothing of the workspace"):
        works.lint("docs")


def test_a_named_file_beside_the_content_is_read_by_its_kind(works: Works) -> None:
    """An overlay and a settings file; what is neither is said to be none."""
    works.write("range.yaml", "schema: psfir.connections/1\nconnections:\n  estat: {kind: memory, path: x.json}\n")
    works.write("me.yaml", "schema: psfir.settings/1\nmee: ada\n")
    works.write("notes.txt", "hello\n")
    assert works.said() == []
    assert works.said("range.yaml") == [
        "range.yaml:3:3: psfir.yaml has no connection 'estat' to re-point; did you mean estate? [reference]"
    ]
    assert works.said("me.yaml") == ["me.yaml:2:1: a settings file has no key 'mee'; did you mean me? [unknown-key]"]
    assert "[unknown-kind]" in works.said("notes.txt")[0]


def test_a_wing_can_bring_its_loader(works: Works) -> None:
    """A kind that is unknown here is read by whom the caller says."""
    from psfir.loading.lint import LOADERS
    from psfir.loading.playbook import read_playbook

    works.write("comms_templates/x.md", "---\nschema: psfir.template/1\n---\n")
    loaders = {**LOADERS, "template": lambda path, _, shown: read_playbook(path, shown=shown)}
    report = lint_workspace(works.root, catalog=REAL, today=TODAY, loaders=loaders)
    assert {problem.file for problem in report.problems} == {"comms_templates/x.md"}
    assert report.errors > 0
