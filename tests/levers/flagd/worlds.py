"""A flag file as a team has one, and a disk that can be made worse."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from psfir.levers.flagd.file import FlagdFile
from psfir.testing import FakeConnection
from psfir.vendors.flag_file import Disk, Kept

FLAG = "support-assistant"
TARGET = {"connection": "flag-file", "flag": FLAG}

JSON = """{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "flags": {
    "greeting": {"state": "ENABLED", "variants": {"long": "Good morning", "short": "Hi"}, "defaultVariant": "short"},
    "support-assistant": {
      "state": "ENABLED",
      "variants": { "on": true,
                    "off": false },
      "targeting": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on", "off"]},
      "defaultVariant": "on"
    }
  }
}
"""

YAML = """# Reviewed every Monday.
flags:
  # May be switched off at any time.
  support-assistant:
    state: ENABLED      # never DISABLED
    variants: {on: true, off: false}
    defaultVariant: on  # since May
    # Our own people first.
    targeting:
      if:
        - ends_with: [{var: email}, "@example.com"]
        - on
        - off

  # Not ours.
  greeting:
    state: ENABLED
    variants: {long: Good morning, short: Hi}
    defaultVariant: short
"""


class WorseDisk(Disk):
    """Hangs, or fails, where it is told to. `writes` counts what has really been replaced."""

    def __init__(self) -> None:
        self.writes = 0
        self.hanging: set[str] = set()
        self.failing: dict[str, OSError] = {}
        self.released = Event()

    def read(self, path: Path) -> Kept:
        self._suffer("read")
        return super().read(path)

    def write(self, path: Path, content: bytes, like: Path) -> None:
        self._suffer("write")
        super().write(path, content, like)

    def replace(self, new: Path, path: Path) -> None:
        self._suffer("replace")
        super().replace(new, path)
        self.writes += 1

    def settle(self, folder: Path) -> None:
        self._suffer("settle")
        super().settle(folder)

    def _suffer(self, deed: str) -> None:
        if deed in self.hanging:
            self.released.wait()
        if error := self.failing.get(deed):
            raise error


def lever(path: Path, disk: Disk | None = None) -> FlagdFile:
    return FlagdFile(FakeConnection("flag-file", "flagd", {"file": str(path)}), disk=disk)
