"""Real signatures by the real ssh-keygen: made, checked offline, and refused in every way in which one can be none."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from psfir.errors import Declined, Unreachable, UsageError
from psfir.vendors import ssh

needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None and not os.environ.get("CI"), reason="ssh-keygen is not installed here"
)
pytestmark = needs_ssh
SAID = b'{"digest":"sha256:00","of":"restore"}'


def keygen(folder: Path, name: str, *, passphrase: str = "", kind: str = "ed25519") -> Path:
    key = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", f"{name}@box", "-f", str(key)], check=True)
    return key


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text().strip()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_what_was_signed_is_verified_offline(tmp_path: Path, kind: str) -> None:
    """A signature of each common kind of key is accepted for exactly what was signed."""
    key = keygen(tmp_path, "alice", kind=kind)
    signature = ssh.sign(SAID, key)
    assert ssh.verify(SAID, signature, [public(key)]) == ""


def test_one_byte_less_is_no_signature(tmp_path: Path) -> None:
    """A changed statement is refused."""
    key = keygen(tmp_path, "alice")
    why = ssh.verify(SAID[:-1], ssh.sign(SAID, key), [public(key)])
    assert "verif" in why


def test_another_persons_key_is_refused(tmp_path: Path) -> None:
    """Only the keys that are listed for the person count, any of them."""
    alice, eve = keygen(tmp_path, "alice"), keygen(tmp_path, "eve")
    signature = ssh.sign(SAID, eve)
    assert ssh.verify(SAID, signature, [public(alice)])
    assert ssh.verify(SAID, signature, [public(alice), public(eve)]) == ""


def test_a_signature_made_for_something_else_is_none(tmp_path: Path) -> None:
    """A git commit's signature by the same key is refused: the namespace is part of it."""
    key = keygen(tmp_path, "alice")
    words = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key)]
    made = subprocess.run(words, input=SAID, capture_output=True, check=True).stdout.decode()
    assert ssh.verify(SAID, made, [public(key)])


@pytest.mark.parametrize(
    "signature", ["", "no", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "x" * 20_000]
)
def test_rubbish_is_no_signature(tmp_path: Path, signature: str) -> None:
    """Whatever a file says its signature is, the answer is a reason."""
    assert ssh.verify(SAID, signature, [public(keygen(tmp_path, "alice"))])


@pytest.mark.parametrize(
    "keys", [[], ["ssh-ed25519"], ["* cert-authority ssh-ed25519 AAAA"], ["ssh-ed25519 AA\n* x y"]]
)
def test_unusable_keys_vouch_for_nobody(tmp_path: Path, keys: list[str]) -> None:
    """A key that is none, or that would smuggle an option or a second line in, is left out."""
    key = keygen(tmp_path, "alice")
    assert ssh.verify(SAID, ssh.sign(SAID, key), keys) == "psfir.yaml has no usable SSH key of that person"


def test_signing_without_the_key_says_which(tmp_path: Path) -> None:
    """A key that is not there, or is none, is a sentence and no traceback."""
    with pytest.raises(UsageError, match="there is no SSH key"):
        ssh.sign(SAID, tmp_path / "nobody")
    bad = tmp_path / "bad"
    bad.write_text("not a key")
    bad.chmod(stat.S_IRUSR)
    with pytest.raises(Declined, match="did not sign"):
        ssh.sign(SAID, bad)


def test_a_passphrase_nobody_can_type_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal and an agent a locked key does not sign, and nothing waits for ever."""
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    with pytest.raises(Declined, match="did not sign"):
        ssh.sign(SAID, keygen(tmp_path, "alice", passphrase="long enough"))


def test_a_missing_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ssh-keygen nothing is signed, nothing counts as verified, and doctor can say so."""
    key = keygen(tmp_path, "alice")
    signature = ssh.sign(SAID, key)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreachable, match="ssh-keygen does not start"):
        ssh.sign(SAID, key)
    assert "could not be checked" in ssh.verify(SAID, signature, [public(key)])
    assert "does not start" in ssh.ready()


def test_a_program_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ssh-keygen that never answers costs its share, and the signature does not count."""
    key = keygen(tmp_path, "alice")
    signature = ssh.sign(SAID, key)
    program = tmp_path / "bin" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 20\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert "did not answer" in ssh.verify(SAID, signature, [public(key)], within=0.3)


def test_an_old_openssh_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One without signatures is found beforehand, one with them is ready."""
    assert ssh.ready() == ""
    program = tmp_path / "ssh-keygen"
    program.write_text("#!/bin/sh\necho 'unknown option -- Y' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "older than OpenSSH 8.1" in ssh.ready()
