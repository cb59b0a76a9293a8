"""Where secrets are: the one place that turns a reference of psfir.yaml into the secret it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psfir.errors import Denied

_FORMS = "env:NAME, file:PATH or keyring:SERVICE/NAME"


def resolve(ref: str, *, env: Mapping[str, str], root: Path) -> str:
    """The secret behind a reference. Denied names the reference and what to do, never a value."""
    kind, _, rest = ref.partition(":")
    if kind == "env" and rest:
        value = env.get(rest, "")
    elif kind == "file" and rest:
        value = _file(ref, root / rest)
    elif kind == "keyring" and all(rest.partition("/")):
        value = _keyring(ref, rest)
    else:
        # What stands there may be the secret itself, pasted in: it is not repeated.
        raise Denied("a secret's reference is none that psfir knows", todo=f"write it as {_FORMS}")
    if not value:
        raise Denied(f"the secret {ref} is not there", todo=_TODO[kind].format(rest))
    return value


_TODO = {
    "env": "set {} in the environment of this command",
    "file": "write the secret into {}",
    "keyring": "store {} in the keyring of this login",
}


def _file(ref: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Denied(f"the secret {ref} cannot be read: {error.strerror}", todo=f"check {path}") from None
    except UnicodeDecodeError:
        raise Denied(f"the secret {ref} is not text", todo=f"check {path}") from None
    return text.removesuffix("\n").removesuffix("\r")


def _keyring(ref: str, rest: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an optional package, and slow to load
        import keyring.errors  # noqa: PLC0415 - the same
    except ImportError:
        raise Denied(f"the secret {ref} needs the keyring package", todo="pip install keyring, or use env:") from None
    service, _, name = rest.partition("/")
    try:
        return keyring.get_password(service, name) or ""
    except keyring.errors.KeyringError as error:
        raise Denied(
            f"the secret {ref} cannot be had: {type(error).__name__}", todo="unlock the keyring of this login"
        ) from None
