"""The catalog finds what is installed without importing it, and says in a sentence what is wrong with it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from time import thread_time

import pytest

from psfir.app.catalog import InstalledCatalog, installed_catalog, scan
from psfir.errors import CatalogError

PART = """
from psfir.domain.about import {kind}
class Part:
    about = {kind}(name={name!r}, line="x", connects=("memory",), {more})
    def __init__(self, connection): self.connection = connection
"""
LEVER = 'modes=(), stops="both", settings=(), permissions=(), blast_radius="", undo="", exact=True, vendor=""'


MORE = {"LeverAbout": LEVER, "ProbeAbout": "expect=()", "MessengerAbout": "finds=False"}


def install(folder: Path, name: str, points: str, **modules: str) -> None:
    """A distribution as an installer leaves it: metadata, and its modules beside it."""
    info = folder / f"{name}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\n")
    (info / "entry_points.txt").write_text(points)
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)


def part(kind: str, name: str) -> str:
    return PART.format(kind=kind, name=name, more=MORE.get(kind, "keeps=''"))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python imports from; what is imported from it is forgotten again."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]


def test_the_built_in_parts_are_there() -> None:
    """What pyproject.toml registers is found, loads, and comes from psfir."""
    catalog = installed_catalog()
    assert "memory.switch" in catalog.names("levers")
    assert catalog.lever("memory.switch").name == "memory.switch"
    assert catalog.probe("memory").name == "memory"
    assert catalog.capture("memory").name == "memory"
    assert catalog.load_lever("memory.switch").__name__ == "Switch"
    assert catalog.source("levers", "memory.switch").startswith("psfir 0.")


def test_it_finds_what_the_standard_library_finds() -> None:
    """On this interpreter's own path it agrees with importlib.metadata in every group."""
    catalog = installed_catalog()
    for group in ("levers", "probes", "captures", "messengers"):
        known = sorted({point.name for point in entry_points(group=f"psfir.{group}")})
        assert list(catalog.names(group)) == known


def test_finding_imports_nothing(site: Path) -> None:
    """A module that ends the process at import does no harm until it is named."""
    install(site, "acme_levers-1.0", "[psfir.levers]\nacme.bomb = acme_bomb:Part\n", acme_bomb="raise SystemExit(3)")
    catalog = InstalledCatalog([str(site)])
    assert list(catalog.names("levers")) == ["acme.bomb"]
    assert catalog.source("levers", "acme.bomb") == "acme-levers 1.0"
    assert "acme_bomb" not in sys.modules


def test_neither_metadata_nor_the_parts_are_loaded_by_looking(root: Path) -> None:
    """In a fresh process, listing the levers imports no importlib.metadata and no lever."""
    script = (
        "import sys; from psfir.app.catalog import installed_catalog; installed_catalog().names('levers');"
        "print(*[m for m in sys.modules if m.startswith(('importlib.metadata', 'psfir.levers', 'psfir.vendors'))])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    assert done.stdout.strip() == ""


def test_a_third_party_lever_is_used_like_ours(site: Path) -> None:
    """The same groups: one of each kind, of another distribution, loads with its source."""
    points = "[console_scripts]\nacme = a:b\n\n[psfir.levers]\n# ours\nacme.gate=acme:Part\n"
    points += (
        "[psfir.probes]\nacme = acme_p:Part [extra]\n[psfir.captures]\nacme = acme_c:Part\n"
        "[psfir.messengers]\nacme = acme_m:Part\n[other]\nacme.x = a:b\n"
    )
    modules = {
        "acme": part("LeverAbout", "acme.gate"),
        "acme_p": part("ProbeAbout", "acme"),
        "acme_c": part("CaptureAbout", "acme"),
        "acme_m": part("MessengerAbout", "acme"),
    }
    install(site, "Acme.Levers-2.1", points, **modules)
    catalog = InstalledCatalog([str(site)])
    assert catalog.lever("acme.gate").name == "acme.gate"
    assert catalog.probe("acme").name == catalog.capture("acme").name == catalog.messenger("acme").name == "acme"
    assert catalog.load_probe("acme").__name__ == "Part"
    assert catalog.load_capture("acme").__name__ == "Part"
    assert catalog.load_messenger("acme").__name__ == "Part"
    assert catalog.source("probes", "acme") == "acme-levers 2.1"
    assert list(catalog.names("levers")) == ["acme.gate"]
    assert catalog.flaws() == []


def test_an_unknown_name_tells_its_neighbour() -> None:
    """Each group has its own near misses; where there is nothing at all, that is said."""
    catalog = installed_catalog()
    with pytest.raises(CatalogError, match=r"there is no lever 'memory.swich' \(did you mean memory.switch\?\)"):
        catalog.lever("memory.swich")
    with pytest.raises(CatalogError, match=r"there is no capture 'memori'.*did you mean memory"):
        catalog.load_capture("memori")
    with pytest.raises(CatalogError, match="there is: none"):
        InstalledCatalog([]).probe("http")


def test_two_of_one_name_are_told_by_both_names(site: Path) -> None:
    """From metadata alone, and only once that name is asked for: another lever is none the worse."""
    install(site, "acme_levers-1.0", "[psfir.levers]\nsame.name = acme:Part\n")
    install(site, "other_levers-2.0", "[psfir.levers]\nsame.name = other:Part\nfine.one = fine:Part\n")
    (site / "fine.py").write_text(part("LeverAbout", "fine.one"))
    catalog = InstalledCatalog([str(site)])
    for deed in (catalog.lever, catalog.load_lever, lambda name: catalog.source("levers", name)):
        with pytest.raises(CatalogError, match=r"acme-levers 1.0 \(acme:Part\) and other-levers 2.0 \(other:Part\)"):
            deed("same.name")
    assert catalog.lever("fine.one").name == "fine.one"
    assert len(catalog.flaws()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be imported: ModuleNotFoundError.*install what brings the module broken"),
        ("import no_such_sdk", "install what brings the module no_such_sdk"),
        ("def (", "cannot be imported: SyntaxError"),
        ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("Other = 1", "broken has no Part"),
        ("class Part: pass", "its `about` is no LeverAbout"),
        ("class Part: about = 'me'", "its `about` is no LeverAbout"),
        (part("ProbeAbout", "acme.broken"), "its `about` is no LeverAbout"),
        (part("LeverAbout", "acme.mended"), "calls itself 'acme.mended'"),
    ],
)
def test_a_broken_lever_is_an_error_when_named(site: Path, text: str | None, says: str) -> None:
    """It is listed; naming it tells which distribution to turn to and what is wrong, and lint sees it."""
    modules = {} if text is None else {"broken": text}
    install(site, "acme-1.0", "[psfir.levers]\nacme.broken = broken:Part\n", **modules)
    catalog = InstalledCatalog([str(site)])
    assert list(catalog.names("levers")) == ["acme.broken"]
    with pytest.raises(CatalogError, match=says) as raised:
        catalog.lever("acme.broken")
    assert "lever acme.broken of acme 1.0" in raised.value.what
    assert [str(flaw) for flaw in catalog.flaws()] == [str(raised.value)]


