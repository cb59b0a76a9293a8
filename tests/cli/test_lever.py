"""`psfir lever`: the list, the descriptions, and a skeleton whose own tests pass when they are run."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from psfir.app.catalog import InstalledCatalog
from psfir.app.lever import PARTS, described, listed
from psfir.app.scaffold import write_package
from psfir.cli.main import main
from psfir.domain.about import LeverAbout
from psfir.errors import Refusal, UsageError
from tests.cli.lumen_lever import run_tests


def type_(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(str(ended.value.code or 0)), said.out, said.err


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, _ = type_(capsys, *words, "--json")
    assert code == 0
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def catalog(*folders: Path) -> InstalledCatalog:
    return InstalledCatalog([*map(str, folders), *sys.path])


def install(folder: Path, name: str, where: str, *, group: str = "levers", named: str = "") -> None:
    """What pip would leave behind of a distribution with one lever."""
    info = folder / f"{name.replace('.', '_')}-9.1.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(f"[psfir.{group}]\n{named or name} = {where}\n", encoding="utf-8")


def test_the_list_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, modes, what it stops, where it comes from and one line, for people and for programs."""
    code, out, _ = type_(capsys, "lever", "list")
    assert code == 0
    line = next(line for line in out.splitlines() if "http.request" in line)
    for word in ("disable, degrade, isolate", "stops new", "psfir 0", "Sets one value of any HTTP and JSON API"):
        assert word in line
    found = as_json(capsys, "lever", "list")
    assert found["schema"] == "psfir.out.lever.list/1"
    assert {"http.request", "memory.switch"} <= {each["name"] for each in found["levers"]}
    assert {"http", "memory"} <= {each["name"] for each in found["probes"]}
    assert {"http.get", "memory"} <= {each["name"] for each in found["captures"]}
    request = next(each for each in found["levers"] if each["name"] == "http.request")
    assert request["stops"] == "new"
    assert request["modes"] == ["disable", "degrade", "isolate"]


def test_a_broken_lever_is_in_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is shown with what is wrong and makes the exit code 1: it is never left out."""
    install(tmp_path, "acme.gone", "psfir_acme_gone:Gone")
    install(tmp_path / "two", "memory.switch", "elsewhere:Switch")
    broken = {line.name: line.broken for line in listed(catalog(tmp_path, tmp_path / "two")) if line.broken}
    assert "cannot be imported" in broken["acme.gone"]
    assert "two bring the lever" in broken["memory.switch"]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    code, out, _ = type_(capsys, "lever", "list")
    assert code == 1
    assert "acme.gone cannot be used" in out


@pytest.mark.parametrize("name", ["http.request", "memory.switch", "http", "http.get", "memory", "prometheus"])
def test_a_description_leaves_nothing_out(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Every field, type, default, permission and word of `about` is on the page, and in the JSON."""
    _, page, _ = type_(capsys, "lever", "describe", name)
    found = as_json(capsys, "lever", "describe", name)
    parts = described(catalog(), name)
    assert found["schema"] == "psfir.out.lever.describe/1"
    assert [part["kind"] for part in found["parts"]] == [part.group.removesuffix("s") for part in parts]
    for part, said in zip(parts, found["parts"], strict=True):
        about = part.about
        words = [about.name, about.line, part.source, *about.connects, *part.example.split("\n")]
        fields = [*about.target, *getattr(about, "settings", ()), *getattr(about, "expect", ())]
        fields += [replace(nested, name=f"{field.name}.{nested.name}") for field in fields for nested in field.fields]
        words += [word for field in fields for word in (field.name, field.type.value, field.line, *field.choices)]
        words += [word for right in getattr(about, "permissions", ()) for word in (right.system, right.action)]
        if isinstance(about, LeverAbout):
            words += [about.blast_radius, about.undo, about.vendor, *(mode.value for mode in about.modes)]
            assert said["exact"] is about.exact
            assert said["stops"] == about.stops.value
        assert [word for word in words if word not in page] == []
        assert [(field["name"], len(field["fields"])) for field in said["target"]] == [
            (field.name, len(field.fields)) for field in about.target
        ]


