"""What the players are expected to do, of which kind, by when; and conditions over how that stands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Severity
from psfir.domain.people import Seat
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.rehearsal.words import Axis, Met, Sent


class Expects(StrEnum):
    """All but `manual` are read from psfir's own record, or from what the players answered."""

    CONTAINMENT = "containment"
    EVIDENCE = "evidence"
    MESSAGE = "message"
    CLOCK = "clock"
    DECISION = "decision"
    DECLARED = "declared"
    SEAT = "seat"
    NOTE = "note"
    PLAYBOOK = "playbook"
    POLL = "poll"
    MANUAL = "manual"

    @property
    def line(self) -> str:
        """Its title, where the scenario gives none."""
        return _LINES[self]

    @property
    def axis(self) -> Axis:
        return _AXES.get(self, Axis.RESPOND)


_LINES: Mapping[Expects, str] = {
    Expects.CONTAINMENT: "contained, and proven by probes",
    Expects.EVIDENCE: "evidence taken before the first rung",
    Expects.MESSAGE: "a message is out",
    Expects.CLOCK: "a legal clock is opened",
    Expects.DECISION: "a decision is recorded, as a note that begins with `decision`",
    Expects.DECLARED: "an incident is declared",
    Expects.SEAT: "a seat is taken",
    Expects.NOTE: "a note is in the record",
    Expects.PLAYBOOK: "a step of a playbook is ticked",
    Expects.POLL: "the question is answered right at the first try",
    Expects.MANUAL: "the evaluator saw it",
}
_AXES: Mapping[Expects, Axis] = {
    Expects.CONTAINMENT: Axis.CONTAIN,
    Expects.EVIDENCE: Axis.DOCUMENT,
    Expects.MESSAGE: Axis.COMMUNICATE,
    Expects.CLOCK: Axis.COMMUNICATE,
    Expects.DECLARED: Axis.ACTIVATE,
    Expects.SEAT: Axis.ACTIVATE,
    Expects.NOTE: Axis.DOCUMENT,
}


@frozen
class Wanted:
    """What exactly the record has to show; each kind looks at its own words.

    `runbooks`, `levers`: one of them. `mentions`: one of these words stands in the note.
    """

    runbooks: tuple[str, ...] = ()
    levers: tuple[str, ...] = ()
    verdict: Verdict = Verdict.CONTAINED
    soaked: bool = False
    source: str = ""
    audience: Audience | None = None
    phase: Phase | None = None
    state: Sent = Sent.SENT
    clock: str = ""
    severity: Severity = Severity.SEV4
    seat: Seat | None = None
    mentions: tuple[str, ...] = ()
    playbook: str = ""
    step: str = ""


@frozen
class Expectation:
    """`due` counts in whole seconds of scenario time from the inject it belongs to, else from the start.

    `inject` is "" for one of the whole scenario. A `critical` one that is missed caps the score.
    """

    id: str
    kind: Expects
    title: str
    wanted: Wanted = Wanted()
    inject: str = ""
    objective: str = ""
    axis: Axis = Axis.RESPOND
    to: tuple[str, ...] = ()
    due: int | None = None
    weight: int = 1
    critical: bool = False

    @property
    def by_record(self) -> bool:
        """Whether it lights up by itself from the journal."""
        return self.kind not in {Expects.MANUAL, Expects.POLL}


@frozen
class Stands:
    """One expectation stands like this."""

    expectation: str
    state: Met


@frozen
class Condition:
    """All of these, or any of them. Data, never text that is evaluated."""

    tests: tuple[Stands, ...]
    every: bool = True

    def holds(self, states: Mapping[str, Met]) -> bool:
        found = [states.get(test.expectation, Met.PENDING) is test.state for test in self.tests]
        return all(found) if self.every else any(found)
