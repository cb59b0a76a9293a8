"""Who somebody is taken for: a name from the environment or the settings file, never more than asserted."""

import os
from pathlib import Path

import pytest

from psfir.app.identity import about, identify, login, settings_path
from psfir.domain.people import Deed, Identity, Person, Team
from psfir.errors import ContentError

TEAM = Team({"alice": Person("alice", "Alice", ("on_call",), ssh_keys=("ssh-ed25519 AAAA",))})


def settings(home: Path, text: str) -> dict[str, str]:
    folder = home / ".config" / "psfir"
    folder.mkdir(parents=True)
    (folder / "settings.yaml").write_text(text)
    return {"HOME": str(home)}


def test_a_name_from_the_environment_is_asserted() -> None:
    """The name is believed, and psfir says how sure it is."""
    who = identify(TEAM, {"PSFIR_ME": " alice "})
    assert (str(who.actor), who.origin, who.unknown) == ("asserted:alice", "PSFIR_ME", "")
    assert who.actor.login == login()


def test_a_name_from_the_settings_file_is_used_without_one(tmp_path: Path) -> None:
    """The environment comes first."""
    env = settings(tmp_path, "schema: psfir.settings/1\nme: alice\n")
    who = identify(TEAM, env)
    assert (str(who.actor), who.origin) == ("asserted:alice", str(tmp_path / ".config/psfir/settings.yaml"))
    assert identify(TEAM, {**env, "PSFIR_ME": "bob"}).unknown == "bob"


def test_a_broken_settings_file_is_named(tmp_path: Path) -> None:
    """It is a sentence with the file, never a silent nobody."""
    with pytest.raises(ContentError, match=r"settings\.yaml"):
        identify(TEAM, settings(tmp_path, "schema: psfir.settings/1\nme: [1\n"))


@pytest.mark.parametrize("name", ["", "mallory"])
def test_a_name_psfir_yaml_lacks_is_nobody(tmp_path: Path, name: str) -> None:
    """It is kept out of the actor, so that no record calls itself by it."""
    who = identify(TEAM, {"PSFIR_ME": name, "HOME": str(tmp_path)})
    assert (who.actor.id, who.actor.identity, who.unknown) == ("", Identity.UNVERIFIED, name)


def test_settings_are_where_the_system_keeps_them() -> None:
    """XDG_CONFIG_HOME if set, else ~/.config; without a home nothing breaks."""
    assert settings_path({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}) == Path("/x/psfir/settings.yaml")
    assert settings_path({"HOME": "/h"}) == Path("/h/.config/psfir/settings.yaml")
    assert settings_path({}) == Path("/.config/psfir/settings.yaml")


def test_a_login_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's numeric user has no name, and is somebody all the same."""
    monkeypatch.setattr(os, "getuid", lambda: 987654)
    assert login() == f"987654@{os.uname().nodename}"


def test_what_somebody_may_do_is_listed() -> None:
    """Anybody may kill; the rest comes from roles."""
    env = {"PSFIR_ME": "alice"}
    me = about(TEAM, identify(TEAM, env), env)
    assert Deed.APPROVE_RESTORE in me.may
    assert me.to_json()["ssh_keys"] == 1
    nobody = about(TEAM, identify(TEAM, {"PSFIR_ME": "eve"}), {})
    assert (nobody.person, nobody.may) == (None, (Deed.KILL,))
