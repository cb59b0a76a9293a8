"""By which messages leave a rehearsal: into its own folder, and nowhere else.

It holds no live messenger, and nothing that could make one: this file may not import the catalogue, the binder, a
messenger or a client, also by no detour. A contract in pyproject.toml holds it to that.
"""

from __future__ import annotations

import os
from pathlib import Path

from psfir.contracts import Messenger
from psfir.domain import canon
from psfir.domain.about import MessengerAbout
from psfir.domain.channels import Channel
from psfir.domain.message import EXERCISE, Cleared, Delivery, Destination, Result
from psfir.errors import Refusal


class Sink:
    """Takes what bears the mark of an exercise, and lays it down for the facilitator and the report."""

    def __init__(self, folder: Path, channel: Channel) -> None:
        self.about = MessengerAbout(
            name="exercise",
            line="Lays the texts of a rehearsal into its folder.",
            connects=(),
            finds=True,
            each=bool(channel.list),
        )
        self._folder = folder / channel.name

    def send(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery:
        if not cleared.message.exercise:
            raise Refusal(f"{cleared.message.id} does not say that it is an exercise", todo=f"it lacks {EXERCISE}")
        written, path = cleared.written(to.fills), self._path(cleared, to)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return self._delivery(path, Result.ALREADY_THERE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{written.subject}\n\n{written.body}")
        return self._delivery(path, Result.SENT)

    def find(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery | None:
        path = self._path(cleared, to)
        return self._delivery(path, Result.ALREADY_THERE) if path.exists() else None

    def _path(self, cleared: Cleared, to: Destination) -> Path:
        mark = canon.digest([cleared.message.digest, to.key]).removeprefix("sha256:")[:12]
        return self._folder / f"{cleared.message.id}-{mark}.txt"

    def _delivery(self, path: Path, result: Result) -> Delivery:
        return Delivery(result, "laid into the folder of the rehearsal", path.name, thread=path.name)


class ExercisePost:
    """What a session of a rehearsal is handed in place of the live one."""

    exercise = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def messenger(self, channel: Channel) -> Messenger:
        return Sink(self._folder, channel)
