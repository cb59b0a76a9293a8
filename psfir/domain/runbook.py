"""A runbook as psfir runs it: steps to achieve, each a ladder of rungs, and the probes that prove the effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.modes import Mode, PlanCase
from psfir.domain.values import frozen

PSF_DEADLINE = 15 * 60.0
SOAK = 4 * 60.0


@frozen
class ApprovalRule:
    """How many people it takes. A kill waits `within` for them; for `mistake` after it one person may take it back."""

    kill: int = 1
    restore: int = 2
    within: float = 120.0
    expires: float = 3600.0
    mistake: float = 0.0
    signed: bool = False


@frozen
class Rung:
    """One pull of one lever. `within` is its whole share: reading, pulling, propagation and verifying, per try.

    One that names a `runner` can only be pulled from inside a network, by a process there.
    """

    lever: str
    target: Mapping[str, Json]
    set: Mapping[str, Json]
    within: float
    retries: int = 0
    runner: str = ""

    @property
    def connection(self) -> str:
        return str(self.target.get("connection", ""))

    def to_json(self) -> dict[str, Json]:
        """Without what it does not say: a yes to a plan from before there was that key still names its digest."""
        said = dict(vars(self))
        if not self.runner:
            del said["runner"]
        return said


@frozen
class Step:
    """One thing to achieve; the rungs are tried in order until one holds."""

    id: str
    ladder: tuple[Rung, ...]
    title: str = ""
    after: tuple[str, ...] = ()


@frozen
class ProbeUse:
    """`times` looks in a row, one `every` so often, each answered within `each` and all `within`; then `soak`."""

    id: str
    probe: str
    target: Mapping[str, Json]
    expect: Mapping[str, Json]
    times: int = 5
    every: float = 1.0
    each: float = 5.0
    within: float = 60.0
    soak: float = SOAK

    @property
    def connection(self) -> str:
        return str(self.target.get("connection", ""))


@frozen
class CaptureUse:
    """Evidence to take before and beside the kill; the kill waits for it no longer than `within`."""

    source: str
    target: Mapping[str, Json]
    within: float = 5.0

    @property
    def connection(self) -> str:
        return str(self.target.get("connection", ""))


class OnFailure(StrEnum):
    """When no rung of a step holds: go on with the others (more levers beat fewer), or stop starting new steps."""

    GO_ON = "go_on"
    STOP = "stop"


@frozen
class Runbook:
    """What `psfir kill` carries out for one system in one mode.

    One that `alters_evidence` (purges, retrains, rebuilds) leaves less for whoever looks for the causes later.
    """

    id: str
    title: str
    system: str
    mode: Mode
    steps: tuple[Step, ...]
    verify: tuple[ProbeUse, ...]
    covers: tuple[PlanCase, ...] = ()
    deadline: float = PSF_DEADLINE
    deadline_reason: str = ""
    approval: ApprovalRule = field(default_factory=ApprovalRule)
    playbook: str = ""
    capture: tuple[CaptureUse, ...] = ()
    on_failure: OnFailure = OnFailure.GO_ON
    alters_evidence: bool = False

    @property
    def soak(self) -> float:
        """The longest soak any of its probes asks for."""
        return max((use.soak for use in self.verify), default=0.0)


def to_json(runbook: Runbook) -> dict[str, Json]:
    """Everything a resumed run needs, so that an edit of the file cannot change a run under way."""
    return {
        "id": runbook.id,
        "title": runbook.title,
        "system": runbook.system,
        "mode": runbook.mode.value,
        "covers": [case.value for case in runbook.covers],
        "deadline": runbook.deadline,
        "deadline_reason": runbook.deadline_reason,
        "approval": dict(vars(runbook.approval)),
        "playbook": runbook.playbook,
        "capture": [dict(vars(use)) for use in runbook.capture],
        "on_failure": runbook.on_failure.value,
        "steps": [
            {"id": s.id, "title": s.title, "after": list(s.after), "ladder": [r.to_json() for r in s.ladder]}
            for s in runbook.steps
        ],
        "verify": [dict(vars(use)) for use in runbook.verify],
        # Left out where it is not so: a yes to a runbook from before there was this key still names its digest.
        **({"alters_evidence": True} if runbook.alters_evidence else {}),
    }


def from_json(data: Mapping[str, Any]) -> Runbook:
    """The inverse of `to_json`."""
    rest = {key: data[key] for key in ("id", "title", "system", "deadline", "deadline_reason", "playbook")}
    return Runbook(
        **rest,
        mode=Mode(data["mode"]),
        covers=tuple(PlanCase(case) for case in data["covers"]),
        approval=ApprovalRule(**data["approval"]),
        capture=tuple(CaptureUse(**use) for use in data["capture"]),
        on_failure=OnFailure(data["on_failure"]),
        alters_evidence=data.get("alters_evidence", False),
        steps=tuple(
            Step(s["id"], tuple(Rung(**r) for r in s["ladder"]), s["title"], tuple(s["after"])) for s in data["steps"]
        ),
        verify=tuple(ProbeUse(**use) for use in data["verify"]),
    )
