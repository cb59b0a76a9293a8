"""A stage: one lever in a small world behind a real socket. The contract and the fault matrix both play on it.

A vendor's stage says how its world is laid out and looked at; what goes wrong on the wire is the front's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.domain.change import Change
from psfir.domain.modes import Mode
from psfir.range.faulty import Fault, hang
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.testing.contract import Harness


class Stage(ABC):
    """Made anew for each test, entered as a context. `upstream` is where the vendor's stand-in listens."""

    name: str
    target: Mapping[str, Json]
    settings: Mapping[str, Json]
    mode: Mode = Mode.DISABLE
    pull: int = 1
    """How many writes one pull takes."""
    again: bool = False
    """Whether it is another stage once more, on the vendor's own server."""

    @classmethod
    def lever_name(cls) -> str:
        """A stage bears its lever's name; behind it stands what is special about this one."""
        return cls.name.split()[0].rstrip(",")

    @property
    @abstractmethod
    def upstream(self) -> str: ...

    @abstractmethod
    def lever(self, url: str) -> Lever:
        """A new lever whose connection reaches the vendor at `url`."""

    @abstractmethod
    def pulled(self) -> bool:
        """Whether the world is as the lever would leave it: asked of the world itself, never of the lever."""

    @abstractmethod
    def writes(self) -> int:
        """How many changes the world has seen, those of `disturb` left out."""

    @abstractmethod
    def disturb(self) -> None:
        """Somebody else changes what the lever looks at, to what is neither before nor after."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the lever's connection hands out, and no error, sentence or journal may hold."""
        return ()

    def writing(self, asked: Asked) -> bool:
        """Whether this request is one that changes the world."""
        return asked.writes

    def undo(self, change: Change) -> None:
        """A controller puts the world back, over a connection of its own."""
        self.lever(self.upstream).restore(change, within=10.0)

    def saying(self, status: int) -> Reply:
        """How the vendor words an answer of this status; at its worst it repeats the credential it was sent."""
        message = f"answered with {status} to {' '.join(self.secrets)}"
        return Reply(status, {"code": f"error_{status}", "message": message})

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, *_: object) -> None: ...


LOST = Fault("carried out, and never answered", carry=True, wire=hang)
SILENT = Fault("neither carried out nor answered", wire=hang)


class StageHarness(Harness):
    """Holds a stage's lever to the contract of every lever, through a front."""

    def __init__(self, stage: Stage, front: Front) -> None:
        self._stage = stage
        self._front = front
        self.target = stage.target
        self.settings = stage.settings
        self.mode = stage.mode
        self.pull = stage.pull

    def lever(self) -> Lever:
        return self._stage.lever(self._front.url)

    def writes(self) -> int:
        return self._stage.writes()

    def disturb(self) -> None:
        self._stage.disturb()

    def lose_answer(self) -> None:
        self._front.fault(LOST, when=self._stage.writing)

    def find_answer(self) -> None:
        self._front.heal()

    def hang(self) -> None:
        self._front.fault(SILENT)
