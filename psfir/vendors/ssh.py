"""ssh-keygen, by which a person signs an approval with the SSH key they have, and anybody checks it without a network.

The program is started with a fixed list of words, never through a shell; what is signed goes through standard input.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from psfir.domain.approval import NAMESPACE
from psfir.errors import Declined, NoAnswer, Unreachable, UsageError

PROGRAM = "ssh-keygen"
SIGN_SHARE = 120.0
"""A person may have to type a passphrase or touch a key."""

VERIFY_SHARE = 10.0
LONGEST = 16_384
_PRINCIPAL = "approver"
_KEY = re.compile(r"((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]+) ([A-Za-z0-9+/]+={0,3})(?: [^\r\n]*)?")


def ready(*, within: float = 3.0) -> str:
    """'' if ssh-keygen is here and can sign; else why not."""
    try:
        done = _run(["-Y", "verify"], b"", within)
    except (Unreachable, NoAnswer) as error:
        return error.what
    # One that knows signatures complains of what was left out; an older one of the option itself.
    old = any(word in _why(done) for word in ("unknown option", "illegal option"))
    return f"this {PROGRAM} is older than OpenSSH 8.1 and cannot sign" if old else ""


def make_key(path: Path, *, within: float = VERIFY_SHARE) -> str:
    """A new private key without a passphrase at `path`; the answer is its public half. For demos and tests only."""
    done = _run(["-q", "-t", "ed25519", "-N", "", "-C", "psfir", "-f", str(path)], b"", within)
    if done.returncode:
        raise Declined(f"no key could be made at {path}: {_why(done)}")
    return Path(f"{path}.pub").read_text(encoding="utf-8").strip()


def sign(statement: bytes, key: Path, *, within: float = SIGN_SHARE) -> str:
    """The armoured signature of `statement` by this private key (or a public one whose agent is at hand)."""
    if not key.is_file():
        raise UsageError(f"there is no SSH key {key}", todo="--sign ~/.ssh/id_ed25519")
    done = _run(["-Y", "sign", "-n", NAMESPACE, "-f", str(key.resolve())], statement, within)
    signature = done.stdout.decode(errors="replace")
    if done.returncode or not signature.startswith("-----BEGIN SSH SIGNATURE-----"):
        raise Declined(f"{key} did not sign: {_why(done)}", todo="is it your private key, and its passphrase at hand?")
    return signature


def verify(statement: bytes, signature: str, keys: Sequence[str], *, within: float = VERIFY_SHARE) -> str:
    """'' if one of these public keys made this signature for psfir; else why not, also when it could not be checked."""
    usable = [match for match in (_KEY.fullmatch(key.strip()) for key in keys) if match]
    if not usable:
        return "psfir.yaml has no usable SSH key of that person"
    if len(signature) > LONGEST:
        return "it is longer than any signature"
    lines = [f'{_PRINCIPAL} namespaces="{NAMESPACE}" {match[1]} {match[2]}\n' for match in usable]
    with TemporaryDirectory(prefix="psfir-") as folder:
        signers, file = Path(folder, "allowed_signers"), Path(folder, "signature")
        signers.write_text("".join(lines), encoding="ascii")
        file.write_text(signature, encoding="utf-8")
        words = ["-Y", "verify", "-f", str(signers), "-I", _PRINCIPAL, "-n", NAMESPACE, "-s", str(file)]
        try:
            done = _run(words, statement, within)
        except (Unreachable, NoAnswer) as error:
            return f"it could not be checked: {error.what}"
    return _why(done) if done.returncode else ""


def _run(words: list[str], statement: bytes, within: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([PROGRAM, *words], input=statement, capture_output=True, timeout=within, check=False)  # noqa: S603 - fixed words, no shell
    except OSError as error:
        raise Unreachable(f"{PROGRAM} does not start: {error.strerror}", todo="install the OpenSSH client") from None
    except subprocess.TimeoutExpired:
        raise NoAnswer(f"{PROGRAM} did not answer within {within:g} s") from None


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr + done.stdout).decode(errors="replace").strip().splitlines()
    return lines[-1].strip()[:200] if lines else f"{PROGRAM} ended with {done.returncode}"
