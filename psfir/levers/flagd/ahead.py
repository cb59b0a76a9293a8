"""What would keep the flag file from being replaced tonight. Nothing is written to find out."""

from __future__ import annotations

import os
from pathlib import Path

from psfir.domain.preflight import Finding, Matter, Ready
from psfir.vendors.flag_file import Kept

_MOUNTS = Path("/proc/self/mountinfo")
_POINT = 4


def findings(path: Path, kept: Kept, says: str) -> list[Finding]:
    """Of a file that could be read."""
    found = [Finding(Matter.TARGET, Ready.READY, says), permission(path, kept)]
    if kept.about.st_nlink > 1:
        todo = "name the others away"
        found.append(Finding(Matter.TARGET, Ready.WOULD_FAIL, f"{path} has {kept.about.st_nlink} names", todo))
    if str(path.resolve()) in mounts():
        todo = "mount its folder instead of the single file"
        found.append(Finding(Matter.TARGET, Ready.WOULD_FAIL, f"{path} is mounted by itself", todo))
    return found


def permission(path: Path, kept: Kept) -> Finding:
    folder, me = path.parent, os.geteuid()
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        todo = "mount it writable, or change the flags where they come from"
        return Finding(Matter.PERMISSION, Ready.WOULD_FAIL, f"{folder} is mounted to be read only", todo)
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        todo = f"let user {me}, which psfir runs as, write into it"
        return Finding(Matter.PERMISSION, Ready.WOULD_FAIL, f"no file can be put into {folder}", todo)
    if me not in {0, kept.about.st_uid}:
        todo = f"run psfir as user {kept.about.st_uid}, or give user {me} the file"
        says = f"{path} is user {kept.about.st_uid}'s, and only that one could keep it so"
        return Finding(Matter.PERMISSION, Ready.WOULD_FAIL, says, todo)
    return Finding(Matter.PERMISSION, Ready.READY, f"user {me} may replace it")


def mounts() -> frozenset[str]:
    """Every place where something is mounted, as far as this system tells."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()  # not Linux: the replacing itself will tell
    points = (line.split()[_POINT] for line in lines if len(line.split()) > _POINT)
    return frozenset(point.replace("\\040", " ") for point in points)
