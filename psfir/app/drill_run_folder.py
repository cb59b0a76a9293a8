"""A run of a drill on disk: what is played, its log that survives any crash, and who leads it."""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from psfir.domain.canon import Json, digest_bytes
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import PsfirError, RecordError, Refusal, UsageError
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.log import LogEntry
from psfir.rehearsal.scenario import Scenario

RUNS = Path(".psfir") / "drills"
_RUN, _SCENARIO, _LOG, _LOCK, _PULSE = "run.json", "scenario.yaml", "log.jsonl", "lead.lock", "pulse"
SOCKET, WORKSPACE = "desk.sock", "ws"


@frozen
class RunFolder:
    """`.psfir/drills/RUN-...` of the live workspace. `about` is what run.json says."""

    path: Path
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def live(self) -> Path:
        """The workspace that it is a drill of."""
        return self.path.parents[2]

    @property
    def home(self) -> Path:
        """The workspace in which it is played: the live one, where the drill only looks on."""
        return self.live if self.about["level"] == "live" else self.path / WORKSPACE

    @property
    def socket(self) -> Path:
        return self.path / SOCKET

    def scenario(self) -> Scenario:
        """As it was played, in the version that was chosen. RecordError if its bytes are other ones now."""
        path = self.path / _SCENARIO
        if digest_bytes(path.read_bytes()) != self.about["digest"]:
            raise RecordError("is not what was played: its digest is another one", where=str(path))
        whole = load_drill(path)
        return whole.cut(self.about["cut"]) if self.about["cut"] else whole

    def log(self) -> list[LogEntry]:
        """What was logged. A last line that a crash cut short was never durable, so it is not there."""
        path = self.path / _LOG
        lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
        found: list[LogEntry] = []
        for number, line in enumerate(lines[:-1], start=1):
            try:
                found.append(LogEntry.from_json(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                what = f"line {number} of the drill's log cannot be read: {type(error).__name__}"
                raise RecordError(what, where=str(path)) from None
        return found

    def append(self, entries: Iterable[LogEntry]) -> None:
        """Durable when this returns."""
        raw = b"".join(json.dumps(one.to_json(), ensure_ascii=False).encode() + b"\n" for one in entries)
        descriptor = os.open(self.path / _LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, raw)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def mend(self) -> None:
        """Cut away what a crash left of a last line, before anything is written behind it."""
        path = self.path / _LOG
        raw = path.read_bytes() if path.exists() else b""
        if raw and not raw.endswith(b"\n"):
            os.truncate(path, raw.rfind(b"\n") + 1)

    def log_digest(self) -> str:
        return digest_bytes((self.path / _LOG).read_bytes())

    def pulse(self, at: int) -> None:
        """The scenario instant at which it was last seen alive; what dies with the machine only costs that much."""
        (self.path / _PULSE).write_text(str(at), encoding="ascii")

    def last_pulse(self) -> int:
        path = self.path / _PULSE
        said = path.read_text(encoding="ascii").strip() if path.exists() else ""
        return int(said) if said.isdecimal() else 0

    def led(self) -> bool:
        """Whether a process leads it now."""
        try:
            with self.lead():
                return False
        except Refusal:
            return True

    @contextmanager
    def lead(self) -> Iterator[None]:
        """The right to lead it, which ends with the process. Refusal while somebody has it."""
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                todo = f"psfir drill resume {self.name} --share leads it together with them"
                raise Refusal(f"{self.name} is led by somebody else already", todo=todo) from None
            yield
        finally:
            os.close(descriptor)


def begin(live: Path, scenario: bytes, about: Mapping[str, Json], *, now: datetime) -> RunFolder:
    """A folder of its own, which nobody else on the machine may look into."""
    name = f"RUN-{now:%Y%m%d}-{b32encode(os.urandom(4)).decode().lower()[:6]}"
    path = live / RUNS / name
    (live / RUNS).mkdir(mode=0o700, parents=True, exist_ok=True)
    path.mkdir(mode=0o700)
    (path / _SCENARIO).write_bytes(scenario)
    said = {**about, "run": name, "digest": digest_bytes(scenario), "started": now.isoformat()}
    (path / _RUN).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return RunFolder(path, said)


def run_of(live: Path, name: str = "") -> RunFolder:
    """By its name, the start or end of one, or its folder; without a word, the newest one."""
    if name and (Path(name) / _RUN).is_file():
        return _opened(Path(name).resolve())
    found = runs(live)
    fitting = [one for one in found if one.name == name] or [
        one for one in found if one.name.lower().startswith(name.lower()) or one.name.lower().endswith(name.lower())
    ]
    if name and len(fitting) > 1:
        raise UsageError(f"{len(fitting)} runs could be meant by {name}", todo=", ".join(one.name for one in fitting))
    if not fitting:
        todo = near(name, [one.name for one in found]) if found else "psfir drill run SCENARIO begins one"
        raise UsageError(f"there is no run {name}" if name else "no drill was run here yet", todo=todo)
    return max(fitting, key=lambda one: str(one.about["started"]))


def runs(live: Path) -> list[RunFolder]:
    """All that can be read, oldest first."""
    found: list[RunFolder] = []
    for path in sorted((live / RUNS).glob("RUN-*")):
        try:
            found.append(_opened(path))
        except PsfirError:
            continue  # begun and cut short before it was anything
    return sorted(found, key=lambda one: str(one.about["started"]))


def _opened(path: Path) -> RunFolder:
    try:
        about = json.loads((path / _RUN).read_text(encoding="utf-8"))
        if not {"run", "scenario", "digest", "level", "cut", "started"} <= about.keys():
            about = None
    except (OSError, ValueError, AttributeError) as error:
        raise RecordError(f"cannot be read: {error}", where=str(path / _RUN)) from None
    if about is None:
        raise RecordError("says less than a run is about", where=str(path / _RUN))
    return RunFolder(path, about)
