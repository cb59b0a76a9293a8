"""What is shipped: the wheel holds the package and its content and nothing else; the sdist holds the tests too."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

CONTENT = ("runbooks", "playbooks", "comms_templates", "drills")


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with what is installed, no network needed."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> list[str]:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return archive.namelist()


def files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in paths}


@pytest.mark.parametrize("name", CONTENT)
def test_content_travels_in_the_wheel(root: Path, wheel: list[str], name: str) -> None:
    """Each content folder is in psfir/_content, file by file."""
    prefix = f"psfir/_content/{name}/"
    assert {path.removeprefix(prefix) for path in wheel if path.startswith(prefix)} == files(root / name)


def test_the_package_is_whole_and_alone(root: Path, wheel: list[str]) -> None:
    """Every file of psfir is in the wheel, and nothing but psfir, its content and its metadata."""
    own = {path.removeprefix("psfir/") for path in wheel if path.startswith("psfir/") and "/_content/" not in path}
    assert own == files(root / "psfir")
    assert "py.typed" in own
    assert {path.split("/")[0].split("-")[0] for path in wheel} == {"psfir"}


def test_the_sdist_can_be_tested(built: Path) -> None:
    """The sdist holds the tests and the lock file, so that a packager can run them."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"tests/architecture/test_wheel.py", "requirements/dev.lock", "Makefile", "LICENSE"} <= names
