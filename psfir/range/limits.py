"""Whether this process may have as many open files as a range needs: told before anything is started."""

from __future__ import annotations

import resource

from psfir.errors import UsageError

MOST = 50
"""Systems. So many take a core a quarter of a minute to come up, and 400 MiB."""
_EACH, _BESIDE = 120, 200
"""Files of one system, by counting them: five programs, each with a wire and a stream, two edges, their customers."""


def make_room(systems: int) -> None:
    """Take as much of what this process may have as is needed; UsageError if that is not enough."""
    needed = _EACH * systems + _BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _within(needed, soft):
        return
    if not _within(needed, hard):
        what = f"{systems} systems need {needed} open files, and this process may have {hard}"
        most = max(0, (hard - _BESIDE) // _EACH)
        fewer = f"bring up {most} at most, or " if most else ""
        raise UsageError(what, todo=f"{fewer}raise the limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _within(needed: int, limit: int) -> bool:
    return limit == resource.RLIM_INFINITY or needed <= limit
