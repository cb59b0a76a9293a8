"""A file that somebody asked for: whole or not at all, whatever was there before."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from psfir.errors import UsageError


def save(path: Path, content: bytes) -> None:
    """Whole or not at all; what is there is written over."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path), todo="--out FILE") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
