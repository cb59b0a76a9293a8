"""Captured evidence as files named by their digest: what is there is what was taken, or the name does not fit."""

from __future__ import annotations

import hashlib
import json
import re
from enum import StrEnum
from pathlib import Path

from psfir.contracts import Captured
from psfir.errors import RecordError
from psfir.records.files import sync, write_whole

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_HEX = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class Found(StrEnum):
    """What became of a piece of evidence."""

    WHOLE = "whole"
    MISSING = "missing"
    ALTERED = "altered"


class EvidenceFolder:
    """`<root>/<incident>/<sha256>` and, beside it, `<sha256>.json` with its name and media type."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, incident: str, captured: Captured) -> str:
        """Durable when this returns. The answer is the digest, as `sha256:` and its hex."""
        digest = "sha256:" + hashlib.sha256(captured.content).hexdigest()
        path = self.path(incident, digest)
        about = {"name": captured.name, "media_type": captured.media_type, "size": len(captured.content)}
        try:
            for folder in (self.root, path.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.check(incident, digest) is not Found.WHOLE:
                write_whole(path, captured.content)
            beside = path.with_name(path.name + ".json")
            if not beside.exists():
                write_whole(beside, json.dumps(about).encode())
            sync(path.parent)
            sync(self.root)
        except OSError as error:
            what = f"evidence could not be kept: {error.strerror or error}"
            raise RecordError(what, where=str(path), todo="free some space, or look at the folder's rights") from error
        return digest

    def check(self, incident: str, digest: str) -> Found:
        """Whether the file is there and is still what was captured."""
        path = self.path(incident, digest)
        seen = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    seen.update(chunk)
        except FileNotFoundError:
            return Found.MISSING
        except OSError as error:
            raise RecordError(f"evidence cannot be read: {error.strerror or error}", where=str(path)) from error
        return Found.WHOLE if seen.hexdigest() == path.name else Found.ALTERED

    def discard(self, incident: str, digest: str) -> None:
        """The piece and what stands beside it are gone from the folder, durably, when this returns."""
        path = self.path(incident, digest)
        try:
            path.with_name(path.name + ".json").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            if path.parent.exists():
                sync(path.parent)
        except OSError as error:
            raise RecordError(f"evidence cannot be discarded: {error.strerror or error}", where=str(path)) from error

    def path(self, incident: str, digest: str) -> Path:
        """Where that piece is, or would be. A name that leads out of the folder is an error."""
        name = digest.removeprefix("sha256:")
        if not _PLAIN.fullmatch(incident) or not _HEX.fullmatch(name):
            raise RecordError(f"{incident!r} and {digest!r} name no evidence", where=str(self.root))
        return self.root / incident / name