def test_an_example_is_yaml_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed reads back as exactly the rung that `about` holds."""
    for line in listed(catalog()):
        (part,) = [part for part in described(catalog(), line.name) if part.group == line.group]
        assert yaml.safe_load(part.example) == [json.loads(json.dumps(part.about.example, default=dict))]


def test_no_such_lever(capsys: pytest.CaptureFixture[str]) -> None:
    """The near miss is named."""
    code, _, err = type_(capsys, "lever", "describe", "http.requets")
    assert code == 2
    assert "did you mean http.request?" in err
    with pytest.raises(UsageError, match="no lever, probe, capture or messenger 'zzz'"):
        described(catalog(), "zzz")


def test_a_new_lever_passes_its_own_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The written package works as it stands: the contract and the cases pass."""
    found = as_json(capsys, "lever", "new", "acme.big_gate", "--dir", str(tmp_path))
    assert found["schema"] == "psfir.out.lever.new/1"
    package = tmp_path / "psfir-lever-acme-big-gate"
    assert Path(found["root"]) == package
    written = sorted(path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file())
    assert written == sorted(found["files"])
    done = run_tests(package, "-k", "(BigGate and not lost and not outlasts) or case or beforehand or 404")
    assert done.returncode == 0, done.stdout + done.stderr
    whole = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*") if path.is_file())
    assert "<<" not in whole


def test_the_tests_of_a_new_lever_can_fail(tmp_path: Path) -> None:
    """A lever that writes over somebody else's change is caught by the tests that came with it."""
    package = write_package("acme.gate", tmp_path, catalog()).root
    lever = package / "psfir_acme" / "gate.py"
    honest = lever.read_text(encoding="utf-8")
    careless = honest.replace("settled(name, state, way,", "settled(name, state, Way(state, way.wanted),")
    assert careless != honest
    lever.write_text(careless, encoding="utf-8")
    done = run_tests(package, "-k", "drifted")
    assert done.returncode == 1
    assert "test_restore_refuses_a_drifted_world" in done.stdout


@pytest.mark.parametrize(
    "name",
    ["gate", "Acme.gate", "acme.Gate", "acme.gate.x", "acme.class", "acme.client", "acme.connection", "a..b", "../x"],
)
def test_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    """vendor.thing, in small letters, no keyword, and nothing that would collide in the package."""
    with pytest.raises(UsageError, match=r"vendor\.thing"):
        write_package(name, tmp_path, catalog())
    assert list(tmp_path.iterdir()) == []


def test_a_kind_of_connection_is_brought_once(tmp_path: Path) -> None:
    """Neither one of psfir's own kinds nor one that is installed is brought again: where the lever belongs is said."""
    with pytest.raises(Refusal, match=r"kind aws are psfir's own \(name it my_aws.thing"):
        write_package("aws.thing", tmp_path, catalog())
    install(tmp_path / "site", "acme.gate", "psfir_acme.gate:GateLever", group="connections", named="acme")
    with pytest.raises(
        Refusal, match=r"acme-gate 9\.1 brings connections of kind acme already \(add the lever to that"
    ):
        write_package("acme.door", tmp_path, catalog(tmp_path / "site"))
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is there, and a lever that is installed, are refusals."""
    write_package("acme.gate", tmp_path, catalog())
    code, _, err = type_(capsys, "lever", "new", "acme.gate", "--dir", str(tmp_path))
    assert code == 3
    assert "is there already" in err
    with pytest.raises(Refusal, match=r"there is a lever http\.request already"):
        write_package("http.request", tmp_path, catalog())


def test_all_files_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be written leaves nothing behind, and says where."""
    (tmp_path / "file").write_text("x")
    code, _, err = type_(capsys, "lever", "new", "acme.gate", "--dir", str(tmp_path / "file"))
    assert code == 2
    assert "cannot be written" in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    # What a killed one left behind is no obstacle.
    left = tmp_path / ".psfir-lever-acme-gate.new"
    left.mkdir()
    (left / "half").write_text("x")
    package = write_package("acme.gate", tmp_path, catalog())
    assert not (package.root / "half").exists()
    assert not left.exists()


def test_groups_are_those_of_the_catalog() -> None:
    """No part falls out of the list because its group was forgotten."""
    assert {line.group for line in listed(catalog())} == set(PARTS)