def test_the_first_on_the_path_hides_the_second(tmp_path: Path) -> None:
    """The same distribution twice, as in a checkout and installed, is one, as it is for Python itself."""
    install(tmp_path / "a", "acme-2.0", "[psfir.levers]\nacme.gate = new:Part\n")
    install(tmp_path / "b", "Acme-1.0", "[psfir.levers]\nacme.gate = old:Part\n")
    catalog = InstalledCatalog([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "a")])
    assert catalog.source("levers", "acme.gate") == "acme 2.0"


def test_a_checkout_with_egg_info_counts(tmp_path: Path) -> None:
    """The older metadata folder has the same file."""
    info = tmp_path / "acme.egg-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[psfir.levers]\nacme.gate = acme:Part\n")
    assert InstalledCatalog([str(tmp_path)]).source("levers", "acme.gate") == "acme"


def test_a_strange_path_stops_nothing(tmp_path: Path) -> None:
    """A zip, a folder that is gone, metadata that is no text or a file: all are passed over, the rest is found."""
    (tmp_path / "x.zip").write_bytes(b"PK")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "file-1.0.dist-info").write_text("")
    bad = tmp_path / "site" / "bad-1.0.dist-info"
    bad.mkdir()
    (bad / "entry_points.txt").write_bytes(b"[psfir.levers]\n\xff\xfe = a:b\n")
    install(tmp_path / "site", "good-1.0", "[psfir.levers]\nnot an entry\n=\ngood.one = a:Part\n")
    path = [str(tmp_path / "x.zip"), str(tmp_path / "gone"), str(tmp_path / "site")]
    assert "good.one" in InstalledCatalog(path).names("levers")


def test_sixty_distributions_take_milliseconds(tmp_path: Path) -> None:
    """The kill pays for this once: the best of some tries is far below what importlib.metadata takes."""
    for number in range(60):
        install(tmp_path, f"dist_{number}-1.0", "[console_scripts]\nx = y:z\n")
    install(tmp_path, "acme-1.0", "[psfir.levers]\nacme.gate = acme:Part\n")
    times = []
    for _ in range(5):
        begun = thread_time()
        found = scan([str(tmp_path)])
        times.append(thread_time() - begun)
        assert list(found["levers"]) == ["acme.gate"]
    assert min(times) < 0.02


KIND = "from psfir.domain.connecting import over_http\n{name} = over_http({kind!r}, 'A control plane.')\n"


def test_a_kind_of_connection_is_brought_too(site: Path) -> None:
    """In a group of its own, under its name; it is imported once a connection is of that kind."""
    install(
        site,
        "acme-1.0",
        "[psfir.connections]\nacme = acme_kind:ACME\n",
        acme_kind=KIND.format(name="ACME", kind="acme"),
    )
    catalog = InstalledCatalog([str(site)])
    assert (catalog.names("connections"), "acme_kind" in sys.modules) == (["acme"], False)
    assert catalog.connection("acme").name == "acme"
    assert catalog.source("connections", "acme") == "acme 1.0"
    assert catalog.flaws() == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("acme", "ACME = 1", "kind of connection acme of acme 1.0 does not say what it is: ACME is no ConnectionKind"),
        ("acme", KIND.format(name="ACME", kind="acne"), "calls itself 'acne'"),
        ("acme", KIND.format(name="ACME", kind="Acme"), "cannot be imported: ValueError: 'Acme' is no name"),
        ("http", KIND.format(name="ACME", kind="http"), "acme 1.0 brings the kind of connection http, .* psfir's own"),
    ],
)
def test_a_bad_kind_is_an_error_when_named(site: Path, name: str, text: str, says: str) -> None:
    """Which distribution to turn to and what is wrong; lint sees it, and no kind of psfir's own is replaced."""
    install(site, "acme-1.0", f"[psfir.connections]\n{name} = acme_kind:ACME\n", acme_kind=text)
    catalog = InstalledCatalog([str(site)])
    with pytest.raises(CatalogError, match=says) as raised:
        catalog.connection(name)
    assert [str(flaw) for flaw in catalog.flaws()] == [str(raised.value)]
