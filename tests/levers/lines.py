"""What `psfir permissions` prints for one rung, granted to somebody: line by line, to see what each is there for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psfir.contracts import Lever
from psfir.domain.values import frozen


@frozen
class Line:
    """One right on one thing; `only` as it is marked there."""

    action: str
    resource: str
    only: str = ""


class Granted(ABC):
    """Somebody who has no more than one document. `lever` is a stage's, in their hands."""

    lever: Lever
    lines: tuple[Line, ...] = ()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Inside, rights count."""
        yield

    @abstractmethod
    def without(self, gone: Sequence[Line]) -> None:
        """As printed, but for these lines."""
