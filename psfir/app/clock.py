"""The real clocks: the wall's for the record, the boot's for every share. The one room that reads them.

The boot-time clock goes on while the machine sleeps and no correction of the wall moves it.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Event

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SLICE = 1.0
# On macOS CLOCK_MONOTONIC goes on during sleep; Linux has a clock of its own for that.
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class RealClock:
    """A Clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.clock_gettime(_BOOT_CLOCK)

    def boot_id(self) -> str:
        return _boot_id()

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until `event` is set, at most so long by the boot-time clock; whether it is set."""
        end = self.elapsed() + seconds
        while True:
            # A wait of the system stands still while the machine sleeps: slices show within a second that time is up.
            left = end - self.elapsed()
            if event.wait(min(max(left, 0.0), _SLICE)):
                return True
            if left <= _SLICE and self.elapsed() >= end:
                return False


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return _sysctl("kern.bootsessionuuid") or _sysctl("kern.boot_id") or "unknown"


def _sysctl(name: str) -> str:
    """A text of the BSD kernels, "" where there is none. Not their boot *time*: that moves with the wall clock."""
    if sys.platform == "linux":
        return ""
    import ctypes  # noqa: PLC0415 - only where there is no /proc, and slow to load

    libc = ctypes.CDLL(None)
    text = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(text))
    if not hasattr(libc, "sysctlbyname") or libc.sysctlbyname(name.encode(), text, ctypes.byref(size), None, 0):
        return ""
    return text.value.decode("ascii", "replace")
