"""What runbooks name: every lever, probe and capture with its target, and where it stands, for sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from psfir.domain.canon import Json
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.values import frozen

LEVER, PROBE, CAPTURE = "lever", "probe", "capture"


@frozen
class Use:
    """One part on one target. `set` is a lever's, `expect` a probe's."""

    part: str
    name: str
    target: Mapping[str, Json]
    runbook: str
    where: str
    set: Mapping[str, Json] = field(default_factory=dict)
    expect: Mapping[str, Json] = field(default_factory=dict)

    @property
    def connection(self) -> str:
        return self.text("connection")

    def text(self, key: str) -> str:
        """A key of the target that names something; empty where it is not there."""
        found = self.target.get(key)
        return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""

    def labels(self, key: str) -> dict[str, str]:
        """A key of the target that holds labels."""
        return labels(self.target.get(key))


def of_rung(rung: Rung, runbook: str = "", where: str = "") -> Use:
    return Use(LEVER, rung.lever, rung.target, runbook, where, set=rung.set)


def uses_of(runbooks: Iterable[Runbook]) -> Iterator[Use]:
    """Levers first: they say what things are like, the others only that they are there."""
    books = list(runbooks)
    for book in books:
        for step in book.steps:
            for rung in step.ladder:
                yield of_rung(rung, book.id, f"runbook {book.id}, step {step.id}")
    for book in books:
        for use in book.verify:
            where = f"runbook {book.id}, probe {use.id}"
            yield Use(PROBE, use.probe, use.target, book.id, where, expect=use.expect)
        for taken in book.capture:
            yield Use(CAPTURE, taken.source, taken.target, book.id, f"runbook {book.id}, capture {taken.source}")


def labels(said: Json) -> dict[str, str]:
    return {str(key): str(value) for key, value in said.items()} if isinstance(said, Mapping) else {}
