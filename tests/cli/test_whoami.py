"""`psfir whoami`: a person, or nobody psfir knows."""

from pathlib import Path

import pytest

from tests.app.incident_kit import lay_out
from tests.cli.keyboard import Keyboard


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def test_a_person(keyboard: Keyboard) -> None:
    """Name, identity, login, roles and deeds."""
    keyboard.me("carol")
    lines = keyboard.ok("whoami").out.splitlines()
    assert lines[0].startswith("Carol (asserted:carol), login ")
    assert lines[0].endswith("from PSFIR_ME")
    assert lines[1:] == [
        "roles: comms",
        "may: declare, kill, note, draft, send",
        "SSH keys: 0: a signed approval needs one in psfir.yaml",
    ]


def test_somebody_with_a_key(keyboard: Keyboard) -> None:
    """How many keys there are, never which."""
    lay_out(keyboard.root, keys=("ssh-ed25519 AAAAcanary",))
    done = keyboard.ok("whoami")
    assert "SSH keys: 1\n" in done.out
    assert "AAAAcanary" not in done.out


@pytest.mark.parametrize(("me", "says"), [("", "nobody psfir knows"), ("mallory", "'mallory' is not a person")])
def test_nobody(keyboard: Keyboard, me: str, says: str) -> None:
    """Exit code 1, with what they can do all the same and how to become somebody."""
    keyboard.me(me)
    done = keyboard.type("whoami")
    assert done.code == 1
    assert says in done.out
    assert "kill by saying who you are and why" in done.out
    assert "PSFIR_ME" in done.out


def test_the_json(keyboard: Keyboard) -> None:
    """For somebody and for nobody alike."""
    keys = ["identity", "login", "may", "name", "origin", "person", "roles", "schema", "ssh_keys", "unknown"]
    assert sorted(keyboard.ok("whoami", "--json").json) == keys
    keyboard.me("mallory")
    said = keyboard.type("whoami", "--json").json
    assert sorted(said) == keys
    assert (said["person"], said["unknown"], said["may"]) == (None, "mallory", ["kill"])
