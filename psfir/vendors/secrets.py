"""Where secrets are: the one place that turns a reference of psfir.yaml into the secret it names.

The value goes to whoever sends it and nowhere else: no sentence here ever holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from psfir.errors import Denied

FORMS = "env:NAME, file:PATH or keyring:SERVICE/NAME"
LONGEST = 65_536


def resolve(ref: str, *, env: Mapping[str, str], root: Path) -> str:
    """The value behind a reference; Denied names the reference, what is wrong with it and what to do."""
    kind, _, name = ref.partition(":")
    if kind == "env" and name:
        value = _env(ref, name, env)
    elif kind == "file" and name:
        value = _file(ref, root / Path(name).expanduser())
    elif kind == "keyring" and name:
        value = _keyring(ref, name)
    else:
        # What stands there may be the secret itself, written down by mistake: it is not repeated.
        raise Denied("a secret is not given by reference", todo=f"write {FORMS} in psfir.yaml")
    if not value:
        raise Denied(f"the secret {ref} is empty", todo="put the value there")
    return value


def _env(ref: str, name: str, env: Mapping[str, str]) -> str:
    if name not in env:
        raise Denied(f"the secret {ref} is not set in the environment", todo=f"export {name}=...")
    return env[name]


def _file(ref: str, path: Path) -> str:
    try:
        # A pipe or a device could keep a kill waiting for ever.
        if not path.is_file():
            raise Denied(f"the secret {ref} is no file", todo=f"write the secret into {path}")
        if path.stat().st_size > LONGEST:
            raise Denied(f"the secret {ref} is longer than {LONGEST} bytes", todo=f"check {path}")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Denied(f"the secret {ref} cannot be read: {error.strerror}", todo=f"check {path}") from None
    except UnicodeDecodeError:
        raise Denied(f"the secret {ref} is not UTF-8 text", todo=f"check {path}") from None
    return text.removesuffix("\n").removesuffix("\r")


def _keyring(ref: str, name: str) -> str:
    service, _, user = name.partition("/")
    if not (service and user):
        raise Denied(f"the secret {ref} names no service and name", todo="write keyring:SERVICE/NAME")
    try:
        keyring = import_module("keyring")  # an optional package, and slow to load
        errors = import_module("keyring.errors")
    except ImportError:
        raise Denied(f"the secret {ref} needs the package keyring", todo="pip install keyring, or use env:") from None
    try:
        value = keyring.get_password(service, user)
    except errors.KeyringError as error:
        why = type(error).__name__
        raise Denied(f"the keyring did not give the secret {ref}: {why}", todo="unlock the keyring") from None
    if value is None:
        raise Denied(f"the keyring has no secret {ref}", todo=f"keyring set {service} {user}")
    return str(value)
