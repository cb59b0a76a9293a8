"""A reference leads to its secret, or to a sentence that says what is missing and never holds a value."""

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from psfir.errors import Denied
from psfir.vendors.secrets import LONGEST, resolve

SECRET = "sk-hush-4711-hush"


def test_from_the_environment(tmp_path: Path) -> None:
    """env: is looked up in the environment that was handed in, not in the process's own."""
    assert resolve("env:TOKEN", env={"TOKEN": SECRET}, root=tmp_path) == SECRET
    with pytest.raises(Denied, match="PATH is not set"):
        resolve("env:PATH", env={}, root=tmp_path)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (SECRET, SECRET),
        (SECRET + "\n", SECRET),
        (SECRET + "\r\n", SECRET),
        (SECRET + "\n\n", SECRET + "\n"),
        (" " + SECRET + " \n", " " + SECRET + " "),
        ("one\ntwo\n", "one\ntwo"),
    ],
)
def test_from_a_file(tmp_path: Path, written: str, read: str) -> None:
    """One newline at the end is an editor's; everything else belongs to the secret."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "token").write_bytes(written.encode())
    assert resolve("file:private/token", env={}, root=tmp_path) == read
    assert resolve(f"file:{tmp_path}/private/token", env={}, root=Path("/nowhere")) == read


def test_what_is_missing_is_named_with_its_cure(tmp_path: Path) -> None:
    """Each missing secret names its reference and says what to do."""
    cases = {
        "env:TOKEN": "export TOKEN=...",
        "file:token": str(tmp_path / "token"),
        "keyring:psfir": "keyring:SERVICE/NAME",
    }
    for ref, todo in cases.items():
        with pytest.raises(Denied) as raised:
            resolve(ref, env={}, root=tmp_path)
        assert ref in raised.value.what
        assert todo in raised.value.todo


@pytest.mark.parametrize("ref", [SECRET, "env:", "file:", "keyring:", "", "vault:x/y", f"https://user:{SECRET}@host"])
def test_what_is_no_reference_is_not_repeated(tmp_path: Path, ref: str) -> None:
    """Where a reference should be, the secret itself may have been pasted: no error shows it."""
    with pytest.raises(Denied, match="not given by reference") as raised:
        resolve(ref, env={}, root=tmp_path)
    assert SECRET not in str(raised.value)


def test_an_empty_secret_is_none(tmp_path: Path) -> None:
    """An empty variable or file is said to be empty, not sent as a credential."""
    (tmp_path / "token").write_text("\n")
    for ref in ("env:TOKEN", "file:token"):
        with pytest.raises(Denied, match=f"the secret {ref} is empty"):
            resolve(ref, env={"TOKEN": ""}, root=tmp_path)


def test_a_file_that_cannot_be_a_secret(tmp_path: Path) -> None:
    """A folder, a pipe that would keep a kill waiting, a huge or a binary file: a sentence each, without bytes."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_text("x" * (LONGEST + 1))
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + SECRET.encode())
    cases = {"folder": "is no file", "pipe": "is no file", "huge": "longer than", "binary": "not UTF-8"}
    for name, says in cases.items():
        with pytest.raises(Denied, match=says) as raised:
            resolve(f"file:{name}", env={}, root=tmp_path)
        assert SECRET not in str(raised.value)
        assert raised.value.__cause__ is None


def test_an_unreadable_file_is_a_sentence(tmp_path: Path) -> None:
    """What the operating system says is passed on: here a name that goes through a file."""
    (tmp_path / "token").write_text(SECRET)
    with pytest.raises(Denied, match="file:token/x"):
        resolve("file:token/x", env={}, root=tmp_path)
    with pytest.raises(Denied, match="cannot be read"):
        resolve("file:" + "n" * 5000, env={}, root=tmp_path)


def test_without_the_keyring_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is optional: without it the sentence says how to get it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Denied, match="pip install keyring"):
        resolve("keyring:psfir/token", env={}, root=tmp_path)


def test_from_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Service and name are told apart at the first slash; what it does not have, or will not give, is a sentence."""
    backend = ModuleType("keyring")
    backend.errors = ModuleType("keyring.errors")  # type: ignore[attr-defined]  # a module made here
    backend.errors.KeyringError = type("KeyringError", (Exception,), {})

    def get_password(service: str, name: str) -> str | None:
        if service == "locked":
            raise backend.errors.KeyringError(SECRET)
        return {("psfir", "prod/token"): SECRET}.get((service, name))

    backend.get_password = get_password  # type: ignore[attr-defined]  # the same
    monkeypatch.setitem(sys.modules, "keyring", backend)
    monkeypatch.setitem(sys.modules, "keyring.errors", backend.errors)
    assert resolve("keyring:psfir/prod/token", env={}, root=tmp_path) == SECRET
    with pytest.raises(Denied, match=r"no secret keyring:psfir/other \(keyring set psfir other\)"):
        resolve("keyring:psfir/other", env={}, root=tmp_path)
    with pytest.raises(Denied, match="unlock") as raised:
        resolve("keyring:locked/token", env={}, root=tmp_path)
    assert SECRET not in str(raised.value)
